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

from recordings.calls.meanings import find_meaning, hide_meaning
from recordings.contacts.call import Call, Callback, Customer, Leg, Outcome, Recording, RecordingState, Turn
from recordings.redaction import redacted
from recordings.redaction.redacted import Redacted
from recordings.redaction.redactions import redaction_of
from recordings.results.finding import Finding, FindingKind, Measures
from recordings.results.meaning import CallMeaning
from recordings.rows import call_of, callback_of, customer_of, finding_of, leg_of, recording_of, turn_of
from recordings.rules.rule_sets import shown_first
from recordings.tables import (
    AnalysisRow,
    CallbackRow,
    CallRow,
    CustomerRow,
    FindingRow,
    LegRow,
    RecordingRow,
    RedactionRow,
    TranscriptRow,
    TurnRow,
    Utc,
)
from speech.recognition.words import Speaker, Transcript


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
    ids: tuple[str, ...] | None = None
    """Only these calls, and no imports."""
    original: bool = False
    """Search all that was said, and show numbers whole; else words are searched as redaction left them."""


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
    """By the best model; of several, the newest."""
    engines: tuple[str, ...]
    """Engines that have transcribed the recording, newest first."""
    findings: tuple[Finding, ...]
    """Of the newest analysis of that transcript, by time."""
    measures: Measures | None
    redacted: bool = False
    """Private parts are taken out of all of this."""
    redaction: str | None = None
    """Id of the redaction by which the sound can be given to everyone; None while there is none."""
    meaning: CallMeaning | None = None
    """What the models made of that transcript; None before they did."""


def list_contacts(
    db: Session, wanted: Wanted | None = None, *, order: Order = Order.NEWEST, offset: int = 0, limit: int = 50
) -> Page:
    """One page of calls and imports."""
    both = _contacts(wanted or Wanted()).subquery()
    total = db.scalar(select(func.count()).select_from(both)) or 0
    column = both.c[order.value.removeprefix("-")]
    by = column.desc().nulls_last() if order.value.startswith("-") else column.asc().nulls_last()
    rows = db.execute(select(both).order_by(by, both.c.id).offset(offset).limit(limit)).all()
    found = _with_findings(db, rows)
    if not (wanted and wanted.original):
        found = [_masked(contact) for contact in found]
    return Page(contacts=tuple(found), total=total)


def contact_detail(db: Session, contact_id: str, *, original: bool = False) -> ContactDetail | None:
    """Everything for the page of one contact; None when there is no such id.

    ``original`` leaves in what redaction takes out: whoever asks for it must be allowed, and leave an audit line.
    """
    both = _contacts(Wanted()).subquery()
    line = db.execute(select(both).where(both.c.id == contact_id)).first()
    if line is None:
        return None
    (contact,) = _with_findings(db, [line])
    call = db.get(CallRow, contact_id)
    recording = db.get(RecordingRow, contact.recording_id) if contact.recording_id else None
    transcripts = _transcripts(db, contact.recording_id) if contact.recording_id else []
    analysis = _newest_analysis(db, transcripts[0].id) if transcripts else None
    redaction = redaction_of(db, transcripts[0].recording_id, transcripts[0].id) if transcripts else None
    customer = db.get(CustomerRow, call.customer_id) if call and call.customer_id else None
    turns = select(TurnRow).where(TurnRow.call_id == contact_id)
    legs = select(LegRow).where(LegRow.call_id == contact_id)
    callbacks = select(CallbackRow).where(CallbackRow.call_id == contact_id)
    found = ContactDetail(
        contact=contact,
        call=call_of(call) if call else None,
        customer=customer_of(customer) if customer else None,
        turns=tuple(turn_of(row) for row in db.scalars(turns.order_by(TurnRow.number))),
        legs=tuple(leg_of(row) for row in db.scalars(legs.order_by(LegRow.started))),
        callbacks=tuple(callback_of(row) for row in db.scalars(callbacks.order_by(CallbackRow.requested_at))),
        recording=recording_of(recording) if recording else None,
        transcript=Transcript.from_json(transcripts[0].body) if transcripts else None,
        engines=tuple(row.engine for row in transcripts),
        findings=tuple(_findings(db, analysis.id)) if analysis else (),
        measures=Measures.from_json(analysis.measures) if analysis else None,
        redacted=False,
        redaction=redaction.id if redaction else None,
        meaning=find_meaning(db, transcripts[0].id) if transcripts else None,
    )
    return found if original else _redacted(found, redaction, transcripts)


