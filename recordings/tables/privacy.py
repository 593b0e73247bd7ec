"""What must be kept, and the proof of what was erased."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from recordings.tables.columns import EMPTY, Id, LeasedTable, Table


class LegalHoldRow(Table):
    """What must not be deleted, whatever policy or erasure say."""

    __tablename__ = "legal_holds"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    phone: Mapped[str] = mapped_column(String(64), default="", index=True)
    """E.164: everything of this person; empty where another column says whose or which contact."""
    email: Mapped[str] = mapped_column(String(254), default="", server_default=EMPTY)
    """Lower case."""
    messenger: Mapped[str] = mapped_column(String(192), default="", server_default=EMPTY)
    """``channel:address``."""
    contact_id: Mapped[str] = mapped_column(Id, default="", index=True)
    reason: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(64))
    released_at: Mapped[datetime | None]
    released_by: Mapped[str] = mapped_column(String(64), default="")


class ErasureRow(LeasedTable):
    """The proof that somebody's data was erased; it holds nothing that tells who it was."""

    __tablename__ = "erasures"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    subject: Mapped[str] = mapped_column(String(64), index=True)
    """HMAC-SHA256 of the number, e-mail or ``channel:address`` under the installation's secret: whoever knows it can
    check."""
    whom: Mapped[dict[str, Any] | None]
    """``subjects``, each with ``kind`` and ``value``, while it is ``working``, so that it goes on by itself; None in
    the end."""
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
    waits_for: Mapped[list[Any] | None] = mapped_column(JSON)
    """Names of the Asterisks in whose store a robot has yet to look for sound of the calls that were deleted; None
    until all rows are gone."""
    left: Mapped[list[Any] | None] = mapped_column(JSON)
    """``place``, ``count`` and ``said`` of what the last search found."""


class ErasedSoundRow(Table):
    """A sound that must not come back: the intake refuses its bytes, and any bytes of its call."""

    __tablename__ = "erased_sounds"
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of the bytes; or of ``call <id>``, for the sound of an erased call that is still on its way; or of
    ``chat <id>``, for a chat that comes back from a copy of the database."""
    erasure_id: Mapped[str] = mapped_column(ForeignKey("erasures.id"), index=True)
    erased_at: Mapped[datetime]


class SoundSpoolRow(Table):
    """What a robot saw when it last looked for sound that still lies with its Asterisk."""

    __tablename__ = "sound_spools"
    system: Mapped[str] = mapped_column(String(64), primary_key=True)
    """Asterisk's system name."""
    looked_at: Mapped[datetime]
    calls: Mapped[list[Any]] = mapped_column(JSON, default=list)
    """Calls whose sound waits there."""
