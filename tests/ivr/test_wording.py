"""Texts with facts: what is spoken, what is left out, what can be rendered before a call."""

from __future__ import annotations

import pytest

from ivr.wording import all_facts, is_static, needed_facts, sentences, voice, word

pytestmark = pytest.mark.unit

KNOWN = {"customer.name": "Анна", "order.number": "4127", "order.state": "в пути"}
WHISPER = "[Звонит {customer.name}. ][Заказ {order.number}[ {order.state}]. ]Нужен оператор."


@pytest.mark.parametrize(
    ("known", "spoken"),
    [
        (("customer.name", "order.number", "order.state"), "Звонит Анна. Заказ 4127 в пути. Нужен оператор."),
        (("order.number",), "Заказ 4127. Нужен оператор."),
        (("order.state",), "Нужен оператор."),
        ((), "Нужен оператор."),
    ],
)
def test_brackets_are_dropped_with_their_unknown_facts(known: tuple[str, ...], spoken: str) -> None:
    assert word(WHISPER, {name: KNOWN[name] for name in known}) == spoken


def test_digits_are_spelled_for_the_voice() -> None:
    assert voice("Заказ {order.number:digits}.", KNOWN, "ru").replace(",", "") == "Заказ четыре один два семь."
    assert word("Заказ {order.number:digits}.", KNOWN) == "Заказ 4127."


def test_a_fact_outside_brackets_must_be_known() -> None:
    with pytest.raises(KeyError, match=r"order\.number"):
        word("Заказ {order.number}.", {})


def test_facts_of_a_text() -> None:
    assert needed_facts(WHISPER) == set()
    assert all_facts(WHISPER) == {"customer.name", "order.number", "order.state"}
    assert needed_facts("Заказ {order.number}[ {order.state}]") == {"order.number"}


def test_sentences() -> None:
    assert sentences("Здравствуйте, Анна! Чем помочь? ") == ("Здравствуйте, Анна!", "Чем помочь?")
    assert is_static("Чем помочь?")
    assert not is_static("Здравствуйте[, {customer.name}]!")
