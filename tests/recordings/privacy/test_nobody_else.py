"""What is done to one person never touches another, whatever their numbers have in common."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import phonenumbers
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from recordings.audio_store import AudioStore
from recordings.calls import call_log, callbacks, outbox
from recordings.contacts.call import Call, Callback, Customer, Outcome
from recordings.contacts.chat import Chat
from recordings.contacts.phone_numbers import e164
from recordings.customers import cards, chats
from recordings.database import connect, reading, transaction
from recordings.errors import UnderHold
from recordings.privacy import legal_holds, privacy
from recordings.privacy.person import find_person, inventory
from recordings.privacy.retention import due, retain
from recordings.privacy.retention_policy import Policy
from recordings.privacy.settings import PrivacySettings
from recordings.privacy.subject import subject_from
from recordings.tables import CallRow, ChatRow, CustomerRow, OutboxRow, RecordingRow, SampleRow
from tests.recordings.privacy.installation import settings_in

pytestmark = pytest.mark.unit

COUNTRIES = (
    "RU", "US", "EE", "KZ", "GB", "DE", "FR", "IT", "ES", "PL",
    "FI", "UA", "BY", "AM", "GE", "UZ", "CN", "JP", "BR", "AU",
)  # fmt: skip
NOW = datetime.now(UTC)
OLD = NOW - timedelta(days=400)
YEAR = Policy.model_validate({"rules": [{"keep": "call", "days": 365}, {"keep": "chat", "days": 365}]})


@st.composite
def numbers(draw: st.DrawFn) -> str:
    """A number of one of the countries, its last digits drawn: many share an end, as people's do."""
    region = draw(st.sampled_from(COUNTRIES))
    kind = phonenumbers.PhoneNumberType.MOBILE
    shown = phonenumbers.example_number_for_type(region, kind)
    assert shown is not None
    national = str(shown.national_number)
    digits = draw(st.lists(st.sampled_from("0123456789"), min_size=4, max_size=4))
    wanted = national[:-4] + "".join(digits)
    return f"+{phonenumbers.country_code_for_region(region)}{wanted}"


@st.composite
def pairs(draw: st.DrawFn) -> tuple[str, str]:
    """Two people's numbers: any, or the second ends as the first does, under another country's code."""
    one, other = draw(numbers()), draw(numbers())
    if draw(st.booleans()):
        end = draw(st.integers(min_value=4, max_value=len(one) - 2))
        head = other[: max(2, len(other) - end)]
        other = head + one[-(len(other) - len(head)) :]
    assume(all(e164(number) for number in (one, other)))  # a code and an end that nobody can be rung by
    return one, other


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    engine: Engine
    sounds: AudioStore
    settings: PrivacySettings

    def ids(self) -> set[str]:
        with reading(self.engine) as db:
            tables = (CallRow.id, ChatRow.id, RecordingRow.id, CustomerRow.id, OutboxRow.key, SampleRow.id)
            return {id_ for column in tables for id_ in db.scalars(select(column))}


def live_in(house: House, name: str, number: str) -> None:
    """All by which somebody is known: a call as the network names it, a card, a chat, a file, a wish, a phrase."""
    call = Call(
        id=f"{name}-call", started_at=OLD, caller_number=number, extension="1000", language="ru", scenario="s",
        scenario_version="v", engine="e",
    )  # fmt: skip
    chat = Chat(
        id=f"{name}-chat", channel="sms", address=number, language="ru", scenario="s", scenario_version="v",
        started_at=OLD, last_at=OLD,
    )  # fmt: skip
    with transaction(house.engine) as db:
        cards.save_customer(db, Customer(id=f"{name}-card", name=name, phone=number, language="ru"))
        call_log.open_call(db, call)
        call_log.close_call(db, call.id, ended_at=OLD, outcome=Outcome.SETTLED)
        chats.open_chat(db, chat)
        chats.close_chat(db, chat.id, ended_at=OLD, outcome=Outcome.SETTLED)
        callbacks.wait_in_chat(db, Callback(chat_id=chat.id, phone=number, reason="", requested_at=OLD))
        db.add(
            RecordingRow(
                id=f"{name}-file", sha256=name, key=name, filename=f"20261130-120000 {number}.wav", call_id=None,
                language="ru", duration=1, rate=8000, channels=1, size=1, created_at=OLD, state="analysed", due_at=OLD,
            )
        )  # fmt: skip
        facts = {"contact.phone": number}
        wish = outbox.OutboxEntry(
            key=f"{name}-wish", request="tickets.create", facts=facts, language="ru", created_at=OLD
        )
        outbox.put(db, wish)
        db.add(
            SampleRow(
                id=f"{name}-phrase", language="ru", text=f"звоните {number}", state="candidate", reason="unclear",
                created_at=OLD,
            )
        )  # fmt: skip


@pytest.fixture(scope="module")
def make_house(sqlite_template: Path) -> Callable[[Path], House]:
    def make(folder: Path) -> House:
        shutil.copy(sqlite_template, folder / "otklik.db")
        return House(
            engine=connect(f"sqlite:///{folder / 'otklik.db'}"),
            sounds=AudioStore(f"file://{folder / 'recordings'}"),
            settings=settings_in(folder),
        )

    return make


@given(pair=pairs())
@example(pair=("+79162345678", "+19162345678"))
@example(pair=("+3725123456", "+79165123456"))
@example(pair=("+3725123456", "+37251234567"))
@settings(max_examples=25, deadline=None)
def test_export_hold_and_erasure_of_one_leave_the_other(
    make_house: Callable[[Path], House], pair: tuple[str, str]
) -> None:
    one, other = pair
    subject = subject_from(one)
    assume(subject != subject_from(other))
    with tempfile.TemporaryDirectory() as folder:
        house = make_house(Path(folder))
        live_in(house, "one", one)
        live_in(house, "other", other)
        theirs = {id_ for id_ in house.ids() if id_.startswith("one-")}
        others = {id_ for id_ in house.ids() if id_.startswith("other-")}
        with reading(house.engine) as db:
            scope = find_person(db, subject)
            found = {*scope.customers, *scope.contacts, *scope.outbox, *scope.samples}
            counts = inventory(db, scope)
        assert found == theirs
        assert set(counts.values()) == {1}
        _hold_keeps_the_one(house, one, theirs, others)
        house.engine.dispose()


def _hold_keeps_the_one(house: House, number: str, theirs: set[str], others: set[str]) -> None:
    with transaction(house.engine) as db:
        hold = legal_holds.add_hold(db, phone=number, reason="court", by="olga")
    with reading(house.engine) as db:
        assert due(db, YEAR) == {"held": 3, "call": 2, "chat": 1}
    assert retain(house.engine, house.sounds, YEAR) == {"held": 3, "call": 2, "chat": 1}
    left = house.ids()
    assert theirs <= left
    assert others & left == others - {"other-call", "other-chat", "other-file"}
    with pytest.raises(UnderHold):
        privacy.erase_person(house.engine, house.sounds, number, by="olga", settings=house.settings)
    with transaction(house.engine) as db:
        legal_holds.release_hold(db, hold.id, by="olga")
    receipt = privacy.erase_person(house.engine, house.sounds, number, by="olga", settings=house.settings)
    assert (receipt.state, receipt.left) == ("done", [])
    assert house.ids() == left - theirs
