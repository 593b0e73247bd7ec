"""A scorecard as values: sections, items, and the conditions that answer an item by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from analytics.conditions.terms import Term
from analytics.conditions.value import Condition

SCALE = 5
"""Best answer of a scale; the worst is 0."""


class AnswerKind(StrEnum):
    YES_NO = "yes_no"
    SCALE = "scale"
    """0..5."""
    CHOICE = "choice"


class Critical(StrEnum):
    """Gravity of an item: what fails when it gets no points at all."""

    NO = "no"
    SECTION = "section"
    """Every applicable item of its section counts 0."""
    CALL = "call"
    """The whole score is 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    name: str
    title: str
    points: float
    """0..1 of the item's weight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One question."""

    name: str
    title: str
    guidance: str
    weight: float
    answer: AnswerKind
    choices: tuple[Choice, ...]
    critical: Critical
    may_not_apply: bool
    """True where a person may answer that it does not apply."""
    rule: tuple[Condition[Term], ...]
    """All must hold for a yes; empty for items that people answer."""
    applies_if: tuple[Condition[Term], ...]
    """All must hold, or the item does not apply."""

    def points(self, answer: str) -> float | None:
        """Share 0..1 of the weight that an answer earns; None for one the item does not know."""
        return dict(self.answers()).get(answer)

    def answers(self) -> tuple[tuple[str, float], ...]:
        """Every answer there is, with its share of the weight, best first."""
        if self.answer is AnswerKind.YES_NO:
            return ("yes", 1.0), ("no", 0.0)
        if self.answer is AnswerKind.SCALE:
            return tuple((str(step), step / SCALE) for step in range(SCALE, -1, -1))
        return tuple((choice.name, choice.points) for choice in self.choices)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    name: str
    title: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """One version of a scorecard."""

    version: str
    """First 12 hex digits of the sha256 over its text."""
    name: str
    title: str
    language: str
    """Language of the calls it is for; empty: any."""
    applies_if: tuple[Condition[Term], ...]
    """Calls it is for; all must hold."""
    sections: tuple[Section, ...]

    def items(self) -> Iterator[Item]:
        for section in self.sections:
            yield from section.items
