"""What pages and the command line read. Plain SQL: nothing here decodes or computes over sound.

A *contact* is one line of the list: a telephone call, with or without its recording, or an imported recording that has
no call. Its id is the call's id, or the recording's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Exists,
    Row,
    String,
    exists,
    false,
    func,
    literal,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from recordings.contacts.call import Outcome, RecordingState
from recordings.redaction import redacted
from recordings.redaction.masked_search import holds, number_fits
from recordings.results.finding import FindingKind, Measures
from recordings.selection import shown_analysis_id, shown_redaction_id, shown_transcript_id
from recordings.tables import (
    AnalysisRow,
    CallRow,
    CustomerRow,
    FindingRow,
    RecordingRow,
    RedactionRow,
    TranscriptRow,
    TurnRow,
    Utc,
)
from speech.recognition.words import Speaker


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
    """Part of the number, of the customer's or the file's name, or of anything said, as far as all this is shown."""
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
    ids: tuple[str, ...] | None = None
    """Only these calls, and no imports."""
    original: bool = False
    """Search and show all as it is; else numbers, files' names and words are searched as they are shown, masked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One line of the list of calls."""

    id: str
    kind: Kind
    started_at: datetime
    """Start of the call; of an import the moment it was brought in."""
    language: str
    duration: float | None
    """Seconds of sound, or of the call where there is no sound; None while the call goes on."""
    caller_number: str
    customer_name: str
    filename: str
    """Name of the recording's file; empty where there is none."""
    outcome: Outcome | None
    """None while a call goes on, and for imports."""
    consent: bool
    agent: str
    engine: str
    """Engine that heard the call live; empty for imports."""
    scenario: str
    failure: str
    """Fault of the call, or the reason why its recording waits or is parked."""
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


def list_contacts(
    db: Session, wanted: Wanted | None = None, *, order: Order = Order.NEWEST, offset: int = 0, limit: int = 50
) -> Page:
    """One page of calls and imports."""
    both = _contacts(wanted or Wanted()).subquery()
    column = both.c[order.value.removeprefix("-")]
    by = column.desc().nulls_last() if order.value.startswith("-") else column.asc().nulls_last()
    page = select(both, func.count().over().label("total")).order_by(by, both.c.id).offset(offset).limit(limit)
    rows = db.execute(page).all()
    total = rows[0].total if rows else db.scalar(select(func.count()).select_from(both)) or 0
    found = _with_findings(db, rows)
    if not (wanted and wanted.original):
        found = [masked_contact(contact) for contact in found]
    return Page(contacts=tuple(found), total=total)


def find_contact(db: Session, contact_id: str) -> Contact | None:
    """One line of the list, nothing masked; None when there is no such id."""
    both = _contacts(Wanted()).subquery()
    line = db.execute(select(both).where(both.c.id == contact_id)).first()
    return _with_findings(db, [line])[0] if line else None


def masked_contact(contact: Contact) -> Contact:
    """The line for everyone."""
    name = redacted.shown_filename(contact.filename, contact.id if contact.kind is Kind.CALL else None)
    return replace(contact, caller_number=redacted.masked(contact.caller_number), filename=name)


def keyword_labels(db: Session) -> list[str]:
    """Every keyword that a call shows, by alphabet: what the list can be filtered by."""
    found = select(FindingRow.label).where(FindingRow.kind == FindingKind.KEYWORD).distinct().subquery()
    labelled = FindingRow.kind == FindingKind.KEYWORD, FindingRow.label == found.c.label
    # a label that is shown anywhere is settled by its first findings
    shown = exists().where(*labelled, _is_shown()).correlate(found)
    return sorted(db.scalars(select(found.c.label).where(shown)))


NOTHING = literal("", String)

COLUMNS: tuple[tuple[str, ColumnElement[Any], ColumnElement[Any]], ...] = (
    # name, of a call, of an import
    ("id", CallRow.id.expression, RecordingRow.id.expression),
    ("kind", literal(Kind.CALL.value, String), literal(Kind.IMPORT.value, String)),
    ("started", CallRow.started_at.expression, RecordingRow.created_at.expression),
    ("answered", CallRow.answered_at.expression, type_coerce(null(), Utc)),
    ("ended", CallRow.ended_at.expression, type_coerce(null(), Utc)),
    ("language", CallRow.language.expression, RecordingRow.language.expression),
    ("duration", RecordingRow.duration.expression, RecordingRow.duration.expression),
    ("caller_number", CallRow.caller_number.expression, NOTHING),
    ("customer_name", func.coalesce(CustomerRow.name, ""), NOTHING),
    ("filename", func.coalesce(RecordingRow.filename, ""), RecordingRow.filename.expression),
    ("outcome", CallRow.outcome.expression, null()),
    ("consent", CallRow.consent.expression, literal(True)),
    ("agent", CallRow.agent.expression, NOTHING),
    ("engine", CallRow.engine.expression, NOTHING),
    ("scenario", CallRow.scenario.expression, NOTHING),
    ("failure", CallRow.failure.expression, NOTHING),
    ("recording_id", RecordingRow.id.expression, RecordingRow.id.expression),
    ("state", RecordingRow.state.expression, RecordingRow.state.expression),
    ("recording_failure", func.coalesce(RecordingRow.failure, ""), RecordingRow.failure.expression),
)


