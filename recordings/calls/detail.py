"""All that is known of one contact: what its page shows, with or without what redaction takes out."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from recordings.calls.listing import Contact, find_contact, masked_contact
from recordings.calls.meanings import hide_meaning
from recordings.contacts.call import Call, Callback, Customer, Leg, Recording, Turn
from recordings.redaction import redacted
from recordings.redaction.redacted import Redacted
from recordings.redaction.redactions import redacted_words, redaction_of
from recordings.results.finding import Finding, Measures
from recordings.results.meaning import CallMeaning
from recordings.rows import call_of, callback_of, customer_of, finding_of, leg_of, recording_of, turn_of
from recordings.selection import engines, shown_analysis_id, shown_meaning_id, shown_transcript_id
from recordings.tables import (
    AnalysisRow,
    CallbackRow,
    CallRow,
    CustomerRow,
    FindingRow,
    LegRow,
    MeaningRow,
    RecordingRow,
    TranscriptRow,
    TurnRow,
)
from speech.recognition.words import Transcript


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
    recording: Recording | None = None
    transcript: Transcript | None = None
    """The one that ``recordings.selection`` shows."""
    engines: tuple[str, ...] = ()
    """Engines that have transcribed the recording, the best first."""
    findings: tuple[Finding, ...] = ()
    """Findings of the rules in that transcript, by time."""
    measures: Measures | None = None
    redacted: bool = False
    """Private parts are taken out of all of this."""
    redaction: str | None = None
    """Id of the redaction by which the sound can be given to everyone; None while there is none."""
    meaning: CallMeaning | None = None
    """Meaning of that transcript by the models; None before there is one."""


def contact_detail(db: Session, contact_id: str, *, original: bool = False) -> ContactDetail | None:
    """Everything for the page of one contact; None when there is no such id.

    ``original`` leaves in what redaction takes out: whoever asks for it must be allowed, and leave an audit line.
    """
    contact = find_contact(db, contact_id)
    if contact is None:
        return None
    call = db.get(CallRow, contact_id)
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
    )
    words = None
    if contact.recording_id:
        found, words = _with_recording(db, found, contact.recording_id)
    return found if original else _redacted(found, words)


def _with_recording(db: Session, found: ContactDetail, recording_id: str) -> tuple[ContactDetail, Redacted | None]:
    """The same with what is shown of the recording; and its redacted words, where it has any."""
    recording, transcript, analysis, meaning = db.execute(
        select(RecordingRow, TranscriptRow, AnalysisRow, MeaningRow)
        .select_from(RecordingRow)
        .outerjoin(TranscriptRow, TranscriptRow.id == shown_transcript_id(RecordingRow.id))
        .outerjoin(AnalysisRow, AnalysisRow.id == shown_analysis_id(RecordingRow.id))
        .outerjoin(MeaningRow, MeaningRow.id == shown_meaning_id(RecordingRow.id))
        .where(RecordingRow.id == recording_id)
    ).one()
    redaction = redaction_of(db, recording_id, transcript.id) if transcript else None
    whole = replace(
        found,
        recording=recording_of(recording),
        transcript=Transcript.from_json(transcript.body) if transcript else None,
        engines=engines(db, recording_id),
        findings=tuple(_findings(db, analysis.id)) if analysis else (),
        measures=Measures.from_json(analysis.measures) if analysis else None,
        redaction=redaction.id if redaction else None,
        meaning=CallMeaning.from_json(meaning.body) if meaning else None,
    )
    return whole, redacted_words(db, recording_id, transcript.id) if transcript else None


def _findings(db: Session, analysis_id: str) -> list[Finding]:
    by_time = FindingRow.start, FindingRow.kind, FindingRow.id
    rows = db.scalars(select(FindingRow).where(FindingRow.analysis_id == analysis_id).order_by(*by_time))
    return [finding_of(row) for row in rows]


def _redacted(found: ContactDetail, words: Redacted | None) -> ContactDetail:
    """The copy for everyone."""
    language = found.contact.language
    hidden = redacted.hide_transcript(found.transcript) if found.transcript else None
    return replace(
        found,
        contact=masked_contact(found.contact),
        call=redacted.hide_call(found.call) if found.call else None,
        customer=redacted.hide_customer(found.customer) if found.customer else None,
        turns=tuple(redacted.hide_turn(turn, language) for turn in found.turns),
        callbacks=tuple(redacted.hide_callback(callback, language) for callback in found.callbacks),
        recording=redacted.hide_recording(found.recording) if found.recording else None,
        transcript=words.transcript if words else hidden,
        findings=redacted.hide_findings(found.findings, words, language),
        meaning=hide_meaning(found.meaning, words, language) if found.meaning else None,
        redacted=True,
    )


def find_recording(db: Session, contact_id: str) -> Recording | None:
    """Recording of a contact, by the call's id or its own."""
    row = db.scalar(select(RecordingRow).where(or_(RecordingRow.call_id == contact_id, RecordingRow.id == contact_id)))
    return recording_of(row) if row else None
