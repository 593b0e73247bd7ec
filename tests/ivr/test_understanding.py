"""What callers say at the questions of the shipped scenarios, and where that leads."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from ivr.dialog import State, step
from ivr.events import Answered, Heard, Replied
from ivr.expectation import interpret
from ivr.nodes import Scenario
from ivr.scenario import load

pytestmark = pytest.mark.unit

SCENARIOS = Path(__file__).parents[2] / "ivr" / "scenarios"

SAID = {
    ("ru", "ask_topic", "to_person"): (
        "хочу отменить заказ",
        "хочу отменить заказ четыре один два семь",
        "отмените пожалуйста доставку моего заказа",
        "хочу вернуть заказ и получить деньги",
        "мне привезли разбитый заказ",
        "заказ пришёл не тот",
        "заказ пришёл не полностью",
        "хочу сделать заказ",
        "можно оформить заказ",
        "у меня жалоба на доставку заказа",
        "когда работает магазин",
        "соедините с оператором",
    ),
    ("ru", "ask_topic", "ask_number"): (
        "где моя посылка",
        "скажите пожалуйста где мой заказ",
        "заказ",
        "здравствуйте я по поводу заказа",
        "мой заказ",
        "что с моим заказом",
        "когда мне привезут заказ",
        "заказ до сих пор не пришёл",
        "я сделал заказ и хочу узнать где он",
        "статус заказа",
    ),
    ("ru", "ask_topic", "look_up"): ("где мой заказ четыре один два семь", "заказ сорок один двадцать семь"),
    ("ru", "anything_else", "goodbye"): (
        "спасибо",
        "спасибо, до свидания",
        "всё",
        "нет, спасибо",
        "нет, всё, спасибо большое, до свидания",
        "больше ничего не нужно",
        "нет",
    ),
    ("ru", "anything_else", "ask_topic"): ("да", "да, спасибо"),
    ("ru", "anything_else", "to_person"): ("да, хочу отменить заказ", "нет, верните мне деньги"),
    ("ru", "anything_else", "ask_number"): ("где другой заказ",),
    ("ru", "offer_callback", "the_end"): ("перезвоните", "да, перезвоните мне пожалуйста", "да", "конечно"),
    ("ru", "offer_callback", "goodbye"): (
        "не перезванивайте",
        "нет, не перезванивайте",
        "не надо перезванивать",
        "нет",
    ),
    ("en", "ask_topic", "to_person"): (
        "I want to cancel my order",
        "I want to cancel the delivery of my order 4 1 2 7",
        "I'd like a refund for my order",
        "I want to order flowers",
        "my order arrived broken",
        "I have a complaint about my order",
        "I would like to place an order",
        "what are your opening hours",
        "can I speak to a person",
    ),
    ("en", "ask_topic", "ask_number"): (
        "where's my package",
        "where is my order",
        "hi where is my order please",
        "order",
        "it's about my order",
        "when will my order arrive",
        "my parcel has not arrived",
        "I placed my order yesterday, where is it",
        "what's the status of my order",
    ),
    ("en", "ask_topic", "look_up"): ("where is my order four one two seven", "order number 4127"),
    ("en", "anything_else", "goodbye"): (
        "that's all",
        "thanks, bye",
        "thank you very much, that's it, goodbye",
        "no thank you",
        "nothing else",
        "no",
    ),
    ("en", "anything_else", "ask_topic"): ("yes", "yes thanks"),
    ("en", "anything_else", "to_person"): ("no but I want to cancel my order",),
    ("en", "anything_else", "ask_number"): ("another order",),
    ("en", "offer_callback", "the_end"): ("call me back", "yes please call me back", "sure"),
    ("en", "offer_callback", "goodbye"): ("don't call", "no don't call me back", "please do not call me", "no"),
}


@cache
def scenario(language: str) -> Scenario:
    return load(SCENARIOS / f"order_status.{language}.yaml")


def lines() -> Iterator[tuple[str, str, str, str]]:
    for (language, node, target), texts in SAID.items():
        for text in texts:
            yield language, node, target, text


def led_to(held: Scenario, node: str, *texts: str) -> str:
    """Node at which the caller is after these answers."""
    state = State(node=node, facts={"caller.number": "+79161234567", "order.number": "4127"}, asked={node: 1})
    for text in texts:
        question = held.nodes[state.node].expectation
        assert question
        meaning = interpret(question, text, 0.9)
        heard = Heard(node=state.node, text=text, label=meaning.label, facts=meaning.facts)
        state, _ = step(held, state, heard)
    return state.node


@pytest.mark.parametrize(("language", "node", "target", "text"), list(lines()))
def test_an_answer_leads_where_the_caller_means(language: str, node: str, target: str, text: str) -> None:
    assert led_to(scenario(language), node, text) == target


@pytest.mark.parametrize(
    ("language", "text"),
    [("ru", "хочу узнать про вакансии"), ("ru", "какая сегодня погода"), ("en", "do you have any vacancies")],
)
def test_what_no_phrase_covers_leads_to_a_person_after_one_more_question(language: str, text: str) -> None:
    assert led_to(scenario(language), "ask_topic", text) == "ask_topic"
    assert led_to(scenario(language), "ask_topic", text, text) == "to_person"


@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_new_order_number_does_not_keep_the_state_of_the_one_before(language: str) -> None:
    held = scenario(language)
    state, _ = step(held, State(node=held.start), Answered(facts={"caller.number": "+79161234567"}))
    state, _ = step(held, state, Replied(node=state.node, outcome="missing"))
    for number, outcome, facts in (
        ("4127", "found", {"order.number": "4127", "order.state": "sent"}),
        ("9999", "missing", {}),
    ):
        state, _ = step(
            held, state, Heard(node=state.node, text=number, label="number", facts={"order.number": number})
        )
        state, _ = step(held, state, Replied(node="look_up", outcome=outcome, facts=facts))
    assert state.facts["order.number"] == "9999"
    assert "order.state" not in state.facts