def _contacts(wanted: Wanted) -> CompoundSelect[Any]:
    """Calls and imports that fit, in the columns of one list."""
    calls = (
        select(*(of_call.label(name) for name, of_call, _ in COLUMNS))
        .select_from(CallRow)
        .outerjoin(RecordingRow, RecordingRow.call_id == CallRow.id)
        .outerjoin(CustomerRow, CustomerRow.id == CallRow.customer_id)
    )
    imports = select(*(of_import.label(name) for name, _, of_import in COLUMNS)).where(RecordingRow.call_id.is_(None))
    if wanted.kind is Kind.IMPORT:
        calls = calls.where(false())
    if wanted.kind is Kind.CALL or wanted.outcome:
        imports = imports.where(false())
    if wanted.outcome:
        calls = calls.where(CallRow.outcome == wanted.outcome)
    if wanted.ids is not None:
        calls, imports = calls.where(CallRow.id.in_(wanted.ids)), imports.where(false())
    if wanted.text:
        said = _said(wanted).correlate(RecordingRow)
        if wanted.original:  # live words are not redacted until they are shown: only the original can be searched
            number, file = holds(CallRow.caller_number, wanted.text), holds(RecordingRow.filename, wanted.text)
            live: ColumnElement[bool] = exists().where(TurnRow.call_id == CallRow.id, holds(TurnRow.text, wanted.text))
        else:
            number, file = number_fits(CallRow.caller_number, wanted.text), holds(RecordingRow.shown_name, wanted.text)
            live = false()
        calls = calls.where(or_(number, file, said, live, holds(CustomerRow.name, wanted.text)))
        imports = imports.where(or_(file, said))
    if wanted.label:
        # by the label's index, once: asked for each recording it would read all findings of the label again and again
        labelled = FindingRow.kind == FindingKind.KEYWORD, FindingRow.label == wanted.label
        recordings = select(FindingRow.recording_id).where(*labelled, _is_shown()).distinct().cte("labelled")
        has_it = RecordingRow.id.in_(select(recordings.c.recording_id))
        calls, imports = calls.where(has_it), imports.where(has_it)
    calls = calls.where(*_fits(wanted, CallRow.started_at, CallRow.language))
    imports = imports.where(*_fits(wanted, RecordingRow.created_at, RecordingRow.language))
    return union_all(calls, imports)


def _fits(
    wanted: Wanted, started: InstrumentedAttribute[datetime], language: InstrumentedAttribute[str]
) -> list[ColumnElement[bool]]:
    """Filters that calls and imports share."""
    fits: list[ColumnElement[bool]] = []
    if wanted.language:
        fits.append(language == wanted.language)
    if wanted.since:
        fits.append(started >= wanted.since)
    if wanted.until:
        fits.append(started < wanted.until)
    if wanted.state:
        fits.append(RecordingRow.state == wanted.state)
    return fits


def _is_shown() -> ColumnElement[bool]:
    """Whether a finding is of the analysis of its recording that is shown."""
    return FindingRow.analysis_id == shown_analysis_id(FindingRow.recording_id)


def _said(wanted: Wanted) -> Exists:
    """Whether the shown words of a recording hold the text: those of the transcript, or of its redaction."""
    words = TranscriptRow if wanted.original else RedactionRow
    shown = shown_transcript_id if wanted.original else shown_redaction_id
    of_it = words.recording_id == RecordingRow.id, holds(words.text, wanted.text)
    return exists().where(*of_it, words.id == shown(words.recording_id))


def _with_findings(db: Session, lines: Sequence[Row[Any]]) -> list[Contact]:
    """The lines of one page with what the analyses shown say of them: two queries for all."""
    recordings = [line.recording_id for line in lines if line.recording_id]
    shown = AnalysisRow.id == shown_analysis_id(AnalysisRow.recording_id)
    rows = db.scalars(select(AnalysisRow).where(AnalysisRow.recording_id.in_(recordings), shown))
    analyses = {row.recording_id: row for row in rows}
    labels = defaultdict(set)
    keywords = select(FindingRow.recording_id, FindingRow.label).where(
        FindingRow.analysis_id.in_([row.id for row in analyses.values()]), FindingRow.kind == FindingKind.KEYWORD
    )
    for recording_id, label in db.execute(keywords):
        labels[recording_id].add(label)
    return [_contact(line, analyses.get(line.recording_id), labels.get(line.recording_id, set())) for line in lines]


def _contact(line: Row[Any], analysis: AnalysisRow | None, labels: set[str]) -> Contact:
    duration = line.duration
    if duration is None and line.ended:
        duration = (line.ended - (line.answered or line.started)).total_seconds()
    return Contact(
        id=line.id,
        kind=Kind(line.kind),
        started_at=line.started,
        language=line.language,
        duration=duration,
        caller_number=line.caller_number,
        customer_name=line.customer_name,
        filename=line.filename,
        outcome=Outcome(line.outcome) if line.outcome else None,
        consent=line.consent,
        agent=line.agent,
        engine=line.engine,
        scenario=line.scenario,
        failure=line.failure or line.recording_failure,
        recording_id=line.recording_id,
        state=RecordingState(line.state) if line.state else None,
        sentiment=_caller_sentiment(Measures.from_json(analysis.measures)) if analysis else None,
        labels=tuple(sorted(labels)),
    )


def _caller_sentiment(measures: Measures) -> float | None:
    return measures.sentiment.get(Speaker.CALLER, measures.sentiment.get(Speaker.UNKNOWN))
