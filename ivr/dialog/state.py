"""Where a conversation stands. With the scenario it is all that a conversation is, and it can be kept as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, cast

from pydantic import TypeAdapter

from ivr.business.protocol import Option
from ivr.dialog.nodes import Scenario
from recordings.contacts.call import Outcome


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
    wish: str = ""
    """Intent that is being settled."""
    filled: frozenset[str] = frozenset()
    """Facts the caller has said for this wish: forms do not ask for them again."""

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
    detours: int = 0
    """Digressions, repeats and corrections since something was last settled."""
    failures: int = 0
    """Answers missed in this conversation."""
    turns: int = 0
    """Answers of the caller, understood or not."""
    back: tuple[Frame, ...] = ()
    """Questions that were interrupted, the latest last."""
    last: Frame | None = None
    """The question put last."""
    wishes: tuple[PendingIntent, ...] = ()
    """What the caller wants besides, in the order said."""
    reason: str = ""
    """Why the caller is on the way to a person."""
    recorded: bool = True
    """False once the caller has refused: their words may be used, not kept."""
    outcome: Outcome | None = None
    failure: str = ""
    """The first thing of ours that broke, in words; empty while nothing has."""
    failure_code: str = ""
    """As ``FailureCode``; empty while nothing has broken."""
    finished: bool = False

    @property
    def node(self) -> str:
        """Node of the scenario where the conversation is."""
        return self.at.node

    def to_json(self) -> dict[str, Any]:
        """The state as JSON values."""
        return cast("dict[str, Any]", _STATES.dump_python(self, mode="json"))

    @staticmethod
    def from_json(body: dict[str, Any]) -> State:
        """The state that ``to_json`` wrote.

        Raises:
            ValidationError: this is none.
        """
        return _STATES.validate_python(body)


_STATES: TypeAdapter[State] = TypeAdapter(State)


def begin(scenario: Scenario) -> State:
    """Before the first word."""
    return State(at=Frame(node=scenario.start))


def fitting(scenario: Scenario, state: State) -> State:
    """A kept state for a scenario that may have been replaced meanwhile.

    A question that is no longer asked is forgotten; what is known and what was said stays.
    """
    places = (state.at, *state.back, *((state.last,) if state.last else ()))
    known = all(place.node in scenario.nodes for place in places)
    wishes = tuple(wish for wish in state.wishes if wish.intent in scenario.intents)
    if known:
        return replace(state, wishes=wishes)
    return replace(state, at=Frame(node=scenario.start), back=(), last=None, wishes=wishes, asked={}, keys="", words="")
