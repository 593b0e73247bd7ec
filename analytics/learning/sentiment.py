"""A model of sentiment from the project's phrases and people's corrections, put in use only where it is no worse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from recordings.database import reading
from recordings.learning.sentiment_samples import samples as corrections_of
from speech.sentiment.kept_models import learned, promote, running
from speech.sentiment.model import SentimentModel
from speech.sentiment.samples import LABELS, Sample, held_back, training

TOLERATED = 0.01
"""Macro-F1 by which a new model may do worse on the kept-back phrases: three phrases of 300, which chance moves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """How a training ended."""

    version: str
    running: str
    """Version of the model it was compared with."""
    learned: int
    """Phrases it learned from."""
    corrections: int
    """People's, the kept-back ones among them."""
    kept_back: int
    """Phrases both were measured on; neither has learned them."""
    f1: float
    """Macro-F1 of the new model, 0..1."""
    running_f1: float
    promoted: bool


def train_sentiment(engine: Engine, language: str, *, folder: Path | None = None) -> Trained:
    """Learn, compare with the running model on the kept-back phrases, promote unless it is worse.

    Args:
        engine: Where the corrections are.
        language: One that has phrases of its own.
        folder: Where models are kept; by default the installation's.

    Raises:
        ImportError: the package of the encoder is not installed.
        OSError: the model cannot be written.
    """
    with reading(engine) as db:
        corrections = corrections_of(db, language)
    old, new = running(language, folder), learned(language, corrections, folder)
    testing = held_back(language, corrections)
    old_f1, new_f1 = macro_f1(old, testing), macro_f1(new, testing)
    good = new_f1 >= old_f1 - TOLERATED
    if good:
        promote(new, folder)
    return Trained(
        version=new.version,
        running=old.version,
        learned=len(training(language, corrections)),
        corrections=len(corrections),
        kept_back=len(testing),
        f1=round(new_f1, 4),
        running_f1=round(old_f1, 4),
        promoted=good,
    )


def macro_f1(model: SentimentModel, testing: Sequence[Sample]) -> float:
    """Mean over the labels of the harmonic mean of precision and recall."""
    from sklearn.metrics import f1_score

    shares = model.probabilities([sample.text for sample in testing])
    found = [LABELS[at] for at in shares.argmax(axis=1)]
    truth = [sample.label for sample in testing]
    return float(f1_score(truth, found, average="macro", labels=list(LABELS), zero_division=0.0))
