"""What every answer of the server carries, and which requests never reach a handler."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.kit.problems import problem_response

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}

FRAMED = "/chat"
"""Page that other sites may show in a frame."""
EMBEDDED = "/widget.js"
"""Script that other sites may load; it puts the frame there."""


def content_policy(nonce: str, frames: Sequence[str] = ()) -> str:
    """Content-Security-Policy: our own files only, nothing inline.

    ``nonce`` admits the one style sheet that wavesurfer.js writes into its shadow tree; ``frames`` are sites that may
    show the page in a frame.
    """
    allowed = " ".join(frames) or "'none'"
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            f"style-src 'self' 'nonce-{nonce}'",
            "img-src 'self' data:",
            "media-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            f"frame-ancestors {allowed}",
        )
    )


class SecurityHeaders:
    """ASGI layer: security headers on everything, no changes on behalf of other sites."""

    def __init__(self, app: ASGIApp, *, https: bool, chat_origins: Sequence[str] = ()) -> None:
        self.app, self.https = app, https
        self.frames = ("'self'", *chat_origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        scope.setdefault("state", {})["nonce"] = nonce

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                framed = scope["path"] == FRAMED
                headers["Content-Security-Policy"] = content_policy(nonce, self.frames if framed else ())
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "same-origin"
                headers["Cross-Origin-Opener-Policy"] = "same-origin"
                headers["Cross-Origin-Resource-Policy"] = "same-origin"
                if scope["path"] == EMBEDDED:
                    headers["Cross-Origin-Resource-Policy"] = "cross-origin"
                    headers["Access-Control-Allow-Origin"] = "*"
                headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
                # scripts and styles are kept, but asked about each time, so that an update shows at once
                headers.setdefault(
                    "Cache-Control", "no-cache" if scope["path"].startswith(("/static/", EMBEDDED)) else "no-store"
                )
                if self.https or scope["scheme"] == "https":
                    headers["Strict-Transport-Security"] = "max-age=31536000"
            await send(message)

        await (_refusal(Request(scope)) or self.app)(scope, receive, send_guarded)


def _refusal(request: Request) -> ASGIApp | None:
    if request.method in SAFE_METHODS:
        return None
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return problem_response(request, 403, "cross_site", "Changes are taken from Otklik's own pages only.")
    return None
