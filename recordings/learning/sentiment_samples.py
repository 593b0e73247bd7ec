"""Corrections people make to the sentiment of an utterance: what training learns besides the project's phrases.

The words are kept without private parts, once a language: whoever corrects the same words again, in whatever call,
changes what stands, and the last word counts. Erasing the recording erases its corrections.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from recordings.database import insert_once
from recordings.redaction.redacted import hide
from recordings.tables import SentimentSampleRow
from speech.embeddings.embeddings import clean
from speech.sentiment.samples import LABELS, Label, Sample
from speech.text.tokens import tokens

LONGEST = 500
"""Letters, as the table takes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What a person said of some words."""

    language: str
    text: str
    sentiment: Label
    guess: str
    """Sentiment that had been shown."""
    recording_id: str | None
    created_at: datetime
    created_by: str


def correct(
    db: Session, *, language: str, text: str, sentiment: Label, guess: str, recording_id: str | None, by: str
) -> bool:
    """Keep a correction; the last one of the same words counts.

    Returns:
        False where there are no words to learn from: then nothing is kept.
    """
    words = taught(text, language)
    if not tokens(words):
        return False
    said = {
        "sentiment": sentiment,
        "guess": guess,
        "recording_id": recording_id,
        "created_at": datetime.now(UTC),
        "created_by": by,
    }
    row = {"id": str(uuid4()), "language": language, "text": words, **said}
    if not insert_once(db, SentimentSampleRow, row):
        here = (SentimentSampleRow.language == language, SentimentSampleRow.text == words)
        db.execute(update(SentimentSampleRow).where(*here).values(**said))
    return True


def withdraw(db: Session, *, language: str, text: str) -> bool:
    """Forget what was said of some words; tells whether anything was."""
    here = (SentimentSampleRow.language == language, SentimentSampleRow.text == taught(text, language))
    return db.execute(delete(SentimentSampleRow).where(*here).returning(SentimentSampleRow.id)).first() is not None


def corrections(db: Session, language: str) -> tuple[Correction, ...]:
    """All of a language, oldest first."""
    wanted = select(SentimentSampleRow).where(SentimentSampleRow.language == language)
    rows = db.scalars(wanted.order_by(SentimentSampleRow.created_at, SentimentSampleRow.text))
    return tuple(
        Correction(
            language=row.language,
            text=row.text,
            sentiment=_label(row.sentiment),
            guess=row.guess,
            recording_id=row.recording_id,
            created_at=row.created_at,
            created_by=row.created_by,
        )
        for row in rows
    )


def samples(db: Session, language: str) -> tuple[Sample, ...]:
    """The same as what a model learns from."""
    return tuple(Sample(text=one.text, label=one.sentiment) for one in corrections(db, language))


def corrected(db: Session, language: str, texts: Iterable[str]) -> dict[str, Label]:
    """What people said of texts, as they are; those nobody corrected are left out."""
    wanted = select(SentimentSampleRow.text, SentimentSampleRow.sentiment)
    known = {row.text: row.sentiment for row in db.execute(wanted.where(SentimentSampleRow.language == language))}
    if not known:
        return {}
    kept = {text: taught(text, language) for text in set(texts)}
    return {text: _label(known[words]) for text, words in kept.items() if words in known}


def taught(text: str, language: str) -> str:
    """The words as they are kept: without private parts, and of a long text the start and the end."""
    return clean(hide(text, language))[:LONGEST]


def _label(name: str) -> Label:
    return next((label for label in LABELS if label == name), "neutral")
