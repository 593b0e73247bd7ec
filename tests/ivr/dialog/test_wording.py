"""Texts with facts: what is spoken, what is left out, what can be rendered before a call."""

from __future__ import annotations

import pytest

from ivr.dialog.wording import all_facts, format_faults, is_static, needed_facts, voice, word

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
    assert word(WHISPER, {name: KNOWN[name] for name in known}, "ru", {}) == spoken


def test_digits_are_spelled_for_the_voice() -> None:
    assert voice("Заказ {order.number:digits}.", KNOWN, "ru", {}).replace(",", "") == "Заказ четыре один два семь."
    assert word("Заказ {order.number:digits}.", KNOWN, "ru", {}) == "Заказ 4127."


BOOKED = {
    "booking.service": "cut",
    "booking.day": "2026-11-24",
    "booking.time": "15:30",
    "product.price": "1000.00 RUB",
    "product.name": "букет «Утро»",
    "queue.count": "2",
    "contact.phone": "+79161234567",
}
NAMES = {"booking.service": {"cut": "женская стрижка"}}


@pytest.mark.parametrize(
    ("text", "said", "seen"),
    [
        (
            "Жду вас {booking.day:date.genitive} в {booking.time:time}.",
            "Жду вас двадцать четвёртого ноября в пятнадцать тридцать.",
            "Жду вас 24 ноября в 15:30.",
        ),
        (
            "Есть {product.name} за {product.price:money.accusative}.",
            "Есть букет «Утро» за одну тысячу рублей.",
            "Есть букет «Утро» за 1 000 ₽.",
        ),
        ("Перед вами {queue.count:count новая заявка}.", "Перед вами две новые заявки.", "Перед вами 2 новые заявки."),
        (
            "Запишу на {booking.service:name.accusative}: {booking.service:name}.",
            "Запишу на женскую стрижку: женская стрижка.",
            "Запишу на женскую стрижку: женская стрижка.",
        ),
        ("Без {product.name:name.genitive}.", "Без букета «Утро».", "Без букета «Утро»."),
        (
            "Звоню на [{contact.phone:phone}][, {contact.email}].",
            "Звоню на плюс семь, девятьсот шестнадцать, сто двадцать три, сорок пять, шестьдесят семь.",
            "Звоню на +7 916 123-45-67.",
        ),
    ],
)
def test_facts_are_said_in_their_case_and_shown_in_signs(text: str, said: str, seen: str) -> None:
    assert format_faults(text, "ru") == []
    assert voice(text, BOOKED, "ru", NAMES) == said
    assert word(text, BOOKED, "ru", NAMES) == seen


def test_english_has_its_own_words() -> None:
    text = "{booking.service:name} on {booking.day:date} at {booking.time:time}"
    names = {"booking.service": {"cut": "haircut"}}
    assert voice(text, BOOKED, "en", names) == "haircut on November twenty-fourth at three thirty in the afternoon"
    assert word(text, BOOKED, "en", names) == "haircut on November 24 at 3:30 PM"


def test_a_value_is_never_read_as_a_text_with_facts() -> None:
    facts = {"customer.name": "{order.number} [x]"}
    assert word("Звонит {customer.name}.", facts, "ru", {}) == "Звонит {order.number} [x]."
    assert voice("Звонит {customer.name:name.genitive}.", facts, "ru", {}) == "Звонит {order.number} [x]."


@pytest.mark.parametrize(
    ("text", "language", "part"),
    [
        ("{a.b:dat}", "ru", "{a.b:dat}: unknown format 'dat'"),
        ("{a.b:date.gen}", "ru", "unknown case 'gen'"),
        ("[{a.b:date.genitive}]", "en", "for Russian only"),
        ("{a.b:count}", "ru", "wants a noun"),
        ("{a.b:count заказы}", "ru", "nominative singular"),
        ("{a.b:time час}", "ru", "takes no noun"),
        ("{a.b:name.genitiv}", "ru", "unknown case"),
        ("{a.b:name стрижка}", "ru", "takes no noun"),
    ],
)
def test_wrong_formats_are_found_before_a_call(text: str, language: str, part: str) -> None:
    (found,) = format_faults(text, language)
    assert part in found


def test_a_fact_outside_brackets_must_be_known() -> None:
    with pytest.raises(KeyError, match=r"order\.number"):
        word("Заказ {order.number}.", {}, "ru", {})


def test_facts_of_a_text() -> None:
    assert needed_facts(WHISPER) == set()
    assert all_facts(WHISPER) == {"customer.name", "order.number", "order.state"}
    assert needed_facts("Заказ {order.number}[ {order.state}]") == {"order.number"}


def test_static_texts() -> None:
    assert is_static("Чем помочь?")
    assert not is_static("Здравствуйте[, {customer.name}]!")
