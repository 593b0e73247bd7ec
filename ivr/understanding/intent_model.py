"""The intent model of a scenario: learned from its examples and from phrases that people labelled, kept on disk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from ivr.dialog.nodes import Scenario
from ivr.faq.search import outside
from ivr.understanding.understanding import Understanding, warm_up
from speech.intents import intents
from speech.intents.intents import IntentModel, Sample
from speech.models.kept import INTENTS, digest, kept_model
from speech.settings import local_now, speech_settings

FEWEST_INTENTS = 2
"""Intents below which there is nothing to tell apart."""


TrainingSamples = Mapping[str, str | None]
"""Phrase → what it asks for; None for what is none of the scenario's."""


def own_samples(scenario: Scenario) -> dict[str, str | None]:
    """What a scenario itself gives to learn from, and everyday talk that asks for nothing."""
    own = {example: name for name, intent in scenario.intents.items() for example in intent.examples}
    return dict.fromkeys(outside(scenario.language)) | own


def learned_model(
    scenario: Scenario, labelled: TrainingSamples | None = None, *, folder: Path | None = None
) -> IntentModel | None:
    """The model of a scenario: from disk where it was learned before, else learned now, which takes seconds.

    Args:
        scenario: Its examples are learned.
        labelled: Phrases of real callers that people labelled; those of intents the scenario lacks are left out.
        folder: Where models are kept; by default the installation's.

    Returns:
        None where there is nothing to learn.
    """
    theirs = {text: intent for text, intent in (labelled or {}).items() if intent is None or intent in scenario.intents}
    everything = own_samples(scenario) | theirs
    known = [Sample(text=text, intent=intent) for text, intent in everything.items() if intent]
    beyond = [text for text, intent in everything.items() if not intent]
    if len({sample.intent for sample in known}) < FEWEST_INTENTS:
        return None
    name = digest(intents.FORMAT, [(sample.text, sample.intent) for sample in known], beyond)
    model = kept_model(
        (folder or speech_settings().models_dir / INTENTS) / f"{name}.intents",
        load=intents.load,
        learn=lambda: intents.train(known, outside=beyond),
        save=intents.save,
    )
    model.predict(known[0].text)  # what it is made of is loaded now, not while the first caller waits
    return model


def understanding(
    scenario: Scenario, labelled: TrainingSamples | None = None, *, now: Callable[[], datetime] = local_now
) -> Understanding:
    """All that it takes to understand a scenario's callers, loaded."""
    warm_up(scenario.language)
    return Understanding(language=scenario.language, intents=learned_model(scenario, labelled), now=now)
