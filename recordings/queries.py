"""What pages and the command line read. Plain SQL: nothing here decodes or computes over sound.

A *contact* is one line of the list: a telephone call, with or without its recording, or an imported recording that has
no call. Its id is the call's id, or the recording's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, String, and_, cast, exists, func, literal, null, or_, select, union_all
from sqlalchemy.orm import Session

from recordings.call import Call, Callback, Customer, Leg, Outcome, Recording, RecordingState, Turn
from recordings.finding import Finding, FindingKind, Measures
from recordings.rows import call_of, callback_of, customer_of, finding_of, leg_of, recording_of, turn_of
from recordings.tables import (
    AnalysisRow,
    CallbackRow,
    CallRow,
    CustomerRow,
    FindingRow,
    LegRow,
    RecordingRow,
    TranscriptRow,
    TurnRow,
)
from speech.words import Transcript


class Kind(StrEnum):
    CALL = "call"
    IMPORT = "import"


class Order(StrEnum):
    """A minus means downwards."""

    NEWEST = "-started"
    OLDEST = "started"
    LONGEST = "-duration"
    SHORTEST = "duration"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Filters of the list; what is None or empty does not filter."""

    text: str = ""
    """Part of the number, of the customer's or the file's name, or of anything said."""
    kind: Kind | None = None
    outcome: Outcome | None = None
    state: RecordingState | None = None
    language: str = ""
    label: str = ""
    """Keyword found in it."""
    since: datetime | None = None
    """Started at this moment or later."""
    until: datetime | None = None
    """Started before this moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One line of the list of calls."""

    id: str
    kind: Kind
    started_at: datetime
    """Of an import: when it came in."""
    language: str
    duration: float | None
    """Seconds of sound, or of the call where there is no sound; None while the call goes on."""
    caller_number: str
    customer_name: str
    filename: str
    """Of the recording; empty where there is none."""
    outcome: Outcome | None
    """None while a call goes on, and for imports."""
    consent: bool
    agent: str
    engine: str
    """Engine that heard the call live; empty for imports."""
    scenario: str
    failure: str
    """What broke in the call, or why its recording waits or is parked."""
    recording_id: str | None
    state: RecordingState | None
    """Where the recording stands; None where there is none."""
    sentiment: float | None
    """Caller's mean, -1..1; of a recording whose speakers are unknown, the mean of all; None before the analysis."""
    labels: tuple[str, ...]
    """Keywords found, by alphabet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    contacts: tuple[Contact, ...]
    total: int
    """Contacts that fit the filters, on all pages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactDetail:
    """All that is known of one contact."""

    contact: Contact
    call: Call | None
    customer: Customer | None
    turns: tuple[Turn, ...]
    """Live words; there before any recording is."""
    legs: tuple[Leg, ...]
    callbacks: tuple[Callback, ...]
    recording: Recording | None
    transcript: Transcript | None
    """The newest."""
    engines: tuple[str, ...]
    """Engines that have transcribed the recording, newest first."""
    findings: tuple[Finding, ...]
    """Of the newest analysis of that transcript, by time."""
    measures: Measures | None


def list_contacts(
    db: Session, wanted: Wanted | None = None, *, order: Order = Order.NEWEST, offset: int = 0, limit: int = 50
) -> Page:
    """One page of calls and imports."""
    both = _contacts(wanted or Wanted()).subquery()
    total = db.scalar(select(func.count()).select_from(both)) or 0
    column = both.c[order.value.removeprefix("-")]
    by = column.desc().nulls_last() if order.value.startswith("-") else column.asc().nulls_last()
    rows = db.execute(select(both).order_by(by, both.c.id).offset(offset).limit(limit)).all()
    return Page(contacts=tuple(_with_findings(db, rows)), total=total)


