"""What must be kept, and the proof of what was erased."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from recordings.tables.columns import Id, Table


class LegalHoldRow(Table):
    """What must not be deleted, whatever policy or erasure say."""

    __tablename__ = "legal_holds"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    phone: Mapped[str] = mapped_column(String(64), default="", index=True)
    """E.164: everything of this person; empty where ``contact_id`` says which contact."""
    contact_id: Mapped[str] = mapped_column(Id, default="", index=True)
    reason: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(64))
    released_at: Mapped[datetime | None]
    released_by: Mapped[str] = mapped_column(String(64), default="")


class ErasureRow(Table):
    """The proof that somebody's data was erased; it holds nothing that tells who it was."""

    __tablename__ = "erasures"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    subject: Mapped[str] = mapped_column(String(64), index=True)
    """HMAC-SHA256 of the phone number under the installation's secret: whoever knows the number can check it."""
    why: Mapped[str] = mapped_column(String(16))
    """request | policy"""
    state: Mapped[str] = mapped_column(String(16), index=True)
    """working | done | held"""
    counts: Mapped[dict[str, Any]]
    """Kind of thing → how many were erased."""
    requested_at: Mapped[datetime]
    requested_by: Mapped[str] = mapped_column(String(64))
    ended_at: Mapped[datetime | None]
    pending: Mapped[list[Any]] = mapped_column(JSON, default=list)
    """Keys of the audio store whose rows are gone already and whose files are still to be deleted."""


class ErasedSoundRow(Table):
    """A sound that must not come back: the intake refuses its bytes, and any bytes of its call."""

    __tablename__ = "erased_sounds"
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of the bytes; or of ``call <id>``, for the sound of an erased call that is still on its way."""
    erasure_id: Mapped[str] = mapped_column(ForeignKey("erasures.id"), index=True)
    erased_at: Mapped[datetime]
