"""Rules over what is stored of many recordings: in this process, or in several at once.

A process of the pool is told ids, reads the tables itself and gives rows back: what goes between processes is little.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from typing import Any
from uuid import uuid4

import orjson
from sqlalchemy import Engine

from analytics.dictionary import RuleSet, read_rule_set
from analytics.rules.rule_input import RuleInput
from analytics.rules.run import apply
from recordings.calls.bulk_read import StoredRecording, has_analyses, load_stored
from recordings.database import connect, reading
from recordings.results.acoustics import SILENT, STEP, Acoustics
from recordings.results.finding import Finding
from recordings.results.meaning import CallMeaning
from speech.recognition.words import Transcript

MOST_PROCESSES = 8
AHEAD = 2
"""Chunks a process that are asked for before the first is needed: enough to keep it busy, and little memory."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """Some recordings under the rules, as rows to be written."""

    ids: tuple[str, ...]
    """All that were asked for; who has lost the transcript, or is examined by this version already, has no rows."""
    analyses: tuple[Row, ...]
    """As ``recordings.tables.AnalysisRow``."""
    findings: tuple[Row, ...]
    """As ``recordings.tables.FindingRow``."""
    contacts: Mapping[str, tuple[str, str]]
    """Recording → the call's id, or its own; and the language."""
    faults: tuple[str, ...]
    """Why recordings could not be examined, each with its id."""


def heard_of(stored: StoredRecording) -> RuleInput:
    """What the rules look at, of what is stored.

    Raises:
        ValueError: a body is not JSON, or not what it should be.
        KeyError: something is missing in it.
        TypeError: something in it has another form.
    """
    transcript = Transcript.from_json(orjson.loads(stored.transcript))
    return RuleInput(
        transcript=transcript,
        acoustics=Acoustics.from_json(orjson.loads(stored.acoustics)) if stored.acoustics else unmeasured(transcript),
        meaning=CallMeaning.from_json(orjson.loads(stored.meaning)) if stored.meaning else None,
        call=stored.call,
        redacted=Transcript.from_json(orjson.loads(stored.redacted)) if stored.redacted else None,
    )


def unmeasured(transcript: Transcript) -> Acoustics:
    """Acoustics of a recording whose sound was never measured: its speech is where its words are, nothing is loud."""
    channels = 1 + max((said.channel for said in transcript.utterances), default=0)
    speech: list[list[tuple[float, float]]] = [[] for _ in range(channels)]
    for said in transcript.utterances:
        if speech[said.channel] and said.start <= speech[said.channel][-1][1]:
            start, end = speech[said.channel].pop()
            speech[said.channel].append((start, max(end, said.end)))
        else:
            speech[said.channel].append((said.start, said.end))
    return Acoustics(
        version="",
        duration=transcript.duration,
        speech=tuple(map(tuple, speech)),
        levels=((SILENT,) * int(transcript.duration / STEP),) * channels,
        lufs=(None,) * channels,
        pitch=(None,) * channels,
    )


def examine(engine: Engine, ids: Sequence[str], rules: RuleSet, *, anew: bool = False) -> Examined:
    """Apply the rules to some hundred recordings; what cannot be read is told, and the others go on.

    With ``anew`` also to those that this version of the rules has examined.
    """
    with reading(engine) as db:
        chunk = load_stored(db, ids)
        known = set() if anew else has_analyses(db, [one.transcript_id for one in chunk], rules.version)
    analyses: list[Row] = []
    findings: list[Row] = []
    faults = []
    for stored in chunk:
        if stored.transcript_id in known:
            continue
        try:
            analysis = apply(heard_of(stored), rules)
        except (ValueError, KeyError, TypeError) as error:  # a row that an older or a broken program wrote
            faults.append(f"recording {stored.recording_id}: {type(error).__name__}: {error}")
            continue
        analysis_id = str(uuid4())
        analyses.append(
            {
                "id": analysis_id,
                "transcript_id": stored.transcript_id,
                "recording_id": stored.recording_id,
                "rule_set": rules.version,
                "measures": analysis.measures.to_json(),
                "created_at": datetime.now(UTC),
            }
        )
        findings += [_row(finding, analysis_id, stored.recording_id) for finding in analysis.findings]
    return Examined(
        ids=tuple(ids),
        analyses=tuple(analyses),
        findings=tuple(findings),
        contacts={one.recording_id: (one.call.contact_id, one.call.language) for one in chunk},
        faults=tuple(faults),
    )


def _row(finding: Finding, analysis_id: str, recording_id: str) -> Row:
    evidence = finding.evidence
    return {
        "id": str(uuid4()),
        "analysis_id": analysis_id,
        "recording_id": recording_id,
        "kind": finding.kind.value,
        "label": finding.label,
        "speaker": finding.speaker.value,
        "start": evidence.start,
        "end": evidence.end,
        "quote": evidence.quote,
        "value": finding.value,
    }


def examine_all(
    engine: Engine, chunks: Iterable[Sequence[str]], rules: RuleSet, *, processes: int, anew: bool = False
) -> Iterator[Examined]:
    """Chunks of ids examined, in their order; ``anew`` as in ``examine``. With one process the work is done here, with
    more in processes that end when this iterator is closed, and also when this process is killed.
    """
    if processes <= 1:
        for chunk in chunks:
            yield examine(engine, chunk, rules, anew=anew)
        return
    count = min(processes, MOST_PROCESSES)
    url = engine.url.render_as_string(hide_password=False)
    pool = ProcessPoolExecutor(
        count, mp_context=get_context("spawn"), initializer=_begin, initargs=(url, dict(rules.files), os.getpid())
    )
    try:
        running: deque[Future[Examined]] = deque()
        for chunk in chunks:
            running.append(pool.submit(_examine_there, list(chunk), anew))
            if len(running) >= AHEAD * count:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


_here: list[tuple[Engine, RuleSet]] = []
"""State of a process of the pool: its database and its rules."""


def _begin(url: str, files: Mapping[str, str], parent: int) -> None:
    """Read the rules once a process, and watch whether there is still somebody to work for."""
    _here.append((connect(url), read_rule_set(files)))
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _examine_there(ids: Sequence[str], anew: bool) -> Examined:
    engine, rules = _here[-1]
    return examine(engine, ids, rules, anew=anew)
