"""What people taught the robot: phrases of real callers with a label, of the model that was promoted last."""

from __future__ import annotations

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from ivr.errors import StoreError
from recordings.database import reading
from recordings.learning import labelled
from speech.meaning.intents import Sample


def taught(database: Engine, language: str) -> list[Sample]:
    """Phrases that are in use.

    Raises:
        StoreError: the database does not answer.
    """
    try:
        with reading(database) as db:
            phrases = [phrase for phrase in labelled(db, language) if phrase.in_use]
    except SQLAlchemyError as error:
        raise StoreError(f"what people taught cannot be read: {error}") from error
    return [Sample(text=phrase.text, intent=phrase.intent) for phrase in phrases if phrase.intent]
