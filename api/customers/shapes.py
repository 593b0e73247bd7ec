"""What the JSON interface takes and gives of customers and their chats."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from api.kit.shapes import CallbackOut, Shape
from recordings.contacts.call import Outcome
from recordings.contacts.chat import ContactKind
from speech.recognition.words import Speaker


class CustomerQuery(BaseModel):
    """Filters and page of the list. An empty value does not filter."""

    model_config = ConfigDict(use_attribute_docstrings=True, extra="forbid")

    q: str = Field(default="", max_length=200)
    """Part of the name, or of the number or the e-mail address as their masks show them; a whole one finds all that
    look alike."""
    waiting: bool = False
    """Only those somebody still has to ring back."""
    offset: int = Field(default=0, ge=0)
    limit: int = Field(default=50, ge=1, le=500)


class CustomerOut(Shape):
    """The card of one person."""

    id: str
    name: str
    phone: str | None
    """E.164; null for someone who has only written."""
    email: str | None
    language: str
    segment: str
    """As the company's own system names it."""
    source: str
    """What brought them: `phone`, `web`, or what a webhook or the page's address named."""


class CustomerLineOut(Shape):
    """One line of the list."""

    customer: CustomerOut
    contacts: int
    """Calls and chats."""
    last_at: datetime | None
    waiting: bool
    """Somebody still has to ring back."""


class CustomersOut(Shape):
    """One page of customers, who turned to us last first."""

    total: int
    customers: tuple[CustomerLineOut, ...]


class PastContactOut(Shape):
    """One call or chat of a customer."""

    kind: ContactKind
    id: str
    """Id of the call (`/api/calls/{id}`) or of the chat (`/api/chats/{id}`)."""
    at: datetime
    channel: str
    """`phone`, `web` or the name of a webhook."""
    language: str
    outcome: Outcome | None
    """Null while it goes on."""
    ended: bool
    summary: str
    """What a person was told of it, or else the customer's first words."""
    facts: dict[str, str]
    """Numbers that were talked about, as `order.number`."""
    callback: CallbackOut | None
    """Somebody still has to ring back."""


class CustomerDetailOut(Shape):
    """A card and all the customer turned to us with, newest first."""

    customer: CustomerOut
    history: tuple[PastContactOut, ...]


class MessageOut(Shape):
    number: int
    speaker: Speaker
    node: str
    """Scenario node that wrote or was answered."""
    text: str
    at: datetime
    intent: str
    """What the robot took the words for."""
    confidence: float | None
    model: str
    """Version of the intent model that said so; empty where rules did."""


class ChatOut(Shape):
    """A conversation in writing."""

    id: str
    channel: str
    customer_id: str | None
    language: str
    scenario: str
    scenario_version: str
    source: str
    consent: bool
    """False: the visitor did not want their words to be kept."""
    started_at: datetime
    last_at: datetime
    ended_at: datetime | None
    outcome: Outcome | None
    handed_over_at: datetime | None
    """When the visitor was to be handed to a person."""
    summary: str
    facts: dict[str, str]
    failure: str


class ChatDetailOut(Shape):
    """A conversation in writing with its messages."""

    chat: ChatOut
    messages: tuple[MessageOut, ...]
