"""What a stranger must not get by the web chat; on SQLite and PostgreSQL."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, func, select

from api.chat.runtime import ChatRuntime
from recordings.calls.callbacks import open_callbacks
from recordings.contacts.call import Customer
from recordings.customers import cards
from recordings.customers.history import history
from recordings.database import reading, transaction
from recordings.privacy import audit
from recordings.tables import TryRow
from tests.api.chat.visiting import PHONE, chat_of, coming

pytestmark = pytest.mark.services


def test_a_stranger_learns_nothing_by_a_typed_number(
    visitor: TestClient, chat_runtime: ChatRuntime, database: Engine
) -> None:
    """Neither the name on the card, nor what its owner wrote, nor their booking."""
    with transaction(database) as db:
        cards.save_customer(db, Customer(id="1", name="Анна Тайная", phone=PHONE, language="ru", segment="vip"))
    with coming(visitor) as owner:
        owner.say("4127")
        owner.say("да")
        owner.say("запись")
        owner.say("8 916 123-45-67")
    with coming(visitor) as stranger:
        stranger.say("запись")
        seen = json.dumps([stranger.say("8 916 123-45-67"), stranger.say("да")], ensure_ascii=False)
    with coming(visitor, stranger.secret) as back:
        seen += json.dumps(back.welcome, ensure_ascii=False)
    assert "Какой номер у вашей записи?" in seen
    for secret in ("Анна", "vip", "4127", "Запись 1"):
        assert secret not in seen


def test_a_booking_is_shown_to_who_knows_its_number(
    visitor: TestClient, chat_runtime: ChatRuntime, database: Engine
) -> None:
    day = (datetime.now(UTC) + timedelta(days=3)).date()
    facts = {"booking.service": "florist", "booking.day": day.isoformat(), "contact.phone": PHONE}
    free = chat_runtime.requests.ask("bookings.free", facts, "ru")
    slot = free.facts or free.options[0].facts
    number = chat_runtime.requests.ask("bookings.create", {**facts, **slot}, "ru").facts["booking.number"]
    with coming(visitor) as guest:
        guest.say("запись")
        guest.say("8 916 123-45-67")
        assert guest.say(f"номер {number}")["texts"][0].startswith(f"Запись {number} на ")


def test_every_number_there_is_in_one_message_is_one_try(
    visitor: TestClient, chat_runtime: ChatRuntime, database: Engine
) -> None:
    """1,900 numbers, among them those of the bookings, and then the victim's telephone."""
    many = " ".join(str(number) for number in range(2000, 3900))
    with coming(visitor) as stranger:
        for text in (many, "запись", "8 916 123-45-67"):
            seen = stranger.say(text)["texts"]
        assert seen[-1] == "Какой номер у вашей записи?"
        seen = [text for _ in range(3) for text in stranger.say(many)["texts"]]
    assert not [text for text in seen if "Запись 2" in text]
    with reading(database) as db:
        tried = db.scalar(select(func.count()).select_from(TryRow))
        assert {line.action for line in audit.list_lines(db).lines} <= {"proof.locked.conversation"}
    assert tried is not None
    assert tried <= 6 * 4


def test_guessing_ends_with_a_person_and_the_owner_goes_on(
    visitor: TestClient, chat_runtime: ChatRuntime, database: Engine
) -> None:
    day = (datetime.now(UTC) + timedelta(days=3)).date()
    facts = {"booking.service": "florist", "booking.day": day.isoformat(), "contact.phone": PHONE}
    free = chat_runtime.requests.ask("bookings.free", facts, "ru")
    slot = free.facts or free.options[0].facts
    number = chat_runtime.requests.ask("bookings.create", {**facts, **slot}, "ru").facts["booking.number"]
    with coming(visitor) as stranger:
        stranger.say("запись")
        stranger.say("8 916 123-45-67")
        first, second, third = (stranger.say(str(int(number) + 100 + wrong))["texts"] for wrong in range(3))
        assert first[0] == second[0] == "Записи нет."
        assert third[0] == "Попыток больше нет, поможет оператор."
    with reading(database) as db:
        (line,) = [line for line in audit.list_lines(db).lines if line.action.startswith("proof.")]
        assert (line.login, line.action, PHONE in str(line)) == ("robot", "proof.locked.conversation", False)
    with coming(visitor) as owner:
        owner.say("запись")
        owner.say("8 916 123-45-67")
        assert owner.say(number)["texts"][0].startswith(f"Запись {number} на ")


def test_a_code_proves_whose_number_it_is_and_binds_the_card(
    visitor: TestClient, chat_runtime: ChatRuntime, database: Engine, tmp_path: Path
) -> None:
    with transaction(database) as db:
        cards.save_customer(db, Customer(id="1", name="Анна", phone=PHONE, language="ru"))
    with coming(visitor) as guest:
        for text in ("запись", "8 916 123-45-67", "код"):
            guest.say(text)
        with closing(sqlite3.connect(tmp_path / "shop.db")) as shop:
            ((code,),) = shop.execute("SELECT code FROM shop_codes").fetchall()
        assert guest.say(str(int(code) - 1))["texts"] == ["Какой код пришёл?"]
        assert chat_of(database)[0].customer_id != "1"
        assert guest.say(code)["texts"][0] == "Назовите номер заказа или выберите, что нужно."
        assert chat_of(database)[0].customer_id == "1"
        assert guest.say("запись")["texts"][0].startswith("Запись 2001 на ")
    chat, _ = chat_of(database)
    assert "code.number" not in chat.facts


def test_a_typed_number_puts_no_chat_into_its_owners_history(
    visitor: TestClient, chat_runtime: ChatRuntime, database: Engine
) -> None:
    with transaction(database) as db:
        cards.save_customer(db, Customer(id="1", name="Анна", phone=PHONE, language="ru"))
    with coming(visitor) as stranger:
        for text in ("4127", "позовите оператора", "да", "8 916 123-45-67"):
            stranger.say(text)
    with reading(database) as db:
        assert history(db, "1") == []
        (waiting,) = open_callbacks(db)
    assert waiting.phone == "89161234567"


@pytest.mark.parametrize("number", ["+7 809 123-45-67", "+88 161 234 567 8", "+44 20 7183 8750"])
def test_nobody_is_rung_back_where_it_costs(
    visitor: TestClient, chat_runtime: ChatRuntime, database: Engine, number: str
) -> None:
    with coming(visitor) as guest:
        for text in ("позовите оператора", "да"):
            guest.say(text)
        assert guest.say(number)["texts"] == ["На какой номер?"]
        assert guest.say("8 916 123-45-67")["texts"] == ["Перезвоним."]
    with reading(database) as db:
        assert [waiting.phone for waiting in open_callbacks(db)] == ["89161234567"]
