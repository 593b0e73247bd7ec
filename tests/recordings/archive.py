"""Analysed calls for tests that need many and no sound."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from recordings.database import transaction
from recordings.results.finding import Evidence, Finding, FindingKind, Measures
from recordings.results.results import insert_analysis_once
from recordings.tables import CallRow, LegRow, RecordingRow, TranscriptRow
from speech.recognition.words import Speaker, Transcript

NINE = datetime(2026, 11, 20, 9, tzinfo=UTC)


def keep_call(
    engine: Engine,
    name: str,
    *,
    agent: str = "PJSIP/ivan",
    started: datetime = NINE,
    seconds: float = 60.0,
    sentiment: float = 0.0,
    labels: Iterable[str] = (),
    outcome: str = "handed_over",
    rule_set: str = "r1",
) -> str:
    """Keep a call whose agent joined after 10 seconds, with its recording and analysis; gives the recording's id."""
    recording = f"recording-{name}"
    with transaction(engine) as db:
        db.add(
            CallRow(
                id=name,
                started_at=started,
                answered_at=started,
                ended_at=started + timedelta(seconds=seconds),
                caller_number="+79160000001",
                extension="1000",
                language="ru",
                scenario="support",
                scenario_version="0" * 12,
                engine="vosk",
                outcome=outcome,
                agent=agent,
                facts={},
            )
        )
        db.flush()
        if agent:
            db.add(LegRow(call_id=name, channel=f"{agent}-1", speaker=Speaker.AGENT, started=10.0, ended=seconds))
        db.add(
            RecordingRow(
                id=recording,
                sha256=hashlib.sha256(name.encode()).hexdigest(),
                key=f"{name}.wav",
                filename=f"{name}.wav",
                call_id=name,
                language="ru",
                duration=seconds,
                rate=8000,
                channels=2,
                size=1,
                created_at=started,
                state="analysed",
                due_at=started,
            )
        )
        db.flush()
        body = Transcript(language="ru", engine="vosk", duration=seconds, utterances=()).to_json()
        db.add(
            TranscriptRow(
                id=f"transcript-{name}",
                recording_id=recording,
                engine="vosk",
                language="ru",
                body=body,
                text="",
                created_at=started,
            )
        )
        db.flush()
    analyse(engine, name, seconds=seconds, sentiment=sentiment, labels=labels, rule_set=rule_set)
    return recording


def analyse(
    engine: Engine,
    name: str,
    *,
    seconds: float = 60.0,
    sentiment: float = 0.0,
    labels: Iterable[str] = (),
    rule_set: str = "r2",
) -> None:
    """Keep another analysis of a call."""
    with transaction(engine) as db:
        insert_analysis_once(
            db,
            recording_id=f"recording-{name}",
            transcript_id=f"transcript-{name}",
            rule_set=rule_set,
            measures=Measures(
                duration=seconds, talk_seconds={"caller": 20.0, "agent": 30.0}, sentiment={"caller": sentiment}
            ),
            findings=[
                Finding(
                    kind=FindingKind.KEYWORD,
                    label=label,
                    speaker=Speaker.AGENT,
                    evidence=Evidence(start=11.0, end=12.0, quote=label),
                )
                for label in labels
            ],
        )
