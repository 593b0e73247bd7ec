"""Conversations in writing as they are kept, on SQLite and PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from recordings.calls.callbacks import open_callbacks, wait_in_chat
from recordings.contacts.call import Callback, Outcome
from recordings.contacts.chat import Chat, Message
from recordings.customers import chats
from recordings.database import reading, transaction
from speech.recognition.words import Speaker

pytestmark = pytest.mark.services

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)
CHAT = Chat(
    id="1",
    channel="telegram",
    address="42",
    language="ru",
    scenario="support",
    scenario_version="0" * 12,
    started_at=NOW,
    last_at=NOW,
    source="ads",
)


def message(number: int, text: str, *, speaker: Speaker = Speaker.ROBOT, key: str = "") -> Message:
    return Message(number=number, speaker=speaker, node="ask", text=text, at=NOW, key=key)


def asked(number: int, text: str, key: str) -> Message:
    return message(number, text, speaker=Speaker.CALLER, key=key)


def test_a_chat_is_written_down_as_it_goes_on(database: Engine) -> None:
    heard = replace(asked(1, "где мой заказ 4127? 🤔 <script>", "m1"), intent="order", confidence=0.9, model="ru-1")
    with transaction(database) as db:
        assert chats.open_chat(db, CHAT)
        assert not chats.open_chat(db, CHAT)
        assert chats.note_message(db, "1", heard)
        assert not chats.note_message(db, "1", message(1, "кто-то был быстрее"))
        assert chats.note_message(db, "1", message(2, "Заказ у курьера."))
        facts = {"order.number": "4127", "customer.name": "Анна", "caller.number": "+7916"}
        chats.save_state(
            db, "1", at=NOW + DAY, state={"node": "tell", "said": ["где"]}, facts=facts, outcome=Outcome.SETTLED
        )
    with reading(database) as db:
        found = chats.find_open(db, "telegram", "42", NOW)
        assert found == replace(
            CHAT,
            last_at=NOW + DAY,
            state={"node": "tell", "said": ["где"]},
            facts={"order.number": "4127"},
            outcome=Outcome.SETTLED,
        )
        assert chats.messages_of(db, "1") == [heard, message(2, "Заказ у курьера.")]


def test_only_an_open_chat_of_late_goes_on(database: Engine) -> None:
    with transaction(database) as db:
        chats.open_chat(db, CHAT)
        assert chats.find_open(db, "telegram", "42", NOW + timedelta(seconds=1)) is None
        assert chats.find_open(db, "web", "42", NOW) is None
        assert chats.find_open(db, "telegram", "43", NOW) is None
        chats.close_chat(db, "1", ended_at=NOW, outcome=Outcome.SETTLED)
        chats.close_chat(db, "1", ended_at=NOW + DAY, outcome=Outcome.FAILED, failure="late")
        assert chats.find_open(db, "telegram", "42", NOW) is None
        closed = chats.find_chat(db, "1")
        assert closed == replace(CHAT, ended_at=NOW, outcome=Outcome.SETTLED)


def test_a_message_delivered_twice_finds_its_answers(database: Engine) -> None:
    lines = [asked(1, "привет", "m1"), message(2, "Здравствуйте!"), message(3, "Чем помочь?"), asked(4, "заказ", "m2")]
    with transaction(database) as db:
        chats.open_chat(db, CHAT)
        for line in lines:
            chats.note_message(db, "1", line)
        first, second = (chats.find_answered(db, "telegram", "42", key) for key in ("m1", "m2"))
        assert first is not None
        assert (first.opening, first.replies, first.last) == ((), tuple(lines[1:3]), False)
        assert second is not None
        assert (second.opening, second.replies, second.last) == ((), (), True)
        for channel, address, key in (("telegram", "42", "m3"), ("web", "42", "m1"), ("telegram", "43", "m1")):
            assert chats.find_answered(db, channel, address, key) is None


def test_overlong_names_of_others_are_told_apart(database: Engine) -> None:
    long = "я" * 300
    with transaction(database) as db:
        chats.open_chat(db, replace(CHAT, address=long, source=long))
        chats.note_message(db, "1", asked(1, "привет", long))
        assert chats.find_open(db, "telegram", long, NOW) is not None
        assert chats.find_answered(db, "telegram", long, long) is not None
        assert chats.find_answered(db, "telegram", long, f"{long}!") is None


def test_words_are_forgotten_on_wish(database: Engine) -> None:
    with transaction(database) as db:
        chats.open_chat(db, CHAT)
        chats.note_message(db, "1", asked(1, "мой заказ 4127", "m1"))
        chats.hand_over(db, "1", at=NOW, summary="Спрашивает о заказе 4127.")
        wait_in_chat(db, Callback(chat_id="1", phone="", reason="мой заказ 4127", requested_at=NOW))
        chats.forget_words(db, "1")
        chats.note_message(db, "1", asked(2, "четыре один", "m2"))
        chats.save_state(db, "1", at=NOW, state={}, facts={"order.number": "4127"}, outcome=None)
        chats.hand_over(db, "1", at=NOW, summary="Заказ 4127.")
        found = chats.find_chat(db, "1")
        assert found is not None
        assert (found.consent, found.summary, found.facts, found.handed_over_at) == (False, "", {}, NOW)
        assert [kept.text for kept in chats.messages_of(db, "1")] == ["", ""]
        assert [callback.reason for callback in open_callbacks(db)] == [""]


def test_idle_chats_end_with_what_they_had_come_to(database: Engine) -> None:
    with transaction(database) as db:
        for name, last_at, outcome in (("1", NOW, None), ("2", NOW, Outcome.SETTLED), ("3", NOW + DAY, None)):
            chats.open_chat(db, replace(CHAT, id=name, address=name, last_at=last_at))
            chats.save_state(db, name, at=last_at, state={"node": "x"}, facts={}, outcome=outcome)
        assert chats.close_idle(db, NOW + timedelta(hours=1)) == 2
    with reading(database) as db:
        found = [chat for name in "123" if (chat := chats.find_chat(db, name))]
    assert [chat.outcome for chat in found] == [Outcome.ABANDONED, Outcome.SETTLED, None]
    assert [chat.ended_at for chat in found] == [NOW, NOW, None]
    assert [chat.state for chat in found] == [{}, {}, {"node": "x"}]
