"""The job ``score``: scorecards in force over the archive, by what the running rules have found. Reads tables alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analytics.leases.job import JobLease
from analytics.quality.scoring import keep_scores, running_cards
from recordings.calls.facts import IMPORTED, call_facts
from recordings.database import reading, transaction
from recordings.quality.scorecards import analyses_of, count_analyses
from recordings.rules.rule_sets import running_version

CHUNK = 200
"""Recordings of one step."""


def rescore(lease: JobLease) -> Mapping[str, Any]:
    """Score every analysis of the running rules by every scorecard in force that has not scored it yet.

    The result is ``scores``: how many are new.
    """
    engine = lease.dependencies.engine
    kept = int(lease.job.result.get("scores", 0))
    with reading(engine) as db:
        version = running_version(db) or ""
        lease.advance(total=count_analyses(db, version))
    while True:
        with reading(engine) as db:
            cards = running_cards(db)
            some = analyses_of(db, version, behind=lease.job.cursor, limit=CHUNK)
            facts = call_facts(db, [one.recording_id for one in some])
        if not some:
            return {"scores": kept}
        with transaction(engine) as db:
            for one in some:
                kept += keep_scores(
                    db,
                    cards,
                    recording_id=one.recording_id,
                    analysis_id=one.analysis_id,
                    measures=one.measures,
                    findings=one.findings,
                    call=facts.get(one.recording_id, IMPORTED),
                )
        lease.advance(cursor=some[-1].recording_id, done=len(some))
