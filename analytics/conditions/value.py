"""Conditions as values: terms, joined by all, any and unless; and what they come to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Term = TypeVar("Term")
Proof = TypeVar("Proof")


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition(Generic[Term]):
    """What has to be so in one call: everything in it holds. One without any of its parts does not exist."""

    term: Term | None = None
    every: tuple[Condition[Term], ...] = ()
    """All of these hold."""
    some: tuple[Condition[Term], ...] = ()
    """At least one of these holds."""
    unless: tuple[Condition[Term], ...] = ()
    """None of these holds."""

    def terms(self) -> Iterator[Term]:
        if self.term is not None:
            yield self.term
        for below in (*self.every, *self.some, *self.unless):
            yield from below.terms()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict(Generic[Proof]):
    """What a condition comes to."""

    holds: bool | None
    """None: there is nothing to judge by."""
    proof: tuple[Proof, ...] = ()
    """The places that decide it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Between which values a figure lies; at least one is set."""

    at_least: float | None = None
    at_most: float | None = None
    above: float | None = None
    below: float | None = None

    def hold(self, value: float) -> bool:
        return (
            (self.at_least is None or value >= self.at_least)
            and (self.at_most is None or value <= self.at_most)
            and (self.above is None or value > self.above)
            and (self.below is None or value < self.below)
        )

    @property
    def from_above(self) -> bool:
        """Whether something must not be too great: then the least value is furthest out."""
        return self.at_most is not None or self.below is not None


def judge(condition: Condition[Term], of: Callable[[Term], Verdict[Proof]]) -> Verdict[Proof]:
    """Join what ``of`` says of the terms. A part that does not hold decides; else one that cannot be judged leaves it
    open. A term proves its condition by itself; without one, all that holds below does."""
    own = of(condition.term) if condition.term is not None else None
    verdicts = [own] if own else []
    verdicts += [judge(below, of) for below in condition.every]
    if condition.some:
        verdicts.append(_some([judge(below, of) for below in condition.some]))
    verdicts += [_turned(judge(below, of)) for below in condition.unless]
    for wanted in (False, None):
        if decisive := next((verdict for verdict in verdicts if verdict.holds is wanted), None):
            return decisive
    return own or Verdict(holds=True, proof=tuple(place for verdict in verdicts for place in verdict.proof))


def _some(verdicts: Sequence[Verdict[Proof]]) -> Verdict[Proof]:
    holding = [verdict for verdict in verdicts if verdict.holds]
    if holding:
        return Verdict(holds=True, proof=tuple(place for verdict in holding for place in verdict.proof))
    return Verdict(holds=None if any(verdict.holds is None for verdict in verdicts) else False)


def _turned(verdict: Verdict[Proof]) -> Verdict[Proof]:
    """What is there proves that a condition does not hold; what is not there proves nothing."""
    return Verdict(
        holds=None if verdict.holds is None else not verdict.holds, proof=verdict.proof if verdict.holds else ()
    )
