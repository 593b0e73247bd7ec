"""What people teach the models, and what the models propose."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from recordings.tables.columns import Id, Table


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
    """Intent the model took it for then."""
    intent: Mapped[str | None] = mapped_column(String(64))
    """The label a person gave; None with ``labelled`` for what is none of ours."""
    held_back: Mapped[bool] = mapped_column(default=False)
    """Kept for comparing models, never trained on."""
    in_use: Mapped[bool] = mapped_column(default=False)
    """The running model has learned it."""
    contact: Mapped[str] = mapped_column(Id, default="", index=True)
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
    """Figures of the comparison: samples, accuracy of both models, and so on."""
    created_at: Mapped[datetime]
    promoted_at: Mapped[datetime | None]
    promoted_by: Mapped[str] = mapped_column(default="")


class SentimentSampleRow(Table):
    """A person's correction of a sentiment: what the next training learns."""

    __tablename__ = "sentiment_samples"
    __table_args__ = (UniqueConstraint("language", "text"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    language: Mapped[str] = mapped_column(String(8))
    text: Mapped[str] = mapped_column(String(500))
    sentiment: Mapped[str] = mapped_column(String(16))
    """negative | neutral | positive"""
    guess: Mapped[str] = mapped_column(String(16), default="")
    """Sentiment the model had given."""
    recording_id: Mapped[str | None] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(64))


class TopicRow(Table):
    """What callers ask that no intent knows: a group of like questions, proposed by the machine, named by a person."""

    __tablename__ = "topics"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    language: Mapped[str] = mapped_column(String(8), index=True)
    name: Mapped[str] = mapped_column(String(128))
    state: Mapped[str] = mapped_column(String(16), index=True)
    """proposed | accepted | dismissed"""
    centre: Mapped[list[Any]] = mapped_column(JSON)
    """Mean embedding of its questions: what a later question is compared with."""
    created_at: Mapped[datetime]
    decided_by: Mapped[str] = mapped_column(String(64), default="")


class TopicCallRow(Table):
    """A call that belongs to a topic, and the words that prove it."""

    __tablename__ = "topic_calls"
    topic_id: Mapped[str] = mapped_column(ForeignKey("topics.id", ondelete="CASCADE"), primary_key=True)
    recording_id: Mapped[str] = mapped_column(
        ForeignKey("recordings.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    at: Mapped[datetime] = mapped_column(index=True)
    """When the call was."""
    start: Mapped[float]
    end: Mapped[float]
    quote: Mapped[str] = mapped_column(Text)
    likeness: Mapped[float]
