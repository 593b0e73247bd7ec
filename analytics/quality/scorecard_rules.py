"""Conditions of a scorecard over what the rules have found and measured."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import get_type_hints

from analytics.quality.scorecard_value import Condition, Count, OfFindings, OfMeasure, Sought
from recordings.calls.facts import CallFacts
from recordings.results.finding import Evidence, Finding, Measures
from speech.recognition.words import Speaker

DERIVED = ("talk_share", "sentiment_end", "sentiment_change")
"""Figures made of others, each of a speaker: share of all talk 0..1; sentiment of the last quarter in which the speaker
says something; that less the first one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a condition comes to."""

    holds: bool | None
    """None: there is nothing to judge by."""
    evidence: Evidence | None = None
    """The sound that decides it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """One call as the conditions see it."""

    measures: Measures
    findings: Sequence[Finding]
    call: CallFacts


def judge(conditions: Iterable[Condition], seen: Examined) -> Verdict:
    """Whether all conditions hold. One that does not decides; else one that cannot be judged leaves it open."""
    verdicts = [_judge(condition, seen) for condition in conditions]
    for wanted in (False, None):
        if decisive := next((verdict for verdict in verdicts if verdict.holds is wanted), None):
            return decisive
    evidence = next((verdict.evidence for verdict in verdicts if verdict.evidence), None)
    return Verdict(holds=True, evidence=evidence)


@cache
def measure_names() -> tuple[str, ...]:
    """Every figure a condition may name; figures of speakers with the speaker behind a dot."""
    hints = get_type_hints(Measures)
    single = [field.name for field in fields(Measures) if hints[field.name] in (float, int, float | None, int | None)]
    by_speaker = [field.name for field in fields(Measures) if "Mapping[str, float]" in str(hints[field.name])]
    return (*single, *(f"{name}.{who}" for name in (*by_speaker, *DERIVED) for who in Speaker))


def _judge(condition: Condition, seen: Examined) -> Verdict:
    if isinstance(condition, OfFindings):
        return _of_findings(condition, seen)
    if isinstance(condition, OfMeasure):
        value = _measure(condition.name, seen.measures)
        return Verdict(holds=None if value is None else _within(value, condition))
    return Verdict(holds=all(str(getattr(seen.call, name)) in values for name, values in condition.wanted.items()))


def _of_findings(condition: OfFindings, seen: Examined) -> Verdict:
    sought = condition.sought
    if sought.speaker and not seen.measures.talk_seconds.get(sought.speaker):
        return Verdict(holds=None)  # who says nothing has neither said nor left out anything
    if not seen.measures.talk_seconds:
        return Verdict(holds=None)
    found = [finding for finding in seen.findings if _fits(finding, sought, seen)]
    length = [finding.evidence.end - finding.evidence.start for finding in found]
    value = float(len(found)) if condition.figure is Count.NUMBER else max(length, default=0.0)
    longest = found[length.index(max(length))] if found else None
    shown = longest if condition.figure is Count.LONGEST else found[0] if found else None
    return Verdict(holds=_within(value, condition), evidence=shown.evidence if shown else None)


def _fits(finding: Finding, sought: Sought, seen: Examined) -> bool:
    start = (seen.call.agent_from or 0.0) if sought.speaker is Speaker.AGENT else 0.0
    at, end = finding.evidence.start, seen.measures.duration
    return (
        finding.kind is sought.kind
        and (not sought.label or finding.label == sought.label or finding.label.startswith(f"{sought.label}/"))
        and (sought.speaker is None or finding.speaker is sought.speaker)
        and (sought.first_seconds is None or at <= start + sought.first_seconds)
        and (sought.last_seconds is None or at >= end - sought.last_seconds)
    )


def _within(value: float, bounds: OfFindings | OfMeasure) -> bool:
    above = bounds.at_least is None or value >= bounds.at_least
    return above and (bounds.at_most is None or value <= bounds.at_most)


def _measure(name: str, measures: Measures) -> float | None:
    """None where the recording has no such figure."""
    name, _, who = name.partition(".")
    if name == "talk_share":
        whole = sum(measures.talk_seconds.values())
        return measures.talk_seconds.get(who, 0.0) / whole if whole else None
    if name in DERIVED:
        quarters = [mean for mean in measures.sentiment_by_quarter.get(who, ()) if mean is not None]
        if not quarters:
            return None
        return quarters[-1] if name == "sentiment_end" else quarters[-1] - quarters[0]
    value = getattr(measures, name)
    if who:
        value = value.get(who)
    return None if value is None else float(value)
