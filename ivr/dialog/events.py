"""What can happen in a call. An answer names the node that asked, so that a late one can be told and dropped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ivr.business.protocol import Option
from ivr.dialog.expectation import UNCLEAR, Meaning
from recordings.contacts.call import Turn
from recordings.contacts.failure import FailureCode
from speech.recognition.words import Speaker, Word


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The call is up and both sides hear each other."""

    facts: Mapping[str, str] = field(default_factory=dict)
    """What is known before a word is said, as ``caller.number``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """The caller answered: what they said, as it is written down, and what it means to the node that waited for it."""

    turn: Turn
    """Without words when speech was there but none were recognised."""
    meaning: Meaning


def heard(
    node: str,
    text: str,
    meaning: Meaning,
    *,
    start: float = 0.0,
    end: float = 0.0,
    engine: str = "",
    words: tuple[Word, ...] = (),
) -> Heard:
    """An answer to a node. The one place where a meaning becomes what is kept of it with the words.

    Args:
        node: Scenario node that waited.
        text: Words of the recogniser, or what was written.
        meaning: What they come to at that node.
        start: Seconds from the answer of the call.
        end: Seconds from the answer of the call.
        engine: Engine that heard it; empty in writing.
        words: Recognised words with their times.
    """
    turn = Turn(
        speaker=Speaker.CALLER,
        node=node,
        start=start,
        end=end,
        text=text,
        confidence=meaning.confidence,
        engine=engine,
        intent=meaning.intent or meaning.label,
        model=meaning.model,
        words=words,
    )
    return Heard(turn=turn, meaning=meaning)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """The caller pressed one key: ``0``-``9``, ``*`` or ``#``."""

    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Silent:
    """The node's time ran out before anything was said, or before the next key."""

    node: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Replied:
    """The business system replied to a request, or failed to (outcome ``failed``)."""

    node: str
    outcome: str
    facts: Mapping[str, str] = field(default_factory=dict)
    options: tuple[Option, ...] = ()
    """What the caller may choose from."""
    proven: frozenset[str] = frozenset()
    """What the caller has proved so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """Words said earlier were searched for answers to a question that comes only now."""

    node: str
    label: str = UNCLEAR
    """``filled`` or ``chosen``; ``unclear`` where they answer nothing."""
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """A person took the call and now talks with the caller."""

    agent: str


class Refusal(StrEnum):
    """Why nobody took a call."""

    BUSY = "busy"
    REFUSED = "refused"
    NO_ANSWER = "no_answer"
    UNREACHABLE = "unreachable"
    LEFT = "left"
    """Answered, but hung up before being joined."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """Nobody took the call."""

    reason: Refusal


@dataclass(frozen=True, slots=True)
class AgentLeft:
    """The person hung up; the caller is still there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """Something of ours broke (recogniser, voice); the caller goes to a person."""

    reason: str
    code: str = FailureCode.OTHER


@dataclass(frozen=True, slots=True)
class TimeUp:
    """The robot has talked for the scenario's ``max_seconds``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HungUp:
    """The caller is gone, or the call was lost."""

    failure: str = ""
    """Why, when it was not the caller who hung up."""
    code: str = FailureCode.OTHER
    """Kind of the failure, where there is one."""


Interruption = Failed | TimeUp | HungUp
CallEvent = Answered | Heard | Pressed | Silent | Replied | Recalled | Joined | Unanswered | AgentLeft | Interruption
