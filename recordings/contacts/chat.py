"""The nouns of a conversation in writing (a web chat, a messenger, an e-mail) and of a customer's history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from recordings.contacts.call import Callback, Outcome, Turn
from speech.recognition.words import Speaker

WEB = "web"
"""Channel of the chat on web pages; every other one is the name of a webhook."""
LONGEST_KEPT = 64
"""Letters of a number that are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What one side wrote."""

    number: int
    """From 1 on, in order."""
    speaker: Speaker
    node: str
    """Scenario node that wrote or was answered."""
    text: str
    at: datetime
    key: str = ""
    """Identifier the channel gave it; empty for the robot's own."""
    intent: str = ""
    """Label the robot took the words for."""
    confidence: float | None = None
    model: str = ""
    """Version of the intent model that said so; empty where rules did."""

    @classmethod
    def of(cls, turn: Turn, *, number: int, at: datetime, key: str = "") -> Message:
        """The turn of a conversation in writing."""
        return cls(
            number=number,
            speaker=turn.speaker,
            node=turn.node,
            text=turn.text,
            at=at,
            key=key,
            intent=turn.intent,
            confidence=turn.confidence,
            model=turn.model,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """One conversation in writing, from its first message until it ends or nobody writes any more. Times are UTC."""

    id: str
    channel: str
    """``web``, or the name of a webhook."""
    address: str
    """Who writes, in the channel's own terms; of a web chat the sha256 of the visitor's secret."""
    language: str
    scenario: str
    scenario_version: str
    started_at: datetime
    last_at: datetime
    source: str = ""
    """Origin of the visitor, as the page's address or the webhook named it."""
    customer_id: str | None = None
    ended_at: datetime | None = None
    outcome: Outcome | None = None
    """Outcome so far; of an ended one, in the end."""
    handed_over_at: datetime | None = None
    """When the visitor was to be handed to a person."""
    summary: str = ""
    """One sentence for that person."""
    consent: bool = True
    """False when the visitor did not want their words to be kept."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """Numbers that were talked about, as ``order.number``."""
    state: Mapping[str, Any] = field(default_factory=dict)
    """Where the dialogue stands; empty before the first message and after the end."""
    failure: str = ""


class ContactKind(StrEnum):
    CALL = "call"
    CHAT = "chat"


@dataclass(frozen=True, slots=True, kw_only=True)
class PastContact:
    """One line of a customer's history."""

    kind: ContactKind
    id: str
    """Id of the call or of the chat."""
    at: datetime
    channel: str
    """``phone``, ``web`` or the name of a webhook."""
    language: str
    outcome: Outcome | None
    """None while it goes on."""
    ended: bool
    summary: str
    """Summary a person was given, or else the customer's first words; empty where none are kept."""
    facts: Mapping[str, str]
    """Numbers that were talked about, as ``order.number``."""
    callback: Callback | None
    """Somebody still has to ring back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recent:
    """The last thing a customer turned to us with."""

    channel: str
    """``call``, ``chat`` or ``mail``."""
    at: datetime
    order: str = ""
    """Number of the order it was about; empty where none was named."""


def numbers_of(facts: Mapping[str, str]) -> dict[str, str]:
    """What of a conversation's facts a later contact may be about: numbers of orders, bookings, tickets."""
    own = ("caller.", "callback.")
    kept = {name: value for name, value in facts.items() if name.endswith(".number") and not name.startswith(own)}
    return {name: value[:LONGEST_KEPT] for name, value in kept.items() if value}
