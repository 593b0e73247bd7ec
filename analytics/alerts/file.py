"""Alerts as people write them in YAML → rules, with the line of every fault."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from analytics.alerts.value import AlertRules, Rule, When
from analytics.conditions.file import CONDITION, FORMER, ConditionShape, NewWords, Shape, Words, is_former
from analytics.conditions.former import FormerAlertCondition, former_alert
from analytics.conditions.value import Condition
from analytics.errors import AnalyticsError
from speech.yaml_source import FileRefused, Problem, read_yaml

DEFAULT = Path(__file__).parent / "default.yaml"
LONGEST_TEXT = 100_000

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
Address = Annotated[str, StringConstraints(pattern=r"^[^@\s,;<>]+@[^@\s,;<>]+$", max_length=254)]


def _web_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.fragment:
        raise ValueError("want an address as https://host/path, without a name or password in it")
    return text


Hook = Annotated[str, StringConstraints(max_length=512), AfterValidator(_web_address)]


AlertCondition = Annotated[
    Annotated[ConditionShape, CONDITION] | Annotated[FormerAlertCondition, FORMER], is_former(former_alert)
]


class Send(Shape):
    """Besides the page of alerts."""

    mail: list[Address] = Field(default=[])
    webhook: list[Hook] = Field(default=[])


class RuleShape(Shape):
    """One alert; it is raised once for a contact."""

    name: Name
    title: dict[str, Words] = Field(min_length=1)
    """Language → what people read."""
    when: When | None = None
    """live: while the call goes on; finished: once it is analysed; left out: both."""
    every: list[AlertCondition] = Field(default=[], alias="all")
    """All of these hold."""
    some: list[AlertCondition] = Field(default=[], alias="any")
    """At least one of these holds."""
    unless: list[ConditionShape] = Field(default=[])
    """None of these holds."""
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
            condition=Condition(
                every=tuple(condition.value() for condition in self.every),
                some=tuple(condition.value() for condition in self.some),
                unless=tuple(condition.value() for condition in self.unless),
            ),
            mail=tuple(self.send.mail),
            webhook=tuple(self.send.webhook),
            callback=self.callback,
        )


class AlertsFile(Shape):
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
    return AlertsFile.model_json_schema(schema_generator=NewWords)
