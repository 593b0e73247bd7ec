"""Rules: each takes what was heard of one recording and gives its findings; one family a file.

What the dictionaries find stands apart (``keywords``): it depends on the rule set.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from analytics.rules.dead_air import dead_air
from analytics.rules.interruption import interruption
from analytics.rules.loudness import loudness
from analytics.rules.monologue import monologue
from analytics.rules.overlap import overlap
from analytics.rules.rule_input import RuleInput
from analytics.rules.sentiment import sentiment
from analytics.rules.silence import silence
from analytics.rules.speed import speed
from recordings.results.finding import Finding

RULES: tuple[Callable[[RuleInput], Iterator[Finding]], ...] = (
    sentiment,
    silence,
    overlap,
    interruption,
    monologue,
    dead_air,
    speed,
    loudness,
)

__all__ = ["RULES"]
