"""A scenario as people write it: the shape of the YAML. Its docstrings are what an editor shows while one types."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic.json_schema import GenerateJsonSchema

from ivr.dialog.nodes import Kind
from recordings.contacts.call import Outcome
from speech.slots.slots import SlotKind

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
FactName = Annotated[str, StringConstraints(pattern=r"^[a-z_]+\.[a-z_]+$")]
Key = Annotated[str, StringConstraints(pattern=r"^[0-9*#]$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Phrases = Annotated[list[Text], Field(min_length=1)]
Texts = Text | Annotated[list[Text], Field(min_length=1)]
Share = Annotated[float, Field(ge=0, le=1)]
Patience = Annotated[float, Field(gt=0, le=5)]
Timeout = Annotated[float, Field(gt=0, le=60)]
Wanted = Literal[SlotKind, "text"]
"""A kind of value, or the caller's own words."""


class _Yaml(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=False, use_attribute_docstrings=True)


class SlotShape(_Yaml):
    """One value the caller may say or key in."""

    fill: FactName
    """Fact it becomes, as order.number."""
    kind: Wanted | None = None
    """What kind of value it is; text takes the caller's own words. Left out where choices are given."""
    choices: dict[Name, Phrases] = {}
    """Label → ways to say it; the label is the value."""
    names: dict[Name, Text] = {}
    """Label → how the robot says it: {booking.service:name}."""
    length: tuple[Annotated[int, Field(ge=1)], Annotated[int, Field(le=30)]] | None = None
    """Fewest and most digits, of kind digits."""
    called: list[Text] = []
    """What callers call it when they want it changed: "день", "the day"."""
    sure: Share = 0.6
    """Confidence from which the value is relied on."""
    doubt: Share = 0.3
    """Confidence below which it is asked for again; between the two it is read back where there is a confirm."""

    @model_validator(mode="after")
    def _has_one_kind(self) -> Self:
        if (self.kind is None) == (not self.choices):
            raise ValueError("a slot has a kind, or choices")
        if self.length and (self.kind != "digits" or self.length[0] > self.length[1]):
            raise ValueError("a length is for digits: the fewest, then the most")
        if self.doubt > self.sure:
            raise ValueError("doubt lies below sure")
        if stray := self.names.keys() - self.choices.keys():
            raise ValueError(f"names are for choices; there is no choice {', '.join(sorted(stray))}")
        return self


class FieldShape(SlotShape):
    """One entry of a form."""

    say: Texts | None = None
    """The question; variants take turns."""
    again: Texts | None = None
    """The question in other words, when the answer was not understood."""
    by_keys: Text = ""
    """A third way of asking: by the keys of the telephone."""
    optional: bool = False
    """Taken when the caller says it, never asked for."""
    default: FactName | list[FactName] = []
    """Facts whose value is taken without asking; of several the first that is known."""
    keys: dict[Key, Name] = {}
    """Key → choice."""
    patience: Patience = 0.7
    """Seconds of silence that end the caller's turn."""
    timeout: Timeout = 6.0
    """Seconds to wait for the first word."""


class ListenShape(_Yaml):
    """What the caller may answer."""

    slot: SlotShape | Annotated[list[SlotShape], Field(min_length=1)] | None = None
    """A value, or several of which the first is asked for; understood, the label is filled."""
    confirm: Text = ""
    """Reads a doubtful value back: "Номер {order.number:digits}, верно?"."""
    choices: dict[Name, Phrases] = {}
    """Label → ways to say it, in any form and order of words."""
    alone: dict[Name, Phrases] = {}
    """Label → words that mean it only when nothing else is said."""
    yes_no: bool = False
    """yes and no, in all their forms; keys 1 and 2."""
    open: bool = False
    """The caller may say whatever they want: every intent is understood."""
    keys: dict[Key, Name] = {}
    """Key → label."""
    patience: Patience = 0.7
    """Seconds of silence that end the caller's turn."""
    timeout: Timeout = 6.0
    """Seconds to wait for the first word."""

    @property
    def slots(self) -> list[SlotShape]:
        return self.slot if isinstance(self.slot, list) else [self.slot] if self.slot else []


class ChooseShape(_Yaml):
    """One of the options that the last request brought: by place, name, time, key, "любой", "ничего из этого"."""

    each: Text
    """How one option is named; {choice.list} in say is the list of them."""


