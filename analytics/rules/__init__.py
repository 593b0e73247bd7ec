"""Rules: each takes what was heard of one recording and gives its findings; one family a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from analytics.heard import Heard
from analytics.rules.keywords import keywords
from analytics.rules.loudness import loudness
from analytics.rules.overlap import overlap
from analytics.rules.sentiment import sentiment
from analytics.rules.silence import silence
from recordings.finding import Finding

RULES: tuple[Callable[[Heard], Iterator[Finding]], ...] = (keywords, sentiment, silence, overlap, loudness)

__all__ = ["RULES"]
