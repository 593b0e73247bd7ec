"""Rules: 5,000 phrases over an hour of talk, and one version over an archive of 100,000 calls of 40 utterances.

``OTKLIK_BENCH_CALLS`` scales the archive down; the time for 100,000 is then reckoned from what was run, and named so.
``OTKLIK_BENCH_DATABASE`` names an empty database to use instead of SQLite in a temporary folder.
"""

from __future__ import annotations

import os
import resource
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import Engine, func, select

from analytics.dictionary import Lexicon, LexiconUtterance, read_dictionary
from analytics.dictionary.running_rules import running
from analytics.dictionary.words import said_forms
from analytics.pipeline.dependencies import open_dependencies
from analytics.worker.jobs import run_job
from bench import report
from bench.rules_archive import UTTERANCES, WORDS, fill
from bench.rules_talk import phrases, talk
from recordings.database import connect, migrate, reading, transaction
from recordings.jobs import JobState, start_job
from recordings.tables import FindingRow

PHRASES, CATEGORIES = 5000, 100
HOUR = 9000
"""Words of an hour of talk: both speakers together say 150 a minute."""
BREATH = 12
"""Words of one utterance of that hour."""
LIKENESS = 0.85
CALLS = 100_000
PROCESSES = 2


def run() -> None:
    hour = {
        f"{language}{', fuzzy ' + str(fuzzy) if fuzzy else ''}": _hour(language, fuzzy)
        for language in ("ru", "en")
        for fuzzy in (None, LIKENESS)
    }
    report.write("rules", {"hour_of_talk": hour, "archive": _archive(int(os.environ.get("OTKLIK_BENCH_CALLS", CALLS)))})


def _hour(language: str, fuzzy: float | None) -> dict[str, Any]:
    """Seconds to read the dictionary, to find everything for the first time, and again with the words known."""
    wanted = phrases(language, PHRASES, seed=1)
    size = PHRASES // CATEGORIES
    entries = [{"label": str(n), "phrases": wanted[n * size : (n + 1) * size]} for n in range(CATEGORIES)]
    text = yaml.safe_dump({"keywords": entries} | ({"fuzzy": fuzzy} if fuzzy else {}), allow_unicode=True)
    said_forms("первый", language)  # the morphology is read at first use
    said_forms.cache_clear()
    start = time.perf_counter()
    reading_ = read_dictionary(text, language, Path("bench.yaml"))
    lexicon = Lexicon(reading_.categories, language)
    read = time.perf_counter()
    said = talk(language, HOUR, seed=2)
    call = [LexiconUtterance(words=said[at : at + BREATH]) for at in range(0, HOUR, BREATH)]
    said_forms.cache_clear()
    first, worked = time.perf_counter(), time.process_time()
    hits = lexicon.find(call)
    again, worked = time.perf_counter(), time.process_time() - worked
    lexicon.find(call)
    end = time.perf_counter()
    return {
        "phrases": PHRASES,
        "words": HOUR,
        "distinct_words": len(set(said)),
        "read_seconds": round(read - start, 3),
        "find_seconds": round(again - first, 3),
        "find_cpu_seconds": round(worked, 3),
        "find_again_seconds": round(end - again, 3),
        "hits": len(hits),
    }


def _archive(calls: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="otklik-bench-") as folder:
        url = os.environ.get("OTKLIK_BENCH_DATABASE", f"sqlite:///{folder}/otklik.db")
        migrate(url)
        engine = connect(url)
        try:
            return _rerun(engine, calls)
        finally:
            engine.dispose()


def _rerun(engine: Engine, calls: int) -> dict[str, Any]:
    fill(engine, calls)
    rules = running(engine)
    with transaction(engine) as db:
        job = start_job(db, "rerun", {"rule_set": rules.version, "processes": PROCESSES})
    start, worked = time.perf_counter(), _cpu_seconds()
    done = run_job(replace(open_dependencies(), engine=engine), job.id)
    seconds, worked = time.perf_counter() - start, _cpu_seconds() - worked
    assert done
    assert done.state is JobState.DONE, done.failure
    assert done.done == calls
    with reading(engine) as db:
        findings = db.scalar(select(func.count()).select_from(FindingRow)) or 0
    figures: dict[str, Any] = {
        "database": engine.dialect.name,
        "calls": calls,
        "utterances_a_call": UTTERANCES,
        "words_an_utterance": WORDS,
        "processes": PROCESSES,
        "seconds": round(seconds, 1),
        "cpu_seconds": round(worked, 1),
        "load_average": round(os.getloadavg()[0], 1),
        "calls_a_second": round(calls / seconds, 1),
        "findings": findings,
    }
    if calls != CALLS:
        figures["minutes_for_100000_reckoned"] = round(CALLS / calls * seconds / 60, 1)
    else:
        figures["minutes"] = round(seconds / 60, 1)
    return figures


def _cpu_seconds() -> float:
    """Of this process and of those it has waited for: what a busy machine does not lengthen."""
    mine, theirs = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return mine.ru_utime + mine.ru_stime + theirs.ru_utime + theirs.ru_stime
