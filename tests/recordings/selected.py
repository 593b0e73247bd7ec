"""An archive in which the newest is not what counts: for the tests that all readers show the same.

A draft of the rules has been re-run over it after the running version, each call was transcribed twice, and understood
more than once. What must never be read says WRONG, and has the sentiment, reason and score of nothing that counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from recordings.database import transaction
from recordings.results.finding import Evidence, Measures
from recordings.results.meaning import CallMeaning
from recordings.tables import (
    AcousticsRow,
    AnalysisRow,
    CallRow,
    FindingRow,
    MeaningRow,
    RecordingRow,
    RedactionRow,
    RuleSetRow,
    ScorecardRow,
    ScoreRow,
    TranscriptRow,
)
from speech.recognition.words import Speaker, Transcript, Utterance

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
RUNNING, DRAFT, CARD = "1" * 12, "d" * 12, "c" * 12
SETTLED, BETWEEN = "settled", "between"
"""A call whose better transcript is examined, and one whose better transcript waits for it."""
CALLS = (SETTLED, BETWEEN)
LABEL, WORDS, REASON, SENTIMENT, SCORE = "shown", "верните деньги", "refund", -0.5, 80.0
"""What counts, of both calls."""
WRONG, WRONG_WORDS = "wrong", "неверно"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One transcript with what was made of it: hours after noon at which it was, and whether that counts."""

    engine: str
    rank: int
    at: int
    words: bool
    """It says what counts."""
    running: bool | None
    """The running rules have found what counts; None: they have not examined it."""
    draft: bool
    """The draft has examined it: never what counts."""
    meanings: tuple[bool, ...]
    """By time: whether each is what counts."""


ARCHIVE = {
    SETTLED: (
        Heard(engine="large", rank=5, at=1, words=True, running=True, draft=True, meanings=(False, True)),
        Heard(engine="small", rank=1, at=2, words=False, running=False, draft=True, meanings=(False,)),
    ),
    BETWEEN: (
        Heard(engine="small", rank=1, at=1, words=True, running=True, draft=False, meanings=(False, True)),
        Heard(engine="large", rank=5, at=2, words=False, running=None, draft=True, meanings=(False,)),
    ),
}


def fill(engine: Engine) -> None:
    """Write both calls."""
    with transaction(engine) as db:
        for version, state in ((RUNNING, "running"), (DRAFT, "draft")):
            db.add(RuleSetRow(version=version, state=state, files={}, created_at=NOON))
        db.add(ScorecardRow(version=CARD, name="service", state="running", text="", created_at=NOON))
        for call in CALLS:
            _add_call(db, call)
        db.flush()
        for call in CALLS:
            for heard in ARCHIVE[call]:
                _add_transcript(db, call, heard)


def recording_of(call: str) -> str:
    return f"recording-{call}"


def _add_call(db: Session, call: str) -> None:
    db.add(
        CallRow(
            id=call, started_at=NOON, answered_at=NOON, ended_at=NOON + timedelta(seconds=60), language="ru",
            caller_number="+79160000001", extension="1000", scenario="support", scenario_version="0" * 12,
            engine="vosk", outcome="handed_over", agent="PJSIP/ivan", facts={},
        )
    )  # fmt: skip
    db.flush()
    db.add(
        RecordingRow(
            id=recording_of(call), sha256=call, key=f"{call}.wav", filename=f"{call}.wav", call_id=call,
            language="ru", duration=60.0, rate=8000, channels=2, size=1, created_at=NOON, state="analysed",
            due_at=NOON,
        )
    )  # fmt: skip
    db.flush()
    for version, seconds in (("a", 1.0), ("b", 60.0)):
        body = {"version": version, "duration": seconds, "speech": [], "levels": [], "lufs": [], "pitch": []}
        at = NOON + timedelta(seconds=seconds)
        db.add(
            AcousticsRow(
                id=f"{call}-{version}", recording_id=recording_of(call), version=version, body=body, created_at=at
            )
        )


def _add_transcript(db: Session, call: str, heard: Heard) -> None:
    name, at = f"{call}-{heard.engine}", NOON + timedelta(hours=heard.at)
    text = WORDS if heard.words else WRONG_WORDS
    body = _transcript(heard.engine, text)
    db.add(
        TranscriptRow(
            id=name, recording_id=recording_of(call), engine=heard.engine, language="ru", body=body, text=text,
            rank=heard.rank, created_at=at,
        )
    )  # fmt: skip
    db.flush()
    for number, version in enumerate(("old", "new")):  # an older version of redaction left words in
        db.add(
            RedactionRow(
                id=f"{name}-{version}", transcript_id=name, recording_id=recording_of(call), version=version,
                body=body, text=text if number else WRONG_WORDS, spans=[], created_at=at + timedelta(minutes=number),
            )
        )  # fmt: skip
    for number, counts in enumerate(heard.meanings):
        proof = Evidence(start=1.0, end=2.0, quote=text)
        meaning = CallMeaning(version=f"m{number}", reason=REASON if counts else "", reason_evidence=proof)
        db.add(
            MeaningRow(
                id=f"{name}-{number}", transcript_id=name, recording_id=recording_of(call), version=f"m{number}",
                reason=meaning.reason, body=meaning.to_json(), created_at=at + timedelta(hours=number),
            )
        )  # fmt: skip
    if heard.running is not None:
        _add_analysis(db, call, name, RUNNING, at + timedelta(minutes=10), counts=heard.running)
    if heard.draft:
        _add_analysis(db, call, name, DRAFT, at + timedelta(hours=10), counts=False)


def _add_analysis(db: Session, call: str, transcript: str, rules: str, at: datetime, *, counts: bool) -> None:
    name, recording = f"{transcript}-{rules[0]}", recording_of(call)
    measures = Measures(duration=60.0, sentiment={"caller": SENTIMENT if counts else 0.9}).to_json()
    db.add(
        AnalysisRow(
            id=name, transcript_id=transcript, recording_id=recording, rule_set=rules, measures=measures, created_at=at
        )
    )
    db.flush()
    label, text = (LABEL, WORDS) if counts else (WRONG, WRONG_WORDS)
    db.add(
        FindingRow(
            id=name, analysis_id=name, recording_id=recording, kind="keyword", label=label, speaker="caller",
            start=1.0, end=2.0, quote=text,
        )
    )  # fmt: skip
    score = SCORE if counts else 10.0
    db.add(
        ScoreRow(
            id=name, analysis_id=name, recording_id=recording, scorecard=CARD, answers={}, score=score, created_at=at
        )
    )


def _transcript(engine: str, text: str) -> dict[str, object]:
    said = Utterance(speaker=Speaker.CALLER, start=1.0, end=2.0, text=text)
    return Transcript(language="ru", engine=engine, duration=60.0, utterances=(said,)).to_json()
