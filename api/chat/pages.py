"""The web chat: the page and the script that show it on any site, and the socket it talks through.

Visitors are strangers. They are known by a secret of their browser alone, and get to see nothing but what was written
under it; whatever they type about themselves opens nothing that belongs to somebody else.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Request, WebSocket, WebSocketDisconnect
from fastapi.responses import FileResponse, Response
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from api.chat.messages import Answer, Busy, Crowded, View, Writer, take, too_long, visit
from api.chat.runtime import ChatRuntime, chat_runtime
from api.chat.shapes import Hello, Look, Say
from api.kit.rate_limit import ConcurrencyLimit, RateLimit, Turns, network_of
from api.kit.render import render
from api.kit.translations import LANGUAGES, choose, say
from api.settings import WebSettings
from ivr.errors import IvrError
from recordings.contacts.chat import WEB

log = logging.getLogger(__name__)

HELLO_SECONDS = 10.0
"""Time for the first frame."""
IDLE_SECONDS = 15 * 60.0
"""A socket nobody writes through for so long is closed; the page opens another when somebody does."""
MOST_SOCKETS, MOST_SOCKETS_EACH, MOST_TABS = 500, 20, 8
"""Open at once: in all, from one address, of one visitor."""
MOST_ASKING = 8
"""Messages and views worked on at once: they take threads, which pages and programs need, too."""
SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
"""32 random bytes."""
REFUSED, FULL, ODD = 4403, 1013, 1003
"""Codes a socket is closed with: another site's page, no room, not our protocol."""

router = APIRouter(include_in_schema=False)


@dataclass(slots=True, kw_only=True)
class Bounds:
    """What strangers may ask of this process."""

    sockets: ConcurrencyLimit = field(default_factory=lambda: ConcurrencyLimit(MOST_SOCKETS, MOST_SOCKETS_EACH))
    tabs: ConcurrencyLimit = field(default_factory=lambda: ConcurrencyLimit(MOST_SOCKETS, MOST_TABS))
    asking: Turns = field(default_factory=lambda: Turns(MOST_ASKING))
    visitors: RateLimit = field(default_factory=lambda: RateLimit(12, 0.5))
    addresses: RateLimit = field(default_factory=lambda: RateLimit(120, 2.0))


class _Odd(Exception):
    """A frame that is none of ours."""


@router.get("/chat")
def show_page(request: Request, language: str = "") -> Response:
    """The chat as a page of its own, or in the frame that the script puts on a site."""
    spoken = choose(language, request.headers.get("accept-language", ""))
    return render(request, "chat/chat.html", spoken=spoken)


@router.get("/widget.js")
def widget() -> Response:
    """The script that shows the chat on any site: ``<script type="module" src="…/widget.js?language=ru">``."""
    return FileResponse(Path(__file__).parent / "static" / "widget.js", media_type="text/javascript")


@router.websocket("/chat/{language}")
async def talk(socket: WebSocket, language: str) -> None:
    """One visitor's conversation, one message at a time."""
    state = socket.app.state
    if not _from_own_page(socket, state.settings):
        await socket.close(REFUSED)
        return
    address = network_of(socket.client.host) if socket.client else ""
    bounds: Bounds = state.chat_bounds
    with bounds.sockets.pass_through(address) as room:
        await socket.accept()
        spoken = language if language in LANGUAGES else LANGUAGES[0]
        if not room:
            await socket.send_json({"type": "down", "text": say(spoken, "chat.crowded")})
            await socket.close(FULL)
            return
        try:
            await _hold(socket, chat_runtime(socket), bounds, address, spoken)
        except (WebSocketDisconnect, RuntimeError):  # gone, also in the middle of an answer
            log.debug("a visitor's socket is gone")
        except (_Odd, ValidationError):
            await socket.close(ODD)


async def _hold(socket: WebSocket, runtime: ChatRuntime, bounds: Bounds, address: str, language: str) -> None:
    hello = Hello.model_validate(await _frame(socket, HELLO_SECONDS))
    secret = hello.visitor if SECRET.fullmatch(hello.visitor) else secrets.token_urlsafe(32)
    who = Writer(
        channel=WEB,
        address=hashlib.sha256(secret.encode()).hexdigest(),
        language=language,
        source=hello.source.strip() or WEB,
        network=network_of(address),
    )
    with bounds.tabs.pass_through(who.address) as room:
        if not room:
            await socket.send_json({"type": "down", "text": say(language, "chat.crowded")})
            await socket.close(FULL)
            return
        await _talk(socket, runtime, bounds, address, who, secret)


