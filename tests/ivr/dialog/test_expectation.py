"""What callers' keys mean to a question, and what narrows the recogniser."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ivr.business.protocol import Option
from ivr.dialog.expectation import Expectation, SlotRule, interpret_keys, keys_complete
from ivr.understanding.grammar import grammar
from speech.text.language import pack

pytestmark = pytest.mark.unit

NUMBER = SlotRule(fill="order.number", kind="digits", length=(4, 6))


def asks(kind: str) -> Expectation:
    rule = NUMBER if kind == "digits" else SlotRule(fill="some.thing", kind=kind)  # type: ignore[arg-type]  # a parameter
    return Expectation(language="ru", slots=(rule,), asked=rule.fill)


@pytest.mark.parametrize(
    ("keys", "label"),
    [
        ("1", "yes"),
        ("2", "no"),
        ("0", "person"),
        ("4127", "filled"),
        ("412", "unclear"),
        ("*", "unclear"),
        ("", "unclear"),
    ],
)
def test_keys(keys: str, label: str) -> None:
    question = replace(asks("digits"), yes_no=True, keys={"1": "yes", "2": "no"})
    meaning = interpret_keys(question, keys, {"0": "person"})
    assert meaning.label == label
    assert meaning.facts == ({"order.number": "4127"} if label == "filled" else {})


@pytest.mark.parametrize(
    ("kind", "keys", "value"),
    [
        ("phone", "89161234567", "+79161234567"),
        ("phone", "123", ""),
        ("time", "1530", "15:30"),
        ("time", "930", "09:30"),
        ("time", "2575", ""),
        ("money", "1500", "1500.00 RUB"),
        ("number", "07", "7"),
        ("date", "2412", ""),
        ("name", "777", ""),
    ],
)
def test_keys_become_values(kind: str, keys: str, value: str) -> None:
    assert interpret_keys(asks(kind), keys, {}).facts.get("some.thing", "") == value


def test_a_key_may_be_a_choice_of_a_form_or_an_option() -> None:
    rule = SlotRule(fill="booking.service", kind="choice", choices={"cut": ("haircut",)})
    question = Expectation(language="en", slots=(rule,), asked=rule.fill, keys={"1": "cut"})
    assert interpret_keys(question, "1", {}).facts == {"booking.service": "cut"}
    options = (Option(facts={"a.b": "one"}), Option(facts={"a.b": "two"}))
    offer = Expectation(language="en", options=options)
    assert interpret_keys(offer, "2", {}).facts == {"a.b": "two"}
    assert interpret_keys(offer, "3", {}).label == "unclear"


def test_an_option_is_keyed_by_its_place_or_its_number() -> None:
    offer = Expectation(
        language="en", options=(Option(facts={"order.number": "5206"}), Option(facts={"order.number": "4127"}))
    )
    assert interpret_keys(offer, "4127", {}).facts == {"order.number": "4127"}
    assert keys_complete(offer, "1")
    assert not keys_complete(offer, "4")
    assert not keys_complete(offer, "5")
    assert keys_complete(offer, "4127")


def test_a_row_ends_when_no_key_can_change_it() -> None:
    assert keys_complete(Expectation(language="ru", yes_no=True), "1")
    assert not keys_complete(asks("digits"), "1")
    assert keys_complete(asks("digits"), "412712")
    assert not keys_complete(asks("phone"), "8916")


@pytest.mark.parametrize("language", ["ru", "en", "ko"])
def test_a_closed_question_also_lets_callers_ask_for_a_person(language: str) -> None:
    phrases = grammar(Expectation(language=language, yes_no=True))
    words = pack(language)
    assert {*words.agree, *words.disagree, *words.person, *words.no_recording} <= {*phrases}
    assert len(phrases) == len(set(phrases))


@pytest.mark.parametrize("kind", ["text", "name", "email", "address"])
def test_free_answers_have_no_grammar(kind: str) -> None:
    assert grammar(asks(kind)) == ()
    assert grammar(replace(asks("digits"), open=True)) == ()


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("digits", {"четыре", "сорок", "тысяча"}),
        ("date", {"среду", "завтра", "декабря", "двадцать", "пятого", "через"}),
        ("time", {"половина", "часа", "вечера", "пятнадцать"}),
        ("money", {"рублей", "полторы", "тысячи"}),
        ("phone", {"восемь", "девятьсот"}),
    ],
)
def test_a_grammar_has_the_words_of_what_is_asked(kind: str, words: set[str]) -> None:
    assert words <= set(grammar(asks(kind)))


def test_a_choice_has_names_and_places() -> None:
    phrases = grammar(Expectation(language="en", options=(Option(facts={}, ways=("the blue one",)),)))
    assert {"the blue one", "second", "whichever", "none of them"} <= {*phrases}