def _redacted(
    found: ContactDetail, redaction: RedactionRow | None, transcripts: Sequence[TranscriptRow]
) -> ContactDetail:
    """The copy for everyone."""
    language = found.contact.language
    of_words = None
    if redaction and redaction.transcript_id == transcripts[0].id:
        of_words = Redacted(transcript=Transcript.from_json(redaction.body), spans=tuple(redaction.spans))
    hidden = redacted.hide_transcript(found.transcript) if found.transcript else None
    return replace(
        found,
        contact=_masked(found.contact),
        call=redacted.hide_call(found.call) if found.call else None,
        customer=redacted.hide_customer(found.customer) if found.customer else None,
        turns=tuple(redacted.hide_turn(turn, language) for turn in found.turns),
        callbacks=tuple(redacted.hide_callback(callback, language) for callback in found.callbacks),
        recording=_named(found.recording) if found.recording else None,
        transcript=of_words.transcript if of_words else hidden,
        findings=redacted.hide_findings(found.findings, of_words, language),
        meaning=hide_meaning(found.meaning, of_words, language) if found.meaning else None,
        redacted=True,
    )


def _masked(contact: Contact) -> Contact:
    name = contact.filename if contact.kind is Kind.CALL else redacted.masked_filename(contact.filename)
    return replace(contact, caller_number=redacted.masked(contact.caller_number), filename=name)


def _named(recording: Recording) -> Recording:
    """Files that came from elsewhere may be named by the caller's number; our own are by the call's id."""
    return recording if recording.call_id else replace(recording, filename=redacted.masked_filename(recording.filename))


def find_recording(db: Session, contact_id: str) -> Recording | None:
    """Recording of a contact, by the call's id or its own."""
    row = db.scalar(select(RecordingRow).where(or_(RecordingRow.call_id == contact_id, RecordingRow.id == contact_id)))
    return recording_of(row) if row else None


def keyword_labels(db: Session) -> list[str]:
    """Every keyword found, by alphabet: what the list can be filtered by."""
    found = select(FindingRow.label).where(FindingRow.kind == FindingKind.KEYWORD, _of_newest_analysis()).distinct()
    return sorted(db.scalars(found))


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
        named = [_contains(c, wanted.text) for c in (CallRow.caller_number, CustomerRow.name, RecordingRow.filename)]
        words = TranscriptRow if wanted.original else RedactionRow
        transcribed = words.recording_id == RecordingRow.id
        said = exists().where(transcribed, _contains(words.text, wanted.text)).correlate(RecordingRow)
        ways = [*named, said]
        if wanted.original:  # live words are not redacted until they are shown: only the original can be searched
            ways.append(exists().where(TurnRow.call_id == CallRow.id, _contains(TurnRow.text, wanted.text)))
        calls = calls.where(or_(*ways))
        imports = imports.where(or_(named[-1], said))
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
    if wanted.label:
        keyword = (FindingRow.kind == FindingKind.KEYWORD, FindingRow.label == wanted.label)
        said = exists().where(FindingRow.recording_id == RecordingRow.id, _of_newest_analysis(), *keyword)
        fits.append(said.correlate(RecordingRow))
    return fits


def _of_newest_analysis() -> ColumnElement[bool]:
    """Of a finding: whether it is of the analysis of its recording that is shown."""
    newest = (
        select(AnalysisRow.id)
        .where(AnalysisRow.recording_id == FindingRow.recording_id)
        .order_by(*shown_first())
        .limit(1)
    )
    return FindingRow.analysis_id == newest.correlate(FindingRow).scalar_subquery()


def _contains(column: InstrumentedAttribute[str], text: str) -> ColumnElement[bool]:
    return func.lower(column).contains(text.lower(), autoescape=True)


def _with_findings(db: Session, lines: Sequence[Row[Any]]) -> list[Contact]:
    """The lines of one page with what the newest analyses say of them: two queries for all."""
    recordings = [line.recording_id for line in lines if line.recording_id]
    rows = db.scalars(select(AnalysisRow).where(AnalysisRow.recording_id.in_(recordings)).order_by(*shown_first()))
    newest: dict[str, AnalysisRow] = {}
    for row in rows:
        newest.setdefault(row.recording_id, row)
    labels = defaultdict(set)
    keywords = select(FindingRow.recording_id, FindingRow.label).where(
        FindingRow.analysis_id.in_([row.id for row in newest.values()]), FindingRow.kind == FindingKind.KEYWORD
    )
    for recording_id, label in db.execute(keywords):
        labels[recording_id].add(label)
    return [_contact(line, newest.get(line.recording_id), labels.get(line.recording_id, set())) for line in lines]


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


def _transcripts(db: Session, recording_id: str) -> Sequence[TranscriptRow]:
    best_first = TranscriptRow.rank.desc(), TranscriptRow.created_at.desc(), TranscriptRow.id
    return db.scalars(
        select(TranscriptRow).where(TranscriptRow.recording_id == recording_id).order_by(*best_first)
    ).all()


def _newest_analysis(db: Session, transcript_id: str) -> AnalysisRow | None:
    return db.scalar(
        select(AnalysisRow).where(AnalysisRow.transcript_id == transcript_id).order_by(*shown_first()).limit(1)
    )


def _findings(db: Session, analysis_id: str) -> list[Finding]:
    by_time = FindingRow.start, FindingRow.kind, FindingRow.id
    rows = db.scalars(select(FindingRow).where(FindingRow.analysis_id == analysis_id).order_by(*by_time))
    return [finding_of(row) for row in rows]
