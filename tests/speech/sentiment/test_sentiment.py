"""Sentiment of utterances: the models on the kept-back phrases and on hand-made ones, and what happens without them."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import pytest
from sklearn.metrics import f1_score

from speech.sentiment import kept_models
from speech.sentiment import sentiment as asked
from speech.sentiment.lexicon import FEATURES, cues, features
from speech.sentiment.samples import LABELS, held_back
from speech.sentiment.sentiment import MOST_READ, Sentiment, sentiment, sentiments, version

pytestmark = pytest.mark.models


@pytest.mark.parametrize("language", ["ru", "en"])
def test_kept_back_phrases_are_told(language: str) -> None:
    phrases = held_back(language)
    found = sentiments([phrase.text for phrase in phrases], language)
    truth = [phrase.label for phrase in phrases]
    assert f1_score(truth, [each.label for each in found], average="macro") >= 0.80
    assert all(-1 <= each.value <= 1 for each in found)
    assert all((each.value > 0) == (each.label == "positive") for each in found if each.label != "neutral")


@pytest.mark.parametrize(
    ("language", "text", "label"),
    [
        ("ru", "где мой заказ", "neutral"),
        ("ru", "хочу перенести запись на среду", "neutral"),
        ("ru", "спасибо, до свидания", "neutral"),
        ("ru", "огромное спасибо, вы очень помогли", "positive"),
        ("ru", "ужасный сервис, я очень недовольна", "negative"),
        ("ru", "УЖАСНЫЙ СЕРВИС!!!", "negative"),
        ("ru", "я недоволен", "negative"),
        ("ru", "мне всё понравилось, рекомендую", "positive"),
        ("ru", "оператор вежливый, но заказ так и не привезли, безобразие", "negative"),
        ("ru", "доставка задержалась, но курьер такой молодец, спасибо ему огромное", "positive"),
        ("ru", "мне не понравилось обслуживание", "negative"),
        ("en", "where is my order", "neutral"),
        ("en", "i would like to move my appointment to wednesday", "neutral"),
        ("en", "okay thanks bye", "neutral"),
        ("en", "thank you so much, you have been very helpful", "positive"),
        ("en", "this is absolutely terrible service", "negative"),
        ("en", "I'm not happy with this at all", "negative"),
        ("en", "the agent was nice but the delivery was awful", "negative"),
        ("en", "the delivery was late but the driver was wonderful, thank you so much", "positive"),
        ("en", "I did not like the way I was treated", "negative"),
    ],
)
def test_negation_mixed_words_and_courtesy(language: str, text: str, label: str) -> None:
    assert sentiment(text, language).label == label


@pytest.mark.parametrize("text", ["", "   ", "😡😡😡", "👍", "12 345", "?!…", "\x00", "\ud800", "这个服务太糟糕了"])
@pytest.mark.parametrize("language", ["ru", "en"])
def test_without_words_of_the_language_nothing_is_told(language: str, text: str) -> None:
    assert sentiment(text, language) == Sentiment(value=0.0)


def test_another_language_is_neutral() -> None:
    assert sentiment("this is absolutely terrible service", "ru") == Sentiment(value=0.0)
    assert sentiment("это просто ужас", "en") == Sentiment(value=0.0)
    assert sentiment("서비스가 정말 나빠요", "ko").label == "neutral"
    assert sentiment("words", "../ru").label == "neutral"


def test_answers_come_in_order_and_repeats_are_one() -> None:
    one, nothing, two, same = sentiments(["это ужас", "", "большое спасибо, отлично", "это ужас"], "ru")
    assert (one.label, nothing.label, two.label) == ("negative", "neutral", "positive")
    assert one == same
    assert "ужас" in one.cues
    assert sentiments([], "ru") == []


def test_a_text_and_a_conversation_of_any_length_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sentiment("ужас " * 200_000, "ru").label == "negative"
    many = [f"привезите заказ номер {at}" for at in range(3 * MOST_READ)]
    many[-1] = "это просто ужас какой-то, отвратительный сервис"
    read: list[int] = []

    def shares(texts: Sequence[str], _: str) -> list[list[float]]:
        read.append(len(texts))
        return [[1.0, 0.0, 0.0]] * len(texts)

    monkeypatch.setattr(asked, "_probabilities", shares)
    found = sentiments(many, "ru")
    assert read == [MOST_READ]
    assert len(found) == len(many)
    assert found[-1].value == -1  # the strongest cue of all is among those read


def test_a_missing_encoder_leaves_the_lexicon(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def missing(language: str) -> None:
        raise ImportError(f"no encoder of {language}")

    monkeypatch.setattr(kept_models, "running", missing)
    asked._without_model.cache_clear()
    with caplog.at_level(logging.WARNING):
        found = [sentiment(text, "ru") for text in ("это ужас", "где заказ", "отлично")]
    assert [each.label for each in found] == ["negative", "neutral", "positive"]
    assert found[0].value == cues("это ужас", "ru").value
    assert [record.message for record in caplog.records].count(
        "sentiment of 'ru' is told by single words alone: no encoder of ru"
    ) == 1
    asked._without_model.cache_clear()


def test_the_version_is_that_of_what_answers() -> None:
    assert version("ko") == "lexicon"
    assert len(version("ru")) == 12
    assert version("ru") != version("en")


@pytest.mark.parametrize(
    ("language", "text", "least", "most"),
    [
        ("ru", "не могу сказать что я довольна", -1, -0.1),
        ("ru", "я бы не назвала это хорошей работой", -1, 0),
        ("ru", "не могу сказать, что плохо", 0, 1),
        ("en", "I can't say I am happy with it", -1, 0),
        ("en", "I would not call it a great experience", -1, -0.1),
    ],
)
def test_a_denial_reaches_over_its_clause(language: str, text: str, least: float, most: float) -> None:
    assert least <= cues(text, language).value <= most


def test_features_show_what_comes_after_but() -> None:
    for language, text in (("ru", "хорошо, но это просто ужас!!"), ("en", "it is great but now it is TERRIBLE!!")):
        found = features(text, language)
        assert len(found) == FEATURES
        assert found[3] < found[0]
        assert found[4] == 1.0
        assert found[5] == pytest.approx(2 / 3)
        assert all(-1 <= number <= 1 for number in found)
    assert features("", "ru") == (0.0,) * FEATURES


def test_labels_have_an_order() -> None:
    assert LABELS == ("negative", "neutral", "positive")
