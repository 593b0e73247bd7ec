"""People who rang or wrote, their calls and chats, and who waits for an answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from recordings.contacts.phone_numbers import number_in, sender_of
from recordings.tables.columns import EMPTY, Id, LeasedTable, Table, written_from


class CustomerRow(Table):
    __tablename__ = "customers"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    name: Mapped[str]
    phone: Mapped[str | None] = mapped_column(String(32), unique=True)
    """E.164; None for someone who has only written."""
    email: Mapped[str | None] = mapped_column(String(254), unique=True)
    """Lower case; None until they have written a mail."""
    language: Mapped[str] = mapped_column(String(8))
    segment: Mapped[str] = mapped_column(String(32), default="", server_default=EMPTY)
    """As the company's own system names it, as ``vip``."""
    source: Mapped[str] = mapped_column(String(64), default="", server_default=EMPTY)
    """Origin of a new customer: ``phone``, ``web``, or what a webhook or the page's address named."""
    created_at: Mapped[datetime]


class ChatRow(Table):
    """A conversation in writing: a web chat, a messenger, an e-mail."""

    __tablename__ = "chats"
    __table_args__ = (Index("ix_chats_channel_address", "channel", "address"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    channel: Mapped[str] = mapped_column(String(32))
    """``web``, or the name of a webhook."""
    address: Mapped[str] = mapped_column(String(128))
    """Who writes, in the channel's own terms."""
    sender: Mapped[str] = mapped_column(
        String(254), default=written_from(sender_of, "channel", "address", "language"), server_default=EMPTY, index=True
    )
    """The number in E.164 or the e-mail in lower case that the address is; empty where it is neither."""
    customer_id: Mapped[str | None] = mapped_column(ForeignKey("customers.id"), index=True)
    language: Mapped[str] = mapped_column(String(8))
    scenario: Mapped[str]
    scenario_version: Mapped[str] = mapped_column(String(12))
    source: Mapped[str] = mapped_column(String(64), default="")
    consent: Mapped[bool] = mapped_column(default=True)
    """False when the visitor did not want their words to be kept."""
    started_at: Mapped[datetime] = mapped_column(index=True)
    last_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(16))
    """Outcome so far; of an ended one, in the end."""
    handed_over_at: Mapped[datetime | None]
    """Somebody asked for a person."""
    summary: Mapped[str] = mapped_column(Text, default="")
    """One sentence for the person who takes over."""
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Numbers that were talked about, as ``order.number``."""
    state: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Where the dialogue stands, between two messages; emptied at the end."""
    failure: Mapped[str] = mapped_column(Text, default="")


class MessageRow(Table):
    __tablename__ = "messages"
    chat_id: Mapped[str] = mapped_column(ForeignKey("chats.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    speaker: Mapped[str] = mapped_column(String(16))
    node: Mapped[str]
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    key: Mapped[str] = mapped_column(String(128), default="", index=True)
    """Identifier the channel gave it, so that one delivered twice is answered once; empty for the robot's own."""
    intent: Mapped[str] = mapped_column(String(64), default="")
    confidence: Mapped[float | None]
    model: Mapped[str] = mapped_column(String(64), default="")


class CallRow(Table):
    __tablename__ = "calls"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    started_at: Mapped[datetime] = mapped_column(index=True)
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    caller_number: Mapped[str] = mapped_column(String(64), index=True)
    """As the network says it."""
    number: Mapped[str] = mapped_column(
        String(16), default=written_from(number_in, "caller_number", "language"), server_default=EMPTY, index=True
    )
    """The same in E.164; empty for what is no number."""
    extension: Mapped[str] = mapped_column(String(64))
    language: Mapped[str] = mapped_column(String(8))
    scenario: Mapped[str]
    scenario_version: Mapped[str] = mapped_column(String(12))
    engine: Mapped[str]
    outcome: Mapped[str | None] = mapped_column(String(16), index=True)
    consent: Mapped[bool] = mapped_column(default=True)
    customer_id: Mapped[str | None] = mapped_column(ForeignKey("customers.id"), index=True)
    agent: Mapped[str] = mapped_column(default="")
    """Endpoint of the person who took it; ``AgentRow`` knows who that is."""
    summary: Mapped[str] = mapped_column(Text, default="")
    facts: Mapped[dict[str, Any] | None]
    """Numbers that were talked about, as ``order.number``; None until it has ended."""
    failure: Mapped[str] = mapped_column(Text, default="")
    """What broke, in words."""
    failures: Mapped[list[dict[str, Any]] | None]
    """``code`` and ``text`` of each; None in rows from before there were codes."""


class LegRow(Table):
    __tablename__ = "legs"
    call_id: Mapped[str] = mapped_column(ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True)
    channel: Mapped[str] = mapped_column(String(160), primary_key=True)
    speaker: Mapped[str] = mapped_column(String(16))
    started: Mapped[float]
    ended: Mapped[float | None]


class TurnRow(Table):
    """Live words. The first of two passes; the transcript of the recording is the second."""

    __tablename__ = "turns"
    call_id: Mapped[str] = mapped_column(ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    speaker: Mapped[str] = mapped_column(String(16))
    node: Mapped[str]
    start: Mapped[float]
    end: Mapped[float]
    text: Mapped[str] = mapped_column(Text)
    confidence: Mapped[float | None]
    engine: Mapped[str] = mapped_column(default="")
    intent: Mapped[str] = mapped_column(String(64), default="", server_default=EMPTY)
    """Intent the robot took the words for; empty for its own."""
    model: Mapped[str] = mapped_column(String(64), default="", server_default=EMPTY)
    """Version of the intent model that said so; empty where rules did."""
    words: Mapped[list[dict[str, Any]]] = mapped_column(default=list)


class QueueVisitRow(Table):
    """A caller's time in a waiting line."""

    __tablename__ = "queue_visits"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("calls.id", ondelete="CASCADE"), index=True)
    queue: Mapped[str] = mapped_column(String(64), index=True)
    joined_at: Mapped[datetime] = mapped_column(index=True)
    answered_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    """When it ended without an answer: hung up, or offered a call-back."""
    agent: Mapped[str] = mapped_column(String(64), default="")
    reason: Mapped[str] = mapped_column(String(64), default="")
    """Why the robot handed over: asked, unclear, anger, scenario, failure."""


class SurveyRow(Table):
    """A question about how content someone was, and the answer if there was one."""

    __tablename__ = "surveys"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    call_id: Mapped[str | None] = mapped_column(ForeignKey("calls.id", ondelete="CASCADE"), index=True)
    chat_id: Mapped[str | None] = mapped_column(ForeignKey("chats.id", ondelete="CASCADE"), index=True)
    asked_at: Mapped[datetime] = mapped_column(index=True)
    answered_at: Mapped[datetime | None]
    rating: Mapped[int | None]
    """1 (worst) .. 5 (best)."""
    comment: Mapped[str] = mapped_column(Text, default="")


class CallbackRow(Table):
    """Somebody waits for a person: of a call or of a chat."""

    __tablename__ = "callbacks"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    call_id: Mapped[str | None] = mapped_column(ForeignKey("calls.id", ondelete="CASCADE"), index=True)
    chat_id: Mapped[str | None] = mapped_column(ForeignKey("chats.id", ondelete="CASCADE"), unique=True)
    phone: Mapped[str] = mapped_column(String(64))
    """Empty while a visitor of a chat has given none."""
    number: Mapped[str] = mapped_column(
        String(16), default=written_from(number_in, "phone"), server_default=EMPTY, index=True
    )
    """The same in E.164."""
    reason: Mapped[str] = mapped_column(Text)
    requested_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class OutboxRow(LeasedTable):
    """A wish the company's own system could not take at once; sent again with the same key until it does."""

    __tablename__ = "outbox"
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    """Idempotency key."""
    request: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16), index=True)
    """waiting | sent | refused | given_up"""
    body: Mapped[dict[str, Any]]
    """``facts`` and ``language``."""
    contact: Mapped[str] = mapped_column(Id, default="", index=True)
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    reply: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """``outcome`` and ``facts``, once the system has answered."""
    failure: Mapped[str] = mapped_column(Text, default="")


class TryRow(Table):
    """One try of something that may be tried so many times a day only; gone a day later."""

    __tablename__ = "tries"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(32), index=True)
    """Of the try: it has a row for each way of counting."""
    key: Mapped[str] = mapped_column(String(64), index=True)
    """Digest of what is tried and who tries, or about whom."""
    at: Mapped[datetime] = mapped_column(index=True)
