"""Conversations with simulated callers, as people write them down: what is heard, and what should come of it."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from ivr.errors import ConversationError
from recordings.contacts.call import Outcome
from speech.yaml_source import FileRefused, Source, read_bytes, read_yaml

Tag = Literal[
    "order", "product", "booking", "faq", "ticket",
    "routine", "person", "correction", "digression", "silence", "noise", "anger", "wrong_number", "hang_up", "odd",
    "broken", "smoke",
]  # fmt: skip
Shop = Literal["open", "down", "slow", "lying", "reads_only", "taken_once"]
"""State of the company's system: as it should be, silent from the start, never answering, answering nonsense, refusing
whatever writes, or having the first slot taken by somebody quicker."""
CallerId = Literal["network", "claimed"]
"""Who says that it is the caller's number: the network of a trusted trunk, or only the caller."""
LONGEST_FILE = 1_000_000
"""Characters of one file."""
MOST_TIMES = 2_000
"""Times one phrase may be said over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One thing the caller does, and what should follow."""

    line: int
    """Line of the file, from 1."""
    hear: str = ""
    """Words the robot hears."""
    otherwise: str = ""
    """Words in which the caller puts it when asked again on the telephone; empty: the same way."""
    press: str = ""
    """Keys, ``4127#``."""
    silent: bool = False
    noise: bool = False
    """Something is heard, but no words."""
    hang_up: bool = False
    wants_person: bool = False
    """From this turn on the caller wants a person: at the latest the next one must reach them."""
    expect: tuple[str, ...] = ()
    """Nodes, of which one must be where the conversation then stands; empty: anywhere."""
    says: re.Pattern[str] | None = None
    """Pattern the robot's answer must hold."""
    within: float | None = None
    """Seconds from the caller's last sound to the robot's first one, in a call."""

    @property
    def shown(self) -> str:
        """The turn in one short line."""
        if self.hear:
            return f"«{self.hear if len(self.hear) <= 60 else self.hear[:57] + '…'}»"
        if self.press:
            return f"[{self.press}]"
        return "silence" if self.silent else "noise" if self.noise else "hangs up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """One simulated caller."""

    file: Path
    line: int
    name: str
    language: str
    now: datetime
    """Time that the clocks of the robot and of the shop show, without a zone."""
    tags: frozenset[str]
    number: str
    """The caller's; empty when withheld."""
    caller_id: CallerId
    turns: tuple[Turn, ...]
    shop: Shop = "open"
    person: bool = True
    """True where somebody takes the call when it is handed over."""
    history: Mapping[str, str] = field(default_factory=dict)
    """Contact the caller had today: ``order`` and ``channel``."""
    outcome: Outcome | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    """Facts that must be known at the end."""
    business: Mapping[str, str] = field(default_factory=dict)
    """Request that writes → outcome it must have had, the last time."""
    weak: str = ""
    """Why it is known not to go as expected yet; counted as a failure all the same."""


def _pattern(text: str) -> re.Pattern[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # "[[" may mean something else one day
        return re.compile(text, re.IGNORECASE)


class _Yaml(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Turn(_Yaml):
    hear: str = ""
    times: Annotated[int, Field(ge=1, le=MOST_TIMES)] = 1
    press: Annotated[str, Field(pattern=r"^[0-9*#]*$")] = ""
    silent: bool = False
    noise: bool = False
    hang_up: bool = False
    wants_person: bool = False
    expect: str | list[str] = []
    says: str = ""
    within: Annotated[float, Field(gt=0)] | None = None

    @field_validator("says")
    @classmethod
    def _is_pattern(cls, text: str) -> str:
        try:
            _pattern(text)
        except (re.error, RecursionError, OverflowError) as error:
            raise ValueError(f"not a pattern: {error}") from error
        return text

    @model_validator(mode="after")
    def _does_one_thing(self) -> Self:
        if sum(map(bool, (self.hear, self.press, self.silent, self.noise, self.hang_up))) != 1:
            raise ValueError("a turn is one of hear, press, silent, noise and hang_up")
        return self


class _End(_Yaml):
    outcome: Outcome | None = None
    facts: dict[str, str] = {}
    business: dict[str, str] = {}


class _History(_Yaml):
    order: str = ""
    channel: Literal["chat", "call", "mail"]


class _Conversation(_Yaml):
    name: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    tags: Annotated[list[Tag], Field(min_length=1)]
    number: str = ""
    caller_id: CallerId = "network"
    shop: Shop = "open"
    person: Literal["there", "away"] = "there"
    history: _History | None = None
    turns: Annotated[list[_Turn], Field(min_length=1)]
    end: _End = _End()
    weak: str = ""


class _File(_Yaml):
    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")]
    now: datetime
    otherwise: dict[str, str] = {}
    """Phrase → how callers put it when they are asked again."""
    conversations: Annotated[list[_Conversation], Field(min_length=1)]


def read_all(paths: Iterable[Path], *, language: str = "", tags: Iterable[str] = ()) -> list[Conversation]:
    """Conversations of files and of all files below folders.

    Args:
        paths: Files and folders.
        language: Only these; empty: all.
        tags: Only those that have one of these; none: all.

    Raises:
        ConversationError: a file cannot be read or is faulty, or nothing is left; with file and line.
    """
    files = [file for path in paths for file in (sorted(path.rglob("*.yaml")) if path.is_dir() else [path])]
    wanted = frozenset(tags)
    found = [
        conversation
        for file in files
        for conversation in read(file)
        if language in ("", conversation.language) and (not wanted or wanted & conversation.tags)
    ]
    if not found:
        raise ConversationError(f"no such conversations in {', '.join(map(str, paths)) or 'nothing'}")
    return found


def read(path: Path) -> list[Conversation]:
    """The conversations of one file.

    Raises:
        ConversationError: it cannot be read or is faulty; with file and line.
    """
    try:
        source = read_yaml(read_bytes(path, most=LONGEST_FILE), path, most=LONGEST_FILE)
        file = source.shaped(_File)
    except FileRefused as refused:
        raise ConversationError(str(refused)) from refused
    return [_value(path, source, file, index) for index in range(len(file.conversations))]


def _value(path: Path, source: Source, file: _File, index: int) -> Conversation:
    shape = file.conversations[index]
    where = ("conversations", index)
    return Conversation(
        file=path,
        line=source.line(where),
        name=shape.name,
        language=file.language,
        now=file.now,
        tags=frozenset(shape.tags),
        number=shape.number,
        caller_id=shape.caller_id,
        turns=tuple(
            Turn(
                line=source.line((*where, "turns", number)),
                hear=turn.hear * turn.times,
                otherwise=file.otherwise.get(turn.hear, ""),
                press=turn.press,
                silent=turn.silent,
                noise=turn.noise,
                hang_up=turn.hang_up,
                wants_person=turn.wants_person,
                expect=(turn.expect,) if isinstance(turn.expect, str) else tuple(turn.expect),
                says=_pattern(turn.says) if turn.says else None,
                within=turn.within,
            )
            for number, turn in enumerate(shape.turns)
        ),
        shop=shape.shop,
        person=shape.person == "there",
        history=shape.history.model_dump() if shape.history else {},
        outcome=shape.end.outcome,
        facts=shape.end.facts,
        business=shape.end.business,
        weak=shape.weak,
    )
