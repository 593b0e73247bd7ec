"""What callers say, and what it means to the question they were asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest

from ivr.business.protocol import Option
from ivr.dialog.expectation import Expectation, Meaning, SlotRule
from ivr.dialog.nodes import Scenario
from ivr.dialog.question import expected
from ivr.dialog.state import Frame, Stage, State
from ivr.scenario.scenario import load
from ivr.understanding.intent_model import learned_model
from ivr.understanding.understanding import Understanding, interpret, recall

pytestmark = pytest.mark.unit

NOW = datetime(2026, 11, 24, 12, 0)  # noqa: DTZ001  # the caller's own clock
"""A Tuesday."""
SCENARIOS = Path(__file__).parents[3] / "ivr" / "scenarios"
RULES = {language: Understanding(language=language, intents=None, now=lambda: NOW) for language in ("ru", "en", "ko")}


def meaning_of(expectation: Expectation, text: str, confidence: float | None = None) -> Meaning:
    return interpret(expectation, text, confidence, RULES[expectation.language])


NUMBER = SlotRule(fill="order.number", kind="digits", length=(4, 6), sure=0.6, doubt=0.3)


def question(language: str) -> Expectation:
    ways = {"ru": ("где мой заказ", "статус заказа"), "en": ("where is my order", "order status")}
    return Expectation(
        language=language,
        slots=(NUMBER,),
        asked="order.number",
        choices={"order": ways[language]},
        yes_no=True,
        anywhere=frozenset({"person", "no_recording", "angry"}),
    )


@pytest.mark.parametrize(
    ("language", "text", "label"),
    [
        ("ru", "скажите пожалуйста где мой заказ", "order"),
        ("ru", "четыре один два семь", "filled"),
        ("ru", "четыре тысячи сто двадцать семь", "filled"),
        ("ru", "да конечно", "yes"),
        ("ru", "нет спасибо", "no"),
        ("ru", "соедините с оператором", "person"),
        ("ru", "нет оператора позовите", "person"),
        ("ru", "не хочу с машиной разговаривать", "person"),
        ("ru", "не записывайте меня", "no_recording"),
        ("ru", "я не хочу чтобы вы меня записывали", "no_recording"),
        ("ru", "сколько можно ждать, это издевательство", "angry"),
        ("ru", "да вы идиоты", "angry"),
        ("ru", "сколько у вас стоят розы", "unclear"),
        ("ru", "повторите пожалуйста", "repeat"),
        ("ru", "простите, что вы сказали?", "repeat"),
        ("ru", "какая сегодня погода", "unclear"),
        ("ru", "", "unclear"),
        ("ru", "👍🎉", "unclear"),
        ("ru", "where is my order", "unclear"),
        ("ru", "<script>alert(1)</script>", "unclear"),
        ("en", "hi where is my order please", "order"),
        ("en", "four one two seven", "filled"),
        ("en", "forty one twenty seven", "filled"),
        ("en", "yes please", "yes"),
        ("en", "no thank you", "no"),
        ("en", "can i speak to a person", "person"),
        ("en", "please don't record this", "no_recording"),
        ("en", "this is ridiculous, terrible service", "angry"),
        ("en", "sorry, what was that?", "repeat"),
        ("en", "what a lovely day", "unclear"),
    ],
)
def test_words(language: str, text: str, label: str) -> None:
    meaning = meaning_of(question(language), text, 0.9)
    assert meaning.label == label
    assert meaning.facts == ({"order.number": "4127"} if label == "filled" else {})


@pytest.mark.parametrize(
    ("confidence", "label"), [(None, "filled"), (0.9, "filled"), (0.6, "filled"), (0.5, "unsure"), (0.2, "unclear")]
)
def test_how_sure_the_recogniser_is_decides(confidence: float | None, label: str) -> None:
    meaning = meaning_of(question("ru"), "четыре один два семь", confidence)
    assert meaning.label == label
    assert confidence is None or meaning.confidence is None or meaning.confidence <= confidence


@pytest.mark.parametrize("text", ["четыре", "один два три четыре пять шесть семь"])
def test_a_number_of_the_wrong_length_is_none(text: str) -> None:
    assert meaning_of(question("ru"), text, 0.9).label == "unclear"


def test_a_word_of_anger_alone_is_none() -> None:
    assert meaning_of(question("ru"), "сколько можно заказать роз").label != "angry"


def test_two_thousand_words_are_understood_by_their_beginning_and_end() -> None:
    long = "ну вот значит я вчера иду по улице и думаю " * 220
    assert meaning_of(question("ru"), f"{long} соедините с оператором").label == "person"
    assert meaning_of(question("ru"), "👍 " * 2000).label == "unclear"
    assert meaning_of(question("en"), "a" * 100_000).label == "unclear"


# a form


FORM = Expectation(
    language="en",
    slots=(
        SlotRule(
            fill="booking.service",
            kind="choice",
            choices={"cut": ("haircut", "a cut"), "shave": ("shave",)},
            called=("service",),
        ),
        SlotRule(fill="booking.day", kind="date"),
        SlotRule(fill="booking.time", kind="time"),
        SlotRule(fill="contact.phone", kind="phone"),
        SlotRule(fill="booking.number", kind="digits", length=(4, 6)),
        SlotRule(fill="ticket.problem", kind="text"),
    ),
    cancels=True,
)


def form(asked: str, known: Mapping[str, str] | None = None, *, read_back: bool = False) -> Expectation:
    return Expectation(language="en", slots=FORM.slots, asked=asked, known=known or {}, cancels=True, yes_no=read_back)


@pytest.mark.parametrize(
    ("asked", "text", "facts"),
    [
        ("booking.service", "a haircut please", {"service": "cut"}),
        ("booking.service", "not a shave, a haircut", {"service": "cut"}),
        ("booking.service", "haircut tomorrow at three", {"service": "cut", "day": "2026-11-25", "time": "15:00"}),
        ("booking.day", "on friday", {"day": "2026-11-27"}),
        ("booking.day", "not friday, thursday", {"day": "2026-11-26"}),
        ("booking.day", "half past two", {"time": "14:30"}),
        ("booking.time", "at three", {"time": "15:00"}),
        ("booking.time", "december 24", {"day": "2026-12-24"}),
        ("ticket.problem", "my comb broke yesterday", {"problem": "my comb broke yesterday", "day": "2026-11-23"}),
        ("booking.day", "no idea", {}),
    ],
)
def test_one_answer_fills_what_it_holds(asked: str, text: str, facts: Mapping[str, str]) -> None:
    meaning = meaning_of(form(asked), text)
    assert {name.partition(".")[2]: value for name, value in meaning.facts.items()} == facts
    assert meaning.label == ("filled" if facts else "unclear")


def test_no_word_is_used_twice() -> None:
    assert "booking.number" not in meaning_of(form("booking.day"), "the second of december 2026").facts
    assert "booking.number" not in meaning_of(form("contact.phone"), "202 555 0143").facts


KNOWN = {"booking.service": "cut", "booking.day": "2026-11-25", "booking.time": "15:00"}


@pytest.mark.parametrize(
    ("text", "label", "facts"),
    [
        ("yes", "yes", {}),
        ("yes, tomorrow at three", "yes", {}),
        ("that's right", "yes", {}),
        ("no", "no", {}),
        ("no, not tomorrow, on friday", "filled", {"booking.day": "2026-11-27"}),
        ("make it four o'clock", "filled", {"booking.time": "16:00"}),
        ("a shave, please", "filled", {"booking.service": "shave"}),
        ("no, the time is wrong", "filled", {"booking.time": ""}),
        ("the service", "filled", {"booking.service": ""}),
        ("never mind", "cancelled", {}),
    ],
)
def test_what_is_read_back_may_be_corrected(text: str, label: str, facts: Mapping[str, str]) -> None:
    meaning = meaning_of(form("", KNOWN, read_back=True), text)
    assert (meaning.label, meaning.facts) == (label, facts)


@pytest.mark.parametrize(
    ("language", "text", "label"),
    [
        ("ru", "передумал", "cancelled"),
        ("ru", "ой, не надо меня записывать на стрижку", "cancelled"),
        ("ru", "не надо", "cancelled"),
        ("ru", "не записывайте разговор", "no_recording"),
        ("ru", "не записывайте меня", "no_recording"),
        ("en", "forget it", "cancelled"),
        ("en", "no thanks", "cancelled"),
        ("en", "don't record this", "no_recording"),
    ],
)
def test_giving_up_a_form_is_not_refusing_to_be_recorded(language: str, text: str, label: str) -> None:
    rule = SlotRule(fill="booking.day", kind="date")
    expectation = Expectation(language=language, slots=(rule,), asked=rule.fill, cancels=True)
    assert meaning_of(expectation, text).label == label


def test_words_said_earlier_fill_only_what_is_clear() -> None:
    found = recall(FORM, "book me a haircut for tomorrow at three please", RULES["en"])
    assert (found.label, found.facts) == ("filled", {**KNOWN})
    assert recall(FORM, "i want an appointment", RULES["en"]).label == "unclear"


# a choice


def option(name: str, day: str, time: str, price: str = "1990.00 RUB") -> Option:
    facts = {"product.name": name, "booking.day": day, "booking.time": time, "product.price": price}
    return Option(facts=facts, ways=(name,))


OPTIONS = (
    option("Фикус Бенджамина", "2026-11-25", "10:00", "1500.00 RUB"),
    option("кактус в горшке", "2026-11-25", "15:00", "900.00 RUB"),
    option("орхидея белая", "2026-11-27", "10:00", "2500.00 RUB"),
)


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("второй", 1),
        ("давайте первый вариант", 0),
        ("номер три", 2),
        ("последний", 2),
        ("фикус", 0),
        ("орхидею белую", 2),
        ("в три часа", 1),
        ("в пятницу", 2),
        ("завтра в десять", 0),
        ("за девятьсот рублей", 1),
        ("любой", 0),
        ("ничего из этого", None),
        ("нет", None),
        ("ни один не подходит", None),
    ],
)
def test_an_option_is_meant_by_place_name_day_time_or_price(text: str, chosen: int | None) -> None:
    meaning = meaning_of(Expectation(language="ru", options=OPTIONS), text)
    if chosen is None:
        assert meaning.label == "none"
    else:
        assert (meaning.label, meaning.facts) == ("chosen", OPTIONS[chosen].facts)


@pytest.mark.parametrize("text", ["в десять", "завтра", "седьмой", "не знаю", "какая погода"])
def test_what_fits_several_options_or_none_is_unclear(text: str) -> None:
    assert meaning_of(Expectation(language="ru", options=OPTIONS), text).label == "unclear"


def test_yes_takes_the_only_option() -> None:
    assert meaning_of(Expectation(language="ru", options=OPTIONS[:1]), "да, давайте").label == "chosen"


def test_another_day_may_be_said_instead_of_an_option() -> None:
    rule = SlotRule(fill="booking.day", kind="date")
    expectation = Expectation(language="ru", options=OPTIONS[:2], slots=(rule,), asked=rule.fill)
    meaning = meaning_of(expectation, "нет, не подходит, давайте в субботу")
    assert (meaning.label, meaning.facts) == ("filled", {"booking.day": "2026-11-28"})


# intents


@cache
def desk_mind() -> tuple[Scenario, Understanding]:
    scenario = load(Path(__file__).parents[1] / "written" / "desk.yaml")
    return scenario, Understanding(language="en", intents=learned_model(scenario), now=lambda: NOW)


def at_desk(place: Frame, text: str) -> Meaning:
    scenario, mind = desk_mind()
    expectation = expected(scenario, State(at=place))
    assert expectation
    return interpret(expectation, text, None, mind)


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTKLIK_HOME", str(tmp_path))


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("has my parcel been shipped already, my order", "status"),
        ("what time do you open on sundays", "hours"),
        ("I would like to make an appointment for a shave", "book"),
    ],
)
def test_an_open_question_understands_every_intent(text: str, label: str) -> None:
    meaning = at_desk(Frame(node="topic"), text)
    assert (meaning.label, meaning.intent) == (label, label)


def test_an_answer_says_which_model_gave_it() -> None:
    _, mind = desk_mind()
    assert mind.intents
    assert at_desk(Frame(node="topic"), "until what time are you open today").model == mind.intents.version
    assert at_desk(Frame(node="topic"), "where is my order").model == ""


def test_own_phrases_decide_before_the_model_and_the_longer_one_wins() -> None:
    meaning = at_desk(Frame(node="topic"), "where is my order and book me in please")
    assert (meaning.label, meaning.also) == ("status", ("book",))


def test_an_aside_interrupts_a_closed_question_that_it_does_not_fit() -> None:
    place = Frame(node="form", slot="booking.day", intent="book")
    assert at_desk(place, "when do you close on sunday evenings").label in {"hours", "filled"}
    assert at_desk(place, "what are your opening hours").label == "hours"
    assert at_desk(place, "on sunday").label == "filled"
    assert at_desk(place, "make an appointment").label == "unclear"  # that is what is going on


def test_a_wish_goes_before_a_yes_at_an_open_question() -> None:
    assert at_desk(Frame(node="more"), "yes").label == "yes"
    assert at_desk(Frame(node="more"), "yes, what are your opening hours on sunday").label == "hours"
    assert at_desk(Frame(node="more"), "thanks, bye").label == "done"


def test_a_price_is_no_order_number() -> None:
    assert at_desk(Frame(node="topic"), "something for 5000 dollars").label != "filled"
    for said in ("it is about 5000", "4127", "twenty one forty", "the number is forty one twenty seven"):
        assert at_desk(Frame(node="topic"), said).facts, said
    assert at_desk(Frame(node="topic"), "it is about 5000").facts == {"order.number": "5000"}


def test_a_read_back_takes_yes_no_or_the_right_value() -> None:
    place = Frame(node="ask_number", stage=Stage.CONFIRM, pending={"order.number": "4127"})
    assert at_desk(place, "yes").label == "yes"
    assert at_desk(place, "no").label == "no"
    assert at_desk(place, "no, 4128").facts == {"order.number": "4128"}
    assert at_desk(place, "yes, 4127").label == "yes"


# the shipped scenarios, by their rules alone


SAID = {
    ("ru", "ask_topic", "other"): (
        "хочу отменить заказ",
        "хочу вернуть деньги",
        "мне привезли разбитый заказ",
        "у меня жалоба",
    ),
    ("ru", "ask_topic", "person"): ("соедините с оператором",),
    ("ru", "anything_else", "done"): ("спасибо", "спасибо, до свидания", "нет, всё, спасибо большое, до свидания"),
    ("ru", "anything_else", "yes"): ("да", "да, пожалуйста"),
    ("ru", "anything_else", "other"): ("да, хочу отменить заказ", "нет, верните мне деньги"),
    ("ru", "offer_callback", "yes"): ("перезвоните", "да, перезвоните мне пожалуйста", "да", "конечно"),
    ("ru", "offer_callback", "no"): ("не перезванивайте", "нет, не перезванивайте", "не надо перезванивать", "нет"),
    ("en", "ask_topic", "person"): ("can I speak to a person",),
    ("en", "anything_else", "done"): ("thanks, bye", "that's all"),
    ("en", "offer_callback", "yes"): ("call me back", "yes please call me back", "sure"),
    ("en", "offer_callback", "no"): ("don't call", "no don't call me back", "please do not call me", "no"),
}


@pytest.mark.parametrize(
    ("language", "node", "label", "text"),
    [(language, node, label, text) for (language, node, label), texts in SAID.items() for text in texts],
)
def test_shipped_questions_understand_their_callers(language: str, node: str, label: str, text: str) -> None:
    held = load(SCENARIOS / f"support.{language}.yaml")
    expectation = expected(held, State(at=Frame(node=node)))
    assert expectation
    assert meaning_of(expectation, text, 0.9).label == label
