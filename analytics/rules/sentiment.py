"""Utterances that are clearly pleased or displeased. The robot has no feelings."""

from __future__ import annotations

from collections.abc import Iterator

from analytics.heard import Heard
from recordings.finding import Evidence, Finding, FindingKind

CLEAR = 0.4
"""Of 1: from here it is worth a mark."""


def sentiment(heard: Heard) -> Iterator[Finding]:
    for said, feeling in heard.feelings:
        if abs(feeling) >= CLEAR:
            yield Finding(
                kind=FindingKind.SENTIMENT,
                label="positive" if feeling > 0 else "negative",
                speaker=said.speaker,
                evidence=Evidence(start=said.start, end=said.end, quote=said.text),
                value=round(feeling, 2),
            )
