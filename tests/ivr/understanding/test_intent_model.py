import logging
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ivr.scenario.registry import ScenarioRegistry
from ivr.scenario.scenario import load
from ivr.understanding.intent_model import TrainingSamples, learned_model, own_samples
from ivr.understanding.training_samples import labelled_phrases, publish
from recordings.database import connect, reading, transaction
from recordings.learning import samples
from recordings.learning.samples import Reason, SampleState
from recordings.tables import SampleRow
from tests.services import ROOT

pytestmark = pytest.mark.services

SCENARIO = ROOT / "ivr" / "scenarios" / "support.en.yaml"


def teach(database: Engine, text: str, intent: str | None, *, in_use: bool) -> None:
    """What stands in the table once a person has labelled a phrase, and once a model with it was promoted."""
    with transaction(database) as db:
        row = samples._row("en", text, SampleState.LABELLED, Reason.UNCLEAR)
        db.add(SampleRow(**row | {"intent": intent, "in_use": in_use}))


def test_a_promoted_phrase_is_learned_and_one_not_promoted_is_not(database: Engine, tmp_path: Path) -> None:
    scenario = load(SCENARIO)
    before = learned_model(scenario, labelled_phrases(database, "en"), folder=tmp_path)
    teach(database, "the lad with the van has not turned up", "order_status", in_use=False)
    waiting = learned_model(scenario, labelled_phrases(database, "en"), folder=tmp_path)
    teach(database, "still nobody with my flowers at the door", "order_status", in_use=True)
    promoted = learned_model(scenario, labelled_phrases(database, "en"), folder=tmp_path)
    assert before is not None
    assert waiting is not None
    assert promoted is not None
    assert before.version == waiting.version != promoted.version


def test_what_people_say_is_none_of_ours_is_learned_as_such(database: Engine, tmp_path: Path) -> None:
    scenario = load(SCENARIO)
    text = "put me through to the town hall about my bins"
    teach(database, text, None, in_use=True)
    model = learned_model(scenario, labelled_phrases(database, "en"), folder=tmp_path)
    assert model is not None
    assert model.predict(text).intent is None


def test_the_examples_of_running_scenarios_can_be_trained_on_elsewhere(database: Engine) -> None:
    published: list[str] = []

    def tell(language: str, examples: TrainingSamples) -> None:
        published.append(language)
        publish(database, language, examples)

    registry = ScenarioRegistry([SCENARIO.parent], publish=tell, learn=lambda *_: None)
    registry.learn_all()
    registry.learn_all()
    assert sorted(published) == ["en", "ru"]  # once, as nothing changed
    with reading(database) as db:
        known = {phrase.text: phrase.intent for phrase in samples.labelled(db, "en")}
    assert known == own_samples(load(SCENARIO))


def test_a_database_that_is_away_leaves_the_robot_with_its_examples(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    away = connect(f"sqlite:///{tmp_path / 'empty.db'}")  # no tables in it
    registry = ScenarioRegistry(
        [SCENARIO.parent],
        labelled=lambda language: labelled_phrases(away, language),
        publish=lambda language, examples: publish(away, language, examples),
        learn=lambda *_: None,
    )
    with caplog.at_level(logging.WARNING):
        registry.learn_all()
    assert "cannot be read" in caplog.text
    assert "cannot be kept" in caplog.text
    away.dispose()
