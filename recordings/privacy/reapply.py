"""Erases again what a copy of the database brings back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Engine, inspect, select, update
from sqlalchemy.orm import Session

from recordings.audio_store import AudioStore
from recordings.database import insert_once, reading, transaction
from recordings.errors import CallGoesOn, UnderHold
from recordings.privacy import audit
from recordings.privacy.erasure import call_tombstone, chat_tombstone, delete_pending, delete_scope
from recordings.privacy.legal_holds import holds_on
from recordings.privacy.person import AT_ONCE, Scope, find_person
from recordings.privacy.privacy import erase_person
from recordings.privacy.settings import privacy_settings
from recordings.privacy.subject import Subject, digest_of
from recordings.privacy.whose import everybody
from recordings.tables import CallRow, ChatRow, ErasedSoundRow, ErasureRow, LegalHoldRow, RecordingRow, Table

RESTORE = "restore"
"""Who asks for it, in receipts and in the audit trail."""
CARRIED: tuple[type[Table], ...] = (ErasureRow, ErasedSoundRow)
"""Tables whose rows name nobody and are carried into a restored database."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reapplied:
    """What was erased again."""

    people: int
    contacts: int
    """Calls, chats and recordings that were marked as erased."""
    held: int
    """People and contacts that a legal hold laid after their erasure covers, or who talk now: they stay."""


def read_marks(engine: Engine) -> list[tuple[str, dict[str, Any]]]:
    """Receipts and marks of a database as table and row, to be put into a restored one; they name nobody but who is
    being erased right now."""
    marks: list[tuple[str, dict[str, Any]]] = []
    with reading(engine) as db:
        tables = set(inspect(db.connection()).get_table_names())
        for table in CARRIED:
            if table.__tablename__ not in tables:  # an empty database
                continue
            # an older schema has fewer columns
            there = {column["name"] for column in inspect(db.connection()).get_columns(table.__tablename__)}
            columns = [
                column for column in table.__table__.columns if column.name in there
            ]  # an older schema has fewer
            marks += [(table.__tablename__, dict(row)) for row in db.execute(select(*columns)).mappings()]
    return marks


def put_marks(engine: Engine, marks: Iterable[tuple[str, dict[str, Any]]]) -> int:
    """Put what ``read_marks`` gave into a restored database; what it has already stays. Tells how many are new."""
    tables = {table.__tablename__: table for table in CARRIED}
    with transaction(engine) as db:
        return sum(insert_once(db, tables[name], _of_today(values)) for name, values in marks)


def _of_today(values: dict[str, Any]) -> dict[str, Any]:
    """A receipt of an Otklik that did not take receipts up by themselves yet."""
    return {"due_at": values["requested_at"], **values} if "requested_at" in values else values


def reapply_erasures(engine: Engine, sounds: AudioStore, *, since: datetime | None = None) -> Reapplied:
    """Erase again whatever a receipt or a mark in this database says was erased: after a restore, before it is used.

    People are recognised by the digest of each of their addresses, calls and chats by their marks, sound by the hash of
    its bytes. A hold that stands in the copy and is older than the erasure had been released before it: it is released
    again, in the audit trail of the erasure by ``restore``. Safe to run twice.

    Args:
        engine: The restored database.
        sounds: Its sound.
        since: When the copy was made: who had been erased before and came again is in it rightly. None takes all.

    What it cannot know: erasures made after the backup whose receipts and marks were not carried over (``read_marks``
    of the database that is replaced, ``put_marks`` into the restored one; a database lost without that takes them
    along); receipts made under another ``OTKLIK_ERASURE_SECRET``; people whose address stands in no row of the copy by
    itself, only among words; the second address of somebody whose card no longer named it when they were erased; and
    files of other machines.

    Raises:
        ValueError: the installation has no ``OTKLIK_ERASURE_SECRET``: without it nobody can be recognised.
    """
    contacts, held = _erase_marked(engine, sounds)
    people = 0
    for subject, ended in _erased_people(engine, since):
        _release_older_holds(engine, subject, ended)
        try:
            erase_person(engine, sounds, subject.value, by=RESTORE, settings=privacy_settings())
            people += 1
        except (UnderHold, CallGoesOn):
            held += 1
    return Reapplied(people=people, contacts=contacts, held=held)


