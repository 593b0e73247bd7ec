"""A company's own system for Otklik, in one file that imports nothing of Otklik.

    OTKLIK_BUSINESS_SECRET=a-long-random-string uvicorn --app-dir examples/crm crm:app --port 8095
    OTKLIK_BUSINESS_URL=http://127.0.0.1:8095 OTKLIK_BUSINESS_SECRET=a-long-random-string make run

It answers four of the requests that ``docs/crm.md`` lists; the robot takes 404 for "is not offered here" and goes on
without. Replace the two dictionaries by your database.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import time
from typing import Any

from fastapi import FastAPI, HTTPException, Request

SECRET = os.environ["OTKLIK_BUSINESS_SECRET"].encode()
OLDEST_SECONDS = 300
EMMA, JAMES = "+12025550143", "+12025550176"
ORDERS = {
    "4127": {
        "order.state": "on its way",
        "order.items": "two pizzas",
        "order.sum": "31.00 USD",
        "order.phone": EMMA,  # whose it is: items and sum are told to nobody else
    },
    "4128": {
        "order.state": "in the oven",
        "order.items": "a large margherita",
        "order.sum": "14.50 USD",
        "order.phone": JAMES,
    },
}
CODE_SECONDS, CODE_TRIES = 600, 3
CODES: dict[str, tuple[str, float, int]] = {}
"""Telephone → code, until when it is good, tries left."""
TICKETS: dict[str, dict[str, Any]] = {}
"""Reply by idempotency key: the same key again changes nothing. Yours are rows with a unique key."""

app = FastAPI(title="Our orders and tickets")


@app.post("/v1/requests/{name}")
async def answer(name: str, request: Request) -> dict[str, Any]:
    """One request of the robot: facts in, an outcome and facts out."""
    body = await request.body()
    key = request.headers.get("Idempotency-Key", "")
    _check_signature(request, body, key)
    facts: dict[str, str] = (await request.json())["facts"]
    match name:
        case "orders.status":
            number = facts["order.number"]
            if number not in ORDERS:
                return {"outcome": "missing", "facts": {}}
            return {"outcome": "found", "facts": {"order.number": number, **ORDERS[number]}}
        case "tickets.create":
            if not key:
                raise HTTPException(422, "a request that writes wants an Idempotency-Key")
            if key not in TICKETS:
                TICKETS[key] = {"outcome": "created", "facts": {"ticket.number": str(1000 + len(TICKETS))}}
            return TICKETS[key]
        case "codes.send":  # `sent` also to nobody: whose number you know is not to be learned here
            if facts["contact.phone"] in {EMMA, JAMES}:
                code = str(100_000 + secrets.randbelow(900_000))
                CODES[facts["contact.phone"]] = (code, time.time() + CODE_SECONDS, CODE_TRIES)
                print(f"a text message to {facts['contact.phone']}: your code is {code}")  # yours goes out by SMS
            return {"outcome": "sent", "facts": {}}
        case "codes.check":
            return {
                "outcome": "right" if _is_right(facts["contact.phone"], facts["code.number"]) else "wrong",
                "facts": {},
            }
        case _:
            raise HTTPException(404, "not offered here")  # in JSON: the robot then asks no more


def _is_right(phone: str, named: str) -> bool:
    """Whether it is the code that was sent: once, for ten minutes, for three tries."""
    code, until, left = CODES.pop(phone, ("", 0.0, 0))
    if code and hmac.compare_digest(code.encode(), named.encode()) and time.time() < until:
        return True
    if left > 1:
        CODES[phone] = (code, until, left - 1)
    return False


def _check_signature(request: Request, body: bytes, key: str) -> None:
    """HMAC-SHA256 over method, path, time, key and hash of the body, a line each.

    Behind a proxy that adds a prefix take the path from ``/v1`` on: that is what is signed.
    """
    at = request.headers.get("X-Otklik-Timestamp", "")
    signed = "\n".join(("POST", request.url.path, at, key, hashlib.sha256(body).hexdigest()))
    wanted = hmac.new(SECRET, signed.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(wanted.encode(), request.headers.get("X-Otklik-Signature", "").encode()):
        raise HTTPException(401, "wrong signature")
    if abs(time.time() - int(at)) > OLDEST_SECONDS:
        raise HTTPException(401, "too old, or the clock is wrong")
