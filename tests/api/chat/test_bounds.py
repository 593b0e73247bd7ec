"""Bounds of the web chat's socket: who may open it, how much it takes, when it ends; on SQLite and PostgreSQL."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from starlette.websockets import WebSocketDisconnect

from api.chat import messages
from api.chat import pages as web_chat
from api.chat.pages import MOST_TABS, ODD, REFUSED, Bounds
from api.chat.runtime import ChatRuntime
from api.kit.rate_limit import ConcurrencyLimit, RateLimit
from tests.api.chat.visiting import OWN, Visitor, chat_of, coming

pytestmark = pytest.mark.services


def test_one_visitor_opens_so_many_tabs(visitor: TestClient, chat_runtime: ChatRuntime) -> None:
    with ExitStack() as held:
        secret = held.enter_context(coming(visitor)).secret
        for _ in range(MOST_TABS - 1):
            assert held.enter_context(coming(visitor, secret)).welcome["type"] == "welcome"
        assert held.enter_context(coming(visitor, secret)).welcome["type"] == "down"
        assert held.enter_context(coming(visitor)).welcome["type"] == "welcome"


@pytest.mark.parametrize(
    ("text", "why"), [("слово " * 2001, "слишком длинное"), ("я" * 20_001, "слишком длинное"), (" \n ", "нет текста")]
)
def test_what_nobody_can_read_is_refused_with_the_reason(
    visitor: TestClient, chat_runtime: ChatRuntime, text: str, why: str
) -> None:
    with coming(visitor) as guest:
        refused = guest.say(text)
        assert refused["type"] == "refused"
        assert why in refused["text"]
        assert guest.say("4127")["type"] == "said"


def test_two_thousand_words_are_read(visitor: TestClient, chat_runtime: ChatRuntime) -> None:
    with coming(visitor) as guest:
        assert guest.say("слово " * 1999 + "4127")["type"] == "said"


def test_too_many_messages_have_to_wait(visitor: TestClient, chat_runtime: ChatRuntime) -> None:
    visitor.app.state.chat_bounds = Bounds(visitors=RateLimit(2, 0.0))  # type: ignore[attr-defined]
    with coming(visitor) as guest:
        kinds = [guest.say("4127")["type"] for _ in range(3)]
    assert kinds == ["said", "said", "refused"]


def test_sockets_are_counted(visitor: TestClient, chat_runtime: ChatRuntime) -> None:
    visitor.app.state.chat_bounds = Bounds(sockets=ConcurrencyLimit(10, 1))  # type: ignore[attr-defined]
    with coming(visitor), visitor.websocket_connect("/chat/ru", headers=OWN) as second:
        assert second.receive_json()["type"] == "down"
    with coming(visitor) as later:
        assert later.welcome["type"] == "welcome"


def test_a_conversation_has_an_end(
    visitor: TestClient, chat_runtime: ChatRuntime, database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "MOST_MESSAGES", 5)
    with coming(visitor) as guest:
        guest.say("4127")
        last = guest.say("да")
    assert last["ended"]
    assert "слишком много сообщений" in last["texts"][0]
    assert chat_of(database)[0].ended_at is not None


@pytest.mark.parametrize(
    ("origin", "code"),
    [("http://testserver", 0), ("https://shop.example", 0), ("https://evil.example", REFUSED), ("", REFUSED)],
)
def test_only_our_page_and_named_sites_open_the_socket(
    visitor: TestClient, chat_runtime: ChatRuntime, origin: str, code: int
) -> None:
    state = visitor.app.state  # type: ignore[attr-defined]
    state.settings = state.settings.model_copy(update={"chat_origins": ["https://shop.example"]})
    headers = {"origin": origin} if origin else {}
    if not code:
        with visitor.websocket_connect("/chat/ru", headers=headers) as socket:
            assert Visitor(socket).welcome["type"] == "welcome"
        return
    with pytest.raises(WebSocketDisconnect) as refused, visitor.websocket_connect("/chat/ru", headers=headers):
        pass
    assert refused.value.code == code


@pytest.mark.parametrize(
    "frame", ["no json", "[]", '{"type":"say","id":"1","text":"4127"}', '{"type":"hello","source":7}']
)
def test_odd_frames_close_the_socket(visitor: TestClient, chat_runtime: ChatRuntime, frame: str) -> None:
    with visitor.websocket_connect("/chat/ru", headers=OWN) as socket:
        socket.send_text(frame)
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_json()
    assert closed.value.code == ODD


def test_a_socket_nobody_writes_through_goes_to_sleep(
    visitor: TestClient, chat_runtime: ChatRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_chat, "IDLE_SECONDS", 0.05)
    with coming(visitor) as guest, pytest.raises(WebSocketDisconnect) as closed:
        guest.socket.receive_json()
    assert closed.value.code == 1000


def test_new_chats_of_one_address_have_an_end(visitor: TestClient, chat_runtime: ChatRuntime) -> None:
    access = chat_runtime.access
    few = access.rules.callbacks.model_copy(update={"chats_day": 2})
    chat_runtime._access = replace(access, rules=replace(access.rules, callbacks=few))
    kinds = []
    for _ in range(3):
        with coming(visitor) as guest:
            kinds.append(guest.say("4127"))
    assert [kind["type"] for kind in kinds] == ["said", "said", "refused"]
    assert "слишком много новых чатов" in kinds[2]["text"]
