"""A copy of the database brings nobody back who was erased after it was made; on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, insert, select

from recordings.audio import intake
from recordings.audio_store import AudioStore
from recordings.calls import call_log
from recordings.contacts.call import Call, Customer, Outcome
from recordings.contacts.chat import Chat
from recordings.customers import cards, chats
from recordings.database import reading, transaction
from recordings.privacy import legal_holds, privacy
from recordings.privacy.reapply import put_marks, read_marks, reapply_erasures
from recordings.privacy.retention import retain
from recordings.privacy.retention_policy import Policy
from recordings.privacy.settings import privacy_settings
from recordings.tables import CallRow, ChatRow, CustomerRow, LegalHoldRow, RecordingRow, Table

pytestmark = pytest.mark.services

NOW = datetime.now(UTC)
ANNA, BORIS = "+79161234567", "+79030000001"
CARRIED = {"erasures", "erased_sounds"}


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTKLIK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("OTKLIK_ERASURE_SECRET", "a secret of the installation")
    privacy_settings.cache_clear()


def backup(database: Engine) -> dict[str, list[dict[str, object]]]:
    with reading(database) as db:
        tables = Table.metadata.sorted_tables
        return {table.name: [dict(row) for row in db.execute(select(table)).mappings()] for table in tables}


def restore(database: Engine, copy: dict[str, list[dict[str, object]]]) -> None:
    """The copy in place of what there is, and then the marks of what there was."""
    marks = read_marks(database)
    with transaction(database) as db:
        for table in reversed(Table.metadata.sorted_tables):
            db.execute(delete(table))
        for table in Table.metadata.sorted_tables:
            if copy[table.name]:
                db.execute(insert(table), copy[table.name])
    put_marks(database, marks)
    assert put_marks(database, marks) == 0


def ids(database: Engine) -> set[str]:
    with reading(database) as db:
        columns = (CallRow.id, ChatRow.id, RecordingRow.filename, CustomerRow.id)
        return {id_ for column in columns for id_ in db.scalars(select(column))}


@pytest.fixture
def archive(
    database: Engine, store: AudioStore, ringing: Callable[..., Call], tone: Callable[..., Path]
) -> dict[str, list[dict[str, object]]]:
    """Anna and Boris, each with a card, a call, a recording and a chat; somebody known by a messenger alone; a copy of
    it all."""
    for name, number, hertz in (("anna", ANNA, 440), ("boris", BORIS, 550)):
        with transaction(database) as db:
            cards.save_customer(db, Customer(id=name, name="", phone=number, language="ru"))
            call_log.open_call(db, ringing(id=f"{name} rang", started_at=NOW, caller_number=number, customer_id=name))
            call_log.close_call(db, f"{name} rang", ended_at=NOW, outcome=Outcome.SETTLED)
        intake.register(database, store, tone(hertz), filename=f"{name}.wav", language="ru", call_id=f"{name} rang")
    old = Chat(
        id="stranger", channel="telegram", address="4711", language="ru", scenario="s", scenario_version="v",
        started_at=NOW - timedelta(days=9), last_at=NOW - timedelta(days=9),
    )  # fmt: skip
    with transaction(database) as db:
        chats.open_chat(db, old)
        chats.close_chat(db, old.id, ended_at=NOW, outcome=Outcome.SETTLED)
    return backup(database)


def test_who_was_erased_after_the_copy_is_erased_again(
    database: Engine, store: AudioStore, archive: dict[str, list[dict[str, object]]]
) -> None:
    everything = ids(database)
    for address in (ANNA, "telegram:4711"):
        privacy.erase_person(database, store, address, by="olga", settings=privacy_settings())
    left = ids(database)
    assert left == {"boris", "boris rang", "boris.wav"}
    restore(database, archive)
    assert ids(database) == everything
    again = reapply_erasures(database, store)
    assert (again.people, again.contacts, again.held) == (1, 2, 0)  # the chat had its mark, its writer no other trace
    assert ids(database) == left
    assert reapply_erasures(database, store).contacts == 0
    assert len(store.stored()) == 1


def test_a_contact_that_policy_deleted_stays_deleted(
    database: Engine, store: AudioStore, archive: dict[str, list[dict[str, object]]]
) -> None:
    assert retain(database, store, Policy.model_validate({"rules": [{"keep": "chat", "days": 7}]})) == {"chat": 1}
    restore(database, archive)
    assert "stranger" in ids(database)
    assert reapply_erasures(database, store).contacts == 1
    assert "stranger" not in ids(database)


def test_a_hold_older_than_the_erasure_was_released_before_it_and_a_newer_one_counts(
    database: Engine, store: AudioStore, archive: dict[str, list[dict[str, object]]]
) -> None:
    with transaction(database) as db:
        old = legal_holds.add_hold(db, phone=ANNA, reason="суд", by="olga")
    copy = backup(database)
    with transaction(database) as db:
        legal_holds.release_hold(db, old.id, by="olga")
    privacy.erase_person(database, store, ANNA, by="olga", settings=privacy_settings())
    restore(database, copy)
    assert reapply_erasures(database, store).held == 0
    assert "anna rang" not in ids(database)
    restore(database, copy)
    with transaction(database) as db:
        legal_holds.add_hold(db, phone=ANNA, reason="новое дело", by="olga")
    assert reapply_erasures(database, store).held == 2
    assert "anna rang" in ids(database)
    with reading(database) as db:
        standing = select(LegalHoldRow.reason).where(LegalHoldRow.released_at.is_(None))
        assert "новое дело" in db.scalars(standing).all()