class NodeShape(_Yaml):
    """One step of the conversation: it says something, does one thing, and goes on."""

    say: Texts | None = None
    """What the robot says on arrival; variants take turns."""
    again: Texts | None = None
    """The question in other words, when the answer was not understood or did not come."""
    by_keys: Text = ""
    """A third way of asking: by the keys of the telephone."""
    interrupt: Literal["always", "never"] = "always"
    """Whether the caller may talk over it."""
    listen: ListenShape | None = None
    """Wait for an answer."""
    choose: ChooseShape | None = None
    """Let the caller choose from what the last request brought; leads on by chosen or none. Listen may add more."""
    collect: Annotated[list[FieldShape], Field(min_length=1)] | None = None
    """A form: values in any order, several in one phrase, corrected at any time; leads on by filled or cancelled."""
    confirm: Text = ""
    """Of a form: reads all of it back and waits for yes."""
    fix: Text = ""
    """Of a form: asks what is wrong when the caller does not confirm it."""
    do: str = ""
    """A request to the business system; leads on by its outcomes, or failed."""
    check: FactName | None = None
    """Go by a fact: by its value where that is in go, else by known or missing."""
    transfer: Text = ""
    """Hand over to a person, who hears this first; leads on by done or unanswered."""
    stop_recording: Literal[True] | None = None
    """Discard the recording."""
    callback: Literal[True] | None = None
    """Promise to ring back; leads on by next or no_number."""
    hang_up: Literal[True] | None = None
    """End the conversation."""
    outcome: Outcome | None = None
    """What the conversation has come to."""
    repeats: Annotated[int, Field(ge=0, le=1)] = 1
    """Times the same question is asked again before the keys or giving up."""
    resume: Text = ""
    """Leads back to a job that was interrupted, saying this first."""
    next_wish: Text = ""
    """Leads on to the next of several wishes in one phrase, saying this first: "Теперь про {wish.about}."."""
    go: dict[Name, Name] = {}
    """Label → node; back leads to the question a request interrupted."""

    @property
    def kind(self) -> Kind:
        return next(iter(self._kinds()), Kind.SPEAK)

    def _kinds(self) -> list[Kind]:
        """What it does; a choice may listen for more than the options."""
        kinds = [kind for kind in Kind if kind != Kind.SPEAK and getattr(self, kind.value)]
        return [kind for kind in kinds if not (kind == Kind.LISTEN and self.choose)]

    @model_validator(mode="after")
    def _does_one_thing(self) -> Self:
        if len(self._kinds()) > 1:
            raise ValueError(f"a node does one thing, this one has {' and '.join(self._kinds())}")
        if (self.confirm or self.fix) and not self.collect:
            raise ValueError("confirm and fix belong to a form; the confirm of a question stands under listen")
        return self


class IntentShape(_Yaml):
    """Something callers want, in whatever words."""

    go: Name
    """Node that begins the job."""
    about: Text = ""
    """How the robot names the wish: "статус заказа"."""
    aside: bool = False
    """May be settled in the middle of another job, which then goes on."""
    examples: list[Text] = []
    """What callers say; at least 8, the model learns from them."""
    phrases: list[Text] = []
    """They decide outright, wherever they stand in an open answer."""


class RequestShape(_Yaml):
    """What is understood at every question; ways to say it stand in the language pack."""

    go: Name
    key: Key | None = None
    """Key that means it."""


class AnywhereShape(_Yaml):
    """What is understood at every question."""

    person: RequestShape | None = None
    """The caller wants a human."""
    no_recording: RequestShape | None = None
    """The caller does not want to be recorded."""
    angry: RequestShape | None = None
    """The caller is very angry."""


class JobFile(_Yaml):
    """A part of scenarios: the questions of one job, and what callers say who want it."""

    intents: dict[Name, IntentShape] = {}
    """Name → what callers want."""
    nodes: Annotated[dict[Name, NodeShape], Field(min_length=1)]
    """Name → step of the conversation."""


class ScenarioFile(_Yaml):
    """A whole conversation; jobs may stand in files of their own."""

    name: Name
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
    extension: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{1,32}$")]
    """Number it answers."""
    start: Name
    """First node."""
    fallback: Name
    """Node for whatever fails."""
    max_seconds: Annotated[float, Field(gt=0, le=7200)] = 600.0
    """How long the robot may talk."""
    failures: Annotated[int, Field(ge=1, le=10)] = 3
    """Answers that may be missed in one conversation until the fallback."""
    include: list[Text] = []
    """Files of jobs, beside this one."""
    anywhere: AnywhereShape = AnywhereShape()
    intents: dict[Name, IntentShape] = {}
    """Name → what callers want."""
    nodes: Annotated[dict[Name, NodeShape], Field(min_length=1)]
    """Name → step of the conversation."""


def schema(shape: type[BaseModel] = ScenarioFile) -> dict[str, Any]:
    """JSON schema of scenario files, or of the job files they include, for editors."""
    return {"$schema": GenerateJsonSchema.schema_dialect, **shape.model_json_schema()}
