"""A scenario as the dialogue runs on it: the questions of a conversation and where each answer leads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ivr.dialog.expectation import Expectation, SlotRule
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """One question in its wordings, for the first time and for when it was not answered."""

    say: tuple[str, ...] = ()
    """Variants; a repeated visit hears the next one."""
    again: tuple[str, ...] = ()
    """Said instead when the answer was not understood or did not come."""
    by_keys: str = ""
    """A third, different way of asking; empty where there is none."""

    @property
    def texts(self) -> Iterator[tuple[str, str]]:
        """Every wording with its place: ``say``, ``say.1`` …"""
        for part, wordings in (("say", self.say), ("again", self.again), ("by_keys", (self.by_keys,))):
            for number, text in enumerate(wordings):
                if text:
                    yield (f"{part}.{number}" if number else part), text


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One entry of a form."""

    slot: SlotRule
    prompt: Prompt
    optional: bool = False
    """Taken when said, never asked for."""
    default: tuple[str, ...] = ()
    """Facts whose value is taken, the first that is known, without asking."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Key → label of one of its choices."""
    patience: float = 0.7
    """Seconds of silence that end the caller's turn."""
    timeout: float = 6.0
    """Seconds to wait for the first word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """Something callers want, in whatever words."""

    name: str
    go: str
    about: str = ""
    """How the robot names the wish."""
    aside: bool = False
    """It may be settled in the middle of another job."""
    examples: tuple[str, ...] = ()
    """What the model learns from."""
    phrases: tuple[str, ...] = ()
    """They decide for the intent outright, wherever they stand in an open answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One step of a conversation."""

    name: str
    kind: Kind
    prompt: Prompt = field(default_factory=Prompt)
    """What is said on arrival; of a form, before its first question."""
    interruptible: bool = True
    expectation: Expectation | None = None
    """What is waited for; options and the asked entry of a form are put in as the conversation stands."""
    confirm: str = ""
    """Reads back what was understood; of a form, all of it."""
    fix: str = ""
    """Asks what is wrong when a form is not confirmed."""
    fields: tuple[Field, ...] = ()
    each: str = ""
    """How one option is named."""
    request: str = ""
    check: str = ""
    """Fact whose value decides."""
    whisper: str = ""
    """What the person hears before the caller."""
    outcome: Outcome | None = None
    """What the call has come to when this node is reached."""
    repeats: int = 1
    """Times the question is asked again until an answer settles something, besides ``by_keys``; then ``given_up``."""
    resume: str = ""
    """Said when the node leads back to a job that was interrupted."""
    next_wish: str = ""
    """Said when the node leads on to the next of several wishes."""
    go: Mapping[str, str] = field(default_factory=dict)
    """Label → node."""

    @property
    def texts(self) -> Iterator[tuple[str, str]]:
        """Every text the caller or the person may hear, with its place within the node."""
        yield from self.prompt.texts
        parts = ("confirm", "fix", "each", "resume", "next_wish", "whisper")
        yield from ((part, text) for part in parts if (text := getattr(self, part)))
        for entry in self.fields:
            yield from ((f"{entry.slot.fill}.{part}", text) for part, text in entry.prompt.texts)


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
