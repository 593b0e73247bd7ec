"""The planned calls as rows, and all of them away again."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from analytics.pipeline.acoustics import VERSION
from api.demo_data.month import AGENTS, PREFIX, Planned
from api.demo_data.script import Held, hold, stock
from recordings.contacts.call import Outcome, RecordingState
from recordings.database import insert_once
from recordings.results.acoustics import SILENT, STEP, Acoustics
from recordings.tables import (
    AcousticsRow,
    AgentRow,
    AlertRow,
    CallbackRow,
    CallRow,
    CustomerRow,
    DrawRow,
    EvaluationRow,
    LegRow,
    QueueVisitRow,
    RecordingRow,
    SampleRow,
    SurveyRow,
    Table,
    TranscriptRow,
    TurnRow,
)
from speech.recognition.words import Speaker, Transcript

ENGINE = "demo/written"
"""Nobody recognised these words."""
RATE = 8000
BY = "demo-data"
"""Login that stands beside what people would have made."""
RING_SECONDS = 2.0


NODES = {
    "ask_number": ("номер заказа", "order number"),
    "ask_day": ("какой день", "which day"),
    "not_understood": ("не поняла", "did not get"),
    "to_person": ("соединяю", "put you through"),
    "offer_callback": ("перезвонить вам", "call you back"),
    "goodbye": ("всего доброго", "goodbye"),
}
"""Step of the scenario → what the robot says in it."""


def held(call: Planned) -> Held:
    """The conversation of a planned call; the same each time."""
    draw = Random(call.seed)
    return hold(call.script, stock(call.language), draw, good=call.good, wait=call.wait, gives_up=call.gives_up)


def write_agents(db: Session, languages: Sequence[str]) -> None:
    for language in languages:
        for endpoint, name, team, _ in AGENTS[language]:
            row = {"endpoint": f"PJSIP/{endpoint}", "name": name, "team": f"{team} {language}"}
            insert_once(db, AgentRow, row)


def write_calls(db: Session, calls: Sequence[Planned], *, sounding: frozenset[str]) -> int:
    """Write what is not there yet, in one transaction; tells how many.

    ``sounding`` are the ids of calls whose recording is made for real: these get no recording and no transcript here.
    """
    there = set(db.scalars(select(CallRow.id).where(CallRow.id.in_([call.id for call in calls]))))
    new = [call for call in calls if call.id not in there]
    people = {call.person.id: call for call in new if call.person}
    for call in people.values():
        if call.person:
            insert_once(db, CustomerRow, {
                "id": call.person.id, "name": call.person.name, "phone": call.person.phone, "source": "phone",
                "language": call.language, "segment": call.person.segment, "created_at": call.at,
            })  # fmt: skip
    rows: dict[type[Table], list[dict[str, Any]]] = {
        table: []
        for table in (CallRow, LegRow, TurnRow, QueueVisitRow, SurveyRow, CallbackRow, RecordingRow, TranscriptRow,
                      AcousticsRow)
    }  # fmt: skip
    for call in new:
        _add(rows, call, held(call), sounds=call.id in sounding)
    for table, found in rows.items():
        if found:
            db.execute(insert(table), found)
    return len(new)


def outcome_of(call: Planned) -> Outcome:
    return Outcome.ABANDONED if call.gives_up else Outcome(call.script.outcome)


def remove(db: Session) -> dict[str, int]:
    """Take out whatever has an id of ours; what hangs on a call or a recording goes with it."""
    gone: dict[str, int] = {}
    mine = (
        (EvaluationRow, EvaluationRow.evaluator == BY),
        (DrawRow, DrawRow.created_by == BY),
        (AlertRow, AlertRow.contact_id.startswith(PREFIX)),
        (CallbackRow, CallbackRow.call_id.startswith(PREFIX)),
        (SampleRow, SampleRow.contact.startswith(PREFIX)),
        (RecordingRow, RecordingRow.call_id.startswith(PREFIX)),
        (CallRow, CallRow.id.startswith(PREFIX)),
        (CustomerRow, CustomerRow.id.startswith(PREFIX)),
        (AgentRow, AgentRow.endpoint.startswith(f"PJSIP/{PREFIX}")),
    )
    for table, condition in mine:
        count = db.connection().execute(delete(table).where(condition)).rowcount
        if count:
            gone[table.__tablename__] = count
    return gone


def sound_keys(db: Session) -> list[str]:
    """Files in the store that belong to calls of ours."""
    return [key for key in db.scalars(select(RecordingRow.key).where(RecordingRow.call_id.startswith(PREFIX))) if key]


def _add(rows: dict[type[Table], list[dict[str, Any]]], call: Planned, talk: Held, *, sounds: bool) -> None:
    answered = call.at + timedelta(seconds=RING_SECONDS)
    ended = answered + timedelta(seconds=talk.duration)
    outcome = outcome_of(call)
    number = call.person.phone if call.person else ""
    rows[CallRow].append({
        "id": call.id, "started_at": call.at, "answered_at": answered, "ended_at": ended, "caller_number": number,
        "extension": "1000" if call.language == "ru" else "1001", "language": call.language, "scenario": "support",
        "scenario_version": "0" * 12, "engine": ENGINE, "outcome": outcome, "consent": True, "agent": call.agent,
        "customer_id": call.person.id if call.person else None, "summary": "", "facts": {}, "failure": "",
    })  # fmt: skip
    rows[LegRow].append(
        {"call_id": call.id, "channel": f"PJSIP/{call.id}", "speaker": "caller", "started": 0.0, "ended": talk.duration}
    )
    if talk.joined is not None:
        rows[LegRow].append({
            "call_id": call.id, "channel": f"{call.agent}-{call.id}", "speaker": "agent", "started": talk.joined,
            "ended": talk.duration,
        })  # fmt: skip
    node = "open"
    for place, (said, intent) in enumerate(zip(talk.utterances, talk.intents, strict=True)):
        if said.speaker is Speaker.ROBOT and place:
            node = next((name for name, cues in NODES.items() if any(cue in said.text for cue in cues)), "answer")
        if said.speaker is Speaker.AGENT or (talk.joined is not None and said.start > talk.joined):
            continue  # the robot hears nobody once a person is there
        rows[TurnRow].append({
            "call_id": call.id, "number": place, "speaker": said.speaker, "node": node, "start": said.start,
            "end": said.end, "text": said.text, "confidence": said.confidence if intent else None,
            "engine": ENGINE if said.speaker is Speaker.CALLER else "", "intent": intent, "model": "", "words": [],
        })  # fmt: skip
    if talk.queued is not None:
        joined = answered + timedelta(seconds=talk.queued)
        left = joined + timedelta(seconds=call.wait)
        rows[QueueVisitRow].append({
            "id": f"{call.id}-visit", "call_id": call.id, "queue": call.script.queue, "joined_at": joined,
            "answered_at": left if talk.joined is not None else None, "left_at": None if talk.joined else left,
            "agent": call.agent, "reason": call.script.transfer,
        })  # fmt: skip
    if call.asked:
        rows[SurveyRow].append({
            "id": f"{call.id}-survey", "call_id": call.id, "chat_id": None, "asked_at": ended, "rating": call.rating,
            "answered_at": ended + timedelta(seconds=30) if call.rating else None, "comment": "",
        })  # fmt: skip
    if outcome is Outcome.CALLBACK and number:
        fresh = datetime.now(UTC) - call.at < timedelta(days=2)
        rows[CallbackRow].append({
            "id": f"{call.id}-callback", "call_id": call.id, "chat_id": None, "phone": number,
            "reason": talk.utterances[1].text if len(talk.utterances) > 1 else "", "requested_at": ended,
            "done_at": None if fresh else ended + timedelta(hours=3),
        })  # fmt: skip
    if not sounds:
        _add_words(rows, call, talk, ended)


def _add_words(rows: dict[type[Table], list[dict[str, Any]]], call: Planned, talk: Held, at: datetime) -> None:
    """The recording without its sound: the store has none, as after retention took it."""
    body = Transcript(language=call.language, engine=ENGINE, duration=talk.duration, utterances=talk.utterances)
    rows[RecordingRow].append({
        "id": f"{call.id}-recording", "sha256": hashlib.sha256(call.id.encode()).hexdigest(), "key": "",
        "filename": f"{call.id}.wav", "call_id": call.id, "language": call.language, "duration": talk.duration,
        "rate": RATE, "channels": 2, "size": 0, "created_at": at, "state": RecordingState.ANALYSED, "due_at": at,
        "worker": "", "attempts": 0, "failure_code": "", "failure": "", "sound_deleted_at": at,
    })  # fmt: skip
    rows[TranscriptRow].append({
        "id": f"{call.id}-transcript", "recording_id": f"{call.id}-recording", "engine": ENGINE,
        "language": call.language, "body": body.to_json(), "text": " ".join(said.text for said in talk.utterances),
        "rank": 0, "created_at": at,
    })  # fmt: skip
    rows[AcousticsRow].append({
        "id": f"{call.id}-acoustics", "recording_id": f"{call.id}-recording", "version": VERSION,
        "body": _measured(call, talk).to_json(), "created_at": at,
    })  # fmt: skip


def _measured(call: Planned, talk: Held) -> Acoustics:
    """What a microphone would have shown: speech where words are, room noise elsewhere."""
    draw = Random(call.seed + 1)
    spans = tuple(
        tuple((said.start, said.end) for said in talk.utterances if said.channel == channel) for channel in (0, 1)
    )
    levels = []
    for channel, loud in ((0, draw.uniform(-30, -22)), (1, draw.uniform(-26, -20))):
        level = [SILENT if channel else -62] * int(talk.duration / STEP)
        for start, end in spans[channel]:
            for step in range(int(start / STEP), min(int(end / STEP), len(level))):
                level[step] = round(loud + draw.uniform(-3, 3))
        levels.append(tuple(level))
    return Acoustics(
        version=VERSION,
        duration=talk.duration,
        speech=spans,
        levels=tuple(levels),
        lufs=(round(draw.uniform(-27, -21), 1), round(draw.uniform(-24, -19), 1)),
        pitch=(round(draw.uniform(110, 230)), None),
        clipped=(0.0, 0.0),
        dead=(),
    )
