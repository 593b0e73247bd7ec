"""Rules: each takes what was heard of one recording and gives its findings; one family a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from analytics.heard import Heard
from analytics.rules.keywords import keywords
from recordings.finding import Finding

RULES: tuple[Callable[[Heard], Iterator[Finding]], ...] = (keywords,)

__all__ = ["RULES"]
