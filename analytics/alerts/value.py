"""Rules of alerts as values, and what they look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from analytics.conditions.terms import Term
from analytics.conditions.value import Condition
from recordings.calls.facts import CallFacts
from recordings.results.finding import Evidence, Finding, Measures
from speech.recognition.words import Utterance

When = Literal["live", "finished"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One alert."""

    name: str
    title: Mapping[str, str]
    condition: Condition[Term]
    when: tuple[When, ...] = ("live", "finished")
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
    sentiments: tuple[float | None, ...] = ()
    """Sentiment of each of ``said``."""
    quiet_since: tuple[float, float] | None = None
    """From when until now nobody has spoken in a call that goes on, seconds from its start."""
    rating: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """A rule that fired, and the seconds that prove it where there are any."""

    rule: Rule
    evidence: Evidence | None
