"""Conditions of alerts and scorecards as people write them. Docstrings are what an editor shows while one types."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Discriminator, Field, StringConstraints, Tag, model_validator
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import TaggedUnionSchema

from analytics.conditions.figures import measure_names
from analytics.conditions.terms import Findings, Measured, OfCall, Rated, Said, SentimentTerm, Term, Whose
from analytics.conditions.value import Bounds, Condition
from recordings.results.finding import FindingKind
from speech.recognition.words import Speaker
from speech.text.tokens import lemma, tokens

TERMS = ("category", "finding", "said", "sentiment", "measure", "call", "rating")
OF_SPEAKERS = ("category", "finding", "said", "sentiment")
"""Terms that ask whose and when."""
OF_FINDINGS = ("category", "finding")

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]
Fact = Literal["agent", "language", "outcome", "queue", "scenario", "segment", "team"]


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class WhoseShape(Shape):
    """Who says it, and when: the same words in dictionaries, alerts and scorecards."""

    speaker: Speaker | None = None
    """Who says it: caller, robot, agent. Anybody where nothing is said."""
    first_seconds: Seconds | None = None
    """Only in so many seconds from the start."""
    last_seconds: Seconds | None = None
    """Only in so many seconds before the end."""


class BoundsShape(Shape):
    """Bounds a figure is compared with."""

    at_least: float | None = None
    at_most: float | None = None
    above: float | None = None
    below: float | None = None

    @model_validator(mode="after")
    def _compares(self) -> Self:
        check_bounds(lower=(self.at_least, self.above), upper=(self.at_most, self.below))
        return self

    def value(self) -> Bounds:
        return Bounds(at_least=self.at_least, at_most=self.at_most, above=self.above, below=self.below)


def check_bounds(*, lower: tuple[float | None, ...], upper: tuple[float | None, ...]) -> None:
    """Raises:
    ValueError: there are no bounds, or nothing lies between them.
    """
    low, high = ([bound for bound in bounds if bound is not None] for bounds in (lower, upper))
    if not low and not high:
        raise ValueError("nothing is compared: want at_least, at_most, below or above")
    if low and high and max(low) > min(high):
        raise ValueError("nothing lies between these bounds: at_least lies above at_most")


class SentimentShape(BoundsShape):
    """Mean over the words, -1 (angry) .. 1 (happy)."""

    @model_validator(mode="after")
    def _is_sentiment(self) -> Self:
        check_range(self, -1, 1)
        return self


class RatingShape(BoundsShape):
    """The caller's rating, 1..5."""

    @model_validator(mode="after")
    def _is_rating(self) -> Self:
        check_range(self, 1, 5)
        return self


def check_range(bounds: BoundsShape, least: float, greatest: float) -> None:
    """Raises:
    ValueError: a bound lies outside.
    """
    for name, bound in bounds:
        if bound is not None and not least <= bound <= greatest:
            raise ValueError(f"{name} must lie in {least}..{greatest}")


