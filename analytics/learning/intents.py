"""Trains a model on what people have labelled since, and tells how it does against the running one.

Training is repeatable: the same samples make the same model with the same version, so what is kept is not a file but
which phrases the running model has learned (``SampleRow.in_use``); robots train on those when they start.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from pydantic import TypeAdapter
from sqlalchemy import Engine

from analytics.errors import NothingToLearn
from recordings.database import reading, transaction
from recordings.learning import samples
from recordings.learning.samples import ModelCard, ModelState, Phrase, Reason
from speech.intents.intents import IntentModel, Sample, train

FEWEST_HELD_BACK = 10
"""Labelled phrases to compare on, below which nobody can say that a model is no worse."""
MOST_SHOWN = 20
"""Differences kept with a comparison, for a person to read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A kept-back phrase that the two models take for different things."""

    text: str
    intent: str | None
    """What a person says it means."""
    running: str | None
    proposed: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two models on the same kept-back phrases."""

    held_back: int
    running: str
    """Version."""
    running_right: int
    proposed_right: int
    learned: int
    """People's phrases the proposed model has learned."""
    sample_ids: tuple[str, ...]
    """Ids of those phrases."""
    differences: tuple[Difference, ...]

    @property
    def refusal(self) -> str:
        """Why the proposed model must not run; empty where it may."""
        if self.held_back < FEWEST_HELD_BACK:
            wanted = FEWEST_HELD_BACK - self.held_back
            return (
                f"only {self.held_back} labelled phrases are kept back to compare on, {FEWEST_HELD_BACK} are wanted: "
                f"label about {wanted * samples.HELD_BACK} more (one in {samples.HELD_BACK} is kept back)"
            )
        if self.proposed_right < self.running_right:
            return (
                f"it is worse than the running model: {self.proposed_right} of {self.held_back} kept-back phrases "
                f"right, the running one has {self.running_right}"
            )
        return ""


def propose(engine: Engine, language: str, *, progress: Callable[[int, int], None] | None = None) -> ModelCard:
    """Train on everything labelled so far, compare, write the proposal down. No transaction is open while it trains.

    Raises:
        NothingToLearn: the scenario's examples are not in the database yet, or nothing new is labelled.
    """
    with reading(engine) as db:
        phrases = samples.labelled(db, language)
    if not any(phrase.reason is Reason.SCENARIO for phrase in phrases):
        raise NothingToLearn(f"no scenario examples of language {language!r} yet: start the robot once (make run)")
    learned = [phrase for phrase in phrases if not phrase.held_back]
    if all(phrase.in_use for phrase in learned):
        raise NothingToLearn("no phrase has been labelled since the running model: see otklik learn candidates")
    proposed = _trained(learned, progress)
    comparison = compare(_trained([phrase for phrase in learned if phrase.in_use]), proposed, phrases)
    with transaction(engine) as db:
        return samples.keep_model(db, version=proposed.version, language=language, figures=_figures(comparison))


def compare(running: IntentModel, proposed: IntentModel, phrases: Sequence[Phrase]) -> Comparison:
    """Put both models to the kept-back phrases."""
    held = [phrase for phrase in phrases if phrase.held_back]
    answers = [model.predict_many([phrase.text for phrase in held]) if held else [] for model in (running, proposed)]
    rows = [
        Difference(text=phrase.text, intent=phrase.intent, running=old.intent, proposed=new.intent)
        for phrase, old, new in zip(held, *answers, strict=True)
    ]
    theirs = [phrase.id for phrase in phrases if phrase.reason is not Reason.SCENARIO and not phrase.held_back]
    return Comparison(
        held_back=len(held),
        running=running.version,
        running_right=sum(row.running == row.intent for row in rows),
        proposed_right=sum(row.proposed == row.intent for row in rows),
        learned=len(theirs),
        sample_ids=tuple(theirs),
        differences=tuple(row for row in rows if row.running != row.proposed)[:MOST_SHOWN],
    )


def comparison_of(card: ModelCard) -> Comparison:
    """The comparison written down with a model."""
    return TypeAdapter(Comparison).validate_python(card.figures)


def promote(engine: Engine, card: ModelCard, *, by: str) -> str:
    """Make a model the running one, or say why not: empty when it was done.

    A retired model may come back: it was good enough once, and what went wrong since is a person's judgement.
    """
    if card.state is ModelState.RUNNING:
        return "it is the running model already"
    comparison = comparison_of(card)
    if card.state is ModelState.PROPOSED and comparison.refusal:
        return comparison.refusal
    with transaction(engine) as db:
        samples.promote(db, card, comparison.sample_ids, by=by)
    return ""


def _trained(phrases: Sequence[Phrase], progress: Callable[[int, int], None] | None = None) -> IntentModel:
    samples = [Sample(text=phrase.text, intent=phrase.intent) for phrase in phrases if phrase.intent]
    return train(samples, outside=[phrase.text for phrase in phrases if not phrase.intent], progress=progress)


def _figures(comparison: Comparison) -> dict[str, object]:
    return asdict(comparison)