def contact_detail(db: Session, contact_id: str) -> ContactDetail | None:
    """Everything for the page of one contact; None when there is no such id."""
    both = _contacts(Wanted()).subquery()
    line = db.execute(select(both).where(both.c.id == contact_id)).first()
    if line is None:
        return None
    (contact,) = _with_findings(db, [line])
    call = db.get(CallRow, contact_id)
    recording = db.get(RecordingRow, contact.recording_id) if contact.recording_id else None
    transcripts = _transcripts(db, contact.recording_id) if contact.recording_id else []
    analysis = _newest_analysis(db, transcripts[0].id) if transcripts else None
    customer = db.get(CustomerRow, call.customer_id) if call and call.customer_id else None
    return ContactDetail(
        contact=contact,
        call=call_of(call) if call else None,
        customer=customer_of(customer) if customer else None,
        turns=tuple(turn_of(row) for row in _of_call(db, TurnRow, contact_id, TurnRow.number)),
        legs=tuple(leg_of(row) for row in _of_call(db, LegRow, contact_id, LegRow.started)),
        callbacks=tuple(callback_of(row) for row in _of_call(db, CallbackRow, contact_id, CallbackRow.requested_at)),
        recording=recording_of(recording) if recording else None,
        transcript=Transcript.from_json(transcripts[0].body) if transcripts else None,
        engines=tuple(row.engine for row in transcripts),
        findings=tuple(_findings(db, analysis.id)) if analysis else (),
        measures=Measures.from_json(analysis.measures) if analysis else None,
    )


def find_recording(db: Session, contact_id: str) -> Recording | None:
    """Recording of a contact, by the call's id or its own."""
    row = db.scalar(select(RecordingRow).where(or_(RecordingRow.call_id == contact_id, RecordingRow.id == contact_id)))
    return recording_of(row) if row else None


def keyword_labels(db: Session) -> list[str]:
    """Every keyword found so far, by alphabet: what the list can be filtered by."""
    found = select(FindingRow.label).where(FindingRow.kind == FindingKind.KEYWORD).distinct()
    return sorted(db.scalars(found))


def _contacts(wanted: Wanted) -> Select[Any] | Any:
    """Calls and imports in the columns of one list."""
    calls = (
        select(
            CallRow.id.label("id"),
            literal(Kind.CALL.value, String).label("kind"),
            CallRow.started_at.label("started"),
            CallRow.answered_at.label("answered_at"),
            CallRow.ended_at.label("ended_at"),
            CallRow.language.label("language"),
            RecordingRow.duration.label("duration"),
            CallRow.caller_number.label("caller_number"),
            CustomerRow.name.label("customer_name"),
            RecordingRow.filename.label("filename"),
            CallRow.outcome.label("outcome"),
            CallRow.consent.label("consent"),
            CallRow.agent.label("agent"),
            CallRow.engine.label("engine"),
            CallRow.scenario.label("scenario"),
            CallRow.failure.label("failure"),
            RecordingRow.id.label("recording_id"),
            RecordingRow.state.label("state"),
            RecordingRow.failure.label("recording_failure"),
        )
        .outerjoin(RecordingRow, RecordingRow.call_id == CallRow.id)
        .outerjoin(CustomerRow, CustomerRow.id == CallRow.customer_id)
        .where(*_common(wanted, started=CallRow.started_at, language=CallRow.language))
    )
    imports = select(
        RecordingRow.id,
        literal(Kind.IMPORT.value, String),
        RecordingRow.created_at,
        cast(null(), CallRow.answered_at.type),
        cast(null(), CallRow.ended_at.type),
        RecordingRow.language,
        RecordingRow.duration,
        literal("", String),
        cast(null(), String),
        RecordingRow.filename,
        cast(null(), String),
        literal(True),
        literal("", String),
        literal("", String),
        literal("", String),
        literal("", String),
        RecordingRow.id,
        RecordingRow.state,
        RecordingRow.failure,
    ).where(
        RecordingRow.call_id.is_(None), *_common(wanted, started=RecordingRow.created_at, language=RecordingRow.language)
    )
    if wanted.text:
        like = f"%{_escaped(wanted.text.lower())}%"
        said_live = exists().where(TurnRow.call_id == CallRow.id, _contains(TurnRow.text, like))
        said = exists().where(TranscriptRow.recording_id == RecordingRow.id, _contains(TranscriptRow.text, like))
        named = [_contains(c, like) for c in (CallRow.caller_number, CustomerRow.name, RecordingRow.filename)]
        calls = calls.where(or_(*named, said_live, said))
        imports = imports.where(or_(_contains(RecordingRow.filename, like), said))
    if wanted.kind is Kind.IMPORT:
        return imports_only(calls, imports)
    if wanted.kind is Kind.CALL:
        return calls
    if wanted.outcome:
        return calls.where(CallRow.outcome == wanted.outcome)
    return union_all(calls, imports)
