"""Tables. Times are UTC; ids of calls are Asterisk channel ids, all others UUIDs as text."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from typing_extensions import override


class Utc(TypeDecorator[datetime]):
    """An aware datetime in UTC, also in SQLite, which forgets the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @override
    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}: give it a zone")
        return value.astimezone(UTC) if value else None

    @override
    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Table(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: Utc, dict[str, Any]: JSON, list[dict[str, Any]]: JSON}


Id = String(64)
EMPTY = text("''")
"""For columns added to tables that hold rows already."""


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
    """What brought a new customer: ``phone``, ``web``, or what a webhook or the page's address named."""
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
    """What it has come to so far; of an ended one, in the end."""
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
    """What the channel calls it, so that one delivered twice is answered once; empty for the robot's own."""
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
    extension: Mapped[str] = mapped_column(String(64))
    language: Mapped[str] = mapped_column(String(8))
    scenario: Mapped[str]
    scenario_version: Mapped[str] = mapped_column(String(12))
    engine: Mapped[str]
    outcome: Mapped[str | None] = mapped_column(String(16), index=True)
    consent: Mapped[bool] = mapped_column(default=True)
    customer_id: Mapped[str | None] = mapped_column(ForeignKey("customers.id"), index=True)
    agent: Mapped[str] = mapped_column(default="")
    summary: Mapped[str] = mapped_column(Text, default="")
    facts: Mapped[dict[str, Any] | None]
    """Numbers that were talked about, as ``order.number``; None until it has ended."""
    failure: Mapped[str] = mapped_column(Text, default="")


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
    """What the robot took the words for; empty for its own."""
    model: Mapped[str] = mapped_column(String(64), default="", server_default=EMPTY)
    """Version of the intent model that said so; empty where rules did."""
    words: Mapped[list[dict[str, Any]]] = mapped_column(default=list)


class SampleRow(Table):
    """A phrase of a real dialogue on its way to teach the robot."""

    __tablename__ = "samples"
    __table_args__ = (UniqueConstraint("language", "text"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    language: Mapped[str] = mapped_column(String(8))
    text: Mapped[str] = mapped_column(String(500))
    state: Mapped[str] = mapped_column(String(16), index=True)
    """candidate | labelled | rejected"""
    reason: Mapped[str] = mapped_column(String(32))
    """Why it is here: unclear | handed_over, or scenario for an example of the scenario itself."""
    times: Mapped[int] = mapped_column(default=1)
    """How often it was said."""
    guess: Mapped[str] = mapped_column(String(64), default="")
    """What the model took it for then."""
    intent: Mapped[str | None] = mapped_column(String(64))
    """The label a person gave; None with ``labelled`` for what is none of ours."""
    held_back: Mapped[bool] = mapped_column(default=False)
    """Kept for comparing models, never trained on."""
    in_use: Mapped[bool] = mapped_column(default=False)
    """The running model has learned it."""
    contact: Mapped[str] = mapped_column(Id, default="")
    """The call or chat it was first said in."""
    created_at: Mapped[datetime]
    labelled_by: Mapped[str] = mapped_column(default="")


class IntentModelRow(Table):
    __tablename__ = "intent_models"
    version: Mapped[str] = mapped_column(String(64), primary_key=True)
    language: Mapped[str] = mapped_column(String(8), index=True)
    state: Mapped[str] = mapped_column(String(16), index=True)
    """proposed | running | retired"""
    figures: Mapped[dict[str, Any]]
    """Of the comparison: samples, accuracy of both models, and so on."""
    created_at: Mapped[datetime]
    promoted_at: Mapped[datetime | None]
    promoted_by: Mapped[str] = mapped_column(default="")


class OutboxRow(Table):
    """A wish the company's own system could not take at once; sent again with the same key until it does."""

    __tablename__ = "outbox"
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    """Idempotency key."""
    request: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16), index=True)
    """waiting | sent | refused | given_up"""
    body: Mapped[dict[str, Any]]
    """``facts`` and ``language``."""
    contact: Mapped[str] = mapped_column(Id, default="")
    created_at: Mapped[datetime]
    due_at: Mapped[datetime] = mapped_column(index=True)
    """Until then nobody sends it: it is being sent, or waits after a failure."""
    attempts: Mapped[int] = mapped_column(default=0)
    """Also tells the senders apart: who took it at an earlier count has lost it."""
    settled_at: Mapped[datetime | None]
    reply: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """``outcome`` and ``facts``, once the system has answered."""
    failure: Mapped[str] = mapped_column(Text, default="")


