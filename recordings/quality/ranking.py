"""What people are compared by: scores of evaluations, seconds a call takes, ratings; each sample with what it is of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from recordings.quality.evaluation import COUNTED, EvaluationState
from recordings.tables import CallRow, EvaluationRow, LegRow, RecordingRow, ScorecardRow, SurveyRow
from speech.recognition.words import Speaker


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One figure of one call."""

    agent: str
    """Endpoint."""
    value: float
    contact_id: str
    at: datetime
    evaluation_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Moments from ``since`` to before ``until``; None: open."""

    since: datetime | None = None
    until: datetime | None = None

    def holds(self, column: Any) -> list[ColumnElement[bool]]:
        bounds = []
        if self.since:
            bounds.append(column >= self.since)
        if self.until:
            bounds.append(column < self.until)
        return bounds


def evaluation_scores(db: Session, period: Period, *, agent: str = "", scorecard: str = "") -> list[Sample]:
    """Scores 0..100 that count: submitted and not under appeal, outside of calibration, by when they were submitted.

    ``scorecard`` is a name: all its versions.
    """
    settled = EvaluationRow.state == EvaluationState.SETTLED
    value = case((settled, EvaluationRow.settled_score), else_=EvaluationRow.score)
    contact = func.coalesce(RecordingRow.call_id, RecordingRow.id)
    rows = (
        select(EvaluationRow.agent, value, contact, EvaluationRow.submitted_at, EvaluationRow.id)
        .join(RecordingRow, RecordingRow.id == EvaluationRow.recording_id)
        .where(
            EvaluationRow.state.in_(COUNTED),
            EvaluationRow.calibration == "",
            EvaluationRow.agent != "",
            value.is_not(None),
            *period.holds(EvaluationRow.submitted_at),
            *_of(EvaluationRow.agent, agent),
        )
    )
    if scorecard:
        rows = rows.join(ScorecardRow, ScorecardRow.version == EvaluationRow.scorecard)
        rows = rows.where(ScorecardRow.name == scorecard)
    return _samples(db, rows.order_by(EvaluationRow.submitted_at, EvaluationRow.id))


def handle_seconds(db: Session, period: Period, *, agent: str = "") -> list[Sample]:
    """Seconds a person spent in each call, from joining to the end; without the work after the call."""
    spent = func.sum(LegRow.ended - LegRow.started)
    rows = (
        select(CallRow.agent, spent, CallRow.id, CallRow.started_at)
        .join(LegRow, LegRow.call_id == CallRow.id)
        .where(
            CallRow.agent != "",
            LegRow.speaker == Speaker.AGENT,
            LegRow.ended.is_not(None),
            *period.holds(CallRow.started_at),
            *_of(CallRow.agent, agent),
        )
        .group_by(CallRow.agent, CallRow.id, CallRow.started_at)
    )
    return _samples(db, rows.order_by(CallRow.started_at, CallRow.id))


def ratings(db: Session, period: Period, *, agent: str = "") -> list[Sample]:
    """What callers have answered, 1..5."""
    rows = (
        select(CallRow.agent, SurveyRow.rating, CallRow.id, SurveyRow.asked_at)
        .join(CallRow, CallRow.id == SurveyRow.call_id)
        .where(
            CallRow.agent != "",
            SurveyRow.rating.is_not(None),
            *period.holds(CallRow.started_at),
            *_of(CallRow.agent, agent),
        )
    )
    return _samples(db, rows.order_by(SurveyRow.asked_at, SurveyRow.id))


def _of(column: Any, agent: str) -> Sequence[ColumnElement[bool]]:
    return [column == agent] if agent else []


def _samples(db: Session, rows: Any) -> list[Sample]:
    found = db.execute(rows)
    return [
        Sample(agent=agent, value=float(value), contact_id=contact, at=at, evaluation_id=rest[0] if rest else "")
        for agent, value, contact, at, *rest in found
    ]
