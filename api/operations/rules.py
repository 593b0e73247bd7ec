"""Versions of the rules: kept as a draft, put in force, run over the archive."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from analytics.dictionary import RuleSet
from recordings.database import reading, transaction
from recordings.jobs import Job, start_job
from recordings.privacy import audit
from recordings.rules.rule_sets import activate, add_rule_set, list_rule_sets
from recordings.tables import RuleSetState


def keep_draft(engine: Engine, rules: RuleSet, files: Mapping[str, str], *, note: str, by: str) -> bool:
    """Keep a version; nothing changes until it is put in force. False when it is there already."""
    with transaction(engine) as db:
        new = add_rule_set(db, rules.version, files, note=note, by=by)
        if new:
            audit.note(db, by, "rules.added", rules.version)
    return new


def put_in_force(engine: Engine, rules: RuleSet, *, by: str) -> None:
    """Put a version in force, an old one too: for new recordings and for what lists and figures show."""
    with transaction(engine) as db:
        activate(db, rules.version)
        audit.note(db, by, "rules.activated", rules.version)


def order_rerun(engine: Engine, rules: RuleSet, *, since: datetime | None, by: str, processes: int = 0) -> Job:
    """Write down a run of a version over the archive since a moment, without one over all of it.

    The worker who does it compares with ``compared_with``. Announce the job, or do it yourself.
    """
    with transaction(engine) as db:
        parameters = {
            "rule_set": rules.version,
            "against": _compared_with(db, rules.version),
            "since": since.astimezone(UTC).isoformat() if since else "",
            "processes": processes,
        }
        job = start_job(db, "rerun", parameters, by=by)
        audit.note(db, by, "rules.rerun", rules.version, {"job": job.id, "since": parameters["since"]})
    return job


def compared_with(engine: Engine, version: str) -> str:
    """The version in force; for that one itself, which was before it; itself where nothing was."""
    with reading(engine) as db:
        return _compared_with(db, version)


def _compared_with(db: Session, version: str) -> str:
    others = [card for card in list_rule_sets(db) if card.started_at and card.version != version]
    in_force = next((card for card in others if card.state is RuleSetState.RUNNING), None)
    before = in_force or max(others, key=lambda card: card.started_at or card.created_at, default=None)
    return before.version if before else version
