"""The intent model of a scenario: learnt from its examples and from what people taught, kept on disk."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from ivr.dialog.nodes import Scenario
from ivr.faq.search import outside
from ivr.understanding.understanding import Understanding, warm_up
from speech.errors import IntentModelError
from speech.intents import intents
from speech.intents.intents import IntentModel, Sample
from speech.settings import SpeechSettings

log = logging.getLogger(__name__)

FEWEST_INTENTS = 2
"""Intents below which there is nothing to tell apart."""


Lessons = Mapping[str, str | None]
"""Phrase → what it asks for; None for what is none of the scenario's."""


def lessons(scenario: Scenario) -> dict[str, str | None]:
    """What a scenario itself gives to learn from, and everyday talk that asks for nothing."""
    own = {example: name for name, intent in scenario.intents.items() for example in intent.examples}
    return dict.fromkeys(outside(scenario.language)) | own


def learned(scenario: Scenario, taught: Lessons | None = None, *, folder: Path | None = None) -> IntentModel | None:
    """The model of a scenario: from disk where it was learnt before, else learnt now, which takes seconds.

    Args:
        scenario: Its examples are learnt.
        taught: Phrases of real callers that people labelled; those of intents the scenario lacks are left out.
        folder: Where models are kept; by default the installation's.

    Returns:
        None where there is nothing to learn.
    """
    theirs = {text: intent for text, intent in (taught or {}).items() if intent is None or intent in scenario.intents}
    everything = lessons(scenario) | theirs
    known = [Sample(text=text, intent=intent) for text, intent in everything.items() if intent]
    beyond = [text for text, intent in everything.items() if not intent]
    if len({sample.intent for sample in known}) < FEWEST_INTENTS:
        return None
    path = (folder or SpeechSettings().models_dir / "intents") / _name(known, beyond)
    if path.is_file():
        try:
            model = intents.load(path)
            model.predict(known[0].text)  # what it is made of is loaded now, not while the first caller waits
            return model
        except IntentModelError as error:
            log.warning("%s; it is learnt anew", error)
    model = intents.train(known, outside=beyond)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        intents.save(model, path)
    except OSError as error:
        log.warning("the intent model cannot be kept, the next start learns it again: %s", error)
    return model


def understanding(
    scenario: Scenario, taught: Lessons | None = None, *, now: Callable[[], datetime] = datetime.now
) -> Understanding:
    """All that it takes to understand a scenario's callers, loaded."""
    warm_up(scenario.language)
    return Understanding(language=scenario.language, intents=learned(scenario, taught), now=now)


@lru_cache(maxsize=8)
def _kept(path: Path) -> IntentModel:
    """A model once read: what lies under a name that is its hash does not change."""
    return intents.load(path)


def _name(known: Sequence[Sample], beyond: Sequence[str]) -> str:
    """File of a model: another one for other samples or another way of learning."""
    body = json.dumps([intents.FORMAT, [(sample.text, sample.intent) for sample in known], beyond])
    return f"{hashlib.sha256(body.encode()).hexdigest()[:16]}.intents"
