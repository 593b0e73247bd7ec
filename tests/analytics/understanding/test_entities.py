"""What a call talks about, with what stands around it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from analytics.understanding.entities import MOST, catalogue, entities
from tests.analytics.talks import ENGLISH, RUSSIAN, talk

pytestmark = pytest.mark.unit

PHONE = "восемь девятьсот шестнадцать сто двадцать три сорок пять шестьдесят семь"
NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)


def found(text: str, language: str = "ru") -> list[str]:
    return [f"{one.kind} {one.value}" for one in entities(talk(text, language=language), now=NOW)]


@pytest.mark.parametrize(
    ("language", "text", "wanted"),
    [
        ("ru", "c: где мой заказ четыре один два семь", ["order 4127"]),
        ("ru", "c: заказ номер 4127 не привезли", ["order 4127"]),
        ("ru", "r: Назовите номер заказа.\nc: сорок один двадцать семь", ["order 4127"]),
        ("ru", "a: какой у вас номер накладной\nc: ноль ноль семь восемь три", ["order 00783"]),
        ("ru", "c: четыре один два семь", []),
        ("ru", "c: с меня списали две тысячи триста рублей", ["money 2300.00 RUB"]),
        ("ru", "c: привезите в пятницу к пяти вечера", ["date 2026-11-27", "time 17:00"]),
        ("ru", f"c: мой телефон {PHONE}", ["phone +79161234567"]),
        ("ru", "c: я живу улица ленина дом пять", ["address улица Ленина, 5"]),
        ("ru", "r: Ваш заказ четыре один два семь готов.", []),
        ("ru", "c: здравствуйте у меня вопрос", []),
        ("en", "c: where is my order four one two seven", ["order 4127"]),
        ("en", "r: Please tell me the order number.\nc: forty one twenty seven", ["order 4127"]),
        ("en", "c: four one two seven", []),
        ("en", "c: i paid two hundred dollars", ["money 200.00 USD"]),
        ("en", "c: bring it on friday at five pm", ["date 2026-11-27", "time 17:00"]),
        ("en", "c: i live at twelve main street", ["address 12 Main Street"]),
        ("en", "c: hello i have a question", []),
    ],
)  # fmt: skip
def test_entities_by_their_context(language: str, text: str, wanted: list[str]) -> None:
    assert found(text, language) == wanted


def test_an_order_is_proved_by_the_answer_to_the_question_for_it() -> None:
    for text, language in ((RUSSIAN, "ru"), (ENGLISH, "en")):
        order = next(one for one in entities(talk(text, language=language), now=NOW) if one.kind == "order")
        assert (order.value, order.evidence.start, order.speaker) == ("4127", 12.0, "caller")


def test_products_by_the_names_they_are_known_by() -> None:
    known = catalogue({"красные розы": "Розы красные", "ваза": "Ваза"}, "ru")
    text = talk("c: привезите красных роз и вазу\nc: без вазы")
    assert [one.value for one in entities(text, now=NOW, products=known)] == ["Розы красные", "Ваза"]
    assert not [one for one in entities(text, now=NOW) if one.kind == "product"]


def test_another_language_has_none_and_long_talk_is_bounded() -> None:
    assert found("c: meine bestellung vier eins zwei sieben", "de") == []
    lines = "\n".join(f"c: заказ {number}" for number in range(1000, 1000 + 2 * MOST))
    assert len(found(lines)) == MOST
