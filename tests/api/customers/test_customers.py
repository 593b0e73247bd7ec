"""Customers, chats and call-backs as pages and as JSON, on SQLite and PostgreSQL."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from recordings.audio_store import AudioStore
from recordings.calls.callbacks import open_callbacks, wait_in_chat
from recordings.contacts.call import Callback, Customer, Outcome
from recordings.contacts.chat import Chat, Message
from recordings.customers import cards, chats
from recordings.database import reading, transaction
from speech.recognition.words import Speaker
from tests.api.example import write_call

pytestmark = pytest.mark.services

PHONE = "+79161234567"
WILD = "<script>alert('имя')</script>"


def write_chat(
    engine: Engine, chat_id: str = "chat-1", *, text: str = "где мой заказ 4127", phone: str = PHONE
) -> None:
    """A chat of the caller of the example, who waits for a call."""
    now = datetime.now(UTC)
    chat = Chat(
        id=chat_id,
        channel="web",
        address=chat_id,
        language="ru",
        scenario="support",
        scenario_version="0123456789ab",
        started_at=now - timedelta(minutes=5),
        last_at=now,
        source="yandex",
    )
    lines = [(Speaker.ROBOT, "Чем вам помочь?"), (Speaker.CALLER, text), (Speaker.ROBOT, "Заказ у курьера.")]
    with transaction(engine) as db:
        chats.open_chat(db, chat)
        for number, (speaker, words) in enumerate(lines, 1):
            mine = speaker is Speaker.CALLER
            chats.note_message(
                db,
                chat_id,
                Message(
                    number=number,
                    speaker=speaker,
                    node="ask",
                    text=words,
                    at=now,
                    intent="order_status" if mine else "",
                    confidence=0.93 if mine else None,
                    model="ru-7f3a" if mine else "",
                ),
            )
        cards.meet_visitor(db, chat_id, phone=phone, language="ru", source="yandex")
        facts = {"order.number": "4127"}
        chats.save_state(db, chat_id, at=now, state={"node": "x"}, facts=facts, outcome=Outcome.SETTLED)
        chats.hand_over(db, chat_id, at=now, summary="Заказ 4127. Клиент ждёт оператора.")
        wait_in_chat(db, Callback(chat_id=chat_id, phone=phone, reason=text, requested_at=now))


def test_nobody_gets_in_without_a_log_in(visitor: TestClient) -> None:
    for path in ("/customers", "/customers/7", "/chats/1", "/callbacks"):
        assert visitor.get(path).status_code == 303, path
    for path in ("/api/customers", "/api/customers/7", "/api/chats/1"):
        assert visitor.get(path, headers={"Accept": "application/json"}).status_code == 401, path


def test_pages_say_what_would_fill_them(browser_of_olga: TestClient) -> None:
    assert "Клиентов пока нет" in browser_of_olga.get("/customers").text
    assert "Никого не нашлось" in browser_of_olga.get("/customers?q=x").text
    assert "Никто не ждёт звонка" in browser_of_olga.get("/callbacks").text
    for path, words in (("/customers/none", "Такого клиента нет"), ("/chats/none", "Такой переписки нет")):
        page = browser_of_olga.get(path)
        assert (page.status_code, words in page.text) == (404, True)


def test_a_card_holds_one_history(browser_of_olga: TestClient, database: Engine, store: AudioStore) -> None:
    write_call(database, store)
    write_chat(database)
    assert 'href="/customers/7"' in browser_of_olga.get("/calls/1795327401.7").text
    listed = browser_of_olga.get("/customers?q=смирн").text
    assert "Анна Смирнова" in listed
    assert PHONE not in listed
    card = browser_of_olga.get("/customers/7").text
    assert card.index('href="/chats/chat-1"') < card.index('href="/calls/1795327401.7"')
    assert "Заказ 4127. Клиент ждёт оператора." in card
    assert "2 обращения" in card
    chat = browser_of_olga.get("/chats/chat-1").text
    for words in ("где мой заказ 4127", "понято: order_status", "ru-7f3a", "Чат на сайте", "yandex"):
        assert words in chat
    assert 'href="/customers/7"' in chat


def test_names_and_words_are_text(browser_of_olga: TestClient, database: Engine) -> None:
    with transaction(database) as db:
        cards.save_customer(db, Customer(id="7", name=WILD, phone=PHONE, language="ru", segment=WILD, source=WILD))
    write_chat(database, text=WILD)
    for path in ("/customers", "/customers/7", "/chats/chat-1", "/callbacks"):
        page = browser_of_olga.get(path).text
        assert "<script>alert" not in page, path
        assert "&lt;script&gt;alert" in page, path
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", page), path


def test_who_waits_is_taken_off_the_list_by_a_click(browser_of_olga: TestClient, database: Engine) -> None:
    write_chat(database)
    page = browser_of_olga.get("/callbacks").text
    assert f'href="tel:%2B{PHONE[1:]}"' in page
    assert "1 клиент ждёт звонка" in page
    done = re.search(r'action="(/callbacks/[^"]+/done)"><input type="hidden" name="csrf" value="([^"]+)"', page)
    assert done
    assert browser_of_olga.post(done[1], data={"csrf": "wrong"}).status_code == 403
    answer = browser_of_olga.post(done[1], data={"csrf": done[2], "back": "/customers/7"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/customers/7")
    with reading(database) as db:
        assert open_callbacks(db) == []
    assert browser_of_olga.post("/callbacks/none/done", data={"csrf": done[2]}).status_code == 404


def test_programs_read_the_same(program: TestClient, database: Engine, store: AudioStore) -> None:
    write_call(database, store)
    write_chat(database)
    write_chat(database, "chat-2", phone="")
    page = program.get("/api/customers").json()
    assert page["total"] == 2
    assert [line["contacts"] for line in page["customers"]] == [1, 2]
    (waiting,) = program.get("/api/customers", params={"q": "смирнова", "waiting": "true"}).json()["customers"]
    assert waiting["customer"] == {
        "id": "7",
        "name": "Анна Смирнова",
        "phone": "+7 916 •••-••-67",
        "email": None,
        "language": "ru",
        "segment": "",
        "source": "",
    }
    detail = program.get("/api/customers/7").json()
    assert [(line["kind"], line["id"], line["channel"]) for line in detail["history"]] == [
        ("chat", "chat-1", "web"),
        ("call", "1795327401.7", "phone"),
    ]
    assert detail["history"][0]["callback"]["phone"] == PHONE
    chat = program.get("/api/chats/chat-1").json()
    assert chat["chat"]["facts"] == {"order.number": "4127"}
    assert [message["speaker"] for message in chat["messages"]] == ["robot", "caller", "robot"]
    assert "state" not in chat["chat"]
    assert "address" not in chat["chat"]
    assert program.get("/api/customers/none").json()["code"] == "customer_unknown"
    assert program.get("/api/chats/none").json()["code"] == "chat_unknown"
    assert program.get("/api/customers?limit=0").status_code == 422
