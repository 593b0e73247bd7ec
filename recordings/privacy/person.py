"""All that is kept of one person, by telephone number: which rows of which tables.

One list of parts serves the page that shows what there is, the export and the erasure, so that none of them can forget
a table that another one knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import phonenumbers
from sqlalchemy import ColumnElement, Text, cast, false, func, or_, select
from sqlalchemy.orm import Session

from recordings.customers.cards import e164
from recordings.errors import NotAPhone
from recordings.tables import (
    AcousticsRow,
    AlertRow,
    AnalysisRow,
    CallbackRow,
    CallRow,
    ChatRow,
    CoachingNoteRow,
    CustomerRow,
    DeliveryRow,
    EvaluationRow,
    FindingRow,
    LegRow,
    MeaningRow,
    MessageRow,
    OutboxRow,
    QueueVisitRow,
    RecordingRow,
    RedactionRow,
    ReviewRow,
    SampleRow,
    ScoreRow,
    SentimentSampleRow,
    SurveyRow,
    Table,
    TopicCallRow,
    TranscriptRow,
    TurnRow,
)

LIVE = timedelta(hours=12)
"""A call that began longer ago and has no end lost its robot: nobody talks any more."""
WRITTEN_BETWEEN = (" ", "-", "(", ")", "\N{NO-BREAK SPACE}", "\N{NON-BREAKING HYPHEN}")
"""Characters that people put between the digits of a number."""

Part = tuple[str, type[Table], ColumnElement[bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Ids of what belongs together: of one person, or of one contact."""

    phone: str = ""
    """E.164; empty where it is not about a person."""
    customers: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    chats: tuple[str, ...] = ()
    recordings: tuple[str, ...] = ()

    @property
    def contacts(self) -> tuple[str, ...]:
        """As alerts, samples and holds name them."""
        return (*self.calls, *self.chats, *self.recordings)


def phone_of(text: str, language: str = "ru") -> str:
    """A telephone number in E.164.

    Raises:
        NotAPhone: it is none.
    """
    found = e164(text.strip(), language)
    if found is None:
        raise NotAPhone("this is no telephone number; write it with the country's code, as +79161234567")
    return found


def national(phone: str) -> str:
    """The digits of an E.164 number without the country's code: what all its spellings share."""
    return str(phonenumbers.parse(phone).national_number)


def holds_number(column: Any, phone: str) -> ColumnElement[bool]:
    """Whether a column holds the number, however it is written in digits."""
    plain: ColumnElement[Any] = cast(column, Text)
    for mark in WRITTEN_BETWEEN:
        plain = func.replace(plain, mark, "")
    return plain.contains(national(phone), autoescape=True)


def find_person(db: Session, phone: str) -> Scope:
    """What belongs to a number: its card, the calls and chats of the card, calls from the number, files named by it."""
    customers = tuple(db.scalars(select(CustomerRow.id).where(CustomerRow.phone == phone)))
    calls = db.scalars(
        select(CallRow.id)
        .where(or_(CallRow.customer_id.in_(customers), holds_number(CallRow.caller_number, phone)))
        .order_by(CallRow.started_at)
    ).all()
    waits_at = select(CallbackRow.chat_id).where(holds_number(CallbackRow.phone, phone))
    nobodys = ChatRow.customer_id.is_(None)
    chats = db.scalars(
        select(ChatRow.id)
        .where(
            or_(
                ChatRow.customer_id.in_(customers),
                holds_number(ChatRow.address, phone),
                nobodys & ChatRow.id.in_(waits_at),
            )
        )
        .order_by(ChatRow.started_at)
    ).all()
    named = RecordingRow.call_id.is_(None) & holds_number(RecordingRow.filename, phone)
    recordings = db.scalars(select(RecordingRow.id).where(or_(RecordingRow.call_id.in_(calls), named)))
    return Scope(phone=phone, customers=customers, calls=tuple(calls), chats=tuple(chats), recordings=tuple(recordings))


def parts_of(scope: Scope) -> Sequence[Part]:
    """Name, table and condition of each part, those that point at others before what they point at."""
    recordings, calls, chats = scope.recordings, scope.calls, scope.chats
    said = tuple((row, row.recording_id.in_(recordings)) for row in OF_RECORDING)
    of_contact = SampleRow.contact.in_(scope.contacts)
    alerts = or_(AlertRow.recording_id.in_(recordings), AlertRow.contact_id.in_(scope.contacts))
    findings = select(FindingRow.id).where(FindingRow.recording_id.in_(recordings))
    return (
        ("deliveries", DeliveryRow, DeliveryRow.alert_id.in_(select(AlertRow.id).where(alerts))),
        ("alerts", AlertRow, alerts),
        ("reviews", ReviewRow, ReviewRow.finding_id.in_(findings)),
        *((row.__tablename__, row, condition) for row, condition in said),
        ("samples", SampleRow, or_(of_contact, _numbered(SampleRow.text, scope))),
        ("recordings", RecordingRow, RecordingRow.id.in_(recordings)),
        ("surveys", SurveyRow, or_(SurveyRow.call_id.in_(calls), SurveyRow.chat_id.in_(chats))),
        ("queue_visits", QueueVisitRow, QueueVisitRow.call_id.in_(calls)),
        (
            "callbacks",
            CallbackRow,
            or_(CallbackRow.call_id.in_(calls), CallbackRow.chat_id.in_(chats), _numbered(CallbackRow.phone, scope)),
        ),
        ("outbox", OutboxRow, or_(OutboxRow.contact.in_(scope.contacts), _numbered(OutboxRow.body, scope))),
        ("legs", LegRow, LegRow.call_id.in_(calls)),
        ("turns", TurnRow, TurnRow.call_id.in_(calls)),
        ("messages", MessageRow, MessageRow.chat_id.in_(chats)),
        ("calls", CallRow, CallRow.id.in_(calls)),
        ("chats", ChatRow, ChatRow.id.in_(chats)),
        ("customers", CustomerRow, CustomerRow.id.in_(scope.customers)),
    )


def inventory(db: Session, scope: Scope) -> dict[str, int]:
    """How many rows there are of each part; parts without any are left out."""
    counts = {
        name: db.scalar(select(func.count()).select_from(table).where(condition)) or 0
        for name, table, condition in parts_of(scope)
    }
    return {name: count for name, count in counts.items() if count}


def talks_now(db: Session, scope: Scope) -> bool:
    """Whether a call of theirs goes on."""
    goes_on = CallRow.ended_at.is_(None), CallRow.started_at > datetime.now(UTC) - LIVE
    return db.scalar(select(CallRow.id).where(CallRow.id.in_(scope.calls), *goes_on).limit(1)) is not None


OF_RECORDING: tuple[Any, ...] = (
    ScoreRow,
    FindingRow,
    AnalysisRow,
    MeaningRow,
    RedactionRow,
    TopicCallRow,
    SentimentSampleRow,
    EvaluationRow,
    CoachingNoteRow,
    AcousticsRow,
    TranscriptRow,
)
"""Tables of what is made of a recording that name it, in the order in which it can be deleted."""


def _numbered(column: Any, scope: Scope) -> ColumnElement[bool]:
    return holds_number(column, scope.phone) if scope.phone else false()