class CallbackRow(Table):
    """Somebody waits for a person: of a call or of a chat."""

    __tablename__ = "callbacks"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    call_id: Mapped[str | None] = mapped_column(ForeignKey("calls.id", ondelete="CASCADE"), index=True)
    chat_id: Mapped[str | None] = mapped_column(ForeignKey("chats.id", ondelete="CASCADE"), unique=True)
    phone: Mapped[str] = mapped_column(String(64))
    """Empty while a visitor of a chat has given none."""
    reason: Mapped[str] = mapped_column(Text)
    requested_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class RecordingRow(Table):
    __tablename__ = "recordings"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    key: Mapped[str]
    filename: Mapped[str]
    call_id: Mapped[str | None] = mapped_column(ForeignKey("calls.id", ondelete="CASCADE"), unique=True)
    language: Mapped[str] = mapped_column(String(8))
    duration: Mapped[float]
    rate: Mapped[int]
    channels: Mapped[int]
    size: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(String(16), index=True)
    due_at: Mapped[datetime] = mapped_column(index=True)
    """Until then the sweep leaves it alone: it was just announced, is being worked on, or waits after a failure."""
    worker: Mapped[str] = mapped_column(String(64), default="")
    """Who works on it until ``due_at``; empty when nobody does."""
    attempts: Mapped[int] = mapped_column(default=0)
    failure_code: Mapped[str] = mapped_column(String(32), default="")
    failure: Mapped[str] = mapped_column(Text, default="")


class TranscriptRow(Table):
    """One per (recording, engine): a better engine adds a row and overwrites nothing."""

    __tablename__ = "transcripts"
    __table_args__ = (UniqueConstraint("recording_id", "engine"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    recording_id: Mapped[str] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"))
    engine: Mapped[str]
    language: Mapped[str] = mapped_column(String(8))
    body: Mapped[dict[str, Any]]
    text: Mapped[str] = mapped_column(Text)
    """All words in one line, to be searched."""
    created_at: Mapped[datetime]


class AnalysisRow(Table):
    """One per (transcript, rule set): figures of the whole call, and its findings."""

    __tablename__ = "analyses"
    __table_args__ = (UniqueConstraint("transcript_id", "rule_set"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    transcript_id: Mapped[str] = mapped_column(ForeignKey("transcripts.id", ondelete="CASCADE"))
    recording_id: Mapped[str] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"), index=True)
    rule_set: Mapped[str] = mapped_column(String(12))
    """First 12 hex digits of the sha256 over dictionaries and rule code versions."""
    measures: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class FindingRow(Table):
    __tablename__ = "findings"
    __table_args__ = (Index("ix_findings_kind_label", "kind", "label"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    analysis_id: Mapped[str] = mapped_column(ForeignKey("analyses.id", ondelete="CASCADE"), index=True)
    recording_id: Mapped[str] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    """keyword | sentiment | silence | overlap | loudness"""
    label: Mapped[str] = mapped_column(String(64))
    speaker: Mapped[str] = mapped_column(String(16))
    start: Mapped[float]
    """Seconds from the start of the recording: with ``end`` the sound that proves it."""
    end: Mapped[float]
    quote: Mapped[str] = mapped_column(Text, default="")
    value: Mapped[float | None]
    """Sentiment -1..1, loudness dBFS, otherwise None."""


class UserRow(Table):
    __tablename__ = "users"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    login: Mapped[str] = mapped_column(String(64), unique=True)
    password_hash: Mapped[str]
    """argon2id."""
    language: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime]


class SessionRow(Table):
    __tablename__ = "sessions"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    csrf: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[datetime]


class TokenRow(Table):
    """API token; only its hash is kept."""

    __tablename__ = "tokens"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
