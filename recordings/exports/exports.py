"""What can be taken out as a table: calls, findings, evaluations, figures by day, utterances.

Nothing private leaves this way: words come from the redaction, or are redacted here where a recording has none yet;
numbers are masked. Rows are read a thousand at a time, so the memory does not grow with the archive.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Executable, select
from sqlalchemy.orm import Session

from recordings.kpi.groups import groups
from recordings.kpi.kpi import NAMES, Terms
from recordings.kpi.rows import read_traffic
from recordings.redaction.redacted import Redacted, hide, hide_evidence, hide_transcript, masked
from recordings.redaction.redactions import redacted_words
from recordings.results.finding import Evidence, Measures
from recordings.selection import shown_analysis_id, shown_meaning_id, shown_transcript
from recordings.tables import (
    AgentRow,
    AnalysisRow,
    CallRow,
    EvaluationRow,
    FindingRow,
    MeaningRow,
    RecordingRow,
    ScorecardRow,
    SurveyRow,
)
from speech.recognition.words import Transcript
from speech.settings import local_zone

AT_ONCE = 1000
"""Rows held in memory."""
WINDOW = timedelta(days=28)
"""Window of the figures by day: days read at once."""


class Type(StrEnum):
    """Of a column."""

    TEXT = "text"
    WHOLE = "whole"
    NUMBER = "number"
    TIME = "time"
    """Aware, UTC."""
    DAY = "day"
    FLAG = "flag"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which part of the archive; None: from the first, to the last."""

    since: datetime | None = None
    until: datetime | None = None
    """Before this moment."""
    language: str = ""


