"""What the JSON interface takes and gives of calls: the contract that OpenAPI shows."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from api.kit.shapes import CallbackOut, EvidenceOut, Moment, Shape
from recordings.calls.listing import Kind, Order
from recordings.contacts.call import Outcome, RecordingState
from recordings.results.finding import FindingKind
from speech.recognition.words import Speaker


def _or_none(value: object) -> object:
    return None if value == "" else value


OUTCOME = Annotated[Outcome | None, BeforeValidator(_or_none)]
KIND = Annotated[Kind | None, BeforeValidator(_or_none)]
STATE = Annotated[RecordingState | None, BeforeValidator(_or_none)]


class CallQuery(BaseModel):
    """Filters, order and page of the list. An empty value does not filter."""

    model_config = ConfigDict(use_attribute_docstrings=True, extra="forbid")

    q: str = Field(default="", max_length=200)
    """Part of the number, of the customer's or the file's name, or of anything said, as the answer shows them: of a
    masked number what its mask shows, or the whole number, which finds all that look alike."""
    kind: KIND = None
    """`call`, or `import` for recordings brought as files."""
    outcome: OUTCOME = None
    """How the call ended."""
    state: STATE = None
    """Where the recording stands in the pipeline."""
    language: str = Field(default="", max_length=8)
    label: str = Field(default="", max_length=64)
    """Keyword found in the call."""
    since: Moment = None
    """Started at this moment or later (ISO 8601 with zone)."""
    until: Moment = None
    """Started before this moment (ISO 8601 with zone)."""
    original: bool = False
    """Search all that was said, and give numbers whole; needs the permission and leaves an audit line."""
    sort: Order = Order.NEWEST
    offset: int = Field(default=0, ge=0)
    limit: int = Field(default=50, ge=1, le=500)


class CallOut(Shape):
    """One line of the list: a telephone call, or an imported recording."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": "1795327401.7",
                "kind": "call",
                "started_at": "2026-11-22T09:03:21Z",
                "language": "ru",
                "duration": 74.6,
                "caller_number": "+7 916 •••-••-67",
                "customer_name": "Анна Смирнова",
                "filename": "1795327401.7.wav",
                "outcome": "handed_over",
                "consent": True,
                "agent": "PJSIP/agent",
                "engine": "vosk-0.3.45/vosk-model-small-ru-0.22",
                "scenario": "order_status",
                "failure": "",
                "recording_id": "0b0e7c1e-6d1c-4c7e-9d55-0f6f2a8a8f11",
                "state": "analysed",
                "sentiment": -0.32,
                "labels": ["delay", "refund"],
            }
        }
    )

    id: str
    """Id of the call, or of the recording that has no call."""
    kind: Kind
    started_at: datetime
    language: str
    duration: float | None
    """Seconds; null while the call goes on."""
    caller_number: str
    """Masked, except in an original."""
    customer_name: str
    filename: str
    outcome: Outcome | None
    """Null while the call goes on, and for imports."""
    consent: bool
    """False: the caller refused to be recorded."""
    agent: str
    engine: str
    """Engine that heard the caller live."""
    scenario: str
    failure: str
    recording_id: str | None
    state: RecordingState | None
    sentiment: float | None
    """Caller's mean, -1..1."""
    labels: tuple[str, ...]
    """Keywords found."""


class CallsOut(Shape):
    """One page of calls."""

    total: int
    """Calls that fit the filters, on all pages."""
    calls: tuple[CallOut, ...]


class WordOut(Shape):
    text: str
    start: float
    """Seconds from the start of the recording."""
    end: float
    confidence: float | None
    """0..1; null where the engine gives none."""


class UtteranceOut(Shape):
    """What one speaker said between two pauses."""

    speaker: Speaker
    channel: int
    """0 is left (caller), 1 is right (robot, agent)."""
    start: float
    """Seconds from the start of the recording."""
    end: float
    text: str
    """As it was heard."""
    display: str
    """The same with marks, capitals and numbers in digits."""
    confidence: float | None
    words: tuple[WordOut, ...]


class TranscriptOut(Shape):
    """All utterances of a recording by time."""

    language: str
    engine: str
    """Engine and model with their versions."""
    duration: float
    """Seconds of sound."""
    split: str
    """How the speakers were told apart: channels, voices (may err), none."""
    utterances: tuple[UtteranceOut, ...]


class FindingOut(Shape):
    """Something worth a supervisor's ear."""

    kind: FindingKind
    label: str
    speaker: Speaker
    evidence: EvidenceOut
    value: float | None
    """Sentiment -1..1, loudness dBFS, otherwise null."""


class TurnOut(Shape):
    """What was said live, by the robot or as the robot heard it."""

    number: int
    speaker: Speaker
    node: str
    """Scenario node that spoke or listened."""
    start: float
    """Seconds from the answer."""
    end: float
    text: str
    confidence: float | None
    engine: str


class LegOut(Shape):
    speaker: Speaker
    channel: str
    started: float
    """Seconds from the answer of the call."""
    ended: float | None


class PromiseOut(Shape):
    """Something somebody said they would do."""

    kind: str
    """callback, delivery, refund, letter, check, visit, other"""
    speaker: Speaker
    due: str
    """ISO 8601 date or moment; empty where none was said."""
    evidence: EvidenceOut


class EntityOut(Shape):
    """A thing that was talked about."""

    kind: str
    """order, product, date, time, money, phone, address"""
    value: str
    speaker: Speaker
    evidence: EvidenceOut


class MeaningOut(Shape):
    """What the models made of the words."""

    reason: str
    """Intent the call was about; empty where none of the known ones is."""
    reason_confidence: float
    reason_evidence: EvidenceOut | None
    outcome: str
    """resolved, promised, unresolved, unclear; empty where nobody spoke"""
    outcome_evidence: EvidenceOut | None
    promises: tuple[PromiseOut, ...]
    entities: tuple[EntityOut, ...]
    summary: tuple[EvidenceOut, ...]
    """The utterances that tell most, by time."""


class CallDetailOut(Shape):
    """All of one call except its words and findings, which have addresses of their own."""

    contact: CallOut
    extension: str
    """What was dialled; empty for imports."""
    scenario_version: str
    summary: str
    """One sentence the agent heard before the caller."""
    turns: tuple[TurnOut, ...]
    legs: tuple[LegOut, ...]
    callbacks: tuple[CallbackOut, ...]
    engines: tuple[str, ...]
    """Engines that have transcribed the recording, newest first."""
    talk_seconds: dict[str, float]
    """By speaker; empty before the analysis, like all that follows."""
    silence_share: float | None
    overlap_seconds: float | None
    sentiment: dict[str, float]
    sentiment_by_quarter: dict[str, tuple[float | None, ...]]
    meaning: MeaningOut | None
    """Null before the words were understood."""


class PeaksOut(Shape):
    """The shape of the sound."""

    duration: float
    """Seconds."""
    peaks: tuple[tuple[float, ...], ...]
    """Loudest sample 0..1 of each equal part, a list a channel."""