async def _talk(
    socket: WebSocket, runtime: ChatRuntime, bounds: Bounds, address: str, who: Writer, secret: str
) -> None:
    language = who.language
    if not bounds.addresses.allows(address):
        await socket.send_json({"type": "down", "text": say(language, "chat.crowded")})
        return
    if not await _show(socket, runtime, bounds, who, secret):
        return
    while True:
        try:
            body = await _frame(socket, IDLE_SECONDS)
        except TimeoutError:
            await socket.close()
            return
        if body.get("type") == "look":
            Look.model_validate(body)
            if bounds.visitors.allows(who.address) and not await _show(socket, runtime, bounds, who, secret):
                return
            continue
        message = Say.model_validate(body)
        reason = _refusal(message, who, bounds, address)
        if reason:
            await _refuse(socket, message, language, reason)
            continue
        await socket.send_json({"type": "typing"})
        await _answer(socket, runtime, bounds, who, message)


def _refusal(message: Say, who: Writer, bounds: Bounds, address: str) -> str:
    """Why a message is not taken; empty when it is."""
    if not (bounds.visitors.allows(who.address) and bounds.addresses.allows(address)):
        return "too_fast"
    if too_long(message.text):
        return "too_long"
    return "" if message.text.strip() else "empty"


async def _answer(socket: WebSocket, runtime: ChatRuntime, bounds: Bounds, who: Writer, message: Say) -> None:
    language = who.language
    try:
        answer: Answer = await bounds.asking.run(who.address, take, runtime, who, message.text.strip(), message.id)
    except IvrError as error:
        log.error("the chat cannot answer: %s", error)
        await _refuse(socket, message, language, "away")
    except Crowded:
        await _refuse(socket, message, language, "enough_today")
    except (Busy, SQLAlchemyError) as error:
        log.error("a visitor's message was not taken: %s", error)
        await _refuse(socket, message, language, "not_taken")
    else:
        await socket.send_json(
            {
                "type": "said",
                "id": message.id,
                "texts": answer.replies,
                "suggestions": answer.suggestions,
                "ended": answer.ended,
            }
        )


async def _show(socket: WebSocket, runtime: ChatRuntime, bounds: Bounds, who: Writer, secret: str) -> bool:
    """Send all there is to see; False when the robot cannot talk now."""
    try:
        view: View = await bounds.asking.run(who.address, visit, runtime, who)
    except (IvrError, SQLAlchemyError) as error:
        log.error("the chat cannot be shown: %s", error)
        await socket.send_json({"type": "down", "text": say(who.language, "chat.away")})
        await socket.close(FULL)
        return False
    await socket.send_json(
        {
            "type": "welcome",
            "visitor": secret,
            "messages": [
                {"id": line.key, "mine": line.mine, "text": line.text, "at": line.at.isoformat()}
                for line in view.messages
            ],
            "suggestions": view.suggestions,
            "ended": view.ended,
        }
    )
    return True


async def _refuse(socket: WebSocket, message: Say, language: str, reason: str) -> None:
    await socket.send_json({"type": "refused", "id": message.id, "text": say(language, f"chat.{reason}")})


async def _frame(socket: WebSocket, seconds: float) -> Mapping[str, Any]:
    async with asyncio.timeout(seconds):
        text = await socket.receive_text()
    try:
        body = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _Odd from error
    if not isinstance(body, dict):
        raise _Odd
    return body


def _from_own_page(socket: WebSocket, settings: WebSettings) -> bool:
    """Whether the page that opens the socket is ours or of a site we may be shown on; browsers always say."""
    origin = socket.headers.get("origin", "").lower()
    return urlsplit(origin).netloc == socket.headers.get("host", "").lower() != "" or origin in {
        allowed.rstrip("/").lower() for allowed in settings.chat_origins
    }
