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
            rule: {found: {label: приветствие, speaker: agent, first_seconds: 20}}
          - name: empathy
            title: Показал, что понимает
            weight: 15
            answer: scale
            critical: section
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator
from pydantic.json_schema import GenerateJsonSchema

from analytics.quality.scorecard_rules import measure_names
from analytics.quality.scorecard_value import (
    AnswerKind,
    Choice,
    Condition,
    Count,
    Critical,
    Item,
    OfCall,
    OfFindings,
    OfMeasure,
    Scorecard,
    Section,
    Sought,
)
from recordings.results.finding import FindingKind
from speech.recognition.words import Speaker
from speech.yaml_source import FileRefused, Problem, Source, read_yaml

LONGEST_TEXT = 100_000
"""Characters of one scorecard."""

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Seconds = Annotated[float, Field(gt=0, le=4 * 3600)]


class _Yaml(BaseModel):
    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class FindingsShape(_Yaml):
    """Findings of the rules: keywords, sentiment, silences, interruptions, …"""

    kind: FindingKind = FindingKind.KEYWORD
    label: Annotated[str, StringConstraints(strip_whitespace=True, max_length=64)] = ""
    """Category of the dictionaries, or what the rule calls it; a category also finds what is below it."""
    speaker: Speaker | None = None
    first_seconds: Seconds | None = None
    """Only so soon after the start of the call; of the agent, after the agent joined."""
    last_seconds: Seconds | None = None
    """Only so late before the end of the call."""


def _check_bounds(at_least: float | None, at_most: float | None) -> None:
    if at_least is None and at_most is None:
        raise ValueError("nothing is compared: give at_least, at_most or both")
    if at_least is not None and at_most is not None and at_least > at_most:
        raise ValueError("at_least lies above at_most")


class BoundedFindingsShape(FindingsShape):
    """Findings and the bounds of their figure."""

    at_least: float | None = None
    at_most: float | None = None

    @model_validator(mode="after")
    def _is_bounded(self) -> Self:
        _check_bounds(self.at_least, self.at_most)
        return self


class MeasureShape(_Yaml):
    """A figure of the whole recording and its bounds."""

    name: str
    """silence_share, overlap_seconds, words_per_minute.agent, talk_seconds.caller, talk_share.agent, sentiment.caller,
    sentiment_end.caller, sentiment_change.caller, …"""
    at_least: float | None = None
    at_most: float | None = None

    @model_validator(mode="after")
    def _is_known(self) -> Self:
        if self.name not in (known := measure_names()):
            raise ValueError(f"no figure {self.name!r}; there are {', '.join(known)}")
        _check_bounds(self.at_least, self.at_most)
        return self


Fact = Literal["agent", "language", "outcome", "queue", "scenario", "segment", "team"]


class ConditionShape(_Yaml):
    """Something that holds or does not; exactly one of its kinds."""

    found: FindingsShape | None = None
    """There is such a finding."""
    absent: FindingsShape | None = None
    """There is no such finding."""
    count: BoundedFindingsShape | None = None
    """The number of such findings lies within the bounds."""
    longest: BoundedFindingsShape | None = None
    """The longest of such findings, in seconds, lies within the bounds; 0 where there is none."""
    measure: MeasureShape | None = None
    """A figure of the recording lies within the bounds."""
    call: Annotated[dict[Fact, Text | list[Text]], Field(min_length=1)] | None = None
    """Each of the facts has this value, or one of these."""

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if len(self.model_fields_set) != 1 or getattr(self, next(iter(self.model_fields_set))) is None:
            raise ValueError("want exactly one of found, absent, count, longest, measure, call")
        return self


def _several(value: object) -> object:
    return value if isinstance(value, list) else [value]


Conditions = Annotated[
    list[ConditionShape],
    Field(min_length=1),
    BeforeValidator(_several, json_schema_input_type=ConditionShape | list[ConditionShape]),
]
"""One, or several that must all hold."""


class ChoiceShape(_Yaml):
    """One of the answers."""

    name: Name
    title: Text
    points: Annotated[float, Field(ge=0, le=1)]
    """Share of the item's weight, 0..1."""


class ItemShape(_Yaml):
    """One question. With a rule it answers itself, and a person may override it; without one, people answer it."""

    name: Name
    title: Text
    guidance: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] = ""
    """What the evaluator should listen for."""
    weight: Annotated[float, Field(gt=0, le=1000)]
    """Compared with the weights of the other items; what does not apply leaves its weight to the others."""
    answer: AnswerKind = AnswerKind.YES_NO
    choices: list[ChoiceShape] = []
    """Of the answer choice."""
    critical: Critical = Critical.NO
    """What fails with an item that gets no points: its section, or the whole call."""
    may_not_apply: bool = True
    """Whether an evaluator may say that it does not apply."""
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


class SectionShape(_Yaml):
    name: Name
    title: Text
    items: Annotated[list[ItemShape], Field(min_length=1, max_length=100)]


class ScorecardShape(_Yaml):
    """What a call is scored by, 0..100."""

    name: Name
    title: Text
    language: Literal["", "ru", "en"] = ""
    """Of the calls it is for; left out: any."""
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
    body = ScorecardShape.model_json_schema()
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


def _conditions(shapes: list[ConditionShape] | None) -> tuple[Condition, ...]:
    return tuple(map(_condition, shapes or ()))


def _condition(shape: ConditionShape) -> Condition:
    if shape.found:
        return OfFindings(sought=_sought(shape.found), figure=Count.NUMBER, at_least=1)
    if shape.absent:
        return OfFindings(sought=_sought(shape.absent), figure=Count.NUMBER, at_most=0)
    if found := shape.count or shape.longest:
        figure = Count.NUMBER if shape.count else Count.LONGEST
        return OfFindings(sought=_sought(found), figure=figure, at_least=found.at_least, at_most=found.at_most)
    if shape.measure:
        return OfMeasure(name=shape.measure.name, at_least=shape.measure.at_least, at_most=shape.measure.at_most)
    wanted: Mapping[Fact, str | list[str]] = shape.call or {}
    return OfCall(wanted={fact: tuple([v] if isinstance(v, str) else v) for fact, v in wanted.items()})


def _sought(shape: FindingsShape) -> Sought:
    return Sought(
        kind=shape.kind,
        label=shape.label,
        speaker=shape.speaker,
        first_seconds=shape.first_seconds,
        last_seconds=shape.last_seconds,
    )
