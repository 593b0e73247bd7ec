"""Terms of alerts and scorecards: what they ask of a call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from analytics.conditions.value import Bounds
from recordings.results.finding import FindingKind
from speech.recognition.words import Speaker


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """Who says it, and when."""

    speaker: Speaker | None = None
    first_seconds: float | None = None
    """Only what starts so soon after the start of the call; of the agent, after the agent joined."""
    last_seconds: float | None = None
    """Only what starts so late before the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """There are such findings; or the bounds of a figure of theirs hold."""

    kind: FindingKind
    label: str = ""
    """Empty: any. ``claims`` also finds ``claims/refund``."""
    whose: Whose = Whose()
    lasts: Bounds | None = None
    """Seconds of each that is meant."""
    count: Bounds | None = None
    longest: Bounds | None = None
    """Seconds of the longest one; 0 where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One of the phrases is said, in any form of its words. Of nobody in particular: not by the robot."""

    phrases: Mapping[str, tuple[tuple[str, ...], ...]]
    """Language → phrases, as lemmas in a row."""
    whose: Whose = Whose()


@dataclass(frozen=True, slots=True, kw_only=True)
class SentimentTerm:
    """Mean sentiment over the words, -1 (angry) .. 1 (happy). Of nobody in particular: not the robot's."""

    bounds: Bounds
    whose: Whose = Whose()


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Figures of the whole call."""

    figures: Mapping[str, Bounds]
    """As ``silence_share``, ``words_per_minute.agent``, ``sentiment_end.caller``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfCall:
    """Each of these facts of the call has one of its values; small and capital letters are the same."""

    wanted: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated:
    """The caller's rating, 1..5."""

    bounds: Bounds


Term = Findings | Said | SentimentTerm | Measured | OfCall | Rated
