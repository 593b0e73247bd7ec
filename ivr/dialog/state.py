"""Where a conversation stands. With the scenario it is all that a conversation is, and it can be kept as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Annotated, Any, cast

from pydantic import AliasChoices, Field, TypeAdapter

from ivr.business.protocol import Option
from ivr.dialog.nodes import Scenario
from recordings.contacts.call import Outcome
from recordings.contacts.failure import Failure, FailureCode

QUESTION = "question.text"
"""Fact: the caller's last words at an open question, or those that began the job."""


class Stage(StrEnum):
    """What a node asks just now."""

    ASK = "ask"
    CONFIRM = "confirm"
    """It reads back what was understood."""
    FIX = "fix"
    """It asks what is wrong with what was read back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One question of one job: what the caller is at, or was when something came between."""

    node: str
    slot: str = ""
    """Fact that a form asks for now."""
    stage: Stage = Stage.ASK
    pending: Mapping[str, str] = field(default_factory=dict)
    """Understood, but not relied on until the caller confirms it."""
    options: tuple[Option, ...] = ()
    """What the last request offered to choose from."""
    intent: Annotated[str, Field(validation_alias=AliasChoices("intent", "wish"))] = ""
    """Intent that is being settled."""
    filled: frozenset[str] = frozenset()
    """Facts the caller has said for this intent: forms do not ask for them again."""

    @property
    def question(self) -> str:
        """What is asked, told apart from every other question of the scenario."""
        slot = f".{self.slot}" if self.slot else ""
        return f"{self.node}{slot}" if self.stage == Stage.ASK else f"{self.node}{slot}:{self.stage}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingIntent:
    """Something the caller wants besides."""

    intent: str
    words: str
    """The phrase in which it was said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Where a conversation stands."""

    at: Frame
    facts: Mapping[str, str] = field(default_factory=dict)
    said: tuple[str, ...] = ()
    """The caller's words so far, for the person who may take over."""
    words: str = ""
    """The phrase that began the job, until the caller's next one: questions look there for their answers."""
    recalled: frozenset[str] = frozenset()
    """Nodes that have looked there."""
    keys: str = ""
    """Row of keys not yet finished."""
    visits: Mapping[str, int] = field(default_factory=dict)
    """Times each prompt was said in all: variants take turns."""
    asked: Mapping[str, int] = field(default_factory=dict)
    """Times each question was asked since something was last settled: what bounds every loop."""
    digressions: Annotated[int, Field(validation_alias=AliasChoices("digressions", "detours"))] = 0
    """Digressions, repeats and corrections since something was last settled."""
    failures: int = 0
    """Answers missed in this conversation."""
    turns: int = 0
    """Answers of the caller, understood or not."""
    back: tuple[Frame, ...] = ()
    """Questions that were interrupted, the latest last."""
    last: Frame | None = None
    """The question put last."""
    pending_intents: Annotated[
        tuple[PendingIntent, ...], Field(validation_alias=AliasChoices("pending_intents", "wishes"))
    ] = ()
    """Whatever else the caller wants, in the order said."""
    reason: str = ""
    """Why the caller is on the way to a person."""
    proven: frozenset[str] = frozenset()
    """What of theirs the caller has proved, as ``booking:2001``; ``ivr.business.proof`` says it and reads it."""
    recorded: bool = True
    """False once the caller has refused: their words may be used, not kept. It is the home of consent while a
    conversation goes on; ``consent`` of the call's or the chat's row is the record of it."""
    outcome: Outcome | None = None
    failure: str = ""
    """The first thing of ours that broke, in words; empty while nothing has."""
    failure_code: str = ""
    """As ``FailureCode``; empty while nothing has broken."""
    finished: bool = False
    keys_only: bool = False
    """Heard are the keys of the telephone alone."""

    @property
    def broken(self) -> tuple[Failure, ...]:
        """What broke, as it is kept with the call."""
        return (Failure(code=self.failure_code or FailureCode.OTHER, text=self.failure),) if self.failure else ()

    @property
    def node(self) -> str:
        """Node of the scenario where the conversation is."""
        return self.at.node

    def to_json(self) -> dict[str, Any]:
        """The state as JSON values; without the caller's words where they are not to be kept."""
        kept = self if self.recorded else _without_words(self)
        return cast("dict[str, Any]", _STATES.dump_python(kept, mode="json"))

    @staticmethod
    def from_json(body: dict[str, Any]) -> State:
        """The state that ``to_json`` wrote, by this version or an earlier one.

        Raises:
            ValidationError: this is none.
        """
        return _STATES.validate_python(body)


_STATES: TypeAdapter[State] = TypeAdapter(State)


def _without_words(state: State) -> State:
    """What it takes to go on, and none of the phrases it came from."""
    facts = {name: value for name, value in state.facts.items() if name != QUESTION}
    pending = tuple(replace(pending, words="") for pending in state.pending_intents)
    return replace(state, said=(), words="", facts=facts, pending_intents=pending)


def begin(scenario: Scenario) -> State:
    """Before the first word."""
    return State(at=Frame(node=scenario.start))


def fitting(scenario: Scenario, state: State) -> State:
    """A kept state for a scenario that may have been replaced meanwhile.

    A question that is no longer asked is forgotten; what is known and what was said stays.
    """
    frames = (state.at, *state.back, *((state.last,) if state.last else ()))
    pending = tuple(pending for pending in state.pending_intents if pending.intent in scenario.intents)
    state = replace(state, pending_intents=pending)
    if all(frame.node in scenario.nodes for frame in frames):
        return state
    return replace(state, at=Frame(node=scenario.start), back=(), last=None, asked={}, keys="", words="")
