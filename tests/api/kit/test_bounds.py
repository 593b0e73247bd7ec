"""What one request may weigh, over HTTP and below it."""

from __future__ import annotations

import json

import pytest
from fastapi.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from api.kit.bounds import (
    LONGEST_BODY,
    LONGEST_HEADERS,
    LONGEST_MESSAGE,
    LONGEST_PATH,
    LONGEST_QUERY,
    MOST_FIELDS,
    Bounds,
)

pytestmark = pytest.mark.services


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/login?next=/" + "a" * LONGEST_QUERY, {}, 414),
        ("/login?" + "a&" * MOST_FIELDS, {}, 414),
        ("/static/" + "a" * LONGEST_PATH, {}, 414),
        ("/login", {"x-long": "a" * LONGEST_HEADERS}, 431),
        ("/login?next=%00", {}, 400),
        ("/static/%00", {}, 400),
        ("/login?next=/calls", {}, 200),
    ],
)
def test_heads(visitor: TestClient, path: str, headers: dict[str, str], status: int) -> None:
    answer = visitor.get(path, headers=headers)
    assert answer.status_code == status
    assert "content-security-policy" in answer.headers


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/login", b"login=" + b"a" * LONGEST_BODY, 413),
        ("/webhooks/none", b"a" * (LONGEST_MESSAGE + 1), 413),
        ("/login", b"a&" * MOST_FIELDS, 413),
        ("/login", b"login=%00&password=x", 400),
        ("/login", b"login=\0&password=x", 400),
        ("/login", b"login=x&password=x", 401),
    ],
)
def test_bodies(visitor: TestClient, path: str, body: bytes, status: int) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert visitor.post(path, content=body, headers=form).status_code == status


@pytest.mark.parametrize("length", ["9" * 5000, "-1", "1e3", "²", "", "1048577"])
def test_a_length_that_lies(visitor: TestClient, length: str) -> None:
    request = visitor.build_request("POST", "/login", content=b"login=x")
    request.headers["content-length"] = length
    assert visitor.send(request).status_code == 413


async def test_more_than_was_promised_is_not_read() -> None:
    told: list[Message] = []
    pieces = 0

    async def receive() -> Message:
        nonlocal pieces
        pieces += 1
        return {"type": "http.request", "body": b"a" * 100_000, "more_body": True}

    async def send(message: Message) -> None:
        told.append(message)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise AssertionError("nobody gets it")

    scope = {
        "type": "http", "method": "POST", "path": "/login", "query_string": b"", "headers": [(b"content-length", b"5")],
    }  # fmt: skip
    await Bounds(app)(scope, receive, send)
    assert told[0]["status"] == 413
    assert json.loads(told[1]["body"])["code"] == "too_large"
    assert pieces <= 11
