"""Conditions in the words of before this language: read as they were, each as the condition of today that means it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, model_validator

from analytics.conditions.file import ConditionShape, Fact, Shape, Words, check_bounds, check_measure
from analytics.conditions.terms import Term
from analytics.conditions.value import Condition
from recordings.contacts.call import Outcome
from recordings.results.finding import FindingKind
from speech.recognition.words import Speaker

Seconds = Annotated[float, Field(gt=0, le=4 * 3600)]


class Former(Shape):
    """A condition in former words."""

    def modern(self) -> dict[str, Any]:
        """The condition in the words of today, as data."""
        raise NotImplementedError

    def value(self) -> Condition[Term]:
        return ConditionShape.model_validate(self.modern()).value()


def former_alert(data: Mapping[str, Any]) -> bool:
    """Whether a condition of an alert is written in former words."""
    measure, rating = data.get("measure"), data.get("rating")
    return (
        not data.keys().isdisjoint(("silence", "segment", "outcome", "team"))
        or (isinstance(measure, Mapping) and "name" in measure)
        or (rating is not None and not isinstance(rating, Mapping))
    )


class _FormerFigure(Shape):
    name: str
    below: float | None = None
    above: float | None = None

    @model_validator(mode="after")
    def _known(self) -> Self:
        check_measure(self.name)
        if (self.below is None) == (self.above is None):
            raise ValueError("want below or above")
        return self


class FormerAlertCondition(Former):
    """A condition of an alert."""

    speaker: Speaker | None = None
    category: Words | None = None
    said: dict[str, list[Words]] | None = None
    sentiment: dict[str, float] | None = None
    silence: float | None = Field(default=None, gt=0, le=3600)
    measure: _FormerFigure | None = None
    segment: list[Words] | None = None
    outcome: list[Outcome] | None = None
    team: list[Words] | None = None
    rating: int | None = Field(default=None, ge=1, le=5)

    @model_validator(mode="after")
    def _one(self) -> Self:
        kinds = [name for name in type(self).model_fields if name != "speaker"]
        if sum(getattr(self, kind) is not None for kind in kinds) != 1:
            raise ValueError(f"want exactly one of {', '.join(kinds)}")
        return self

    def modern(self) -> dict[str, Any]:
        """A speaker beside what is nobody's was read and said nothing: it goes."""
        if self.silence is not None:
            return {"finding": "silence", "label": "silence", "lasts": {"above": self.silence}}
        if self.measure:
            return {"measure": {self.measure.name: _given(self.measure, "below", "above")}}
        if self.rating is not None:
            return {"rating": {"at_most": self.rating}}
        facts: tuple[Fact, ...] = ("segment", "outcome", "team")
        return {"call": {fact: list(map(str, values)) for fact in facts if (values := getattr(self, fact)) is not None}}


def former_scorecard(data: Mapping[str, Any]) -> bool:
    """Whether a condition of a scorecard is written in former words."""
    measure = data.get("measure")
    told = not data.keys().isdisjoint(("category", "finding", "measure", "call", "all", "any", "unless"))
    return (
        not data.keys().isdisjoint(("found", "absent"))
        or (not told and not data.keys().isdisjoint(("count", "longest")))
        or (isinstance(measure, Mapping) and "name" in measure)
    )


class _FormerFindings(Shape):
    kind: FindingKind = FindingKind.KEYWORD
    label: Annotated[str, StringConstraints(strip_whitespace=True, max_length=64)] = ""
    speaker: Speaker | None = None
    first_seconds: Seconds | None = None
    last_seconds: Seconds | None = None

    def modern(self) -> dict[str, Any]:
        keyword = self.kind is FindingKind.KEYWORD and self.label
        term = {"category": self.label} if keyword else {"finding": str(self.kind)}
        if self.label and not keyword:
            term["label"] = self.label
        return term | _given(self, "speaker", "first_seconds", "last_seconds")


class _FormerBounds(Shape):
    at_least: float | None = None
    at_most: float | None = None

    @model_validator(mode="after")
    def _is_bounded(self) -> Self:
        check_bounds(lower=(self.at_least,), upper=(self.at_most,))
        return self

    def bounds(self) -> dict[str, Any]:
        return _given(self, "at_least", "at_most")


class _FormerBoundedFindings(_FormerFindings, _FormerBounds):
    pass


class _FormerMeasure(_FormerBounds):
    name: str

    @model_validator(mode="after")
    def _is_known(self) -> Self:
        check_measure(self.name)
        return self


class FormerScorecardCondition(Former):
    """A condition of a scorecard."""

    found: _FormerFindings | None = None
    absent: _FormerFindings | None = None
    count: _FormerBoundedFindings | None = None
    longest: _FormerBoundedFindings | None = None
    measure: _FormerMeasure | None = None
    call: Annotated[dict[Fact, Words | list[Words]], Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if len(self.model_fields_set) != 1 or getattr(self, next(iter(self.model_fields_set))) is None:
            raise ValueError("want exactly one of found, absent, count, longest, measure, call")
        return self

    def modern(self) -> dict[str, Any]:
        if self.found:
            return self.found.modern()
        if self.absent:
            return {"unless": [self.absent.modern()]}
        if self.count:
            return self.count.modern() | {"count": self.count.bounds()}
        if self.longest:
            return self.longest.modern() | {"longest": self.longest.bounds()}
        return {"measure": {self.measure.name: self.measure.bounds()}} if self.measure else {"call": self.call}


def _given(shape: Shape, *names: str) -> dict[str, Any]:
    """What is said of these, as plain data."""
    return shape.model_dump(mode="json", include=set(names), exclude_none=True)
