from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from analytics.errors import NothingToLearn
from analytics.learning.intents import FEWEST_HELD_BACK, comparison_of, promote, propose
from recordings.database import connect, migrate, reading, transaction
from recordings.learning import samples
from recordings.learning.samples import ModelState, Reason, SampleState
from recordings.tables import SampleRow

pytestmark = pytest.mark.models

EXAMPLES = {
    "order": ["where is my order", "track my parcel", "when will my order arrive", "status of my delivery"],
    "hours": ["when are you open", "opening hours please", "are you open on sunday", "what time do you close"],
}
THEIRS = {
    "order": [
        "my package never came",
        "the courier did not show up",
        "still waiting for the flowers",
        "has it been shipped",
    ],
    "hours": [
        "can i drop by this evening",
        "is the shop working today",
        "until when can i come",
        "are you closed on holidays",
    ],
}


@pytest.fixture
def database(tmp_path: object) -> Iterator[Engine]:
    url = f"sqlite:///{tmp_path}/otklik.db"
    migrate(url)
    engine = connect(url)
    with transaction(engine) as db:
        samples.keep_examples(db, "en", {text: intent for intent, texts in EXAMPLES.items() for text in texts})
    yield engine
    engine.dispose()


def add(engine: Engine, text: str, intent: str | None, *, held_back: bool) -> None:
    """A phrase of a dialogue with a person's label."""
    with transaction(engine) as db:
        row = samples._row("en", text, SampleState.LABELLED, Reason.UNCLEAR)
        db.add(SampleRow(**row | {"intent": intent, "held_back": held_back}))


def teach(engine: Engine, *, right: bool) -> None:
    """People label phrases; with ``right`` False they mix the two intents up where the model learns them."""
    swapped = {"order": "hours", "hours": "order"}
    for intent, texts in THEIRS.items():
        for text in texts:
            add(engine, text, intent if right else swapped[intent], held_back=False)
        for number in range(FEWEST_HELD_BACK // 2 + 1):
            add(engine, f"{texts[number % len(texts)]} number {number}", intent, held_back=True)


def test_there_is_nothing_to_learn_without_examples_or_labels(database: Engine) -> None:
    with pytest.raises(NothingToLearn, match="candidates"):
        propose(database, "en")
    with pytest.raises(NothingToLearn, match="start the robot"):
        propose(database, "ru")


def test_a_better_model_is_proposed_compared_and_promoted(database: Engine) -> None:
    teach(database, right=True)
    card = propose(database, "en")
    figures = comparison_of(card)
    assert figures.proposed_right > figures.running_right
    assert card.state is ModelState.PROPOSED
    assert promote(database, card, by="olga") == ""
    with reading(database) as db:
        assert all(phrase.in_use for phrase in samples.labelled(db, "en") if not phrase.held_back)
        assert [(known.version, known.state) for known in samples.models(db, "en")] == [
            (card.version, ModelState.RUNNING)
        ]
    with pytest.raises(NothingToLearn):
        propose(database, "en")


def test_a_worse_model_is_refused_and_the_running_one_stays(database: Engine) -> None:
    teach(database, right=False)
    card = propose(database, "en")
    assert "worse" in promote(database, card, by="olga")
    with reading(database) as db:
        assert not any(phrase.in_use for phrase in samples.labelled(db, "en") if phrase.reason is not Reason.SCENARIO)


def test_too_few_kept_back_phrases_promote_nothing(database: Engine) -> None:
    add(database, "my package never came", "order", held_back=False)
    add(database, "has it been shipped", "order", held_back=True)
    card = propose(database, "en")
    assert "label about" in promote(database, card, by="olga")


def test_the_same_samples_make_the_same_proposal(database: Engine) -> None:
    teach(database, right=True)
    assert propose(database, "en") == propose(database, "en")
