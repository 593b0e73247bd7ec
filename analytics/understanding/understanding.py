"""A transcript, understood: reason, outcome, promises, entities, sentiment of each utterance, a short summary.

Pure but for the models it is given. ``models`` reads the samples of a language from the database and learns the intent
model from them, once for the same samples: a worker calls it as often as it likes.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from sqlalchemy import Engine

from analytics.understanding.entities import entities
from analytics.understanding.outcome import outcome
from analytics.understanding.promises import promises
from analytics.understanding.reason import reason
from analytics.understanding.summary import summary
from recordings.database import reading
from recordings.learning import samples
from recordings.results.meaning import CallMeaning
from speech.intents import intents
from speech.intents.intents import IntentModel, Sample
from speech.models.kept import INTENTS, digest, kept_model
from speech.recognition.words import Speaker, Transcript
from speech.sentiment import sentiment
from speech.settings import speech_settings

CODE = 1
"""Version of the rules of this folder: counted up when another result is to be expected."""
FEWEST_INTENTS = 2
"""Below which there is nothing to tell apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """What it takes to understand a language."""

    language: str
    samples: str = ""
    """Hash of what the intent model has learned; empty without one."""
    intents: IntentModel | None = None
    """None where no scenario has told its examples yet: then no call has a reason."""

    @property
    def version(self) -> str:
        return version(self.language, self.samples)


def understand(transcript: Transcript, *, now: datetime, models: Models | None = None) -> CallMeaning:
    """Work out all that is stored of a transcript's meaning. Another language than the models' has none.

    Args:
        transcript: Of any length: time grows with it, and of the caller's words only the first are put to a model.
        now: When the call was, on the clocks of those who speak; "tomorrow" is counted from it.
        models: By ``models``; without them no reason is known.
    """
    known = models if models and models.language == transcript.language else Models(language=transcript.language)
    people = [said.text if said.speaker is not Speaker.ROBOT else "" for said in transcript.utterances]
    if not any(people):
        return CallMeaning(version=known.version, sentiments=(None,) * len(people))
    why = reason(transcript, known.intents)
    promised = promises(transcript, now=now)
    named = entities(transcript, now=now)
    end = outcome(transcript, promised)
    return CallMeaning(
        version=known.version,
        sentiments=_sentiments(people, transcript.language),
        reason=why.intent,
        reason_confidence=why.confidence,
        reason_evidence=why.evidence,
        outcome=end.name,
        outcome_evidence=end.evidence,
        promises=promised,
        entities=named,
        summary=summary(transcript, reason=why.evidence, entities=named, promises=promised, outcome=end.evidence),
    )


def version(language: str, samples: str = "") -> str:
    """Twelve hex digits over the code and the samples of a language."""
    body = json.dumps([CODE, language, samples, intents.FORMAT, sentiment.version(language)])
    return hashlib.sha256(body.encode()).hexdigest()[:12]


def models(engine: Engine, language: str, *, folder: Path | None = None) -> Models:
    """The models of a language as its samples are now; learned once, then read from memory or disk.

    Args:
        engine: Where the scenarios' examples and people's labels are; what the robot runs on is learned here too.
        language: Any.
        folder: Where models are kept; by default the installation's.
    """
    with reading(engine) as db:
        phrases = [phrase for phrase in samples.labelled(db, language) if phrase.in_use]
    known = tuple(sorted((phrase.text, phrase.intent) for phrase in phrases if phrase.intent))
    beyond = tuple(sorted(phrase.text for phrase in phrases if not phrase.intent))
    if len({intent for _, intent in known}) < FEWEST_INTENTS:
        return Models(language=language)
    model = _learned(known, beyond, folder or speech_settings().models_dir / INTENTS)
    return Models(language=language, samples=model.version, intents=model)


@lru_cache(maxsize=4)
def _learned(known: tuple[tuple[str, str], ...], beyond: tuple[str, ...], folder: Path) -> IntentModel:
    """A model by its samples: from disk where it was learned before, else learned now."""
    return kept_model(
        folder / f"calls-{digest(intents.FORMAT, known, beyond)}.intents",
        load=intents.load,
        learn=lambda: intents.train([Sample(text=text, intent=intent) for text, intent in known], outside=beyond),
        save=intents.save,
    )


def _sentiments(texts: list[str], language: str) -> tuple[float | None, ...]:
    """Of each utterance of a person; None where it is the robot's or says nothing."""
    said = [text for text in texts if text.strip()]
    values = iter([feeling.value for feeling in sentiment.sentiments(said, language)])
    return tuple(round(next(values), 3) if text.strip() else None for text in texts)