Rows = Iterator[tuple[Any, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A table that can be exported."""

    columns: tuple[tuple[str, Type], ...]
    rows: Callable[[Session, Wanted], Rows]


def _calls(db: Session, wanted: Wanted) -> Rows:
    query = (
        select(
            CallRow,
            RecordingRow.duration,
            AgentRow.name,
            AgentRow.team,
            MeaningRow.reason,
            AnalysisRow.measures,
            _rating(),
        )
        .outerjoin(RecordingRow, RecordingRow.call_id == CallRow.id)
        .outerjoin(MeaningRow, MeaningRow.id == shown_meaning_id(RecordingRow.id))
        .outerjoin(AnalysisRow, AnalysisRow.id == shown_analysis_id(RecordingRow.id))
        .outerjoin(AgentRow, AgentRow.endpoint == CallRow.agent)
        .where(*_within(wanted, CallRow.started_at.expression, CallRow.language.expression))
        .order_by(CallRow.started_at, CallRow.id)
    )
    for call, duration, agent, team, reason, measured, rating in _stream(db, query):
        measures = Measures.from_json(measured) if measured else None
        yield (
            call.id, call.started_at, call.answered_at, call.ended_at, call.language, call.scenario, call.outcome,
            masked(call.caller_number), call.agent, agent or "", team or "", reason or "", rating, call.consent,
            duration, measures.sentiment.get("caller") if measures else None,
            measures.silence_share if measures else None, hide(call.summary, call.language),
        )  # fmt: skip


def _findings(db: Session, wanted: Wanted) -> Rows:
    query = (
        select(FindingRow, RecordingRow.call_id, RecordingRow.created_at, RecordingRow.language, CallRow.started_at)
        .select_from(RecordingRow)
        .join(FindingRow, FindingRow.analysis_id == shown_analysis_id(RecordingRow.id))
        .outerjoin(CallRow, CallRow.id == RecordingRow.call_id)
        .where(*_within(wanted, RecordingRow.created_at.expression, RecordingRow.language.expression))
        .order_by(RecordingRow.created_at, FindingRow.recording_id, FindingRow.start, FindingRow.id)
    )
    recording, redacted = "", None
    for finding, call, registered, language, started in _stream(db, query):
        if finding.recording_id != recording:
            recording, redacted = finding.recording_id, _redacted(db, finding.recording_id)
        evidence = Evidence(start=finding.start, end=finding.end, quote=finding.quote)
        quote = hide_evidence(evidence, redacted, language, finding.speaker).quote
        yield (
            call or recording, started or registered, language, finding.kind, finding.label, finding.speaker,
            finding.start, finding.end, finding.value, quote,
        )  # fmt: skip


def _evaluations(db: Session, wanted: Wanted) -> Rows:
    query = (
        select(EvaluationRow, ScorecardRow.name, RecordingRow.call_id, RecordingRow.language, AgentRow.team)
        .join(ScorecardRow, ScorecardRow.version == EvaluationRow.scorecard)
        .join(RecordingRow, RecordingRow.id == EvaluationRow.recording_id)
        .outerjoin(AgentRow, AgentRow.endpoint == EvaluationRow.agent)
        .where(*_within(wanted, EvaluationRow.created_at.expression, RecordingRow.language.expression))
        .order_by(EvaluationRow.created_at, EvaluationRow.id)
    )
    for row, name, call, language, team in _stream(db, query):
        score = row.score if row.settled_score is None else row.settled_score
        yield (
            row.id, call or row.recording_id, name, row.scorecard, row.evaluator, row.agent, team or "", row.state,
            row.calibration, score, row.created_at, row.submitted_at, hide(row.comment, language),
        )  # fmt: skip


def _utterances(db: Session, wanted: Wanted) -> Rows:
    query = (
        select(RecordingRow.id, RecordingRow.call_id, RecordingRow.created_at, CallRow.started_at)
        .outerjoin(CallRow, CallRow.id == RecordingRow.call_id)
        .where(*_within(wanted, RecordingRow.created_at.expression, RecordingRow.language.expression))
        .order_by(RecordingRow.created_at, RecordingRow.id)
    )
    for recording, call, registered, started in _stream(db, query):
        row = shown_transcript(db, recording)
        if row is None:
            continue
        redacted = redacted_words(db, recording, row.id)
        transcript = redacted.transcript if redacted else hide_transcript(Transcript.from_json(row.body))
        for number, said in enumerate(transcript.utterances, start=1):
            yield (
                call or recording, started or registered, number, said.speaker.value, said.start, said.end,
                said.confidence, transcript.language, transcript.engine, said.text,
            )  # fmt: skip
        db.expunge_all()


def _figures(db: Session, wanted: Wanted) -> Rows:
    """By day of the company's zone. Repeats are looked for seven days around, as everywhere."""
    first = wanted.since or db.scalar(select(CallRow.started_at).order_by(CallRow.started_at).limit(1))
    now = datetime.now(UTC)
    if first is None:
        return
    at = first.astimezone(local_zone()).replace(hour=0, minute=0, second=0, microsecond=0)
    while at < (wanted.until or now):
        calls = read_traffic(db, max(at, first), min(at + WINDOW, wanted.until or now))
        if wanted.language:
            calls = calls.where(calls.language == wanted.language)
        for group in groups(calls, Terms(now=now), by="day", here=local_zone()):
            found = [group.figures[name] for name in NAMES]
            day = datetime.fromisoformat(group.name).date()
            yield (day, *(item for figure in found for item in (figure.value, figure.n)))
        at += WINDOW


T, W, N, AT, F = Type.TEXT, Type.WHOLE, Type.NUMBER, Type.TIME, Type.FLAG

DATASETS: dict[str, Dataset] = {
    "calls": Dataset(
        rows=_calls,
        columns=(
            ("id", T), ("started_at", AT), ("answered_at", AT), ("ended_at", AT), ("language", T), ("scenario", T),
            ("outcome", T), ("caller", T), ("agent", T), ("agent_name", T), ("team", T), ("reason", T), ("rating", W),
            ("consent", F), ("sound_seconds", N), ("caller_sentiment", N), ("silence_share", N), ("summary", T),
        ),
    ),
    "findings": Dataset(
        rows=_findings,
        columns=(
            ("call", T), ("started_at", AT), ("language", T), ("kind", T), ("label", T), ("speaker", T),
            ("start_seconds", N), ("end_seconds", N), ("value", N), ("quote", T),
        ),
    ),
    "evaluations": Dataset(
        rows=_evaluations,
        columns=(
            ("id", T), ("call", T), ("scorecard", T), ("scorecard_version", T), ("evaluator", T), ("agent", T),
            ("team", T), ("state", T), ("calibration", T), ("score", N), ("created_at", AT), ("submitted_at", AT),
            ("comment", T),
        ),
    ),
    "figures": Dataset(
        rows=_figures,
        columns=(
            ("day", Type.DAY),
            *(column for name in NAMES for column in ((name, Type.NUMBER), (f"{name}_n", Type.WHOLE))),
        ),
    ),
    "utterances": Dataset(
        rows=_utterances,
        columns=(
            ("call", T), ("started_at", AT), ("number", W), ("speaker", T), ("start_seconds", N), ("end_seconds", N),
            ("confidence", N), ("language", T), ("engine", T), ("text", T),
        ),
    ),
}  # fmt: skip
"""By the name in ``otklik export NAME``."""


def _stream(db: Session, query: Executable) -> Iterator[Any]:
    for part in db.execute(query, execution_options={"yield_per": AT_ONCE}).partitions():
        yield from part


def _within(wanted: Wanted, at: ColumnElement[datetime], language: ColumnElement[str]) -> list[ColumnElement[bool]]:
    fits: list[ColumnElement[bool]] = []
    if wanted.since:
        fits.append(at >= wanted.since)
    if wanted.until:
        fits.append(at < wanted.until)
    if wanted.language:
        fits.append(language == wanted.language)
    return fits


def _rating() -> ColumnElement[Any]:
    given = select(SurveyRow.rating).where(SurveyRow.call_id == CallRow.id, SurveyRow.rating.is_not(None))
    return given.order_by(SurveyRow.asked_at.desc()).limit(1).scalar_subquery()


def _redacted(db: Session, recording_id: str) -> Redacted | None:
    shown = shown_transcript(db, recording_id)
    return redacted_words(db, recording_id, shown.id) if shown else None
