"""The job ``rerun``: one version of the rules over the archive. Reads tables alone: no sound, no models.

Nothing old is overwritten: each version has its own analyses. What a version has examined already is passed over, so
that a run which was interrupted goes on, and one that is started again does only what is new.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from analytics.dictionary import DictionaryError, RuleSet
from analytics.dictionary.running_rules import rule_set
from analytics.errors import JobFault
from analytics.leases.job import JobLease
from analytics.rerun.examining import Examined, examine_all
from recordings.calls.bulk_read import count_stored, has_analyses, insert_analyses, load_stored, next_ids
from recordings.database import reading, transaction
from recordings.rules.rule_changes import difference
from recordings.rules.rule_sets import running_version, score_archive

log = logging.getLogger(__name__)

CHUNK = 100
"""Recordings of one step: two seconds of work, and a transaction that nobody waits for."""
FEW = 1000
"""Recordings that are examined sooner than other processes have begun."""
MOST_TRIES = 5
"""Times one chunk is written again because others have written or erased recordings of it meanwhile."""
MOST_FAULTS = 50
"""Kept with the job, for a person to read."""


def rerun(lease: JobLease) -> Mapping[str, Any]:
    """Examine what is stored since ``parameters["since"]`` (ISO 8601, empty: all) by ``parameters["rule_set"]``.

    ``parameters["against"]`` is the version that the result is compared with, ``parameters["processes"]`` how many
    share the work (0: one a core). The result is ``Difference.to_json()`` with ``faults``.

    Raises:
        JobFault: there is no such version, or these rules do not take its files.
    """
    here, wanted = lease.dependencies, lease.job.parameters
    since = datetime.fromisoformat(wanted["since"]) if wanted.get("since") else None
    rules = rules_of(here.engine, str(wanted["rule_set"]))
    with reading(here.engine) as db:
        lease.advance(total=count_stored(db, since=since))
    faults: list[str] = []
    processes = processes_of(wanted.get("processes"), lease.job.total)
    chunks = id_chunks(here.engine, since=since, behind=lease.job.cursor)
    for examined in examine_all(here.engine, chunks, rules, processes=processes):
        store(here.engine, examined)
        for fault in examined.faults:
            log.warning("job %s: %s", lease.job.id, fault)
        faults += examined.faults[: MOST_FAULTS - len(faults)]
        failed = len(examined.faults)
        lease.advance(cursor=examined.ids[-1], done=len(examined.ids) - failed, failed=failed)
    with transaction(here.engine) as db:
        if running_version(db) == rules.version:
            score_archive(db)
    against = str(wanted.get("against") or rules.version)
    with reading(here.engine) as db:
        compared = difference(db, before=against, after=rules.version, since=since)
    return {**compared.to_json(), "faults": faults}


def rules_of(engine: Engine, version: str) -> RuleSet:
    """A version by its letters.

    Raises:
        JobFault: there is none, or these rules do not take its files.
    """
    try:
        rules = rule_set(engine, version)
    except DictionaryError as error:
        raise JobFault(str(error)) from None
    if rules is None:
        raise JobFault(f"there is no version {version!r} of the rules, or it is of an older Otklik: add it again")
    return rules


def processes_of(wanted: object, total: int) -> int:
    """How many processes share the work: where nobody says one a core, and none apart for few recordings."""
    return int(str(wanted or 0)) or (os.cpu_count() or 1 if total > FEW else 1)


def id_chunks(engine: Engine, *, since: datetime | None, behind: str = "") -> Iterator[list[str]]:
    """Ids of the recordings to be examined, ``CHUNK`` at a time, from the one after ``behind`` on."""
    while True:
        with reading(engine) as db:
            ids = next_ids(db, since=since, behind=behind, limit=CHUNK)
        if not ids:
            return
        yield ids
        behind = ids[-1]


def store(engine: Engine, examined: Examined) -> None:
    """Write the analyses down, once each, with their findings."""
    analyses, findings = examined.analyses, examined.findings
    for _ in range(MOST_TRIES):
        try:
            with transaction(engine) as db:
                insert_analyses(db, analyses, findings)
            return
        except IntegrityError:  # a worker has just analysed one of them, or a person was erased
            with reading(engine) as db:
                there = {one.transcript_id for one in load_stored(db, [row["recording_id"] for row in analyses])}
                there -= has_analyses(db, there, analyses[0]["rule_set"])
            analyses = tuple(row for row in analyses if row["transcript_id"] in there)
            left = {row["id"] for row in analyses}
            findings = tuple(row for row in findings if row["analysis_id"] in left)
    raise JobFault("recordings change under the re-run faster than it can write")