class ConditionShape(WhoseShape):
    """Something that holds or does not: one term, or several conditions under all, any and unless."""

    category: Words | None = None
    """A category of the dictionaries, with everything below it, is said."""
    finding: FindingKind | None = None
    """The rules have found such a thing."""
    label: Label | None = None
    """Name the rule gives a finding, as silence or hold."""
    said: dict[str, list[Words]] | None = None
    """Language → phrases, in any form of their words. Of nobody in particular: not by the robot."""
    sentiment: SentimentShape | None = None
    """Mean over the words, -1 (angry) .. 1 (happy). Of nobody in particular: not the robot's."""
    measure: Annotated[dict[str, BoundsShape], Field(min_length=1)] | None = None
    """Figures of the whole call and their bounds: silence_share, overlap_seconds, words_per_minute.agent,
    talk_seconds.caller, talk_share.agent, sentiment.caller, sentiment_end.caller, sentiment_change.caller, …"""
    call: Annotated[dict[Fact, Words | list[Words]], Field(min_length=1)] | None = None
    """Each of the facts has this value, or one of these."""
    rating: RatingShape | None = None
    """The caller's answer, 1..5."""
    lasts: BoundsShape | None = None
    """Seconds that each of the findings lasts: others are not meant."""
    count: BoundsShape | None = None
    """Number of findings. Where nothing is said: at least one."""
    longest: BoundsShape | None = None
    """Seconds of the longest of the findings; 0 where there is none."""
    every: list[ConditionShape] = Field(default=[], alias="all")
    """All of these hold."""
    some: list[ConditionShape] = Field(default=[], alias="any")
    """At least one of these holds."""
    unless: list[ConditionShape] = []
    """None of these holds."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        terms = [name for name in TERMS if getattr(self, name) is not None]
        joins = self.every or self.some or self.unless
        if len(terms) > 1 or not (terms or joins):
            raise ValueError(f"want exactly one of {', '.join(TERMS)}, or several conditions under all, any, unless")
        if self.label and self.finding is None:
            raise ValueError("a label belongs to a finding")
        for name in ("lasts", "count", "longest"):
            if getattr(self, name) is not None and not set(terms) & set(OF_FINDINGS):
                raise ValueError(f"{name} belongs to a category or a finding")
        if self.model_fields_set & WhoseShape.model_fields.keys() and not (joins or set(terms) & set(OF_SPEAKERS)):
            raise ValueError(f"whose and when is asked of {', '.join(OF_SPEAKERS)} only")
        for name in self.measure or ():
            check_measure(name)
        return self

    def value(self, above: WhoseShape | None = None) -> Condition[Term]:
        """The condition; whose and when is taken from ``above`` where it is not said here."""
        whose = inherited(self, above)
        return Condition(
            term=self._term(Whose(**whose.model_dump())),
            every=tuple(below.value(whose) for below in self.every),
            some=tuple(below.value(whose) for below in self.some),
            unless=tuple(below.value(whose) for below in self.unless),
        )

    def _term(self, whose: Whose) -> Term | None:
        if self.category or self.finding:
            return Findings(
                kind=self.finding or FindingKind.KEYWORD,
                label=self.category or self.label or "",
                whose=whose,
                lasts=self.lasts.value() if self.lasts else None,
                count=self.count.value() if self.count else None,
                longest=self.longest.value() if self.longest else None,
            )
        if self.said is not None:
            return Said(
                phrases={language: _lemmas(said, language) for language, said in self.said.items()}, whose=whose
            )
        if self.sentiment:
            return SentimentTerm(bounds=self.sentiment.value(), whose=whose)
        if self.measure:
            return Measured(figures={name: bounds.value() for name, bounds in self.measure.items()})
        if self.call:
            wanted = {str(fact): tuple([one] if isinstance(one, str) else one) for fact, one in self.call.items()}
            return OfCall(wanted=wanted)
        return Rated(bounds=self.rating.value()) if self.rating else None


def inherited(here: WhoseShape, above: WhoseShape | None) -> WhoseShape:
    """Whose and when, as said here or else above."""
    return WhoseShape(**{name: getattr(here, name) or getattr(above, name, None) for name in WhoseShape.model_fields})


def check_measure(name: str) -> None:
    """Raises:
    ValueError: no figure is called so.
    """
    if name not in (known := measure_names()):
        raise ValueError(f"no figure is called {name!r}; there are {', '.join(known)}")


def _lemmas(phrases: list[str], language: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(lemma(word, language) for word in tokens(phrase)) for phrase in phrases)


def is_former(former: Callable[[Mapping[str, Any]], bool]) -> Discriminator:
    """Tells conditions in the words of before, tagged ``former``, from those of today, tagged ``condition``."""
    return Discriminator(lambda data: "former" if isinstance(data, Mapping) and former(data) else "condition")


CONDITION = Tag("condition")
FORMER = Tag("former")


class NewWords(GenerateJsonSchema):
    """Schema of what people write today: words of before are read, but not proposed."""

    def tagged_union_schema(self, schema: TaggedUnionSchema) -> JsonSchemaValue:
        choices = {tag: choice for tag, choice in schema["choices"].items() if tag != "former"}
        if len(choices) == 1:
            return self.generate_inner(next(iter(choices.values())))
        return super().tagged_union_schema({**schema, "choices": choices})
