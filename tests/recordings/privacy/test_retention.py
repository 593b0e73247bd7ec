"""What has outlived the policy goes, what is held stays, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from recordings.audio import intake
from recordings.audio_store import AudioStore
from recordings.calls import call_log
from recordings.calls.detail import contact_detail
from recordings.calls.listing import list_contacts
from recordings.contacts.call import Call, Customer, Outcome
from recordings.contacts.chat import Chat
from recordings.customers import cards, chats
from recordings.database import reading, transaction
from recordings.errors import PolicyWrong, SoundErased
from recordings.privacy import audit, legal_holds
from recordings.privacy.retention import due, retain
from recordings.privacy.retention_policy import Policy, read_policy
from recordings.tables import ErasureRow, FindingRow, TranscriptRow, TurnRow
from tests.api.example import write_call

pytestmark = pytest.mark.services

NOW = datetime.now(UTC)


def policy(*rules: dict[str, object]) -> Policy:
    return Policy.model_validate({"rules": rules})


def old_call(database: Engine, ringing: Callable[..., Call], id_: str, days: int, **more: object) -> None:
    outcome = more.pop("outcome", Outcome.SETTLED)
    with transaction(database) as db:
        call_log.open_call(db, ringing(id=id_, started_at=NOW - timedelta(days=days), caller_number="", **more))
        call_log.close_call(db, id_, ended_at=NOW - timedelta(days=days), outcome=Outcome(str(outcome)))


def ids(database: Engine) -> set[str]:
    with reading(database) as db:
        return {contact.id for contact in list_contacts(db).contacts}


def test_the_first_rule_that_fits_decides(database: Engine, store: AudioStore, ringing: Callable[..., Call]) -> None:
    with transaction(database) as db:
        for card, segment in (("vip", "vip"), ("any", "")):
            cards.save_customer(db, Customer(id=card, name="", phone=None, language="ru", segment=segment))
        old = Chat(
            id="old chat", channel="web", address="v", language="ru", scenario="s", scenario_version="0",
            started_at=NOW - timedelta(days=99), last_at=NOW - timedelta(days=99),
        )  # fmt: skip
        chats.open_chat(db, old)
        chats.close_chat(db, old.id, ended_at=old.last_at, outcome=Outcome.SETTLED)
    old_call(database, ringing, "vip", 400, customer_id="vip")
    old_call(database, ringing, "lost", 40, outcome=Outcome.ABANDONED)
    old_call(database, ringing, "settled", 40, customer_id="any")
    old_call(database, ringing, "older", 400, customer_id="any")
    wanted = policy(
        {"keep": "call", "days": None, "segment": "vip"},
        {"keep": "call", "days": 30, "outcome": "abandoned"},
        {"keep": "call", "days": 365},
        {"keep": "chat", "days": 90},
    )
    with reading(database) as db:
        assert due(db, wanted) == {"call": 2, "chat": 1}
        assert due(db, Policy()) == {}
    assert ids(database) == {"vip", "lost", "settled", "older"}  # counting deletes nothing
    assert retain(database, store, wanted) == {"call": 2, "chat": 1}
    assert ids(database) == {"vip", "settled"}
    assert retain(database, store, wanted) == {}
    with reading(database) as db:
        (receipt,) = db.scalars(select(ErasureRow)).all()
        assert (receipt.why, receipt.state, receipt.subject) == ("policy", "done", "")
        assert (receipt.counts["calls"], receipt.counts["chats"]) == (2, 1)
        assert audit.verify(db) is None


def test_sound_goes_before_words_and_words_before_the_call(database: Engine, store: AudioStore, tmp_path: Path) -> None:
    example = write_call(database, store, started=NOW - timedelta(days=100))
    sound = tmp_path / "call.wav"
    with store.open(example.recording.key) as file:
        sound.write_bytes(file.read())
    assert retain(database, store, policy({"keep": "sound", "days": 90})) == {"sound": 1}
    assert store.stored() == []
    with reading(database) as db:
        kept = contact_detail(db, example.call.id, original=True)
    assert kept is not None
    assert kept.recording is not None
    assert kept.recording.sound_deleted_at is not None
    assert kept.transcript == example.transcript
    assert retain(database, store, policy({"keep": "sound", "days": 90})) == {}

    assert retain(database, store, policy({"keep": "words", "days": 95})) == {"words": 1}
    with reading(database) as db:
        kept = contact_detail(db, example.call.id, original=True)
        texts = [*db.scalars(select(TranscriptRow.text)), *db.scalars(select(TurnRow.text))]
        texts += db.scalars(select(FindingRow.quote))
    assert not any(texts)
    assert kept is not None
    assert kept.transcript is not None
    assert kept.transcript.utterances == ()
    assert kept.call is not None
    assert (kept.call.summary, len(kept.findings) > 5) == ("", True)
    assert kept.measures is not None
    assert retain(database, store, policy({"keep": "words", "days": 95})) == {}

    assert retain(database, store, policy({"keep": "call", "days": 99})) == {"call": 1}
    assert ids(database) == set()
    with pytest.raises(SoundErased):
        intake.register(database, store, sound, filename="call.wav", language="ru")


def test_what_is_held_stays(database: Engine, store: AudioStore, ringing: Callable[..., Call]) -> None:
    old_call(database, ringing, "held", 400)
    with transaction(database) as db:
        hold = legal_holds.add_hold(db, contact_id="held", reason="суд", by="olga")
    wanted = policy({"keep": "call", "days": 365})
    with reading(database) as db:
        assert due(db, wanted) == {"held": 1}
    assert retain(database, store, wanted) == {"held": 1}
    assert ids(database) == {"held"}
    with transaction(database) as db:
        legal_holds.release_hold(db, hold.id, by="olga")
    assert retain(database, store, wanted) == {"call": 1}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("rules:\n - {keep: sound, days: 0}", "retention.yaml:2: rules.0.days"),
        ("rules:\n - {keep: shoes, days: 1}", "retention.yaml:2: rules.0.keep"),
        ("rules:\n - {keep: sound, days: 1, whom: all}", "retention.yaml:2: rules.0.whom"),
        ("rules:\n - {keep: sound, days: 1", "retention.yaml:2"),
        ("rules:\n - {keep: audit, days: 1, segment: vip}", "neither segment nor outcome"),
        ("sound: 5", "retention.yaml:1: sound"),
    ],
)
def test_a_policy_with_a_mistake_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    file = tmp_path / "retention.yaml"
    assert read_policy(file) == Policy()
    file.write_text(text, encoding="utf-8")
    with pytest.raises(PolicyWrong, match=problem):
        read_policy(file)
