"""Scorecards, samples, evaluations, coaching."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from recordings.tables.columns import Id, Table


class ScorecardRow(Table):
    """A version of a scorecard as it was written. Never changed once somebody has evaluated by it."""

    __tablename__ = "scorecards"
    __table_args__ = (
        Index(
            "uq_scorecards_running",
            "name",
            unique=True,
            sqlite_where=sql("state = 'running'"),
            postgresql_where=sql("state = 'running'"),
        ),
    )
    version: Mapped[str] = mapped_column(String(12), primary_key=True)
    """First 12 hex digits of the sha256 over its text."""
    name: Mapped[str] = mapped_column(String(64), index=True)
    state: Mapped[str] = mapped_column(String(16), index=True)
    """running | retired; of a name one is running"""
    text: Mapped[str] = mapped_column(Text)
    """YAML."""
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(64), default="")


class ScoreRow(Table):
    """What the automatic items of a scorecard make of an analysis."""

    __tablename__ = "scores"
    __table_args__ = (UniqueConstraint("analysis_id", "scorecard"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    analysis_id: Mapped[str] = mapped_column(ForeignKey("analyses.id", ondelete="CASCADE"))
    recording_id: Mapped[str] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"), index=True)
    scorecard: Mapped[str] = mapped_column(ForeignKey("scorecards.version"), index=True)
    answers: Mapped[dict[str, Any]]
    score: Mapped[float | None]
    """0..100; None where no item applies."""
    created_at: Mapped[datetime]


class DrawRow(Table):
    """A sample of calls drawn for evaluation, with all that is needed to draw it again."""

    __tablename__ = "draws"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    method: Mapped[str] = mapped_column(String(16))
    """random | rule | per_agent"""
    seed: Mapped[int]
    parameters: Mapped[dict[str, Any]]
    population: Mapped[int]
    """Recordings it was drawn from."""
    population_sha256: Mapped[str] = mapped_column(String(64))
    """SHA-256 of their ids, sorted, one a line."""
    drawn: Mapped[list[Any]] = mapped_column(JSON)
    """Ids of recordings, in the order drawn."""
    scorecard: Mapped[str] = mapped_column(ForeignKey("scorecards.version"))
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(64))


class EvaluationRow(Table):
    """A person's score of one call.

    Outside of calibration a call is scored once by a version of a scorecard, so that two people who open it at the same
    moment cannot both count.
    """

    __tablename__ = "evaluations"
    __table_args__ = (
        UniqueConstraint("recording_id", "scorecard", "calibration", "evaluator"),
        Index(
            "uq_evaluations_once",
            "recording_id",
            "scorecard",
            unique=True,
            sqlite_where=sql("calibration = ''"),
            postgresql_where=sql("calibration = ''"),
        ),
    )
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    recording_id: Mapped[str] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"), index=True)
    scorecard: Mapped[str] = mapped_column(ForeignKey("scorecards.version"), index=True)
    evaluator: Mapped[str] = mapped_column(String(64), index=True)
    """Login."""
    agent: Mapped[str] = mapped_column(String(64), default="", index=True)
    state: Mapped[str] = mapped_column(String(16), index=True)
    """draft | submitted | acknowledged | appealed | settled"""
    calibration: Mapped[str] = mapped_column(String(64), default="", index=True)
    """Name of the session in which several people score the same call; empty outside of one."""
    draw_id: Mapped[str | None] = mapped_column(ForeignKey("draws.id"))
    answers: Mapped[dict[str, Any]]
    """Item → ``answer``, ``comment``, ``start`` and ``end`` of the proof, as ``Answer``."""
    score: Mapped[float | None]
    """0..100 as the evaluator submitted it; None where no item applies. It stays when an appeal changes the result."""
    settled_answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """After an appeal: all answers as they stand now, changed or not."""
    settled_score: Mapped[float | None]
    """Score of those; what counts once the state is ``settled``."""
    comment: Mapped[str] = mapped_column(Text, default="")
    appeal: Mapped[str] = mapped_column(Text, default="")
    decision: Mapped[str] = mapped_column(Text, default="")
    decided_by: Mapped[str] = mapped_column(String(64), default="")
    created_at: Mapped[datetime] = mapped_column(index=True)
    submitted_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]


class CoachingNoteRow(Table):
    """What somebody wants an agent to hear at a moment of a call."""

    __tablename__ = "coaching_notes"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    recording_id: Mapped[str] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"), index=True)
    start: Mapped[float]
    end: Mapped[float]
    text: Mapped[str] = mapped_column(Text)
    agent: Mapped[str] = mapped_column(String(64), default="", index=True)
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(64))
    seen_at: Mapped[datetime | None]
