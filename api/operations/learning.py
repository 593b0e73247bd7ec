"""What the robot is taught: phrases labelled or put aside, and what it learned put in use."""

from __future__ import annotations

from sqlalchemy import Engine

from analytics.learning import intents
from recordings.database import transaction
from recordings.learning import samples
from recordings.learning.samples import ModelCard, Phrase
from recordings.privacy import audit


def promote_model(engine: Engine, card: ModelCard, *, by: str) -> str:
    """Make a model the running one, or say why not: empty when it was done."""
    refusal = intents.promote(engine, card, by=by)
    if not refusal:
        with transaction(engine) as db:
            audit.note(db, by, "model.promoted", card.version, {"language": card.language})
    return refusal


def label_phrase(engine: Engine, phrase_id: str, intent: str | None, *, by: str) -> Phrase:
    """Say what a phrase means; None: nothing of ours."""
    with transaction(engine) as db:
        done = samples.label(db, phrase_id, intent, by=by)
        audit.note(db, by, "phrase.labelled", phrase_id, {"intent": intent or ""})
    return done


def reject_phrase(engine: Engine, phrase_id: str, *, by: str) -> None:
    """Put a phrase aside: it teaches nothing."""
    with transaction(engine) as db:
        samples.reject(db, phrase_id, by=by)
        audit.note(db, by, "phrase.rejected", phrase_id)
