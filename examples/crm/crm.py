"""A company's own system for Otklik, in one file that imports nothing of Otklik.

    OTKLIK_BUSINESS_SECRET=a-long-random-string uvicorn --app-dir examples/crm crm:app --port 8095
    OTKLIK_BUSINESS_URL=http://127.0.0.1:8095 OTKLIK_BUSINESS_SECRET=a-long-random-string make run

It answers two of the requests that ``docs/crm.md`` lists; the robot takes 404 for "is not offered here" and goes on
without. Replace the two dictionaries by your database.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import time
from typing import Any

from fastapi import FastAPI, HTTPException, Request

SECRET = os.environ["OTKLIK_BUSINESS_SECRET"].encode()
OLDEST_SECONDS = 300
ORDERS = {
    "4127": {"order.state": "on its way", "order.items": "two pizzas", "order.sum": "31.00 USD"},
    "4128": {"order.state": "in the oven", "order.items": "a large margherita", "order.sum": "14.50 USD"},
}
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
        case _:
            raise HTTPException(404, "not offered here")  # in JSON: the robot then asks no more


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
