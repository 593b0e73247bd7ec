"""Rules of alerts as values, and what they look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from recordings.calls.facts import CallFacts
from recordings.results.finding import Evidence, Finding, Measures
from speech.recognition.words import Speaker, Utterance

When = Literal["live", "finished"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Something that must be so; exactly one of the kinds is set."""

    speaker: Speaker | None = None
    """Whose words or feelings are meant; None: anybody's but the robot's."""
    category: str = ""
    """Category of the dictionaries, with what is below it."""
    said: Mapping[str, tuple[tuple[str, ...], ...]] | None = None
    """Language → phrases, as lemmas in a row."""
    sentiment_below: float | None = None
    sentiment_above: float | None = None
    silence: float | None = None
    """Seconds in which nobody speaks."""
    measure: str = ""
    """Figure of the call, as ``overlap_seconds``."""
    below: float | None = None
    above: float | None = None
    segment: tuple[str, ...] = ()
    outcome: tuple[str, ...] = ()
    team: tuple[str, ...] = ()
    rating: int | None = None
    """At most, 1..5."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One alert."""

    name: str
    title: Mapping[str, str]
    when: tuple[When, ...] = ("live", "finished")
    every: tuple[Condition, ...] = ()
    some: tuple[Condition, ...] = ()
    mail: tuple[str, ...] = ()
    webhook: tuple[str, ...] = ()
    callback: bool = False
    """Somebody shall ring the caller back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRules:
    """All alerts of one version."""

    version: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A contact as far as it is known: a call that goes on, a finished one, or one that was rated."""

    facts: CallFacts
    when: When
    said: tuple[Utterance, ...] = ()
    """By time."""
    findings: tuple[Finding, ...] = ()
    measures: Measures | None = None
    feelings: tuple[float | None, ...] = ()
    """Sentiment of each of ``said``."""
    quiet_since: tuple[float, float] | None = None
    """From when until now nobody has spoken in a call that goes on, seconds from its start."""
    rating: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """A rule that fired, and the seconds that prove it where there are any."""

    rule: Rule
    evidence: Evidence | None
