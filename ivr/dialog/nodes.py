"""The questions of a conversation and where each answer leads, as they are written and as the dialogue runs on them.

A key of a node is declared here and nowhere else: the JSON schema, the checks of texts and targets and the prompts that
are rendered ahead follow from its type.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from ivr.dialog.expectation import PATIENCE, TIMEOUT, Expectation, SlotRule
from ivr.dialog.scalars import Declared, FactName, Key, Name, NodeName, Phrases, SpokenText, Text, Texts, listed
from recordings.contacts.call import Outcome

BACK = "back"
"""Target that leads to where the caller was before a request understood anywhere."""
DONE = "done"
UNANSWERED = "unanswered"
"""Ways out of a transfer: the person hung up first, or nobody took the call."""
NEXT = "next"
SILENCE = "silence"
GIVEN_UP = "given_up"
NO_NUMBER = "no_number"
"""Way out of a call-back: the caller's number is withheld and they have given none."""
FAILED = "failed"
KNOWN, MISSING = "known", "missing"
"""Ways out of a check, where none is named as the fact's value."""


class Kind(StrEnum):
    """What a node does after it has spoken."""

    LISTEN = "listen"
    CHOOSE = "choose"
    COLLECT = "collect"
    LOOK_UP = "do"
    CHECK = "check"
    TRANSFER = "transfer"
    STOP_RECORDING = "stop_recording"
    CALLBACK = "callback"
    HANG_UP = "hang_up"
    SPEAK = "next"
    """No more than that: the next node follows at once."""

    @property
    def asks(self) -> bool:
        """Whether the node waits for the caller."""
        return self in {Kind.LISTEN, Kind.CHOOSE, Kind.COLLECT}


class Prompt(Declared):
    """One question in its wordings, for the first time and for when it was not answered."""

    say: Texts = ()
    """What the robot says on arrival; variants take turns."""
    again: Texts = ()
    """The question in other words, when the answer was not understood or did not come."""
    when_silent: Texts = ()
    """Said in place of again when nothing was heard: "Алло, вы меня слышите?"."""
    by_keys: SpokenText = ""
    """A third way of asking: by the keys of the telephone."""


class Answering(Declared):
    """How an answer may come."""

    keys: Mapping[Key, Name] = {}
    """Key → label of an answer, or of a choice."""
    patience: Annotated[float, Field(gt=0, le=5)] = PATIENCE
    """Seconds of silence that end the caller's turn."""
    timeout: Annotated[float, Field(gt=0, le=60)] = TIMEOUT
    """Seconds to wait for the first word."""


_Facts = FactName | Annotated[list[FactName], Field(min_length=1)] | None
_Slots = SlotRule | Annotated[list[SlotRule], Field(min_length=1)] | None


class FormField(SlotRule, Prompt, Answering):
    """One entry of a form."""

    optional: bool = False
    """Taken when the caller says it, never asked for."""
    default: Annotated[tuple[FactName, ...], BeforeValidator(listed, json_schema_input_type=_Facts)] = ()
    """Facts whose value is taken without asking; of several the first that is known."""


class Listen(Answering):
    """What the caller may answer."""

    slot: Annotated[tuple[SlotRule, ...], BeforeValidator(listed, json_schema_input_type=_Slots)] = ()
    """A value, or several of which the first is asked for; understood, the label is filled."""
    confirm: SpokenText = ""
    """Reads a doubtful value back: "Номер {order.number:digits}, верно?"."""
    choices: Mapping[Name, Phrases] = {}
    """Label → ways to say it, in any form and order of words."""
    alone: Mapping[Name, Phrases] = {}
    """Label → words that mean it only when nothing else is said."""
    yes_no: bool = False
    """yes and no, in all their forms; keys 1 and 2."""
    open: bool = False
    """The caller may say whatever they want: every intent is understood."""


class Choose(Declared):
    """One of the options that the last request brought: by place, name, time, key, "любой", "ничего из этого"."""

    each: SpokenText
    """How one option is named; {choice.list} in say is the list of them."""


