"""Long stretches in which nobody speaks: dead air, searching; and apart from them the wait for an agent."""

from __future__ import annotations

from collections.abc import Iterator

from analytics.heard import Heard
from recordings.finding import Evidence, Finding, FindingKind
from speech.acoustics import gaps
from speech.vad import Span
from speech.words import Speaker

LONG = 4.0
"""Seconds."""


def silence(heard: Heard) -> Iterator[Finding]:
    for gap in gaps(heard.speech, heard.sound.duration):
        for label, part in _parts(gap, heard.hold):
            if part.duration >= LONG:
                yield Finding(
                    kind=FindingKind.SILENCE,
                    label=label,
                    speaker=Speaker.UNKNOWN,
                    evidence=Evidence(start=part.start, end=part.end),
                )


def _parts(gap: Span, hold: Span | None) -> Iterator[tuple[str, Span]]:
    """The gap by what it is: ``hold`` between the transfer and the agent's joining, ``silence`` before and after."""
    if hold is None or gap.end <= hold.start or gap.start >= hold.end:
        yield "silence", gap
        return
    if gap.start < hold.start:
        yield "silence", Span(start=gap.start, end=hold.start)
    yield "hold", Span(start=max(gap.start, hold.start), end=min(gap.end, hold.end))
    if gap.end > hold.end:
        yield "silence", Span(start=hold.end, end=gap.end)
