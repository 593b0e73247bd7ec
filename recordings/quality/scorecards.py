"""Scorecards as they were written, version by version, and the automatic scores by them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from recordings.database import insert_once
from recordings.quality.evaluation import Answer, answers_of
from recordings.results.finding import Finding, Measures
from recordings.rows import finding_of
from recordings.selection import shown_analysis_id
from recordings.tables import AnalysisRow, FindingRow, ScorecardRow, ScoreRow

RUNNING, RETIRED = "running", "retired"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredScorecard:
    """One version."""

    version: str
    name: str
    running: bool
    text: str
    """YAML."""
    created_at: datetime
    created_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAnalysis:
    """What the rules made of one recording."""

    analysis_id: str
    recording_id: str
    measures: Measures
    findings: tuple[Finding, ...]
    """By time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredScore:
    """What the automatic items of a scorecard have made of a call."""

    scorecard: str
    answers: Mapping[str, Answer]
    score: float | None
    created_at: datetime


def add_scorecard(db: Session, *, version: str, name: str, text: str, by: str) -> bool:
    """Make a text the running version of its name; tells whether anything changed.

    The version that ran before is retired, not changed: what was scored by it stays readable.
    """
    if db.get_bind().dialect.name == "postgresql":  # SQLite has one writer at a time as it is
        db.execute(sql("LOCK TABLE scorecards IN SHARE ROW EXCLUSIVE MODE"))
    insert_once(
        db,
        ScorecardRow,
        {
            "version": version,
            "name": name,
            "state": RETIRED,
            "text": text,
            "created_at": datetime.now(UTC),
            "created_by": by,
        },
    )
    row = db.get_one(ScorecardRow, version)
    if row.state == RUNNING:
        return False
    retire_scorecard(db, name)
    db.execute(update(ScorecardRow).where(ScorecardRow.version == version).values(state=RUNNING))
    return True


def retire_scorecard(db: Session, name: str) -> bool:
    """Stop scoring by a scorecard; drafts that are open keep their version. Tells whether one was running."""
    ran = ScorecardRow.name == name, ScorecardRow.state == RUNNING
    return bool(
        db.execute(update(ScorecardRow).where(*ran).values(state=RETIRED).returning(ScorecardRow.version)).all()
    )


def find_scorecard(db: Session, version: str) -> StoredScorecard | None:
    row = db.get(ScorecardRow, version)
    return _stored(row) if row else None


def list_scorecards(db: Session, *, running_only: bool = False) -> list[StoredScorecard]:
    """The running ones first, then the newest."""
    rows = select(ScorecardRow).order_by(ScorecardRow.state.desc(), ScorecardRow.created_at.desc(), ScorecardRow.name)
    if running_only:
        rows = rows.where(ScorecardRow.state == RUNNING)
    return [_stored(row) for row in db.scalars(rows)]


def insert_score_once(
    db: Session,
    *,
    analysis_id: str,
    recording_id: str,
    scorecard: str,
    answers: Mapping[str, Answer],
    score: float | None,
) -> bool:
    """Keep one score per (analysis, scorecard); tells whether this one was kept."""
    row = {
        "id": str(uuid4()),
        "analysis_id": analysis_id,
        "recording_id": recording_id,
        "scorecard": scorecard,
        "answers": {item: answer.to_json() for item, answer in answers.items()},
        "score": score,
        "created_at": datetime.now(UTC),
    }
    return insert_once(db, ScoreRow, row)


def scores_of(db: Session, recording_id: str) -> Sequence[StoredScore]:
    """Of the analysis that is shown of a recording, by every scorecard that was applied to it."""
    shown = ScoreRow.analysis_id == shown_analysis_id(ScoreRow.recording_id)
    rows = select(ScoreRow).where(ScoreRow.recording_id == recording_id, shown)
    return [
        StoredScore(scorecard=r.scorecard, answers=answers_of(r.answers), score=r.score, created_at=r.created_at)
        for r in db.scalars(rows.order_by(ScoreRow.created_at.desc(), ScoreRow.id))
    ]


def count_analyses(db: Session, rule_set: str) -> int:
    """How many recordings show what a version of the rules has found."""
    return db.scalar(select(func.count()).select_from(AnalysisRow).where(*_shown_by(rule_set))) or 0


def analyses_of(db: Session, rule_set: str, *, behind: str, limit: int) -> Sequence[StoredAnalysis]:
    """What is shown of a version's findings, by id of the recording, from the one after ``behind`` on."""
    wanted = select(AnalysisRow).where(*_shown_by(rule_set), AnalysisRow.recording_id > behind)
    rows = db.scalars(wanted.order_by(AnalysisRow.recording_id).limit(limit)).all()
    found: dict[str, list[Finding]] = {}
    for row in db.scalars(select(FindingRow).where(FindingRow.analysis_id.in_([row.id for row in rows]))):
        found.setdefault(row.analysis_id, []).append(finding_of(row))
    return [
        StoredAnalysis(
            analysis_id=row.id,
            recording_id=row.recording_id,
            measures=Measures.from_json(row.measures),
            findings=tuple(sorted(found.get(row.id, ()), key=lambda one: one.evidence.start)),
        )
        for row in rows
    ]


def _shown_by(rule_set: str) -> tuple[ColumnElement[bool], ...]:
    """Analyses by a version that are the shown ones: one a recording at most."""
    return AnalysisRow.rule_set == rule_set, AnalysisRow.id == shown_analysis_id(AnalysisRow.recording_id)


def _stored(row: ScorecardRow) -> StoredScorecard:
    return StoredScorecard(
        version=row.version,
        name=row.name,
        running=row.state == RUNNING,
        text=row.text,
        created_at=row.created_at,
        created_by=row.created_by,
    )
