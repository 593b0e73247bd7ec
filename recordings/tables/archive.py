"""Recordings, and what the workers make of each: transcript, redaction, acoustics, meaning, analysis."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from recordings.contacts.phone_numbers import numbers_in_name
from recordings.tables.columns import EMPTY, ZERO, Id, LeasedTable, Table, written_from
from speech.redaction.masks import masked_filename

NAMED = ("filename", "language", "call_id")


def _number_at(place: int) -> Callable[..., str]:
    """The number at that place in the name of a file that came without a call."""

    def rule(filename: str, language: str, call_id: str = "") -> str:
        numbers = () if call_id else numbers_in_name(filename, language)
        return numbers[place] if place < len(numbers) else ""

    return rule


def _shown_name(filename: str, call_id: str = "") -> str:
    """As ``recordings.redaction.redacted.shown_filename`` has it."""
    return filename if call_id and filename.startswith(f"{call_id}.") else masked_filename(filename)


class RecordingRow(LeasedTable):
    __tablename__ = "recordings"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    key: Mapped[str]
    filename: Mapped[str]
    shown_name: Mapped[str] = mapped_column(
        default=written_from(_shown_name, "filename", "call_id"), server_default=EMPTY
    )
    """The file's name as everyone sees and searches it."""
    number: Mapped[str] = mapped_column(
        String(16), default=written_from(_number_at(0), *NAMED), server_default=EMPTY, index=True
    )
    """The first telephone number in the name of a file that came without a call, in E.164."""
    second_number: Mapped[str] = mapped_column(
        String(16), default=written_from(_number_at(1), *NAMED), server_default=EMPTY, index=True
    )
    """Exchanges name both: who rang, and whom."""
    call_id: Mapped[str | None] = mapped_column(ForeignKey("calls.id", ondelete="CASCADE"), unique=True)
    language: Mapped[str] = mapped_column(String(8))
    duration: Mapped[float]
    rate: Mapped[int]
    channels: Mapped[int]
    size: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(String(16), index=True)
    worker: Mapped[str] = mapped_column(String(64), default="")
    """Who works on it until ``due_at``; empty when nobody does."""
    failure_code: Mapped[str] = mapped_column(String(32), default="")
    failure: Mapped[str] = mapped_column(Text, default="")
    sound_deleted_at: Mapped[datetime | None]
    """When policy deleted the sound; the words may be there still."""


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
    rank: Mapped[int] = mapped_column(default=0, server_default=ZERO)
    """How good the model is, as the catalogue has it: of several transcripts the highest is shown, then the newest."""
    created_at: Mapped[datetime]


class RedactionRow(Table):
    """What everyone sees of a transcript by default: personal data taken out of its words and its sound."""

    __tablename__ = "redactions"
    __table_args__ = (UniqueConstraint("transcript_id", "version"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    transcript_id: Mapped[str] = mapped_column(ForeignKey("transcripts.id", ondelete="CASCADE"))
    recording_id: Mapped[str] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"), index=True)
    version: Mapped[str] = mapped_column(String(12))
    """Version of the redaction rules."""
    body: Mapped[dict[str, Any]]
    """The transcript with the private parts put out, as ``Transcript.to_json``."""
    text: Mapped[str] = mapped_column(Text)
    """All its words in one line, to be searched."""
    spans: Mapped[list[dict[str, Any]]]
    """``kind``, ``utterance``, ``start`` and ``end`` (seconds of sound) of each private part."""
    sound_key: Mapped[str] = mapped_column(default="")
    """Path within the audio store of the sound with those parts put out; empty until it is made."""
    created_at: Mapped[datetime]


class AcousticsRow(Table):
    """What was measured in the sound, once, so that rules can run over the archive without any sound."""

    __tablename__ = "acoustics"
    __table_args__ = (UniqueConstraint("recording_id", "version"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    recording_id: Mapped[str] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"))
    version: Mapped[str] = mapped_column(String(12))
    body: Mapped[dict[str, Any]]
    """As ``Acoustics.to_json``."""
    created_at: Mapped[datetime]


class MeaningRow(Table):
    """What the models made of a transcript, once per version of the models: slow to compute, quick to read."""

    __tablename__ = "meanings"
    __table_args__ = (UniqueConstraint("transcript_id", "version"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    transcript_id: Mapped[str] = mapped_column(ForeignKey("transcripts.id", ondelete="CASCADE"))
    recording_id: Mapped[str] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"), index=True)
    version: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(String(64), index=True, default="")
    """Intent the call was about; empty where none of the known ones is."""
    body: Mapped[dict[str, Any]]
    """As ``CallMeaning.to_json``: sentiment of each utterance, reason, outcome, promises, entities, summary."""
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
    """As ``FindingKind``."""
    label: Mapped[str] = mapped_column(String(64))
    speaker: Mapped[str] = mapped_column(String(16))
    start: Mapped[float]
    """Seconds from the start of the recording: with ``end`` the sound that proves it."""
    end: Mapped[float]
    quote: Mapped[str] = mapped_column(Text, default="")
    value: Mapped[float | None]
    """Sentiment -1..1, loudness dBFS, likeness 0..1 of a keyword whose words were matched fuzzily; otherwise None."""
