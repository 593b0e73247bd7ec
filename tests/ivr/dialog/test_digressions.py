"""One thing in the middle of another, and several wishes in one phrase."""

from __future__ import annotations

import pytest

from ivr.dialog.actions import LookUp, Say
from ivr.dialog.events import (
    heard,
)
from ivr.dialog.expectation import Meaning
from ivr.dialog.nodes import Scenario
from tests.ivr.event_talk import Talk, said

pytestmark = pytest.mark.unit


@pytest.fixture
def talk(desk: Scenario) -> Talk:
    return Talk(desk)


@pytest.fixture
def form(talk: Talk) -> Talk:
    talk.answers("book", "book me in")
    assert "Let us find a time. A haircut or a shave?" in said(
        (Say(node="", text="Let us find a time."), *talk.recall())
    )
    return talk


def test_a_digression_comes_back_to_the_question_it_interrupted(form: Talk) -> None:
    form.answers("filled", booking_service="cut")
    assert form.state.at.slot == "booking.day"
    (look_up,) = form.answers("hours", "when do you close")
    assert isinstance(look_up, LookUp)
    assert look_up.facts["question.text"] == "when do you close"
    text = said(form.reply("found", answer_title="Hours", answer_text="We close at eight."))
    assert text == "We close at eight. Back to your question. Which day?"
    assert (form.state.at.slot, form.state.back, form.state.at.intent) == ("booking.day", (), "book")
    assert form.state.facts["booking.service"] == "cut"
    form.answers("filled", booking_day="2026-11-25")
    assert form.state.at.slot == "booking.time"


def test_digressions_do_not_keep_a_question_alive(form: Talk) -> None:
    for turn in range(40):
        form.answers("hours")
        if form.state.node == "find_answer":
            form.reply("missing")
        if form.state.node == "person":
            assert turn < 10
            return
    pytest.fail("round and round")


def test_questions_wait_at_most_three_deep(form: Talk) -> None:
    form.answers("status", "where is my order")
    form.recall()
    form.answers("hours")
    assert [place.node for place in form.state.back] == ["form", "ask_number"]
    text = said(form.reply("found", answer_title="", answer_text="At eight."))
    assert text.endswith("Back to your question. Which order number?")
    form.answers("filled", order_number="4127")
    text = said(form.reply("found", order_number="4127", order_state="is sent"))
    assert "Back to your question" in text
    assert form.state.at.slot == "booking.service"


def test_several_wishes_are_settled_one_after_the_other(talk: Talk) -> None:
    talk.answers("status", "where is my order, and book me in, and when do you close", also=("book", "hours"))
    talk.recall("filled", order_number="4127")
    text = said(talk.reply("found", order_number="4127", order_state="is sent"))
    assert text == "Order 4127 is sent. Now for the appointment. Let us find a time."
    assert talk.state.at.intent == "book"
    talk.recall()
    talk.answers("cancelled")
    assert talk.state.node == "find_answer"
    talk.reply("missing")
    assert talk.state.node == "more"
    assert talk.state.pending_intents == ()


def test_a_wish_beside_a_value_is_kept_too(talk: Talk) -> None:
    meaning = Meaning(label="filled", facts={"order.number": "4127"}, also=("book",))
    talk.take(heard("topic", "4127, and book me", meaning))
    assert [pending.intent for pending in talk.state.pending_intents] == ["book"]
