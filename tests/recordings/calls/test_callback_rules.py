"""Which numbers are rung back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from recordings.calls import call_log, outbox
from recordings.calls.callback_rules import KINDS, may_ring
from recordings.calls.callbacks import open_callbacks, wait_in_chat
from recordings.calls.settings import CallbackSettings
from recordings.contacts.call import Call, Callback
from recordings.customers import chats
from recordings.database import reading, transaction
from speech.settings import SettingsError
from tests.recordings.customers.test_customers import CHAT

pytestmark = pytest.mark.services

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PREMIUM = "+78091234567"


@pytest.mark.parametrize(
    ("number", "language", "rung"),
    [
        ("+79161234567", "ru", True),
        ("8 495 123-45-67", "ru", True),
        ("(202) 555-0143", "en", True),
        ("+12025550143", "ru", False),  # another country
        ("+442071838750", "en", False),
        (PREMIUM, "ru", False),
        ("8 809 123-45-67", "ru", False),
        ("+19005551234", "en", False),
        ("+78001234567", "ru", False),  # costs the company, not the caller
        ("+881612345678", "ru", False),  # a satellite
        ("+18765551234", "en", False),  # Jamaica has the code 1, too
        ("+77012345678", "ru", False),  # and Kazakhstan the 7
        ("101", "ru", False),
        ("", "ru", False),
        ("anonymous", "ru", False),
        ("9" * 5000, "ru", False),
    ],
)
def test_the_country_of_the_line_and_numbers_that_cost_what_a_call_costs(
    number: str, language: str, rung: bool
) -> None:
    assert may_ring(number, language, CallbackSettings()) is rung


def test_a_company_chooses_countries_and_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTKLIK_CALLBACK_COUNTRIES", "kz, GB")
    monkeypatch.setenv("OTKLIK_CALLBACK_KINDS", "mobile,toll_free")
    settings = CallbackSettings()
    assert may_ring("+77012345678", "ru", settings)
    assert not may_ring("+442071838750", "ru", settings)
    assert may_ring("+448001111111", "ru", settings)
    assert not may_ring("+79161234567", "ru", settings)


@pytest.mark.parametrize("kind", ["premium_rate", "shared_cost", "pager", "satellite"])
def test_what_costs_more_cannot_be_chosen(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setenv("OTKLIK_CALLBACK_KINDS", kind)
    with pytest.raises(SettingsError, match="OTKLIK_CALLBACK_KINDS"):
        CallbackSettings()
    assert kind not in {name for names in KINDS.values() for name in names}


def test_no_row_offers_such_a_number_whoever_asks_for_it(database: Engine, ringing: Callable[..., Call]) -> None:
    """A promise of a call, of a chat, and a wish the company's system would not take."""
    call = ringing()
    wish = {"ticket.problem": "течёт", "contact.phone": PREMIUM}
    with transaction(database) as db:
        call_log.open_call(db, call)
        call_log.request_callback(db, Callback(call_id=call.id, phone=PREMIUM, reason="1", requested_at=NOW))
        chats.open_chat(db, CHAT)
        wait_in_chat(db, Callback(chat_id=CHAT.id, phone=PREMIUM, reason="2", requested_at=NOW))
        entry = outbox.OutboxEntry(
            key="k", request="tickets.create", facts=wish, language="ru", created_at=NOW, contact=call.id
        )
        outbox.put(db, entry, failure="away")
    (due,) = outbox.take_due(database, limit=1, lease=60, now=datetime(2026, 11, 23, tzinfo=UTC))
    outbox.refused(database, due, failure="no", reason="3", now=NOW)
    with reading(database) as db:
        found = open_callbacks(db)
    assert sorted(one.reason for one in found) == ["1", "2", "3"]
    assert {one.phone for one in found} == {""}
