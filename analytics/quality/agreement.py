"""How far evaluators agree who have scored the same call without seeing each other.

Krippendorff's alpha takes any number of evaluators and missing answers: 1 is full agreement, 0 what chance would give.
From 0.8 on conclusions are safe, from 0.667 tentative ones (Krippendorff, Content Analysis, 4th ed. 2019, ch. 12).
Cohen's kappa stands beside it where there are just two evaluators.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import TypeVar

from analytics.quality.scorecard_value import Item, Scorecard
from recordings.quality.evaluation import Evaluation

Value = TypeVar("Value", bound=Hashable)

SAFE, TENTATIVE = 0.8, 0.667


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemAnswers:
    """One item as the evaluators of a session answered it."""

    item: Item
    answers: Mapping[str, str]
    """By login."""
    agree: bool
    spread: float | None
    """Best less worst points 0..1 of those who found it applicable; None for fewer than two of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    items: tuple[ItemAnswers, ...]
    alike: float | None
    """Share 0..1 of items that all answered alike."""
    nominal: float | None
    """Alpha over the answers as they are, "does not apply" being one; None where everybody always says the same thing,
    so that there is nothing to tell agreement from."""
    interval: float | None
    """Alpha over the points 0..1; who found an item not applicable is missing from it."""
    kappa: float | None
    """Cohen's, for two evaluators."""


def agreement(card: Scorecard, evaluations: Sequence[Evaluation]) -> Agreement:
    """Compare the submitted evaluations of one call."""
    items = tuple(_compared(item, evaluations) for item in card.items())
    said = [tuple(item.answers.values()) for item in items]
    points = [
        tuple(value for answer in item.answers.values() if (value := item.item.points(answer)) is not None)
        for item in items
    ]
    return Agreement(
        items=items,
        alike=sum(item.agree for item in items) / len(items) if items and len(evaluations) > 1 else None,
        nominal=alpha(said, _differ),
        interval=alpha(points, _squared),
        kappa=kappa(*zip(*said, strict=True))
        if len(evaluations) == 2 and all(len(pair) == 2 for pair in said)
        else None,
    )


def alpha(units: Sequence[Sequence[Value]], distance: Callable[[Value, Value], float]) -> float | None:
    """Krippendorff's alpha = 1 − observed / expected disagreement over pairs of values.

    Args:
        units: What the evaluators said of each thing; who said nothing of it is left out. Units with fewer than two
            values cannot be paired and do not count.
        distance: Disagreement of two values; squared for intervals, 0 or 1 for names.

    Returns:
        At most 1; None where there are no pairs, or all values are the same.

    Source: Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), formula for any number of observers.
    """
    pairable = [unit for unit in units if len(unit) > 1]
    values = [value for unit in pairable for value in unit]
    if not values:
        return None
    observed = sum(sum(distance(a, b) for a, b in permutations(unit, 2)) / (len(unit) - 1) for unit in pairable)
    expected = sum(distance(a, b) for a, b in permutations(values, 2)) / (len(values) - 1)
    return 1 - observed / expected if expected else None


def kappa(first: Sequence[str], second: Sequence[str]) -> float | None:
    """Cohen's kappa of two evaluators; None where both always say one and the same."""
    if len({*first, *second}) < 2:
        return None
    from sklearn.metrics import cohen_kappa_score  # takes a second to import

    return float(cohen_kappa_score(first, second))


def _compared(item: Item, evaluations: Sequence[Evaluation]) -> ItemAnswers:
    answers = {e.evaluator: e.answers[item.name].answer for e in evaluations if item.name in e.answers}
    points = [value for answer in answers.values() if (value := item.points(answer)) is not None]
    return ItemAnswers(
        item=item,
        answers=answers,
        agree=len(set(answers.values())) <= 1,
        spread=max(points) - min(points) if len(points) > 1 else None,
    )


def _differ(a: str, b: str) -> float:
    return float(a != b)


def _squared(a: float, b: float) -> float:
    return (a - b) ** 2
