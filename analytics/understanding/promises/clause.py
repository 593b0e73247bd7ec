"""What the rules of a language find in a sentence."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A promise in the words of one sentence."""

    kind: str
    """As ``Promise.kind``."""
    first: int
    """Index of the first word of its part of the sentence."""
    last: int
    """Index after the last word."""
    at_once: bool = False
    """Done while the other one waits ("one moment, I'll check"): no promise, unless it says when."""