def _erased_people(engine: Engine, since: datetime | None) -> list[tuple[Subject, datetime]]:
    """Everybody in the tables whom a receipt says was erased, and when that ended."""
    settings = privacy_settings()
    with reading(engine) as db:
        asked = select(ErasureRow.subject, ErasureRow.ended_at, ErasureRow.requested_at).where(
            ErasureRow.why == "request", ErasureRow.state != "held"
        )
        receipts: dict[str, datetime] = {}
        for digest, ended, requested in db.execute(asked):
            if since and (ended or requested) < since:
                continue
            receipts[digest] = max(ended or requested, receipts.get(digest, ended or requested))
        if not receipts:
            return []
        named = ((subject, digest_of(subject, settings)) for subject in everybody(db))
        return [(subject, receipts[digest]) for subject, digest in named if digest in receipts]


def _erase_marked(engine: Engine, sounds: AudioStore) -> tuple[int, int]:
    """Erase the contacts that have a mark; how many, and how many stay because of a newer hold."""
    with reading(engine) as db:
        marked = list(_marked(db))
    if not marked:
        return 0, 0
    receipt = _open(engine)
    erased = held = 0
    for scope, at in marked:
        with transaction(engine) as db:
            if any(hold.created_at > at for hold in holds_on(db, scope)):
                held += 1
                continue
            delete_scope(db, scope, db.get_one(ErasureRow, receipt))
            erased += 1
        delete_pending(engine, sounds, receipt)
    with transaction(engine) as db:
        row = db.get_one(ErasureRow, receipt)
        row.state, row.ended_at = "done", datetime.now(UTC)
    return erased, held


def _marked(db: Session) -> Iterator[tuple[Scope, datetime]]:
    """Contacts that were erased, and when."""
    for id_, at in _with_marks(db, CallRow.id, call_tombstone):
        yield Scope(calls=(id_,)), at
    for id_, at in _with_marks(db, ChatRow.id, chat_tombstone):
        yield Scope(chats=(id_,)), at
    sounds = select(RecordingRow.id, ErasedSoundRow.erased_at).join(
        ErasedSoundRow, ErasedSoundRow.sha256 == RecordingRow.sha256
    )
    for id_, at in db.execute(sounds.where(RecordingRow.call_id.is_(None))):
        yield Scope(recordings=(id_,)), at


def _with_marks(db: Session, column: Any, mark: Callable[[str], str]) -> Iterator[tuple[str, datetime]]:
    ids = list(db.scalars(select(column).order_by(column)))
    for first in range(0, len(ids), AT_ONCE):
        marks = {mark(id_): id_ for id_ in ids[first : first + AT_ONCE]}
        known = select(ErasedSoundRow.sha256, ErasedSoundRow.erased_at).where(ErasedSoundRow.sha256.in_(list(marks)))
        for found, at in db.execute(known):
            yield marks[found], at


def _release_older_holds(engine: Engine, subject: Subject, ended: datetime) -> None:
    """What stood before an erasure that was carried out had been released by then."""
    with transaction(engine) as db:
        for hold in holds_on(db, find_person(db, subject)):
            if hold.created_at < ended:
                gone = {"released_at": ended, "released_by": RESTORE}
                db.execute(update(LegalHoldRow).where(LegalHoldRow.id == hold.id).values(**gone))
                audit.note(db, RESTORE, "hold.released", hold.id)


def _open(engine: Engine) -> str:
    now = datetime.now(UTC)
    row = ErasureRow(
        id=str(uuid4()), subject="", why="policy", state="working", counts={}, requested_at=now, requested_by=RESTORE,
        ended_at=None, pending=[], waits_for=[], left=[], due_at=now,
    )  # fmt: skip
    with transaction(engine) as db:
        db.add(row)
    return row.id
