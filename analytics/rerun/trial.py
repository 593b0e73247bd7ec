"""A version of the rules tried without leaving anything: on a sample at once, or over the archive as a dry run."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from analytics.dictionary import RuleSet
from analytics.rerun.examining import Row, examine_all, heard_of
from analytics.rerun.rerun import id_chunks, processes_of
from analytics.rules.keywords import keyword_findings
from recordings.calls.bulk_read import count_stored, load_stored, newest_ids
from recordings.database import reading
from recordings.redaction.redacted import hide
from recordings.results.finding import Evidence, Finding, FindingKind
from recordings.rules.rule_changes import (
    MOST_EXAMPLES,
    Difference,
    Earned,
    Example,
    LabelChange,
    findings_of,
)
from speech.recognition.words import Speaker

SAMPLE = 200
"""Recordings of a trial: a second of work."""
MOST_SHOWN = 5
"""Hits of one label that are shown."""
TOO_MANY = 0.5
"""Share of the calls from which a label tells nothing: it is warned of."""
FEWEST = 5
"""Calls below which there is no share to speak of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One label on the sample."""

    label: str
    calls: int
    """With at least one hit."""
    of: int
    """Calls of the label's language."""
    hits: tuple[tuple[Example, float | None], ...]
    """The first few, each with its likeness where it was matched fuzzily."""

    @property
    def too_many(self) -> bool:
        """It would stand on most calls; of a handful of calls that says nothing."""
        return self.of >= FEWEST and self.share > TOO_MANY

    @property
    def share(self) -> float:
        """0..1 of the calls of the label's language."""
        return self.calls / self.of if self.of else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What the dictionaries find in the newest calls."""

    calls: int
    unreadable: int
    labels: tuple[Tried, ...]
    """Labels of all categories, those that found nothing included, in the order of the dictionaries."""


def try_rules(engine: Engine, rules: RuleSet, *, sample: int = SAMPLE) -> Trial:
    """Look for the keywords in the newest calls."""
    with reading(engine) as db:
        chunk = load_stored(db, newest_ids(db, limit=sample))
    calls: Counter[str] = Counter()
    spoken: Counter[str] = Counter()
    hits: defaultdict[str, list[tuple[Example, float | None]]] = defaultdict(list)
    unreadable = 0
    for stored in chunk:
        try:
            transcript = heard_of(stored).readable
        except (ValueError, KeyError, TypeError):
            unreadable += 1
            continue
        spoken[transcript.language] += 1
        found = list(keyword_findings(transcript, rules.lexicon(transcript.language)))
        calls.update({finding.label for finding in found})
        for finding in found:
            if len(hits[finding.label]) < MOST_SHOWN:
                shown = _example(finding, stored.call.contact_id, transcript.language)
                hits[finding.label].append((shown, finding.value))
    labels = {
        category.label: language for language, lexicon in rules.by_language.items() for category in lexicon.categories
    }
    return Trial(
        calls=len(chunk),
        unreadable=unreadable,
        labels=tuple(
            Tried(
                label=label,
                calls=calls[label],
                of=spoken[language],
                hits=tuple(hits[label]),
            )
            for label, language in labels.items()
        ),
    )


def dry_run(
    engine: Engine,
    rules: RuleSet,
    *,
    against: str,
    since: datetime | None,
    processes: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Difference:
    """What a re-run would change against a version, worked out over the archive; nothing is written.

    Recordings the other version has not examined are not compared. ``progress`` is told how many of how many are done.
    """
    with reading(engine) as db:
        total = count_stored(db, since=since)
    before: Counter[Earned] = Counter()
    after: Counter[Earned] = Counter()
    gained: defaultdict[Earned, list[Example]] = defaultdict(list)
    lost: defaultdict[Earned, list[Example]] = defaultdict(list)
    gone: Counter[Earned] = Counter()
    come: Counter[Earned] = Counter()
    calls = only_after = done = 0

    chunks = id_chunks(engine, since=since)
    for examined in examine_all(engine, chunks, rules, processes=processes_of(processes, total), anew=True):
        with reading(engine) as db:
            old = findings_of(db, against, examined.ids)
        found: dict[str, list[Finding]] = {row["recording_id"]: [] for row in examined.analyses}
        for row in examined.findings:
            found[row["recording_id"]].append(_finding(row))
        for recording_id, findings in found.items():
            contact, language = examined.contacts[recording_id]
            new = _by_label(findings)
            after.update(new.keys())
            if recording_id not in old:
                only_after += 1
                continue
            calls += 1
            had = _by_label(old[recording_id])
            before.update(had.keys())
            for has, lacks, count, examples in ((new, had, come, gained), (had, new, gone, lost)):
                for earned in has.keys() - lacks.keys():
                    count[earned] += 1
                    if len(examples[earned]) < MOST_EXAMPLES:
                        examples[earned].append(_example(has[earned], contact, language))
        done += len(examined.ids)
        if progress:
            progress(done, total)
    changes = [
        LabelChange(
            kind=earned[0],
            label=earned[1],
            before=before[earned],
            after=after[earned],
            gained=come[earned],
            lost=gone[earned],
            gained_examples=tuple(gained[earned]),
            lost_examples=tuple(lost[earned]),
        )
        for earned in before.keys() | after.keys()
    ]
    changes.sort(key=lambda change: (-change.gained - change.lost, change.kind, change.label))
    return Difference(before=against, after=rules.version, calls=calls, only_after=only_after, changes=tuple(changes))


def _by_label(findings: Sequence[Finding]) -> dict[Earned, Finding]:
    """The first finding of each label."""
    first: dict[Earned, Finding] = {}
    for finding in findings:
        first.setdefault((finding.kind.value, finding.label), finding)
    return first


def _finding(row: Row) -> Finding:
    evidence = Evidence(start=row["start"], end=row["end"], quote=row["quote"])
    return Finding(
        kind=FindingKind(row["kind"]), label=row["label"], speaker=Speaker(row["speaker"]), evidence=evidence
    )


def _example(finding: Finding, contact: str, language: str) -> Example:
    evidence = finding.evidence
    return Example(contact_id=contact, start=evidence.start, end=evidence.end, quote=hide(evidence.quote, language))
