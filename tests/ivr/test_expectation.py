"""What callers' words and keys mean to a question."""

from __future__ import annotations

import pytest

from ivr.expectation import DigitSlot, Expectation, grammar, interpret, interpret_keys, keys_complete

pytestmark = pytest.mark.unit

NUMBER = DigitSlot(slot="order.number", shortest=4, longest=6)
ORDER = {"ru": ("где мой заказ", "статус заказа"), "en": ("where is my order", "order status")}


def question(language: str) -> Expectation:
    return Expectation(
        language=language,
        number=NUMBER,
        choices={"order": ORDER[language]},
        yes_no=True,
        open=True,
        sure=0.6,
        keys={"1": "yes", "2": "no"},
    )


@pytest.mark.parametrize(
    ("language", "text", "label"),
    [
        ("ru", "скажите пожалуйста где мой заказ", "order"),
        ("ru", "четыре один два семь", "number"),
        ("ru", "четыре тысячи сто двадцать семь", "number"),
        ("ru", "да конечно", "yes"),
        ("ru", "нет спасибо", "no"),
        ("ru", "соедините с оператором", "person"),
        ("ru", "нет оператора позовите", "person"),
        ("ru", "не записывайте меня", "no_recording"),
        ("ru", "какая сегодня погода", "unclear"),
        ("ru", "", "unclear"),
        ("en", "hi where is my order please", "order"),
        ("en", "four one two seven", "number"),
        ("en", "forty one twenty seven", "number"),
        ("en", "yes please", "yes"),
        ("en", "no thank you", "no"),
        ("en", "can i speak to a person", "person"),
        ("en", "please don't record this", "no_recording"),
        ("en", "what a lovely day", "unclear"),
    ],
)
def test_words(language: str, text: str, label: str) -> None:
    meaning = interpret(question(language), text, 0.9)
    assert meaning.label == label
    assert meaning.facts == ({"order.number": "4127"} if label == "number" else {})


def test_a_number_heard_badly_is_unsure_and_one_without_confidence_is_taken() -> None:
    assert interpret(question("ru"), "четыре один два семь", 0.5).label == "unsure"
    assert interpret(question("ru"), "четыре один два семь").label == "number"


@pytest.mark.parametrize("text", ["четыре", "один два три четыре пять шесть семь"])
def test_a_number_of_the_wrong_length_is_none(text: str) -> None:
    assert interpret(question("ru"), text, 0.9).label == "unclear"


@pytest.mark.parametrize(
    ("keys", "label"),
    [
        ("1", "yes"),
        ("2", "no"),
        ("0", "person"),
        ("4127", "number"),
        ("412", "unclear"),
        ("*", "unclear"),
        ("", "unclear"),
    ],
)
def test_keys(keys: str, label: str) -> None:
    assert interpret_keys(question("ru"), keys, {"0": "person"}).label == label


def test_one_key_settles_a_question_without_a_number() -> None:
    assert keys_complete(Expectation(language="ru", yes_no=True), "1")
    assert not keys_complete(question("ru"), "1")
    assert keys_complete(question("ru"), "412712")


@pytest.mark.parametrize("language", ["ru", "en", "ko"])
def test_a_closed_question_has_a_grammar_that_also_lets_callers_ask_for_a_person(language: str) -> None:
    phrases = grammar(Expectation(language=language, yes_no=True))
    for phrase in phrases:
        assert interpret(Expectation(language=language, yes_no=True), phrase).label in {
            "yes",
            "no",
            "person",
            "no_recording",
        }, phrase
    assert len(phrases) == len(set(phrases))


def test_an_open_question_has_no_grammar() -> None:
    assert grammar(question("ru")) == ()
