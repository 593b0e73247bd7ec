"""Both speak at once: who began while the other one was speaking."""

from __future__ import annotations

from collections.abc import Iterator

from analytics.rules.rule_input import RuleInput
from recordings.results.finding import Evidence, Finding, FindingKind
from speech.audio.acoustics import overlaps

LONG = 0.8
"""Seconds; below it is a "mhm"."""


def overlap(heard: RuleInput) -> Iterator[Finding]:
    if len(heard.acoustics.speech) != 2:
        return
    left, right = heard.speech
    for both in overlaps(left, right):
        if both.duration < LONG:
            continue
        left_began = any(span.start == both.start for span in left)
        yield Finding(
            kind=FindingKind.OVERLAP,
            label="overlap",
            speaker=heard.speaker(0 if left_began else 1, both.start),
            evidence=Evidence(start=both.start, end=both.end),
            value=round(both.duration, 1),
        )
