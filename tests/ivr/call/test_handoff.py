"""What the person's telephone is told in the INVITE."""

from __future__ import annotations

import json
import re
from urllib.parse import unquote

import pytest

from ivr.call.handoff import CONTEXT_BYTES, context, context_of, invite_variables, refusal
from ivr.dialog.actions import Say, Transfer
from ivr.dialog.events import Refusal
from ivr.dialog.state import Frame, State

pytestmark = pytest.mark.unit


def transfer(*said: str) -> Transfer:
    facts = {"caller.number": "+79161234567", "order.number": "4127"}
    return Transfer(summary=Say(node="", text="Звонит Анна."), said=said, facts=facts, reason="request")


def test_context_is_readable_json() -> None:
    header = context(transfer("где мой заказ", "[4127]", "оператора"), call_id="1.2", language="ru")
    assert header.isascii()
    assert json.loads(unquote(header)) == {
        "call": "1.2",
        "number": "+79161234567",
        "language": "ru",
        "said": ["где мой заказ", "оператора"],
        "order": "4127",
        "reason": "request",
    }


CARD = "4276111122223333"
SPOKEN_CARD = ("четыре два семь шесть один один один один", "два два два два три три три три")


@pytest.mark.parametrize(
    "said",
    [
        (f"[{CARD}]",),
        (f"[{CARD}#]",),
        ("номер карты", f"[{CARD[:8]}]", f"[{CARD[8:]}]"),
        (f"карта {CARD}",),
        ("4276 1111", "2222 3333"),
        SPOKEN_CARD,
        (
            "меня зовут Иван Петров",
            "мой номер восемь девятьсот шестнадцать",
            "сто двадцать три сорок пять шестьдесят семь",
        ),
        ("пишите на ivan.petrov@example.com",),
    ],
)
def test_context_tells_nothing_private(said: tuple[str, ...]) -> None:
    """Failed before: words and typed keys went over the wire as they were."""
    state = State(at=Frame(node="a"), said=said, facts={"order.number": CARD})
    headers = [
        context(transfer(*said), call_id="1.2", language="ru"),
        context_of(state, call_id="1.2", language="ru"),
    ]
    for header in map(unquote, headers):
        assert "4276" not in header
        assert "3333" not in header
        assert not {"четыре", "два", "Петров", "девятьсот", "шестьдесят"} & set(re.findall(r"\w+", header))
        assert "example" not in header


def test_who_refused_to_be_recorded_is_not_quoted() -> None:
    state = State(at=Frame(node="a"), said=("у меня диабет",), recorded=False)
    assert json.loads(unquote(context_of(state, call_id="1.2", language="ru")))["said"] == []


def test_context_of_a_state_is_that_of_its_transfer() -> None:
    state = State(at=Frame(node="a"), said=("где мой заказ",), facts=transfer().facts)
    one = context_of(state, call_id="1.2", language="ru", reason="request")
    assert one == context(transfer("где мой заказ"), call_id="1.2", language="ru")


@pytest.mark.parametrize("said", [("слово " * 40,) * 5, ("слово " * 400,), ("ё" * 3000,)])
def test_context_is_bounded_and_keeps_the_latest_words(said: tuple[str, ...]) -> None:
    header = context(transfer(*said), call_id="1.2", language="ru")
    assert len(header) <= CONTEXT_BYTES
    assert json.loads(unquote(header))["call"] == "1.2"


@pytest.mark.parametrize("text", ["a\r\nX-Evil: 1", 'quote " backslash \\ comma, semicolon;', "%41 ${CALLERID(num)}"])
def test_context_cannot_break_out_of_its_header(text: str) -> None:
    header = context(transfer(text), call_id="1.2", language="en")
    assert not set("\r\n;$ ") & set(header)
    assert json.loads(unquote(header))["said"] == [text]


def test_user_to_user_carries_the_call() -> None:
    variables = invite_variables(transfer(), call_id="1.2", language="ru")
    assert variables["PJSIP_HEADER(add,User-to-User)"] == "312e32;encoding=hex"


@pytest.mark.parametrize(
    ("cause", "reason"),
    [
        (17, Refusal.BUSY),
        (21, Refusal.REFUSED),
        (19, Refusal.NO_ANSWER),
        (18, Refusal.NO_ANSWER),
        (20, Refusal.UNREACHABLE),
    ],
)
def test_refusals(cause: int, reason: Refusal) -> None:
    assert refusal(cause) == reason
