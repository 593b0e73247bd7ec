"""Long stretches in which nobody speaks: dead air, searching; apart from them the waits; and channels without sound."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analytics.rules.hold_time import LONG, holds
from analytics.rules.rule_input import RuleInput
from recordings.results.finding import Evidence, Finding, FindingKind
from speech.audio.acoustics import gaps
from speech.audio.vad import Span
from speech.recognition.words import Speaker


def silence(heard: RuleInput) -> Iterator[Finding]:
    waits = holds(heard)
    for gap in gaps(heard.speech, heard.acoustics.duration):
        for label, part in parts(gap, waits):
            if part.duration >= LONG:
                yield _found(label, Speaker.UNKNOWN, part)
    for channel in heard.acoustics.dead:
        whole = Span(start=0.0, end=heard.acoustics.duration)
        yield _found("dead_channel", Speaker.CALLER if channel == 0 else Speaker.AGENT, whole)


def parts(gap: Span, waits: Sequence[Span]) -> Iterator[tuple[str, Span]]:
    """The gap by what it is, by time: ``hold`` where the caller is made to wait, ``silence`` elsewhere."""
    free = gap.start
    for wait in waits:
        start, end = max(free, wait.start), min(gap.end, wait.end)
        if start >= end:
            continue
        if free < start:
            yield "silence", Span(start=free, end=start)
        yield "hold", Span(start=start, end=end)
        free = end
    if free < gap.end:
        yield "silence", Span(start=free, end=gap.end)


def _found(label: str, speaker: Speaker, part: Span) -> Finding:
    return Finding(
        kind=FindingKind.SILENCE,
        label=label,
        speaker=speaker,
        evidence=Evidence(start=part.start, end=part.end),
        value=round(part.duration, 1),
    )
