"""Rows of the database as values. Above this package nobody sees a row."""

from __future__ import annotations

from recordings.contacts.call import Call, Callback, Customer, Leg, Outcome, Recording, RecordingState, Turn
from recordings.contacts.chat import Chat, Message
from recordings.contacts.failure import Failure, failures_in
from recordings.results.finding import Evidence, Finding, FindingKind
from recordings.tables import (
    CallbackRow,
    CallRow,
    ChatRow,
    CustomerRow,
    FindingRow,
    LegRow,
    MessageRow,
    RecordingRow,
    TurnRow,
)
from speech.recognition.words import Speaker, Word


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
        facts=row.facts,
        failure=row.failure,
        failures=failures_in(row.failure) if row.failures is None else tuple(Failure(**one) for one in row.failures),
    )


def chat_of(row: ChatRow) -> Chat:
    return Chat(
        id=row.id,
        channel=row.channel,
        address=row.address,
        language=row.language,
        scenario=row.scenario,
        scenario_version=row.scenario_version,
        started_at=row.started_at,
        last_at=row.last_at,
        source=row.source,
        customer_id=row.customer_id,
        ended_at=row.ended_at,
        outcome=Outcome(row.outcome) if row.outcome else None,
        handed_over_at=row.handed_over_at,
        summary=row.summary,
        consent=row.consent,
        facts=row.facts,
        state=row.state,
        failure=row.failure,
    )


def message_of(row: MessageRow) -> Message:
    return Message(
        number=row.number,
        speaker=Speaker(row.speaker),
        node=row.node,
        text=row.text,
        at=row.at,
        key=row.key,
        intent=row.intent,
        confidence=row.confidence,
        model=row.model,
    )


def customer_of(row: CustomerRow) -> Customer:
    return Customer(
        id=row.id,
        name=row.name,
        phone=row.phone,
        email=row.email,
        language=row.language,
        segment=row.segment,
        source=row.source,
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
    return Callback(
        id=row.id,
        call_id=row.call_id,
        chat_id=row.chat_id,
        phone=row.phone,
        reason=row.reason,
        requested_at=row.requested_at,
    )


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
        sound_deleted_at=row.sound_deleted_at,
    )


def finding_of(row: FindingRow) -> Finding:
    return Finding(
        kind=FindingKind(row.kind),
        label=row.label,
        speaker=Speaker(row.speaker),
        evidence=Evidence(start=row.start, end=row.end, quote=row.quote),
        value=row.value,
    )
