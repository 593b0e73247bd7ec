"""What one request may weigh, before anything looks into it: the one place of the web server that says so.

A body is read whole (it is short) and counted as it comes, whatever its header promises.
"""

from __future__ import annotations

from http import HTTPStatus

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.kit.problems import problem_response

LONGEST_BODY = 1 << 20
"""Bytes; the pages and the API take short forms only."""
LONGEST_MESSAGE = 256 * 1024
"""Bytes of a webhook's message."""
LONGEST_PATH = 1_000
"""Bytes of a path."""
LONGEST_QUERY = 8_000
"""Bytes behind the question mark."""
LONGEST_HEADERS = 32_000
"""Bytes of all headers."""
MOST_FIELDS = 5_000
"""Of one form, or of one query."""
WEBHOOKS = "/webhooks/"
WITHOUT_BODY = {"GET", "HEAD", "OPTIONS"}
ZERO = (b"%00", b"\0")
"""A character that no text has and no database keeps."""


class Bounds:
    """ASGI layer in front of all others."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        if refusal := _head(scope):
            await _refuse(scope, receive, send, *refusal)
            return
        if scope["type"] == "websocket" or scope["method"] in WITHOUT_BODY:
            await self.app(scope, receive, send)
            return
        most = LONGEST_MESSAGE if scope["path"].startswith(WEBHOOKS) else LONGEST_BODY
        if _promised(scope) > most:
            await _refuse(scope, receive, send, *_too_large(most))
            return
        body = await _read(receive, most)
        if body is None:
            await _refuse(scope, receive, send, *_too_large(most))
        elif refusal := _form(scope, body):
            await _refuse(scope, receive, send, *refusal)
        else:
            await self.app(scope, _again(body, receive), send)


def _head(scope: Scope) -> tuple[HTTPStatus, str, str] | None:
    """What is wrong with path, query and headers."""
    path, query = scope.get("raw_path") or scope["path"].encode(), scope["query_string"]
    if len(path) > LONGEST_PATH or len(query) > LONGEST_QUERY or query.count(b"&") >= MOST_FIELDS:
        return (
            HTTPStatus.REQUEST_URI_TOO_LONG,
            "address_too_long",
            f"Send at most {LONGEST_QUERY} bytes in the address.",
        )
    if sum(len(name) + len(value) for name, value in scope["headers"]) > LONGEST_HEADERS:
        return (
            HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
            "headers_too_large",
            f"Send at most {LONGEST_HEADERS} bytes of headers.",
        )
    if any(zero in path or zero in query for zero in ZERO) or "\0" in scope["path"]:
        return HTTPStatus.BAD_REQUEST, "not_text", "The address holds a zero character."
    return None


def _form(scope: Scope, body: bytes) -> tuple[HTTPStatus, str, str] | None:
    kind = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
    if not kind.lower().startswith(b"application/x-www-form-urlencoded"):
        return None
    if body.count(b"&") >= MOST_FIELDS:
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_many_fields", f"Send at most {MOST_FIELDS} fields."
    if any(zero in body for zero in ZERO):
        return HTTPStatus.BAD_REQUEST, "not_text", "The form holds a zero character."
    return None


def _promised(scope: Scope) -> float:
    """Bytes that the header names; endless where it names none."""
    length = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
    return int(length) if length.isdigit() and len(length) < 16 else float("inf")


def _too_large(most: int) -> tuple[HTTPStatus, str, str]:
    return HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", f"Send a body of at most {most} bytes with its length."


async def _read(receive: Receive, most: int) -> bytes | None:
    """The whole body; None when it is longer, or its sender is gone."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += message.get("body", b"")
        if len(body) > most:
            return None
        if not message.get("more_body"):
            return bytes(body)


def _again(body: bytes, receive: Receive) -> Receive:
    """What gives the body once, then whatever comes after it."""
    told = False

    async def told_again() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return told_again


async def _refuse(scope: Scope, receive: Receive, send: Send, status: HTTPStatus, code: str, detail: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1009})
        return
    await problem_response(Request(scope), status, code, detail)(scope, receive, send)
