"""Rows of the database as values. Above this package nobody sees a row."""

from __future__ import annotations

from recordings.call import Call, Callback, Customer, Leg, Outcome, Recording, RecordingState, Turn
from recordings.finding import Evidence, Finding, FindingKind
from recordings.tables import CallbackRow, CallRow, CustomerRow, FindingRow, LegRow, RecordingRow, TurnRow
from speech.words import Speaker, Word


def call_of(row: CallRow) -> Call:
    return Call(
        id=row.id,
        started_at=row.started_at,
        answered_at=row.answered_at,
        ended_at=row.ended_at,
        caller_number=row.caller_number,
        extension=row.extension,
        language=row.language,
        scenario=row.scenario,
        scenario_version=row.scenario_version,
        engine=row.engine,
        outcome=Outcome(row.outcome) if row.outcome else None,
        consent=row.consent,
        customer_id=row.customer_id,
        agent=row.agent,
        summary=row.summary,
        failure=row.failure,
    )


def customer_of(row: CustomerRow) -> Customer:
    return Customer(
        id=row.id, name=row.name, phone=row.phone, language=row.language, segment=row.segment, source=row.source
    )


def turn_of(row: TurnRow) -> Turn:
    return Turn(
        number=row.number,
        speaker=Speaker(row.speaker),
        node=row.node,
        start=row.start,
        end=row.end,
        text=row.text,
        confidence=row.confidence,
        engine=row.engine,
        intent=row.intent,
        model=row.model,
        words=tuple(Word(**word) for word in row.words),
    )


def leg_of(row: LegRow) -> Leg:
    return Leg(
        call_id=row.call_id, speaker=Speaker(row.speaker), channel=row.channel, started=row.started, ended=row.ended
    )


def callback_of(row: CallbackRow) -> Callback:
    return Callback(call_id=row.call_id, phone=row.phone, reason=row.reason, requested_at=row.requested_at)


def recording_of(row: RecordingRow) -> Recording:
    return Recording(
        id=row.id,
        sha256=row.sha256,
        key=row.key,
        filename=row.filename,
        language=row.language,
        duration=row.duration,
        rate=row.rate,
        channels=row.channels,
        size=row.size,
        created_at=row.created_at,
        state=RecordingState(row.state),
        call_id=row.call_id,
        attempts=row.attempts,
        failure_code=row.failure_code,
        failure=row.failure,
    )


def finding_of(row: FindingRow) -> Finding:
    return Finding(
        kind=FindingKind(row.kind),
        label=row.label,
        speaker=Speaker(row.speaker),
        evidence=Evidence(start=row.start, end=row.end, quote=row.quote),
        value=row.value,
    )
