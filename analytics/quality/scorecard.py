"""What a call scores by a scorecard: items that answer themselves, and the sum of all answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from analytics.conditions.evaluation import Seen, judge_call
from analytics.conditions.terms import Term
from analytics.conditions.value import Condition, Verdict
from analytics.quality.scorecard_value import Critical, Item, Scorecard, Section
from recordings.calls.facts import CallFacts
from recordings.quality.evaluation import NO, NOT_APPLICABLE, YES, Answer
from recordings.results.finding import Evidence, Finding, Measures


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What the automatic items of a scorecard make of a call."""

    scorecard: str
    """Version."""
    answers: Mapping[str, Answer] = field(default_factory=dict)
    """Answers to automatic items, and to those that do not apply, by name."""
    score: float | None = None
    """0..100 over the automatic items that apply; None where none does."""


def score(card: Scorecard, measures: Measures, findings: Sequence[Finding], call: CallFacts) -> Score:
    """Answer what can be answered without a person. A call the scorecard is not for has no answers and no score."""
    seen = Seen(call=call, findings=findings, measures=measures, of_speakers=True)
    if not is_for(card, seen):
        return Score(scorecard=card.version)
    answers = {item.name: answer for item in card.items() if (answer := _by_itself(item, seen))}
    return Score(scorecard=card.version, answers=answers, score=total(card, answers))


def is_for(card: Scorecard, seen: Seen) -> bool:
    """Whether a call is one that the scorecard is for."""
    speaks = not card.language or card.language == seen.call.language
    return speaks and _all(card.applies_if, seen).holds is True


def total(card: Scorecard, answers: Mapping[str, Answer]) -> float | None:
    """The score 0..100: the mean of the points of each item that has an answer and applies, by weight.

    What does not apply leaves its weight to all others in proportion to theirs. A critical item without points makes
    its section, or everything, 0. None where no item applies.
    """
    earned = {
        item.name: points
        for item in card.items()
        if (answer := answers.get(item.name)) and (points := item.points(answer.answer)) is not None
    }
    weights = {item.name: item.weight for item in card.items() if item.name in earned}
    if not weights:
        return None
    if failed(card, answers, Critical.CALL):
        return 0.0
    lost = {item.name for section in card.sections if section_fails(section, answers) for item in section.items}
    points = sum(weight * earned[name] for name, weight in weights.items() if name not in lost)
    return round(100 * points / sum(weights.values()), 2)


def failed(card: Scorecard, answers: Mapping[str, Answer], critical: Critical) -> tuple[Item, ...]:
    """Items of this gravity that have got no points."""
    return tuple(item for item in card.items() if item.critical is critical and _has_nothing(item, answers))


def section_fails(section: Section, answers: Mapping[str, Answer]) -> bool:
    return any(item.critical is Critical.SECTION and _has_nothing(item, answers) for item in section.items)


def missing(card: Scorecard, answers: Mapping[str, Answer]) -> tuple[Item, ...]:
    """Items that still want an answer: none, one that is not theirs, or "does not apply" where that is not allowed."""
    return tuple(item for item in card.items() if not _is_answered(item, answers.get(item.name)))


def unexplained(card: Scorecard, answers: Mapping[str, Answer]) -> tuple[Item, ...]:
    """Items where a person overrides the rule without saying why."""
    return tuple(
        item
        for item in card.items()
        if (answer := answers.get(item.name)) and answer.overridden and not answer.comment.strip()
    )


def _has_nothing(item: Item, answers: Mapping[str, Answer]) -> bool:
    answer = answers.get(item.name)
    return answer is not None and item.points(answer.answer) == 0


def _is_answered(item: Item, answer: Answer | None) -> bool:
    if answer is None:
        return False
    if answer.answer == NOT_APPLICABLE:
        return item.may_not_apply or answer.automatic == NOT_APPLICABLE
    return item.points(answer.answer) is not None


def _by_itself(item: Item, seen: Seen) -> Answer | None:
    if item.applies_if and not _all(item.applies_if, seen).holds:
        return Answer(answer=NOT_APPLICABLE, automatic=NOT_APPLICABLE)
    if not item.rule:
        return None
    verdict = _all(item.rule, seen)
    said = NOT_APPLICABLE if verdict.holds is None else YES if verdict.holds else NO
    proof = next(iter(verdict.proof), None)
    return Answer(
        answer=said,
        automatic=said,
        start=proof.start if proof else None,
        end=proof.end if proof else None,
        quote=proof.quote if proof else "",
    )


def _all(conditions: tuple[Condition[Term], ...], seen: Seen) -> Verdict[Evidence]:
    return judge_call(Condition(every=conditions), seen)
