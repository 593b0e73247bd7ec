"""What the models made of transcripts, each kept once per version of the models."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from recordings.database import insert_once
from recordings.redaction.redacted import Redacted, hide, hide_evidence, masked
from recordings.results.finding import Evidence
from recordings.results.meaning import CallMeaning, Entity
from recordings.selection import newest_first
from recordings.tables import MeaningRow
from speech.recognition.words import Speaker

LONGEST_REASON = 64
"""Letters the column holds."""
PRIVATE = {"ru": "скрыто", "en": "hidden"}
"""Stands for an address that is not shown."""


def insert_meaning_once(db: Session, *, recording_id: str, transcript_id: str, meaning: CallMeaning) -> bool:
    """Keep one meaning per (transcript, version); tells whether this one was kept."""
    row = {
        "id": str(uuid4()),
        "transcript_id": transcript_id,
        "recording_id": recording_id,
        "version": meaning.version,
        "reason": meaning.reason[:LONGEST_REASON],
        "body": meaning.to_json(),
        "created_at": datetime.now(UTC),
    }
    return insert_once(db, MeaningRow, row)


def find_meaning(db: Session, transcript_id: str, version: str = "") -> CallMeaning | None:
    """The newest meaning of a transcript, or the one of a version; None where there is none."""
    wanted = select(MeaningRow.body).where(MeaningRow.transcript_id == transcript_id)
    if version:
        wanted = wanted.where(MeaningRow.version == version)
    body = db.scalar(wanted.order_by(*newest_first(MeaningRow)).limit(1))
    return CallMeaning.from_json(body) if body else None


def hide_meaning(meaning: CallMeaning, redacted: Redacted | None, language: str) -> CallMeaning:
    """The copy for everyone: quotes as the redacted words have them, phones masked, addresses left out."""

    def hidden(evidence: Evidence | None, speaker: str = "") -> Evidence | None:
        return hide_evidence(evidence, redacted, language, speaker) if evidence else None

    return replace(
        meaning,
        reason_evidence=hidden(meaning.reason_evidence),
        outcome_evidence=hidden(meaning.outcome_evidence),
        promises=tuple(
            replace(one, evidence=hide_evidence(one.evidence, redacted, language, one.speaker))
            for one in meaning.promises
        ),
        entities=tuple(_entity(one, redacted, language) for one in meaning.entities),
        summary=tuple(hide_evidence(one, redacted, language, Speaker.UNKNOWN) for one in meaning.summary),
    )


def _entity(entity: Entity, redacted: Redacted | None, language: str) -> Entity:
    value = entity.value
    if entity.kind == "phone":
        value = masked(value)
    elif entity.kind == "address":
        value = PRIVATE.get(language, PRIVATE["en"])
    else:
        value = hide(value, language)
    return replace(entity, value=value, evidence=hide_evidence(entity.evidence, redacted, language, entity.speaker))
