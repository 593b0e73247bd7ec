"""What lies beside contacts and outlives them: cards, call-backs, wishes, phrases, alerts, jobs, files.

Each kind is rows that a rule speaks of by their age alone. Whatever a legal hold reaches through them stays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, select
from sqlalchemy.orm import Session

from recordings.learning.topics import TopicState
from recordings.privacy.legal_holds import hold_on
from recordings.privacy.person import Scope
from recordings.privacy.retention_policy import Keep
from recordings.privacy.settings import PrivacySettings
from recordings.tables import (
    AlertRow,
    CallbackRow,
    CallRow,
    ChatRow,
    CustomerRow,
    DeliveryRow,
    JobRow,
    OutboxRow,
    SampleRow,
    SentimentSampleRow,
    TopicCallRow,
    TopicRow,
)

SCENARIO = "scenario"
"""Reason of a sample that is an example of a scenario: the company wrote it, nobody said it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aged:
    """Rows of one table that a rule may delete."""

    table: Any
    key: Any
    old: Callable[[datetime], ColumnElement[bool]]
    """Those whose time is over at a moment."""
    reaches: Callable[[Any], Scope]
    """Whom a row is about, as holds ask."""


def _contact(*ids: str | None) -> Scope:
    """A contact of whatever kind, by an id that may be any kind's."""
    known = tuple(filter(None, ids))
    return Scope(calls=known, chats=known, recordings=known)


def _nobody(_row: Any) -> Scope:
    return Scope()


_WITHOUT_CONTACTS = (
    ~exists().where(CallRow.customer_id == CustomerRow.id),
    ~exists().where(ChatRow.customer_id == CustomerRow.id),
)
AGED: dict[Keep, tuple[Aged, ...]] = {
    Keep.CUSTOMER: (
        Aged(
            table=CustomerRow,
            key=CustomerRow.id,
            old=lambda before: _WITHOUT_CONTACTS[0] & _WITHOUT_CONTACTS[1] & (CustomerRow.created_at < before),
            reaches=lambda row: Scope(customers=(row.id,)),
        ),
    ),
    Keep.CALLBACK: (
        Aged(
            table=CallbackRow,
            key=CallbackRow.id,
            old=lambda before: CallbackRow.done_at < before,
            reaches=lambda row: Scope(callbacks=(row.id,)),
        ),
    ),
    Keep.OUTBOX: (
        Aged(
            table=OutboxRow,
            key=OutboxRow.key,
            old=lambda before: OutboxRow.settled_at < before,
            reaches=lambda row: Scope(outbox=(row.key,)),
        ),
    ),
    Keep.LEARNING: (
        Aged(
            table=SampleRow,
            key=SampleRow.id,
            old=lambda before: (SampleRow.reason != SCENARIO) & (SampleRow.created_at < before),
            reaches=lambda row: Scope(samples=(row.id,)),
        ),
        Aged(
            table=SentimentSampleRow,
            key=SentimentSampleRow.id,
            old=lambda before: SentimentSampleRow.created_at < before,
            reaches=lambda row: _contact(row.recording_id),
        ),
        Aged(
            table=TopicRow,
            key=TopicRow.id,
            old=lambda before: (
                (TopicRow.state != TopicState.ACCEPTED)
                & (TopicRow.created_at < before)
                & ~exists().where((TopicCallRow.topic_id == TopicRow.id) & (TopicCallRow.at >= before))
            ),
            reaches=_nobody,
        ),
    ),
    Keep.ALERT: (
        Aged(
            table=AlertRow,
            key=AlertRow.id,
            old=lambda before: AlertRow.at < before,
            reaches=lambda row: _contact(row.contact_id, row.recording_id),
        ),
    ),
    Keep.JOB: (Aged(table=JobRow, key=JobRow.id, old=lambda before: JobRow.ended_at < before, reaches=_nobody),),
}
"""Kinds of rows by rule. Deliveries go with their alert, quotes of topics with their topic."""


def outlived(db: Session, keep: Keep, before: datetime) -> tuple[list[tuple[Aged, str]], int]:
    """Keys of the rows whose time is over, and how many more are held."""
    found: list[tuple[Aged, str]] = []
    held = 0
    for aged in AGED[keep]:
        for row in db.scalars(select(aged.table).where(aged.old(before)).order_by(aged.key)):
            if hold_on(db, aged.reaches(row)):
                held += 1
            else:
                found.append((aged, getattr(row, aged.key.key)))
    return found, held


def delete_rows(db: Session, rows: list[tuple[Aged, str]], before: datetime) -> Counter[str]:
    """Delete what is still old and still not held; how many of each table."""
    gone: Counter[str] = Counter()
    for aged, key in rows:
        row = db.scalar(select(aged.table).where(aged.key == key, aged.old(before)))
        if row is None or hold_on(db, aged.reaches(row)):
            continue
        if aged.table is AlertRow:
            db.execute(delete(DeliveryRow).where(DeliveryRow.alert_id == key))
        if aged.table is TopicRow:
            db.execute(delete(TopicCallRow).where(TopicCallRow.topic_id == key))
        db.execute(delete(aged.table).where(aged.key == key))
        gone[aged.table.__tablename__] += 1
    return gone


def old_files(settings: PrivacySettings, before: datetime) -> Iterator[Any]:
    """Files of logs and of call logs put aside that nobody has written into since the moment."""
    for folder in (settings.logs_dir, settings.notes_dir):
        for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
            with suppress(OSError):
                if path.is_file() and path.stat().st_mtime < before.timestamp():
                    yield path


def delete_files(settings: PrivacySettings, before: datetime) -> int:
    """Delete them; how many."""
    gone = 0
    for path in list(old_files(settings, before)):
        with suppress(OSError):
            path.unlink()
            gone += 1
    return gone
