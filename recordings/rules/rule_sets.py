"""Versions of the rules: each is kept as it was written, one is running, any can be made the running one again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from recordings.database import alone, insert_once
from recordings.jobs import start_job
from recordings.tables import RuleSetRow, RuleSetState, ScorecardRow

SWITCH_LOCK = 0x72756C65
"""Key of the advisory lock in PostgreSQL under which one version takes over from another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSetCard:
    """One version."""

    version: str
    state: RuleSetState
    files: Mapping[str, str]
    """Name as ``ru/service.yaml`` → text."""
    note: str
    created_at: datetime
    created_by: str
    started_at: datetime | None
    """When it was last put in force."""


def add_rule_set(db: Session, version: str, files: Mapping[str, str], *, note: str = "", by: str = "") -> bool:
    """Keep a version as a draft; False when it is there already, and then nothing is changed."""
    row = {
        "version": version,
        "state": RuleSetState.DRAFT,
        "files": dict(files),
        "note": note,
        "created_at": datetime.now(UTC),
        "created_by": by,
    }
    return insert_once(db, RuleSetRow, row)


def activate(db: Session, version: str) -> bool:
    """Put a version in force in place of the running one, also an old one; False when there is no such version."""
    alone(db, SWITCH_LOCK)
    row = db.get(RuleSetRow, version)
    if row is None:
        return False
    if row.state != RuleSetState.RUNNING:
        others = update(RuleSetRow).where(RuleSetRow.state == RuleSetState.RUNNING)
        db.execute(others.values(state=RuleSetState.RETIRED))
        row.state = RuleSetState.RUNNING
        row.started_at = datetime.now(UTC)
        db.flush()
        score_archive(db)
    return True


def score_archive(db: Session) -> None:
    """Let workers score what the running rules have found, where a scorecard is in force."""
    if db.scalar(select(ScorecardRow.version).where(ScorecardRow.state == "running").limit(1)):
        start_job(db, "score", {})


def start_first(db: Session, version: str, files: Mapping[str, str], *, note: str) -> None:
    """Put the first version in force, unless another process has just done so."""
    alone(db, SWITCH_LOCK)
    if running_version(db) is None:
        add_rule_set(db, version, files, note=note)
        activate(db, version)


def running_version(db: Session) -> str | None:
    """None before the first start."""
    return db.scalar(select(RuleSetRow.version).where(RuleSetRow.state == RuleSetState.RUNNING))


def find_rule_set(db: Session, version: str) -> RuleSetCard | None:
    """The version, or the only one that begins with these letters."""
    found = db.scalars(select(RuleSetRow).where(RuleSetRow.version.startswith(version, autoescape=True)).limit(2)).all()
    return card_of(found[0]) if version and len(found) == 1 else None


def list_rule_sets(db: Session) -> list[RuleSetCard]:
    """The newest first."""
    return [card_of(row) for row in db.scalars(select(RuleSetRow).order_by(RuleSetRow.created_at.desc()))]


def card_of(row: RuleSetRow) -> RuleSetCard:
    return RuleSetCard(
        version=row.version,
        state=RuleSetState(row.state),
        files=row.files,
        note=row.note,
        created_at=row.created_at,
        created_by=row.created_by,
        started_at=row.started_at,
    )
