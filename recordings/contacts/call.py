"""The nouns of a call: who rang, what was said live, how it ended, where its sound is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from recordings.contacts.failure import Failure
from speech.recognition.words import Speaker, Word


class Outcome(StrEnum):
    """How a call ended."""

    SETTLED = "settled"
    """The robot answered the question."""
    HANDED_OVER = "handed_over"
    """A person talked with the caller."""
    CALLBACK = "callback"
    """Nobody was free; a call-back is stored."""
    ABANDONED = "abandoned"
    """The caller hung up before an answer."""
    FAILED = "failed"
    """Something of ours broke; ``Call.failure`` says what."""


class RecordingState(StrEnum):
    """Where a recording stands in the pipeline."""

    REGISTERED = "registered"
    TRANSCRIBED = "transcribed"
    ANALYSED = "analysed"
    PARKED = "parked"
    """Given up, with its reason; a person decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A person known by telephone number, or by what they wrote."""

    id: str
    name: str
    phone: str | None
    """E.164; None for someone who has only written."""
    language: str
    email: str | None = None
    """Lower case; None until they have written a mail."""
    segment: str = ""
    """As the company's own system names it, as ``vip``."""
    source: str = ""
    """Origin of the contact: ``phone``, ``web``, or what a webhook or the page's address named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call from the first ring to the last good-bye. Times are UTC."""

    id: str
    """The caller's channel id in Asterisk: one name for the call in every place."""
    started_at: datetime
    caller_number: str
    """As the network gave it; empty when withheld."""
    extension: str
    """Number that was dialled."""
    language: str
    scenario: str
    scenario_version: str
    """First 12 hex digits of the sha256 of the scenario's file."""
    engine: str
    """Engine that hears the caller live, as ``Recognizer.engine``."""
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: Outcome | None = None
    """None while the call goes on."""
    consent: bool = True
    """False when the caller refused to be recorded: no sound and no words are kept."""
    customer_id: str | None = None
    agent: str = ""
    """Endpoint of the person who took the call."""
    summary: str = ""
    """One sentence the agent heard before the caller."""
    facts: Mapping[str, str] | None = None
    """Numbers that were talked about, as ``order.number``; None until it has ended."""
    failure: str = ""
    """What broke, for an engineer to read."""
    failures: tuple[Failure, ...] = ()
    """The same one by one, by code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What was said live, in order: by the robot, or by the caller as the robot heard it."""

    number: int = 0
    """From 1 on, in order; 0 until it is written down."""
    speaker: Speaker
    node: str
    """Scenario node that spoke or listened."""
    start: float = 0.0
    """Seconds from the answer; 0 in writing."""
    end: float = 0.0
    text: str
    """Words, or ``[1]`` for a pressed key."""
    confidence: float | None = None
    engine: str = ""
    """Engine that heard it; empty for the robot's own words and for keys."""
    intent: str = ""
    """Label the robot took the words for."""
    model: str = ""
    """Version of the intent model that said so; empty where rules did."""
    words: tuple[Word, ...] = ()
    """Times count from the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One party's channel of a call."""

    call_id: str
    speaker: Speaker
    channel: str
    """Name in Asterisk, as ``PJSIP/agent-00000002``."""
    started: float
    """Seconds from the answer of the call."""
    ended: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """Somebody waits for a person: after a call, or in a chat."""

    id: str = field(default="", compare=False)
    call_id: str | None = None
    chat_id: str | None = None
    phone: str
    """Where to ring; empty while a visitor of a chat has given no number."""
    reason: str
    requested_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One sound file, known by the sha256 of its bytes."""

    id: str
    sha256: str
    key: str
    """Path within the audio store."""
    filename: str
    """Name it came with."""
    language: str
    duration: float
    """Seconds."""
    rate: int
    """Hz."""
    channels: int
    size: int
    """Bytes."""
    created_at: datetime
    state: RecordingState
    call_id: str | None = None
    """None for imported files."""
    attempts: int = 0
    """Times a worker tried and failed."""
    failure_code: str = ""
    failure: str = ""
    """Why it is parked, for a person to read."""
    sound_deleted_at: datetime | None = None
    """When policy deleted the sound; the words may be there still."""
