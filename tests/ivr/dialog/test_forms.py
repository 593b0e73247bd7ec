"""Forms and choices: values in any order, corrections, options."""

from __future__ import annotations

import pytest

from ivr.business.protocol import Option
from ivr.dialog.actions import Listen, LookUp, Recall, Say, Transfer
from ivr.dialog.nodes import Scenario
from ivr.dialog.state import Stage
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


def test_a_form_asks_only_for_what_is_missing(talk: Talk) -> None:
    (opening, recall) = talk.answers("book", "a haircut tomorrow")
    assert said((opening,)) == "Let us find a time."
    assert isinstance(recall, Recall)
    assert said(talk.recall("filled", booking_service="cut", booking_day="2026-11-25")) == "What time?"
    assert said(talk.answers("filled", booking_time="15:00")) == "a haircut, November 25, 3:00 PM. Right?"
    (look_up,) = talk.answers("yes")
    assert isinstance(look_up, LookUp)
    assert look_up.facts["contact.phone"] == "+12025550143"  # the caller's own, without asking


def test_several_values_may_come_in_one_answer_in_any_order(form: Talk) -> None:
    form.answers("filled", booking_time="15:00", booking_day="2026-11-25")
    assert form.state.at.slot == "booking.service"
    form.answers("filled", booking_service="shave")
    assert form.state.at.stage == Stage.CONFIRM


def test_a_withheld_number_is_asked_for(desk: Scenario) -> None:
    talk = Talk(desk, number="")
    talk.answers("book")
    talk.recall("filled", booking_service="cut", booking_day="2026-11-25", booking_time="10:00")
    assert talk.state.at.slot == "contact.phone"


@pytest.fixture
def read_back(form: Talk) -> Talk:
    form.answers("filled", booking_service="cut", booking_day="2026-11-25", booking_time="15:00")
    assert form.state.at.stage == Stage.CONFIRM
    return form


def test_a_correction_changes_the_value_and_is_read_back(read_back: Talk) -> None:
    assert "November 26" in said(read_back.answers("filled", "no, thursday", booking_day="2026-11-26"))
    assert isinstance(read_back.answers("yes")[0], LookUp)
    assert read_back.state.facts["booking.day"] == "2026-11-26"


def test_a_plain_no_asks_what_is_wrong(read_back: Talk) -> None:
    assert said(read_back.answers("no")) == "What is wrong?"
    assert said(read_back.answers("filled", "the time", booking_time="")) == "What time?"
    assert "booking.time" not in read_back.state.facts
    assert "4:00" in said(read_back.answers("filled", booking_time="16:00"))


def test_the_same_again_is_a_yes(read_back: Talk) -> None:
    assert isinstance(read_back.answers("filled", booking_time="15:00")[0], LookUp)


def test_corrections_come_to_an_end(read_back: Talk) -> None:
    for day in range(1, 30):
        actions = read_back.answers("filled", booking_day=f"2026-12-{day:02}")
        if isinstance(actions[-1], Transfer):
            assert day < 10
            return
    pytest.fail("corrected for ever")


def test_a_form_can_be_given_up(form: Talk) -> None:
    form.answers("cancelled", "never mind")
    assert form.state.node == "more"


def test_keys_fill_a_choice(form: Talk) -> None:
    form.answers("unclear")
    assert said(form.answers("unclear")) == "Press one for a haircut, two for a shave."
    form.press("2")
    assert form.state.facts["booking.service"] == "shave"


def test_a_second_booking_asks_anew(read_back: Talk) -> None:
    read_back.answers("yes")
    read_back.reply(
        "booked", booking_number="77", booking_service="cut", booking_day="2026-11-25", booking_time="15:00"
    )
    read_back.answers("book", "book me once more")
    assert said(read_back.recall()) == "A haircut or a shave?"


COMBS = tuple(
    Option(facts={"product.id": str(at), "product.name": name, "product.price": f"{price}.00 USD"}, ways=(name,))
    for at, (name, price) in enumerate([("the big comb with a handle", 12), ("the small comb", 7)], 1)
)


@pytest.fixture
def choice(talk: Talk) -> Talk:
    talk.answers("prices", "I want a comb")
    talk.recall("filled", product_category="comb")
    asked = talk.reply("found", options=COMBS)
    assert isinstance(asked[-1], Recall)
    return talk


def test_options_are_listed_and_chosen(choice: Talk) -> None:
    asked = choice.recall()
    assert "1) the big comb with a handle for $12; 2) the small comb for $7" in said(asked)
    listen = asked[-1]
    assert isinstance(listen, Listen)
    assert listen.expectation.options == COMBS
    assert "the small comb it is" in said(choice.answers("chosen", product_id="2", product_name="the small comb"))


def test_an_option_has_its_key(choice: Talk) -> None:
    choice.recall()
    choice.press("1")
    assert choice.state.facts["product.id"] == "1"


def test_without_options_there_is_nothing_to_choose(talk: Talk) -> None:
    talk.answers("prices", "I want a comb")
    talk.recall("filled", product_category="comb")
    talk.reply("found")
    assert talk.state.node == "more"
