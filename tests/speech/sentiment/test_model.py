"""The phrases sentiment is learned from, and models of it as they are learned, kept and replaced."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from rapidfuzz import fuzz, process

from speech.errors import ModelFileError
from speech.sentiment import kept_models
from speech.sentiment import samples as sample_files
from speech.sentiment.kept_models import learned, load, promote, running, running_version, save
from speech.sentiment.model import SentimentModel, train, version_of
from speech.sentiment.samples import LABELS, Sample, held_back, is_held_back, samples, training
from speech.text.tokens import tokens

pytestmark = pytest.mark.models

ANGRY = ("это ужас", "я недоволен", "безобразие какое", "хочу пожаловаться", "отвратительно")
CALM = ("где заказ", "какой адрес", "запишите меня", "номер договора", "сколько стоит")
GLAD = ("огромное спасибо", "всё отлично", "я очень доволен", "замечательный сервис", "вы лучшие")


def few() -> tuple[Sample, ...]:
    return tuple(
        Sample(text=text, label=label)
        for label, texts in zip(LABELS, (ANGRY, CALM, GLAD), strict=True)
        for text in texts
    )


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Few phrases instead of the project's."""
    monkeypatch.setattr(sample_files, "samples", lambda _: few())
    kept_models._own_version.cache_clear()
    yield
    kept_models._own_version.cache_clear()


@pytest.mark.parametrize("language", ["ru", "en"])
def test_phrases_are_many_balanced_and_different(language: str) -> None:
    phrases = samples(language)
    counts = Counter(phrase.label for phrase in phrases)
    assert len(phrases) >= 1500
    assert max(counts.values()) <= 1.1 * min(counts.values())
    assert all(1 <= len(phrase.text.split()) <= 30 for phrase in phrases)
    words = [" ".join(tokens(phrase.text)) for phrase in phrases]
    longer = sorted({word for word in words if len(word) > 20})
    near = process.cdist(longer, longer, scorer=fuzz.ratio, score_cutoff=90, workers=1)
    assert int((near > 0).sum()) == len(longer)  # each is near to nobody but itself
    share = len(held_back(language)) / len(phrases)
    assert 0.17 <= share <= 0.23


def test_a_language_without_phrases_has_none() -> None:
    assert samples("ko") == ()
    assert samples("../../en") == ()


def test_a_broken_line_is_told() -> None:
    with pytest.raises(ValueError, match="line 3"):
        sample_files._sample(3, "furious\tслова")
    with pytest.raises(ValueError, match="a tab and words"):
        sample_files._sample(1, "negative слова")


def test_kept_back_phrases_are_never_learned_whoever_labels_them() -> None:
    (own, *_) = held_back("ru")
    lesson = training("ru", [Sample(text=own.text.upper(), label="positive")])
    assert lesson == training("ru")
    (measured,) = [
        sample for sample in held_back("ru", [Sample(text=own.text, label="positive")]) if sample.text == own.text
    ]
    assert measured.label == "positive"
    assert not any(is_held_back(sample.text) for sample in lesson)


def test_the_last_correction_counts_and_beats_our_label(small: None) -> None:
    ours = next(sample for sample in few() if not is_held_back(sample.text) and sample.label == "neutral")
    corrections = [Sample(text=ours.text, label="positive"), Sample(text=f"{ours.text}?", label="negative")]
    lessons = {sample.text.rstrip("?"): sample.label for sample in training("ru", corrections)}
    assert lessons[ours.text] == "negative"
    assert len(lessons) == len(training("ru"))
    assert training("ru", [Sample(text="👍", label="positive")]) == training("ru")


def test_the_same_samples_make_the_same_model() -> None:
    one, two = train(few(), "ru"), train(few(), "ru")
    assert one.version == two.version == version_of(few(), "ru")
    assert one.version != version_of(few()[1:], "ru")
    asked = ["это безобразие", "какой номер", "спасибо огромное"]
    assert np.array_equal(one.probabilities(asked), two.probabilities(asked))
    assert np.allclose(one.probabilities(asked).sum(axis=1), 1, atol=1e-5)
    assert one.probabilities([]).shape == (0, 3)
    with pytest.raises(ValueError, match="two of the labels"):
        train(few()[:5], "ru")


def test_a_model_is_kept_and_read_again(small: None, tmp_path: Path) -> None:
    model = learned("ru", (), tmp_path)
    (file,) = tmp_path.glob("*.sentiment")
    assert model.version in file.name
    again = load(file)
    asked = ["это безобразие", "какой номер"]
    assert np.allclose(again.probabilities(asked), model.probabilities(asked), atol=1e-3)
    kept_models._loaded.cache_clear()
    kept_models._learned.cache_clear()
    before = file.stat().st_mtime_ns
    assert learned("ru", (), tmp_path).version == model.version
    assert file.stat().st_mtime_ns == before  # read, not learned


@pytest.mark.parametrize("body", [b"", b"PK\x03\x04 cut short", b"\x80\x04pickle", None])
def test_a_damaged_file_is_learned_anew(
    small: None, tmp_path: Path, body: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    version = learned("ru", (), tmp_path).version
    (file,) = tmp_path.glob("*.sentiment")
    file.write_bytes(file.read_bytes()[:-200] if body is None else body)
    kept_models._loaded.cache_clear()
    kept_models._learned.cache_clear()
    with caplog.at_level(logging.WARNING):
        assert running("ru", tmp_path).version == version
    assert "learned anew" in caplog.text
    assert load(file).version == version


def test_a_file_of_another_kind_is_refused(small: None, tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="no such file"):
        load(tmp_path / "none.sentiment")
    model = learned("ru", (), tmp_path)
    path = tmp_path / "other.sentiment"
    save(model, path)
    with pytest.raises(ModelFileError, match="holds version"):
        kept_models._loaded(path, "000000000000")


def test_a_promoted_model_is_the_running_one(small: None, tmp_path: Path) -> None:
    own = running("ru", tmp_path)
    taught: SentimentModel = learned("ru", (Sample(text="ну вы даёте красавцы", label="positive"),), tmp_path)
    assert running("ru", tmp_path).version == own.version == running_version("ru", tmp_path)
    promote(taught, tmp_path)
    assert running("ru", tmp_path).version == taught.version == running_version("ru", tmp_path)
    (tmp_path / f"ru-{taught.version}.sentiment").unlink()
    kept_models._loaded.cache_clear()
    assert running("ru", tmp_path).version == own.version  # what was promoted is gone: our own phrases are left
    (tmp_path / "ru.running.json").write_text("{", encoding="utf-8")
    assert running("ru", tmp_path).version == own.version


def test_a_folder_that_cannot_be_written_costs_only_time(
    small: None, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    kept_models._learned.cache_clear()
    with caplog.at_level(logging.WARNING):
        assert running("ru", tmp_path / "file" / "below").language == "ru"
    assert "cannot be kept" in caplog.text
