"""Alerts as people write them in YAML → rules, with the line of every fault."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from analytics.alerts.value import AlertRules, Condition, Rule, When
from analytics.errors import AnalyticsError
from recordings.contacts.call import Outcome
from recordings.results.finding import Measures
from speech.recognition.words import Speaker
from speech.text.tokens import lemma, tokens
from speech.yaml_source import FileRefused, Problem, read_yaml

DEFAULT = Path(__file__).parent / "default.yaml"
LONGEST_TEXT = 100_000
KINDS = ("category", "said", "sentiment", "silence", "measure", "segment", "outcome", "team", "rating")

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Address = Annotated[str, StringConstraints(pattern=r"^[^@\s,;<>]+@[^@\s,;<>]+$", max_length=254)]


def _web_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.fragment:
        raise ValueError("want an address as https://host/path, without a name or password in it")
    return text


Hook = Annotated[str, StringConstraints(max_length=512), AfterValidator(_web_address)]


class _Yaml(BaseModel):
    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class Bounds(_Yaml):
    """Mean over the caller's words, -1 (angry) .. 1 (happy)."""

    below: float | None = Field(default=None, ge=-1, le=1)
    above: float | None = Field(default=None, ge=-1, le=1)

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if (self.below is None) == (self.above is None):
            raise ValueError("want below or above")
        return self


class Figure(_Yaml):
    """A figure of the whole call, as overlap_seconds."""

    name: str
    below: float | None = None
    above: float | None = None

    @model_validator(mode="after")
    def _known(self) -> Self:
        known = [name for name, field in Measures.__dataclass_fields__.items() if field.type in ("float", "int")]
        if self.name not in known:
            raise ValueError(f"no figure is called {self.name!r}; there are {', '.join(known)}")
        if (self.below is None) == (self.above is None):
            raise ValueError("want below or above")
        return self


class ConditionShape(_Yaml):
    """One of the kinds, and for words and feelings whose they are."""

    speaker: Speaker | None = None
    """caller, agent or robot; left out: anybody but the robot."""
    category: Words | None = None
    """A category of the dictionaries, with everything below it."""
    said: dict[str, list[Words]] | None = None
    """Language → phrases, in any form of the words."""
    sentiment: Bounds | None = None
    silence: float | None = Field(default=None, gt=0, le=3600)
    """Seconds in which nobody speaks."""
    measure: Figure | None = None
    segment: list[Words] | None = None
    """Of the customer, as the company's system names it."""
    outcome: list[Outcome] | None = None
    team: list[Words] | None = None
    rating: int | None = Field(default=None, ge=1, le=5)
    """At most so much."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(getattr(self, kind) is not None for kind in KINDS) != 1:
            raise ValueError(f"want exactly one of {', '.join(KINDS)}")
        return self

    def value(self) -> Condition:
        said = None
        if self.said is not None:
            said = {
                language: tuple(tuple(lemma(word, language) for word in tokens(phrase)) for phrase in phrases)
                for language, phrases in self.said.items()
            }
        bounds = self.measure
        return Condition(
            speaker=self.speaker,
            category=self.category or "",
            said=said,
            sentiment_below=self.sentiment.below if self.sentiment else None,
            sentiment_above=self.sentiment.above if self.sentiment else None,
            silence=self.silence,
            measure=bounds.name if bounds else "",
            below=bounds.below if bounds else None,
            above=bounds.above if bounds else None,
            segment=tuple(self.segment or ()),
            outcome=tuple(self.outcome or ()),
            team=tuple(self.team or ()),
            rating=self.rating,
        )


class Send(_Yaml):
    """Besides the page of alerts."""

    mail: list[Address] = []
    webhook: list[Hook] = []


class RuleShape(_Yaml):
    """One alert; it is raised once for a contact."""

    name: Name
    title: dict[str, Words] = Field(min_length=1)
    """Language → what people read."""
    when: When | None = None
    """live: while the call goes on; finished: once it is analysed; left out: both."""
    every: list[ConditionShape] = Field(default=[], alias="all")
    some: list[ConditionShape] = Field(default=[], alias="any")
    send: Send = Send()
    callback: bool = False
    """Somebody shall ring the caller back."""

    @model_validator(mode="after")
    def _conditional(self) -> Self:
        if not self.every and not self.some:
            raise ValueError("want a condition under all or any: an alert without one would be raised for every call")
        return self

    def value(self) -> Rule:
        return Rule(
            name=self.name,
            title=self.title,
            when=(self.when,) if self.when else ("live", "finished"),
            every=tuple(condition.value() for condition in self.every),
            some=tuple(condition.value() for condition in self.some),
            mail=tuple(self.send.mail),
            webhook=tuple(self.send.webhook),
            callback=self.callback,
        )


class AlertsFile(_Yaml):
    """All alerts of an installation."""

    alerts: list[RuleShape] = Field(max_length=500)

    @model_validator(mode="after")
    def _named_once(self) -> Self:
        names = [rule.name for rule in self.alerts]
        if twice := next((name for name in names if names.count(name) > 1), ""):
            raise ValueError(f"two alerts are called {twice!r}")
        return self


class AlertsError(AnalyticsError):
    """The alerts cannot be used; ``problems`` names every fault with its line."""

    code = "alerts"
    retryable = True

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


def read_alerts(text: str, file: str = "alerts") -> AlertRules:
    """Alerts of a YAML text; ``file`` names it in what is said.

    Raises:
        AlertsError: something is wrong in it.
    """
    try:
        source = read_yaml(text, file, as_texts=True, most=LONGEST_TEXT)
        if source.data is None:
            raise FileRefused(source.problem((), "empty: want alerts"))
        shape = source.shaped(AlertsFile)
    except FileRefused as refused:
        raise AlertsError(refused.problems) from None
    version = hashlib.sha256(text.encode()).hexdigest()[:12]
    return AlertRules(version=version, rules=tuple(rule.value() for rule in shape.alerts))


def schema() -> Mapping[str, Any]:
    """JSON schema for editors."""
    return AlertsFile.model_json_schema()
