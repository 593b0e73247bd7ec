"""A scorecard as people write it: the shape of the YAML. Its docstrings are what an editor shows while one types.

::

    name: service
    title: Качество обслуживания
    sections:
      - name: opening
        title: Начало
        items:
          - name: greeting
            title: Оператор поздоровался
            weight: 10
            rule: {category: приветствие, speaker: agent, first_seconds: 20}
          - name: empathy
            title: Показал, что понимает
            weight: 15
            answer: scale
            critical: section
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator
from pydantic.json_schema import GenerateJsonSchema

from analytics.conditions.file import CONDITION, FORMER, TERMS, ConditionShape, NewWords, Shape, is_former
from analytics.conditions.former import FormerScorecardCondition, former_scorecard
from analytics.conditions.terms import Term
from analytics.conditions.value import Condition
from analytics.quality.scorecard_value import AnswerKind, Choice, Critical, Item, Scorecard, Section
from speech.yaml_source import FileRefused, Problem, Source, read_yaml

LONGEST_TEXT = 100_000
"""Characters of one scorecard."""

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
SEEN = ("category", "finding", "measure", "call")
"""Terms that scorecards know: an analysis keeps no words, sentiments or ratings."""


class ScorecardCondition(ConditionShape):
    """Something that holds or does not: one term, or several conditions under all, any and unless."""

    @model_validator(mode="after")
    def _is_seen(self) -> Self:
        for name in _terms(self):
            if name not in SEEN:
                raise ValueError(f"a scorecard does not see {name}: want {', '.join(SEEN)}")
        return self


def _terms(shape: ConditionShape) -> Iterator[str]:
    yield from (name for name in TERMS if getattr(shape, name) is not None)
    for below in (*shape.every, *shape.some, *shape.unless):
        yield from _terms(below)


def _several(value: object) -> object:
    return value if isinstance(value, list) else [value]


AnyCondition = Annotated[
    Annotated[ScorecardCondition, CONDITION] | Annotated[FormerScorecardCondition, FORMER],
    is_former(former_scorecard),
]
Conditions = Annotated[
    list[AnyCondition],
    Field(min_length=1),
    BeforeValidator(_several, json_schema_input_type=AnyCondition | list[AnyCondition]),
]
"""One, or several that must all hold."""


class ChoiceShape(Shape):
    """One of the answers."""

    name: Name
    title: Text
    points: Annotated[float, Field(ge=0, le=1)]
    """Share of the item's weight, 0..1."""


class ItemShape(Shape):
    """One question. With a rule it answers itself, and a person may override it; without one, people answer it."""

    name: Name
    title: Text
    guidance: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] = ""
    """Advice to the evaluator: what to listen for."""
    weight: Annotated[float, Field(gt=0, le=1000)]
    """Compared with the weights of the other items; what does not apply leaves its weight to the others."""
    answer: AnswerKind = AnswerKind.YES_NO
    choices: list[ChoiceShape] = Field(default=[])
    """Answers there are, where the answer is choice."""
    critical: Critical = Critical.NO
    """Gravity: an item without points fails its section, or the whole call."""
    may_not_apply: bool = True
    """True where an evaluator may say that it does not apply."""
    rule: Conditions | None = None
    applies_if: Conditions | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.answer is AnswerKind.CHOICE) != bool(self.choices):
            raise ValueError("choices are for the answer choice, which needs at least two")
        if self.choices and len({choice.name for choice in self.choices}) < max(2, len(self.choices)):
            raise ValueError("a choice needs at least two answers with names of their own")
        if any(choice.name == "na" for choice in self.choices):
            raise ValueError("na is what does not apply: name the choice otherwise")
        if self.choices and not any(choice.points for choice in self.choices):
            raise ValueError("no choice earns anything")
        if self.rule and self.answer is not AnswerKind.YES_NO:
            raise ValueError("a rule answers yes or no")
        return self


class SectionShape(Shape):
    name: Name
    title: Text
    items: Annotated[list[ItemShape], Field(min_length=1, max_length=100)]


class ScorecardShape(Shape):
    """What a call is scored by, 0..100."""

    name: Name
    title: Text
    language: Literal["", "ru", "en"] = ""
    """Language of the calls it is for; left out: any."""
    applies_if: Conditions | None = None
    """Calls it is for."""
    sections: Annotated[list[SectionShape], Field(min_length=1, max_length=50)]


def read_scorecard(text: str, file: str = "scorecard") -> tuple[Scorecard | None, list[Problem]]:
    """The scorecard, or None and everything that is wrong with it; ``file`` names it in what is said."""
    try:
        source = read_yaml(text, file, most=LONGEST_TEXT)
        if source.data is None:
            raise FileRefused(source.problem((), "empty: want name, title and sections"))
        shape = source.shaped(ScorecardShape)
    except FileRefused as refused:
        return None, list(refused.problems)
    if problems := list(_doubles(shape, source)):
        return None, problems
    return _scorecard(shape, hashlib.sha256(text.encode()).hexdigest()[:12]), []


def schema() -> dict[str, Any]:
    """JSON schema of scorecard files: editors complete and check while one types."""
    body = ScorecardShape.model_json_schema(schema_generator=NewWords)
    return {"$schema": GenerateJsonSchema.schema_dialect, **body}


def _doubles(shape: ScorecardShape, source: Source) -> Iterator[Problem]:
    seen: set[str] = set()
    sections: set[str] = set()
    for at, section in enumerate(shape.sections):
        if section.name in sections:
            yield source.problem(("sections", at, "name"), f"there is a section {section.name!r} already")
        sections.add(section.name)
        for number, item in enumerate(section.items):
            if item.name in seen:
                where = ("sections", at, "items", number, "name")
                yield source.problem(where, f"there is an item {item.name!r} already")
            seen.add(item.name)


def _scorecard(shape: ScorecardShape, version: str) -> Scorecard:
    return Scorecard(
        version=version,
        name=shape.name,
        title=shape.title,
        language=shape.language,
        applies_if=_conditions(shape.applies_if),
        sections=tuple(
            Section(name=section.name, title=section.title, items=tuple(map(_item, section.items)))
            for section in shape.sections
        ),
    )


def _item(shape: ItemShape) -> Item:
    return Item(
        name=shape.name,
        title=shape.title,
        guidance=shape.guidance,
        weight=shape.weight,
        answer=shape.answer,
        choices=tuple(Choice(name=c.name, title=c.title, points=c.points) for c in shape.choices),
        critical=shape.critical,
        may_not_apply=shape.may_not_apply,
        rule=_conditions(shape.rule),
        applies_if=_conditions(shape.applies_if),
    )


def _conditions(shapes: list[AnyCondition] | None) -> tuple[Condition[Term], ...]:
    return tuple(shape.value() for shape in shapes or ())
