"""A scenario as people write it: YAML, held to its shape, turned into the value the dialogue runs on."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from ivr.expectation import DigitSlot, Expectation
from ivr.nodes import Kind, Node, Scenario
from recordings.call import Outcome

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
FactName = Annotated[str, StringConstraints(pattern=r"^[a-z_]+\.[a-z_]+$")]
Key = Annotated[str, StringConstraints(pattern=r"^[0-9*#]$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Phrases = Annotated[list[Text], Field(min_length=1)]


class _Yaml(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=False)


class _Number(_Yaml):
    slot: FactName
    length: tuple[Annotated[int, Field(ge=1)], Annotated[int, Field(le=20)]]


class _Listen(_Yaml):
    number: _Number | None = None
    choices: dict[Name, Phrases] = {}
    alone: dict[Name, Phrases] = {}
    yes_no: bool = False
    open: bool = False
    keys: dict[Key, Name] = {}
    patience: Annotated[float, Field(gt=0, le=5)] = 0.7
    timeout: Annotated[float, Field(gt=0, le=60)] = 6.0
    sure: Annotated[float, Field(ge=0, le=1)] = 0.0


class _Node(_Yaml):
    say: Text = ""
    again: Text = ""
    interrupt: Literal["always", "never"] = "always"
    listen: _Listen | None = None
    do: str = ""
    transfer: Text = ""
    stop_recording: Literal[True] | None = None
    callback: Literal[True] | None = None
    hang_up: Literal[True] | None = None
    outcome: Outcome | None = None
    repeats: Annotated[int, Field(ge=0, le=5)] = 2
    go: dict[Name, Name] = {}

    @property
    def kind(self) -> Kind:
        return next(iter(self._kinds()), Kind.SPEAK)

    def _kinds(self) -> list[Kind]:
        return [kind for kind in Kind if kind != Kind.SPEAK and getattr(self, kind.value)]

    @model_validator(mode="after")
    def _does_one_thing(self) -> Self:
        if len(self._kinds()) > 1:
            raise ValueError(f"a node does one thing, this one has {' and '.join(self._kinds())}")
        return self


class _Request(_Yaml):
    """What is understood at every question; ways to say it stand in the language pack."""

    go: Name
    key: Key


class _OpenRequest(_Yaml):
    """What is understood at every open question, by the scenario's own phrases."""

    go: Name
    phrases: Phrases


class _Anywhere(_Yaml):
    person: _Request | None = None
    no_recording: _Request | None = None
    other: _OpenRequest | None = None


class ScenarioFile(_Yaml):
    """The YAML as people write it; ``value`` is what the dialogue runs on."""

    name: Name
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
    extension: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{1,32}$")]
    start: Name
    fallback: Name
    max_seconds: Annotated[float, Field(gt=0, le=7200)] = 600.0
    anywhere: _Anywhere = _Anywhere()
    nodes: Annotated[dict[Name, _Node], Field(min_length=1)]

    def value(self, version: str) -> Scenario:
        return Scenario(
            name=self.name,
            version=version,
            language=self.language,
            extension=self.extension,
            start=self.start,
            fallback=self.fallback,
            max_seconds=self.max_seconds,
            anywhere={label: request.go for label, request in self.anywhere if request},
            keys={request.key: label for label, request in self.anywhere if isinstance(request, _Request)},
            nodes={name: self._node(name, node) for name, node in self.nodes.items()},
        )

    def _node(self, name: str, node: _Node) -> Node:
        return Node(
            name=name,
            kind=node.kind,
            say=node.say,
            again=node.again,
            interruptible=node.interrupt == "always",
            expectation=self._expectation(node.listen) if node.listen else None,
            request=node.do,
            whisper=node.transfer,
            outcome=node.outcome,
            repeats=node.repeats,
            go=node.go,
        )

    def _expectation(self, listen: _Listen) -> Expectation:
        number, other = listen.number, self.anywhere.other
        return Expectation(
            language=self.language,
            number=DigitSlot(slot=number.slot, shortest=number.length[0], longest=number.length[1]) if number else None,
            choices={label: tuple(ways) for label, ways in listen.choices.items()},
            alone={label: tuple(ways) for label, ways in listen.alone.items()},
            requests={"other": tuple(other.phrases)} if other and listen.open else {},
            yes_no=listen.yes_no,
            open=listen.open,
            keys={"1": "yes", "2": "no", **listen.keys} if listen.yes_no else listen.keys,
            patience=listen.patience,
            timeout=listen.timeout,
            sure=listen.sure,
        )


def parse(source: bytes) -> Scenario:
    """The scenario of a YAML file's bytes. ``check`` finds what a schema cannot.

    Raises:
        yaml.YAMLError: not YAML.
        ValidationError: not the shape of a scenario.
    """
    body: Any = yaml.safe_load(source)
    return ScenarioFile.model_validate(body).value(hashlib.sha256(source).hexdigest()[:12])