class Intent(Declared):
    """Something callers want, in whatever words."""

    go: NodeName
    """Node that begins the job."""
    about: Text = ""
    """How the robot names the wish: "статус заказа"."""
    aside: bool = False
    """May be settled in the middle of another job, which then goes on."""
    examples: tuple[Text, ...] = ()
    """What callers say; at least 8, the model learns from them."""
    phrases: tuple[Text, ...] = ()
    """They decide outright, wherever they stand in an open answer."""


class Node(Prompt):
    """One step of the conversation: it says something, does one thing, and goes on."""

    interrupt: Literal["always", "never"] = "always"
    """Whether the caller may talk over it."""
    listen: Listen | None = None
    """Wait for an answer."""
    choose: Choose | None = None
    """Let the caller choose from what the last request brought; leads on by chosen or none. Listen may add more."""
    collect: Annotated[tuple[FormField, ...], Field(min_length=1)] | None = None
    """A form: values in any order, several in one phrase, corrected at any time; leads on by filled or cancelled."""
    confirm: SpokenText = ""
    """Of a form: reads all of it back and waits for yes."""
    fix: SpokenText = ""
    """Of a form: asks what is wrong when the caller does not confirm it."""
    do: str = ""
    """A request to the business system; leads on by its outcomes, or failed."""
    check: FactName | None = None
    """Go by a fact: by its value where that is in go, else by known or missing."""
    transfer: SpokenText = ""
    """Hand over to a person, who hears this first; leads on by done or unanswered."""
    stop_recording: Literal[True] | None = None
    """Discard the recording."""
    callback: Literal[True] | None = None
    """Promise to ring back; leads on by next or no_number, and refused or too_many where they are named."""
    hang_up: Literal[True] | None = None
    """End the conversation."""
    outcome: Outcome | None = None
    """What the conversation has come to."""
    repeats: Annotated[int, Field(ge=0, le=1)] = 1
    """Times the same question is asked again before the keys or giving up."""
    resume: SpokenText = ""
    """Leads back to a job that was interrupted, saying this first."""
    next_wish: SpokenText = ""
    """Leads on to the next of several wishes in one phrase, saying this first: "Теперь про {wish.about}."."""
    go: Mapping[Name, NodeName] = {}
    """Label → node; back leads to the question a request interrupted."""

    _name: str = ""
    _expectation: Expectation | None = None

    def placed(self, name: str, expectation: Expectation | None) -> Node:
        """The node as part of a scenario: under its name, with what it waits for there."""
        node = self.model_copy()
        node._name, node._expectation = name, expectation
        return node

    @property
    def name(self) -> str:
        """Key under which it stands."""
        return self._name

    @property
    def expectation(self) -> Expectation | None:
        """What is waited for; options and the asked entry of a form are put in as the conversation stands."""
        return self._expectation

    @cached_property
    def kind(self) -> Kind:
        return next(iter(self._kinds()), Kind.SPEAK)

    @property
    def fields(self) -> tuple[FormField, ...]:
        """Entries of a form."""
        return self.collect or ()

    @property
    def read_back(self) -> str:
        """Text that has the caller confirm what was understood; of a form, all of it."""
        return self.listen.confirm if self.listen else self.confirm

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A whole conversation."""

    name: str
    version: str
    """First 12 hex digits of the sha256 over the file and all it includes."""
    language: str
    extension: str
    start: str
    fallback: str
    """Node for whatever fails: nothing understood, no time left, something of ours broken."""
    max_seconds: float
    """How long the robot may talk before the fallback."""
    failures: int
    """Answers in one conversation that may be missed until the fallback."""
    anywhere: Mapping[str, str]
    """Request understood at every question → node."""
    keys: Mapping[str, str]
    """Key understood at every question → label of that request."""
    intents: Mapping[str, Intent]
    nodes: Mapping[str, Node]
    names: Mapping[str, Mapping[str, str]]
    """Fact → label → how that label is said: ``{booking.service:name}``."""
