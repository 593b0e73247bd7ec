"""Phrases that people labelled, and the examples of the scenarios: both stand in the table of samples."""

from __future__ import annotations

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from ivr.errors import StoreError
from ivr.understanding.intent_model import TrainingSamples
from recordings.database import reading, transaction
from recordings.learning.samples import Reason, keep_examples, labelled


def labelled_phrases(database: Engine, language: str) -> TrainingSamples:
    """Phrases of callers that people labelled and the promoted model has learned.

    Raises:
        StoreError: the database does not answer.
    """
    try:
        with reading(database) as db:
            phrases = labelled(db, language)
    except SQLAlchemyError as error:
        raise StoreError(f"the phrases that people labelled cannot be read: {error}") from error
    return {phrase.text: phrase.intent for phrase in phrases if phrase.in_use and phrase.reason is not Reason.SCENARIO}


def publish(database: Engine, language: str, examples: TrainingSamples) -> None:
    """Tell the examples of a language's scenarios, so that a new model can be trained beside the robot.

    Raises:
        StoreError: the database does not answer.
    """
    try:
        with transaction(database) as db:
            keep_examples(db, language, examples)
    except SQLAlchemyError as error:
        raise StoreError(f"the scenarios' examples cannot be kept: {error}") from error
