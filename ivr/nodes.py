"""A scenario as the dialogue runs on it: the questions of a conversation and where each answer leads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ivr.expectation import Expectation
from recordings.call import Outcome

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


class Kind(StrEnum):
    """What a node does after it has spoken."""

    LISTEN = "listen"
    LOOK_UP = "do"
    TRANSFER = "transfer"
    STOP_RECORDING = "stop_recording"
    CALLBACK = "callback"
    HANG_UP = "hang_up"
    SPEAK = "next"
    """No more than that: the next node follows at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One step of a conversation."""

    name: str
    kind: Kind
    say: str = ""
    again: str = ""
    """Said instead of ``say`` when the answer was not understood or did not come."""
    interruptible: bool = True
    expectation: Expectation | None = None
    request: str = ""
    whisper: str = ""
    """What the person hears before the caller."""
    outcome: Outcome | None = None
    """What the call has come to when this node is reached."""
    repeats: int = 2
    """Times the question is asked again until an answer settles something; then ``given_up``."""
    go: Mapping[str, str] = field(default_factory=dict)
    """Label → node."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A whole conversation."""

    name: str
    version: str
    """First 12 hex digits of the sha256 of the file."""
    language: str
    extension: str
    start: str
    fallback: str
    """Node for whatever fails: nothing understood, no time left, something of ours broken."""
    max_seconds: float
    """How long the robot may talk before the fallback."""
    anywhere: Mapping[str, str]
    """Request understood at every question → node."""
    keys: Mapping[str, str]
    """Key understood at every question → label of that request."""
    nodes: Mapping[str, Node]
