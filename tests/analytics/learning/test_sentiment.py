"""What people's corrections teach the model of sentiment, and when it is put in use."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from analytics.learning import sentiment as sentiment_training
from analytics.learning.sentiment import train_sentiment
from recordings.database import transaction
from recordings.learning.sentiment_samples import correct
from speech.sentiment import samples as sample_files
from speech.sentiment.kept_models import running
from speech.sentiment.samples import LABELS, Label, Sample, held_back, is_held_back, samples

pytestmark = pytest.mark.services

PRAISE = "ну вы даёте вот это номер"
EACH = 12


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few of the project's phrases of each label, the kept-back ones among them."""
    everything = samples("ru")
    chosen = tuple(
        sample
        for label in LABELS
        for back in (True, False)
        for sample in [s for s in everything if s.label == label and is_held_back(s.text) is back][:EACH]
    )
    monkeypatch.setattr(sample_files, "samples", lambda _: chosen)


def teach(engine: Engine, text: str, label: Label) -> None:
    with transaction(engine) as db:
        correct(db, language="ru", text=text, sentiment=label, guess="neutral", recording_id=None, by="olga")


def test_corrections_are_learned_and_the_model_is_put_in_use(few: None, database: Engine, tmp_path: Path) -> None:
    before = running("ru", tmp_path)
    untouched = train_sentiment(database, "ru", folder=tmp_path)
    assert (untouched.version, untouched.promoted, untouched.corrections) == (before.version, True, 0)
    assert not is_held_back(PRAISE)
    teach(database, PRAISE, "negative")
    teach(database, PRAISE, "positive")
    done = train_sentiment(database, "ru", folder=tmp_path)
    assert (done.promoted, done.corrections, done.learned) == (True, 1, untouched.learned + 1)
    after = running("ru", tmp_path)
    assert after.version == done.version != before.version
    glad = LABELS.index("positive")
    assert after.probabilities([PRAISE])[0, glad] > before.probabilities([PRAISE])[0, glad]
    again = train_sentiment(database, "ru", folder=tmp_path)
    assert (again.version, again.running) == (done.version, done.version)


def test_a_kept_back_phrase_is_measured_on_and_not_learned(few: None, database: Engine, tmp_path: Path) -> None:
    own = held_back("ru")[0]
    teach(database, own.text, own.label)
    done = train_sentiment(database, "ru", folder=tmp_path)
    assert done.version == done.running  # nothing new to learn
    assert done.kept_back == len(held_back("ru"))


def test_a_worse_model_is_not_put_in_use(
    few: None, database: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = running("ru", tmp_path)
    monkeypatch.setattr(
        sentiment_training, "macro_f1", lambda model, _: 0.9 if model.version == before.version else 0.8
    )
    teach(database, PRAISE, "positive")
    done = train_sentiment(database, "ru", folder=tmp_path)
    assert (done.promoted, done.running, done.f1, done.running_f1) == (False, before.version, 0.8, 0.9)
    assert running("ru", tmp_path).version == before.version


def test_macro_f1_is_the_mean_over_all_labels(few: None, tmp_path: Path) -> None:
    model = running("ru", tmp_path)
    texts = ("где мой заказ", "это просто ужас", "огромное спасибо")
    told = [LABELS[at] for at in model.probabilities(texts).argmax(axis=1)]
    right = [Sample(text=text, label=label) for text, label in zip(texts, told, strict=True)]
    assert sentiment_training.macro_f1(model, right) == pytest.approx(len(set(told)) / len(LABELS))
