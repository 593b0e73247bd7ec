"""``python -m ivr.business.demo_shop_rest --port 8095``: the demonstration shop as a company's own system.

Over signed REST. It is what a real system has to offer, and an example to write one by.
``GET /openapi.json`` describes it.

``POST /v1/requests/{name}``, name and facts as in ``ivr.business.protocol.REQUESTS``::

    {"facts": {"order.number": "4127"}, "language": "en"}
    → 200 {"outcome": "found", "facts": {"order.number": "4127", …}, "options": []}

Headers: ``X-Otklik-Timestamp`` and ``X-Otklik-Signature`` (see ``ivr.business.signature``); ``Idempotency-Key`` with a
request that writes: the same key again changes nothing and brings the same reply.

Statuses: 401 not signed, wrongly signed, or more than 300 s old; 404 no such request; 413 a body over 64 kB; 422 a fact
is missing or wrong, a key is missing or belongs to another request; 503 the shop's database does not answer.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from typing import Annotated, Any

import uvicorn
from fastapi import FastAPI, Header, HTTPException, Request
from pydantic import BaseModel, ConfigDict, Field, StrictStr, ValidationError
from starlette.concurrency import run_in_threadpool

from ivr.business import signature
from ivr.business.demo_shop import KNOWN, DemoShop
from ivr.business.http import ReplyIn
from ivr.business.protocol import LONGEST_FACT, REQUESTS
from ivr.business.replies import clean
from ivr.business.settings import BusinessSettings
from ivr.errors import BusinessError, BusinessRefused

MOST_BYTES = 64_000


class Asked(BaseModel):
    """The body of a request."""

    model_config = ConfigDict(extra="forbid")
    facts: dict[StrictStr, Annotated[StrictStr, Field(max_length=LONGEST_FACT)]] = Field(max_length=30)
    language: StrictStr = Field(pattern="^[a-z]{2}$")


def make_app(shop: DemoShop, secret: str, *, now: Callable[[], float] = time.time) -> FastAPI:
    """The shop's HTTP face.

    Args:
        shop: Who answers.
        secret: Shared with those who ask.
        now: Unix seconds.
    """
    app = FastAPI(title="Otklik: a company's own system", version="1", docs_url=None, redoc_url=None)
    body_shape = {"content": {"application/json": {"schema": Asked.model_json_schema()}}, "required": True}

    @app.post(
        "/v1/requests/{name}",
        response_model=ReplyIn,
        responses={status: {"description": reason} for status, reason in REASONS.items()},
        openapi_extra={"requestBody": body_shape},
    )
    async def answer(
        name: str,
        request: Request,
        timestamp: Annotated[str, Header(alias=signature.TIMESTAMP)] = "",
        signed: Annotated[str, Header(alias=signature.SIGNATURE)] = "",
        key: Annotated[str, Header(alias=signature.KEY, max_length=64)] = "",
    ) -> dict[str, Any]:
        body = await _read(request)
        path = f"/v1/requests/{name}"
        if fault := signature.fault(secret, "POST", path, body, timestamp=timestamp, signed=signed, now=now(), key=key):
            raise HTTPException(401, fault)
        if name not in KNOWN:
            raise HTTPException(404, f"no request {name[:64]!r}")
        if REQUESTS[name].writes and not key:
            raise HTTPException(422, f"{name} writes: it wants an {signature.KEY}")
        asked = _asked(body)
        facts = {fact: clean(value) for fact, value in asked.facts.items()}
        try:
            reply = await run_in_threadpool(shop.ask, name, facts, asked.language, key=key)
        except BusinessRefused as refusal:
            raise HTTPException(422, str(refusal)) from refusal
        except BusinessError as error:
            raise HTTPException(503, "the database does not answer") from error
        return reply.body

    return app


REASONS = {
    401: "not signed, wrongly signed, or too old",
    404: "no such request",
    413: "the body is too long",
    422: "a fact is missing or wrong; a key is missing or belongs to another request",
    503: "the shop's database does not answer",
}


async def _read(request: Request) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            raise HTTPException(413, f"at most {MOST_BYTES} bytes")
    return bytes(body)


def _asked(body: bytes) -> Asked:
    try:
        return Asked.model_validate_json(body)
    except ValidationError as error:
        raise HTTPException(422, error.errors(include_url=False, include_input=False, include_context=False)) from error


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m ivr.business.demo_shop_rest", description="The demonstration shop over REST."
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on; only this machine by default")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--database", help="SQLAlchemy address; OTKLIK_SHOP_URL by default")
    given = parser.parse_args()
    settings = BusinessSettings()
    secret = settings.business_secret.get_secret_value()
    if not secret:
        print("set OTKLIK_BUSINESS_SECRET: the shop takes signed requests only", file=sys.stderr)  # noqa: T201
        return 1
    try:
        shop = DemoShop(given.database or settings.shop_url)
    except BusinessError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    uvicorn.run(make_app(shop, secret), host=given.host, port=given.port, log_level="warning")
    shop.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
