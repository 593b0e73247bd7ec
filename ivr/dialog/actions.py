"""What the dialogue asks of the telephone line. Performed in order; none waits for the caller."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ivr.dialog.expectation import Expectation


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Speak after whatever is being said already."""

    node: str
    """Scenario node that speaks; empty for what the caller does not hear."""
    text: str
    """As people read it."""
    voiced: str = ""
    """As the voice reads it, digits spelled; empty where that is the same."""
    recorded: str = ""
    """Name of a recorded prompt that may replace the voice; empty where the text holds facts."""
    interruptible: bool = True
    """The caller may talk over it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """Wait for the caller; time counts from the end of what is being said."""

    node: str
    expectation: Expectation
    timeout: float
    """Seconds of silence until ``Silent``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUp:
    """Put a request to the business system."""

    node: str
    request: str
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """Look whether words said earlier answer what would be asked now."""

    node: str
    expectation: Expectation
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Find a person, brief them, join them with the caller."""

    summary: Say
    """What the person hears alone before the caller."""
    said: tuple[str, ...]
    facts: Mapping[str, str]
    reason: str
    """``request``, ``anger``, ``given_up`` (not understood), ``failure`` (of ours) or ``scenario``."""


@dataclass(frozen=True, slots=True)
class StopRecording:
    """The caller refused: discard the sound so far, keep no words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseCallback:
    """Store a promise to ring back."""

    phone: str
    """Never empty."""
    reason: str


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call when everything has been said."""


Action = Say | Listen | LookUp | Recall | Transfer | StopRecording | PromiseCallback | HangUp
