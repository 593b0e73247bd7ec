"""Long stretches in which nobody speaks: dead air, searching, hold music."""

from __future__ import annotations

from collections.abc import Iterator

from analytics.heard import Heard
from recordings.finding import Evidence, Finding, FindingKind
from speech.acoustics import gaps
from speech.words import Speaker

LONG = 4.0
"""Seconds."""


def silence(heard: Heard) -> Iterator[Finding]:
    for gap in gaps(heard.speech, heard.sound.duration):
        if gap.duration >= LONG:
            yield Finding(
                kind=FindingKind.SILENCE,
                label="silence",
                speaker=Speaker.UNKNOWN,
                evidence=Evidence(start=gap.start, end=gap.end),
            )
