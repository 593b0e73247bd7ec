"""Conversations in writing, as the console, the chat and simulated callers hold them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

import pytest

from ivr.business.protocol import Option, Reply
from ivr.call.text_session import Response, TextSession
from ivr.dialog.actions import HangUp, PromiseCallback, StopRecording, Transfer
from ivr.dialog.nodes import Scenario
from ivr.dialog.state import Stage, State
from ivr.errors import BusinessError
from ivr.understanding.understanding import Understanding
from recordings.contacts.call import Outcome

pytestmark = pytest.mark.unit

MIND = Understanding(language="en", intents=None, now=lambda: datetime(2026, 11, 24, 12))  # noqa: DTZ001  # their clock


class Company:
    """Answers as it is told to, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Mapping[str, str]]] = []
        self.away = False

    def ask(self, request: str, facts: Mapping[str, str], language: str) -> Reply:
        assert language == "en"
        self.asked.append((request, facts))
        if self.away:
            raise BusinessError("nobody answers")
        match request:
            case "orders.status":
                return Reply(outcome="found", facts={"order.number": facts["order.number"], "order.state": "is sent"})
            case "catalogue.find":
                named = [("the big comb", "12.00 USD"), ("the small comb", "7.00 USD")]
                options = [
                    Option(facts={"product.id": name, "product.name": name, "product.price": price}, ways=(name,))
                    for name, price in named
                ]
                return Reply(outcome="found", options=tuple(options))
            case "bookings.create":
                return Reply(outcome="booked", facts={"booking.number": "77"})
        return Reply(outcome="missing")


@pytest.fixture
def company() -> Company:
    return Company()


@pytest.fixture
def talk(desk: Scenario, company: Company) -> TextSession:
    conversation = TextSession(desk, MIND, company.ask)
    opened = conversation.open({"caller.number": "+12025550143"})
    assert text(opened) == "Hello. How can I help?"
    return conversation


def text(said: Response) -> str:
    return " ".join(said for _, said in said.texts)


def test_a_question_and_its_answer_in_one_line(talk: TextSession, company: Company) -> None:
    said = talk.caller_says("Where is my order 4127?")
    assert text(said) == "Order 4127 is sent. Anything else?"
    assert said.meaning
    assert said.replies == (("orders.status", "found"),)
    assert company.asked[0][1]["order.number"] == "4127"
    goodbye = talk.caller_says("No, thanks!")
    assert goodbye.actions == (HangUp(),)
    assert (talk.state.finished, talk.state.outcome) == (True, Outcome.SETTLED)
    assert talk.waits_for is None
    assert talk.caller_says("hello?").texts == ()


def test_a_whole_booking_with_a_digression_and_a_correction(talk: TextSession, company: Company) -> None:
    assert text(talk.caller_says("book me in for tomorrow")) == "Let us find a time. A haircut or a shave?"
    assert text(talk.caller_says("a haircut")) == "What time?"
    assert "Right?" in text(talk.caller_says("at three"))
    assert "4:00" in text(talk.caller_says("no, make it four o'clock"))
    assert "Booked as 77" in text(talk.caller_says("yes"))
    facts = dict(company.asked[-1][1])
    booked = {name: facts[name] for name in ("booking.service", "booking.day", "booking.time", "contact.phone")}
    assert booked == {
        "booking.service": "cut",
        "booking.day": "2026-11-25",
        "booking.time": "16:00",
        "contact.phone": "+12025550143",
    }


def test_a_doubtful_number_is_read_back(talk: TextSession) -> None:
    assert text(talk.caller_says("four one two seven", 0.5)) == "Order 4127, right?"
    assert talk.state.at.stage == Stage.CONFIRM
    assert "4128 is sent" in text(talk.caller_says("no, 4128", 0.9))


def test_a_chat_is_kept_between_two_messages(desk: Scenario, company: Company, talk: TextSession) -> None:
    talk.caller_says("book me in for tomorrow")
    for line, answer in (("a shave", "What time?"), ("at 15:30", "a shave, November 25, 3:30 PM. Right?")):
        kept = json.loads(json.dumps(talk.state.to_json()))
        talk = TextSession(desk, MIND, company.ask, state=State.from_json(kept))
        assert text(talk.caller_says(line)) == answer


def test_the_company_is_away(talk: TextSession, company: Company) -> None:
    company.away = True
    said = talk.caller_says("where is my order 4127")
    assert isinstance(said.actions[0], Transfer)
    assert "order 4127" not in said.actions[0].summary.text
    assert said.actions[0].summary.text == "About 4127. The caller wants a person."


def test_a_person_takes_over_or_does_not(talk: TextSession) -> None:
    assert isinstance(talk.caller_says("a human please").actions[0], Transfer)
    offer = talk.person(taken=False)
    assert "call you back" in text(offer)
    promised = talk.caller_says("yes")
    assert promised.actions == (PromiseCallback(phone="+12025550143", reason="a human please"), HangUp())


def test_a_person_who_took_over_leaves(talk: TextSession) -> None:
    talk.press("0")
    assert talk.person(taken=True).texts == ()
    assert talk.waits_for is None
    assert text(talk.agent_left()) == "Goodbye."
    assert talk.state.outcome == Outcome.HANDED_OVER


def test_keys_silence_noise_and_hanging_up(talk: TextSession) -> None:
    assert talk.caller_says("[4127]").replies == (("orders.status", "found"),)
    assert talk.caller_says("").actions == (HangUp(),)  # silence after the answer
    assert talk.hang_up() == Response(texts=())


def test_noise_is_a_miss(talk: TextSession) -> None:
    assert "What will it be?" in text(talk.noise())
    assert talk.state.failures == 1


def test_a_refusal_to_be_recorded_reaches_the_channel(talk: TextSession) -> None:
    said = talk.caller_says("don't record me")
    assert said.actions == (StopRecording(),)
    assert text(said).endswith("What can I do for you?")


@pytest.mark.parametrize(
    "line",
    [
        "👍",
        "где мой заказ",
        "<script>alert(1)</script>",
        "{caller.number} [x]",
        "word " * 2000,
        "\x00\ud800",
        "[",
        "[]",
        "[a]",
    ],
)
def test_whatever_people_write_is_answered(talk: TextSession, line: str) -> None:
    said = talk.caller_says(line)
    assert said.texts
    json.dumps(talk.state.to_json()).encode("ascii")
