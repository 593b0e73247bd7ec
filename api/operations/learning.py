"""What the robot learned, put in use."""

from __future__ import annotations

from sqlalchemy import Engine

from analytics.learning import intents
from recordings.database import transaction
from recordings.learning.samples import ModelCard
from recordings.privacy import audit


def promote_model(engine: Engine, card: ModelCard, *, by: str) -> str:
    """Make a model the running one, or say why not: empty when it was done."""
    refusal = intents.promote(engine, card, by=by)
    if not refusal:
        with transaction(engine) as db:
            audit.note(db, by, "model.promoted", card.version, {"language": card.language})
    return refusal
