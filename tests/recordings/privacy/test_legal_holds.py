"""A hold of a person stops policy and erasure wherever their data is, however it is laid; on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from recordings.audio import intake
from recordings.audio_store import AudioStore
from recordings.calls import call_log, callbacks
from recordings.contacts.call import Call, Callback, Customer, Outcome
from recordings.contacts.chat import Chat
from recordings.customers import cards, chats
from recordings.database import reading, transaction
from recordings.errors import UnderHold
from recordings.privacy import legal_holds, privacy
from recordings.privacy.retention import due, retain
from recordings.privacy.retention_policy import Policy
from recordings.privacy.settings import PrivacySettings
from recordings.tables import CallRow, ChatRow, CustomerRow, RecordingRow, TranscriptRow
from tests.api.example import write_call
from tests.recordings.privacy.installation import settings_in

pytestmark = pytest.mark.services

NOW = datetime.now(UTC)
OLD = NOW - timedelta(days=400)
ANNA, BORIS = "+79161234567", "+79030000001"
EVERYTHING: list[dict[str, object]] = [{"keep": keep, "days": 365} for keep in ("sound", "words", "call", "chat")]


def policy(*rules: dict[str, object]) -> Policy:
    return Policy.model_validate({"rules": rules})


@pytest.fixture
def settings(tmp_path: Path) -> PrivacySettings:
    return settings_in(tmp_path)


def old_call(database: Engine, ringing: Callable[..., Call], id_: str, number: str, card: str | None = None) -> None:
    with transaction(database) as db:
        call_log.open_call(db, ringing(id=id_, started_at=OLD, caller_number=number, customer_id=card))
        call_log.close_call(db, id_, ended_at=OLD, outcome=Outcome.SETTLED)


def old_chat(database: Engine, id_: str, channel: str, address: str, card: str | None = None) -> None:
    chat = Chat(
        id=id_, channel=channel, address=address, language="ru", scenario="s", scenario_version="v", started_at=OLD,
        last_at=OLD, customer_id=card,
    )  # fmt: skip
    with transaction(database) as db:
        chats.open_chat(db, chat)
        chats.close_chat(db, id_, ended_at=OLD, outcome=Outcome.SETTLED)


@pytest.mark.parametrize("address", ["phone", "email"])
def test_what_is_held_by_a_persons_address_outlives_every_rule(
    database: Engine, store: AudioStore, ringing: Callable[..., Call], tone: Callable[..., Path], address: str
) -> None:
    """Before, retention asked for the contact alone, and a hold of a number stopped nothing."""
    with transaction(database) as db:
        cards.save_customer(db, Customer(id="anna", name="", phone=ANNA, email="anna@example.org", language="ru"))
    old_call(database, ringing, "by number", "8 (916) 123-45-67", "anna" if address == "email" else None)
    old_call(database, ringing, "by card", "", "anna")
    old_call(database, ringing, "boris", BORIS)
    old_chat(database, "by card too", "telegram", "4711", "anna")
    old_chat(
        database,
        "by address",
        "sms" if address == "phone" else "mail",
        ANNA if address == "phone" else "Anna@example.org",
    )
    old_chat(database, "not hers", "telegram", "4712")
    recording, _ = intake.register(database, store, tone(), filename=f"{ANNA}.wav", language="ru")
    with transaction(database) as db:
        db.get_one(RecordingRow, recording.id).created_at = OLD
        held = {"phone": ANNA} if address == "phone" else {"email": "anna@example.org"}
        legal_holds.add_hold(db, **held, reason="суд", by="olga")

    expected = {"call": 1 if address == "phone" else 2, "chat": 1, "held": 5 if address == "phone" else 4}
    wanted = policy({"keep": "call", "days": 365}, {"keep": "chat", "days": 365})
    with reading(database) as db:
        assert due(db, wanted) == expected
    assert retain(database, store, wanted) == expected
    with reading(database) as db:
        left = {id_ for row in (CallRow.id, ChatRow.id) for id_ in db.scalars(select(row))}
    assert left == {"by number", "by card", "by card too", "by address"}


def test_neither_sound_nor_words_of_who_is_held_go(database: Engine, store: AudioStore) -> None:
    example = write_call(database, store, started=OLD)
    with transaction(database) as db:
        legal_holds.add_hold(db, phone=example.call.caller_number, reason="суд", by="olga")
    assert retain(database, store, policy(*EVERYTHING)) == {"held": 3}
    assert store.stored() == [example.recording.key]
    with reading(database) as db:
        assert all(db.scalars(select(TranscriptRow.text)))


def test_a_hold_of_a_messenger_and_of_a_recording(
    database: Engine, store: AudioStore, ringing: Callable[..., Call], tone: Callable[..., Path]
) -> None:
    old_chat(database, "held", "telegram", "4711")
    old_chat(database, "free", "telegram", "47112")
    old_call(database, ringing, "call", BORIS)
    recording, _ = intake.register(database, store, tone(), filename="x.wav", language="ru", call_id="call")
    with transaction(database) as db:
        legal_holds.add_hold(db, messenger="telegram:4711", reason="суд", by="olga")
        legal_holds.add_hold(db, contact_id=recording.id, reason="суд", by="olga")
    wanted = policy({"keep": "call", "days": 365}, {"keep": "chat", "days": 365})
    assert retain(database, store, wanted) == {"chat": 1, "held": 2}


def test_an_erasure_that_would_hit_somebody_held_is_refused(
    database: Engine, store: AudioStore, ringing: Callable[..., Call], settings: PrivacySettings
) -> None:
    """Boris rang from Anna's telephone, and asked to be rung back at hers: both are his contacts, too."""
    with transaction(database) as db:
        cards.save_customer(db, Customer(id="boris", name="", phone=BORIS, language="ru"))
    old_call(database, ringing, "from hers", ANNA, "boris")
    with transaction(database) as db:
        hold = legal_holds.add_hold(db, phone=BORIS, reason="суд", by="olga")
    with pytest.raises(UnderHold):
        privacy.erase_person(database, store, ANNA, by="olga", settings=settings)
    with transaction(database) as db:
        legal_holds.release_hold(db, hold.id, by="olga")
        db.delete(db.get_one(CallRow, "from hers"))
    old_chat(database, "his", "telegram", "4711", "boris")
    with transaction(database) as db:
        callbacks.wait_in_chat(db, Callback(chat_id="his", phone=ANNA, reason="", requested_at=OLD))
        hold = legal_holds.add_hold(db, messenger="telegram:4711", reason="суд", by="olga")
    with pytest.raises(UnderHold):
        privacy.erase_person(database, store, ANNA, by="olga", settings=settings)
    with transaction(database) as db:
        legal_holds.release_hold(db, hold.id, by="olga")
    assert privacy.erase_person(database, store, ANNA, by="olga", settings=settings).state == "done"
    with reading(database) as db:
        assert db.scalars(select(CustomerRow.id)).all() == ["boris"]


def test_a_hold_names_one_thing(database: Engine) -> None:
    with transaction(database) as db:
        for wrong in ({}, {"phone": ANNA, "contact_id": "x"}, {"phone": ANNA, "email": "a@b.org"}):
            with pytest.raises(ValueError, match="either an address"):
                legal_holds.add_hold(db, **wrong, reason="суд", by="olga")
        with pytest.raises(ValueError, match="reason"):
            legal_holds.add_hold(db, phone=ANNA, reason=" ", by="olga")
