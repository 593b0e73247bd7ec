"""Conversations as rows of events: what the robot does about each."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ivr.dialog.actions import HangUp, Listen, LookUp, PromiseCallback, Recall, Say, StopRecording, Transfer
from ivr.dialog.dialog import REMEMBERED, keyed, step
from ivr.dialog.events import (
    AgentLeft,
    Answered,
    Failed,
    HungUp,
    Joined,
    Pressed,
    Recalled,
    Refusal,
    Replied,
    Silent,
    TimeUp,
    Unanswered,
    heard,
)
from ivr.dialog.expectation import Meaning
from ivr.dialog.nodes import Scenario
from ivr.dialog.state import Stage, State, begin, fitting
from recordings.contacts.call import Outcome
from tests.ivr.event_talk import Talk, said

pytestmark = pytest.mark.unit


@pytest.fixture
def talk(desk: Scenario) -> Talk:
    return Talk(desk)


def test_the_way_of_most_callers(talk: Talk) -> None:
    assert talk.state.node == "topic"
    (recall,) = talk.answers("status", "where is my order")
    assert recall == Recall(node="ask_number", expectation=recall.expectation, text="where is my order")  # type: ignore[union-attr]
    assert "number" in said(talk.recall())
    (look_up,) = talk.answers("filled", "four one two seven", order_number="4127")
    assert isinstance(look_up, LookUp)
    assert (look_up.request, look_up.facts["order.number"]) == ("orders.status", "4127")
    told = talk.reply("found", order_number="4127", order_state="is on its way")
    assert "4127 is on its way" in said(told)
    assert not any("4127" in action.voiced for action in told if isinstance(action, Say))  # said digit by digit
    assert talk.state.outcome == Outcome.SETTLED
    assert [type(action) for action in talk.answers("no")] == [Say, HangUp]
    assert talk.state.finished
    assert talk.state.outcome == Outcome.SETTLED


def test_what_began_the_job_may_answer_its_first_question(talk: Talk) -> None:
    talk.answers("status", "where is my order 4127")
    (look_up,) = talk.recall("filled", order_number="4127")
    assert isinstance(look_up, LookUp)
    assert talk.state.facts["question.text"] == "where is my order 4127"


def test_a_doubtful_value_is_read_back_and_only_then_believed(talk: Talk) -> None:
    talk.asks_number()
    asked = talk.answers("unsure", order_number="4127")
    assert "4127, right?" in said(asked)
    assert talk.state.at.stage == Stage.CONFIRM
    assert "order.number" not in talk.state.facts
    (look_up,) = talk.answers("yes")
    assert isinstance(look_up, LookUp)
    assert look_up.facts["order.number"] == "4127"


def test_no_with_the_right_value_settles_it_at_once(talk: Talk) -> None:
    talk.asks_number()
    talk.answers("unsure", order_number="4127")
    (look_up,) = talk.answers("filled", "no, 4128", order_number="4128")
    assert isinstance(look_up, LookUp)
    assert look_up.facts["order.number"] == "4128"


def test_a_value_the_caller_denied_is_not_told_to_the_agent(talk: Talk) -> None:
    talk.asks_number()
    talk.answers("unsure", order_number="9999")
    assert said(talk.answers("no")) == "Please say the number digit by digit."
    (*_, transfer) = talk.answers("person")
    assert isinstance(transfer, Transfer)
    assert "order.number" not in transfer.facts
    assert "9999" not in transfer.summary.text


def test_the_same_question_is_put_twice_then_by_keys_then_given_up(talk: Talk) -> None:
    talk.asks_number()
    texts = [said(talk.answers("unclear")), said(talk.answers("unclear"))]
    assert texts == ["Please say the number digit by digit.", "Please key in the number and press hash."]
    assert isinstance(talk.answers("unclear")[-1], Transfer)


def test_who_says_nothing_is_asked_in_other_words_than_who_is_not_understood(desk: Scenario) -> None:
    assert said(Talk(desk).silent()) == "Are you still there?"
    assert said(Talk(desk).answers("unclear")) == "Ask for an order or an appointment. What will it be?"


def test_three_misses_anywhere_lead_to_a_person_with_all_that_was_said(talk: Talk) -> None:
    talk.answers("unclear", "blah")
    talk.asks_number()
    talk.silent()
    (*_, transfer) = talk.answers("unclear", "mumble")
    assert isinstance(transfer, Transfer)
    assert transfer.said == ("blah", "where is my order", "mumble")
    assert transfer.reason == "given_up"


def test_a_repeated_visit_is_worded_otherwise(talk: Talk) -> None:
    talk.asks_number()
    talk.answers("filled", order_number="1111")
    text = said(talk.reply("missing"))
    assert "no order 1111" in text
    assert "Which order number?" in text


def test_wrong_numbers_do_not_go_round_for_ever(talk: Talk) -> None:
    talk.asks_number()
    for _ in range(10):
        talk.answers("filled", order_number="9999")
        if isinstance(talk.reply("missing")[-1], Transfer):
            return
    pytest.fail("the caller is asked for a number again and again")


def test_a_new_order_does_not_keep_the_state_of_the_one_before(talk: Talk) -> None:
    talk.answers("filled", order_number="4127")
    talk.reply("found", order_number="4127", order_state="sent")
    talk.answers("yes")
    talk.answers("filled", order_number="9999")
    talk.reply("missing")
    assert talk.state.facts["order.number"] == "9999"
    assert "order.state" not in talk.state.facts


def test_keys_make_a_number(talk: Talk) -> None:
    talk.asks_number()
    (waiting,) = talk.press("412")
    assert isinstance(waiting, Listen)
    assert waiting.timeout < 3  # the next key, not the whole question
    (look_up,) = talk.press("7#")
    assert isinstance(look_up, LookUp)
    assert look_up.facts["order.number"] == "4127"
    assert "[4127]" in talk.state.said


def test_the_end_of_a_row_that_was_complete_before_means_nothing(talk: Talk) -> None:
    talk.asks_number()
    talk.press("412712")
    talk.reply("found", order_number="412712", order_state="is sent")
    before = talk.state
    assert talk.press("#") == ()
    assert talk.state == before


def test_a_row_of_keys_ends_by_itself_and_zero_alone_is_a_person(talk: Talk) -> None:
    talk.asks_number()
    talk.press("4100")
    assert isinstance(talk.silent()[0], LookUp)
    talk.reply("missing")
    (waiting,) = talk.press("0")
    assert isinstance(waiting, Listen)
    assert waiting.timeout < 1.5
    assert isinstance(talk.silent()[-1], Transfer)


@pytest.mark.parametrize(("label", "reason"), [("person", "request"), ("angry", "anger")])
def test_a_person_can_be_asked_for_anywhere(talk: Talk, label: str, reason: str) -> None:
    talk.answers("filled", order_number="4127")
    talk.reply("missing")
    (*_, transfer) = talk.answers(label, "a human!")
    assert isinstance(transfer, Transfer)
    assert transfer.reason == reason
    assert transfer.said == ("…", "a human!")
    assert "4127" in transfer.summary.text


def test_asking_to_repeat_is_no_miss_but_not_without_end(talk: Talk) -> None:
    talk.asks_number()
    for _ in range(4):
        actions = talk.answers("repeat", "pardon?")
        assert isinstance(actions[-1], Listen)
        assert talk.state.failures == 0
    for _ in range(4):
        actions = talk.answers("repeat", "pardon?") or actions
    assert isinstance(actions[-1], Transfer)


def test_refusing_to_be_recorded_goes_back_to_the_question(talk: Talk) -> None:
    talk.asks_number()
    actions = talk.answers("no_recording", "don't record")
    assert [type(action) for action in actions] == [Say, StopRecording, Say, Listen]
    assert (talk.state.node, talk.state.back, talk.state.said) == ("ask_number", (), ())
    talk.press("9")
    assert StopRecording() in talk.silent()
    for _ in range(12):
        if talk.state.node != "ask_number":
            return
        talk.answers("no_recording")
    pytest.fail("the question comes back for ever")


def test_a_row_of_keys_is_told_however_long_the_call_has_been(talk: Talk) -> None:
    talk.asks_number()
    talk.state = replace(talk.state, said=("…",) * REMEMBERED)  # no more than that is kept
    told = []
    for key in "4127#":
        before, event = talk.state, Pressed(key=key)
        talk.take(event)
        told.append(keyed(before, event, talk.state))
    assert told == ["", "", "", "", "[4127]"]


def test_a_state_of_an_earlier_version_is_read(talk: Talk) -> None:
    talk.answers("status", "where is my order, and book me in", also=("book",))
    written = talk.state.to_json()
    old = {name: value for name, value in written.items() if name not in {"pending_intents", "digressions"}}
    old |= {"wishes": written["pending_intents"], "detours": 2}
    old["at"] = {name: value for name, value in written["at"].items() if name != "intent"} | {"wish": "status"}
    assert State.from_json(old) == replace(talk.state, digressions=2)


def test_words_of_a_caller_who_refused_are_not_kept(talk: Talk) -> None:
    talk.answers("no_recording", "don't record")
    talk.answers("person", "a person, I am in trouble")
    talk.take(Unanswered(reason=Refusal.BUSY))
    talk.press("1")
    assert PromiseCallback(phone="+12025550143", reason="") in talk.reply("allowed")


@pytest.fixture
def on_hold(talk: Talk) -> Talk:
    talk.answers("person", "a person please")
    return talk


def test_handed_over_and_the_agent_hangs_up_first(on_hold: Talk) -> None:
    assert on_hold.take(Joined(agent="PJSIP/agent")) == ()
    assert on_hold.take(TimeUp()) == ()  # people may talk as long as they like
    assert [type(action) for action in on_hold.take(AgentLeft())] == [Say, HangUp]
    assert on_hold.state.outcome == Outcome.HANDED_OVER


@pytest.mark.parametrize("reason", list(Refusal))
def test_nobody_answers_and_a_call_back_is_wanted(on_hold: Talk, reason: Refusal) -> None:
    assert [type(action) for action in on_hold.take(Unanswered(reason=reason))] == [Say, Listen]
    (asked,) = on_hold.press("1")
    assert isinstance(asked, LookUp)
    assert (asked.request, on_hold.state.outcome) == ("callbacks.allow", None)
    actions = on_hold.reply("allowed")
    assert PromiseCallback(phone="+12025550143", reason="a person please") in actions
    assert isinstance(actions[-1], HangUp)
    assert on_hold.state.outcome == Outcome.CALLBACK


@pytest.mark.parametrize("outcome", ["refused", "too_many"])
def test_nothing_is_promised_that_may_not_be_kept(on_hold: Talk, outcome: str) -> None:
    on_hold.take(Unanswered(reason=Refusal.BUSY))
    on_hold.press("1")
    actions = on_hold.reply(outcome)  # this scenario knows only `no_number`
    assert not [action for action in actions if isinstance(action, PromiseCallback)]
    assert said(actions) == "Goodbye."
    assert on_hold.state.outcome != Outcome.CALLBACK


def test_a_silent_caller_on_the_call_back_offer_is_let_go(on_hold: Talk) -> None:
    on_hold.take(Unanswered(reason=Refusal.NO_ANSWER))
    for _ in range(3):
        on_hold.silent()
    assert on_hold.state.finished


def test_the_company_s_system_is_down(talk: Talk) -> None:
    talk.answers("filled", order_number="4127")
    assert isinstance(talk.reply("failed")[-1], Transfer)


def test_an_outcome_nobody_thought_of_is_a_failure(talk: Talk) -> None:
    talk.answers("filled", order_number="4127")
    assert isinstance(talk.reply("exploded")[-1], Transfer)


def test_deaf_ears_lead_to_a_person_and_the_call_still_ends(talk: Talk) -> None:
    transfer = talk.take(Failed(reason="vosk: broken"))[-1]
    assert isinstance(transfer, Transfer)
    assert transfer.reason == "failure"
    for _ in range(10):
        talk.take(Unanswered(reason=Refusal.BUSY))
        talk.take(Failed(reason="vosk: broken"))
    assert talk.state.finished
    assert talk.state.failure == "vosk: broken"


def test_time_is_up(talk: Talk) -> None:
    assert isinstance(talk.take(TimeUp())[-1], Transfer)


def test_late_events_change_nothing(talk: Talk) -> None:
    talk.asks_number()
    before = talk.state
    for late in (
        heard("topic", "order", Meaning(label="status")),
        Silent(node="topic"),
        Replied(node="find_answer", outcome="found"),
        Recalled(node="form"),
        Joined(agent="PJSIP/agent"),
        AgentLeft(),
        Unanswered(reason=Refusal.BUSY),
    ):
        assert talk.take(late) == ()
        assert talk.state == before


@pytest.mark.parametrize(("failure", "outcome"), [("", Outcome.ABANDONED), ("Asterisk was lost", Outcome.FAILED)])
def test_hanging_up_ends_everything(talk: Talk, failure: str, outcome: Outcome) -> None:
    assert talk.take(HungUp(failure=failure)) == ()
    assert talk.state.finished
    assert (talk.state.outcome, talk.state.failure) == (outcome, failure)
    assert talk.answers("status") == ()


def test_step_is_pure(desk: Scenario) -> None:
    state, event = begin(desk), Answered(facts={"caller.number": "1"})
    assert step(desk, state, event) == step(desk, state, event)
    assert state == begin(desk)


@pytest.fixture
def form(talk: Talk) -> Talk:
    talk.answers("book", "book me in")
    assert "Let us find a time. A haircut or a shave?" in said(
        (Say(node="", text="Let us find a time."), *talk.recall())
    )
    return talk


@pytest.fixture
def read_back(form: Talk) -> Talk:
    form.answers("filled", booking_service="cut", booking_day="2026-11-25", booking_time="15:00")
    assert form.state.at.stage == Stage.CONFIRM
    return form


def test_a_state_survives_being_written_down_anywhere(read_back: Talk) -> None:
    read_back.answers("hours", "when do you close?")
    kept = State.from_json(read_back.state.to_json())
    assert kept == read_back.state
    event = Replied(node="find_answer", outcome="missing")
    assert step(read_back.scenario, kept, event) == step(read_back.scenario, read_back.state, event)


def test_a_kept_state_fits_a_scenario_that_lost_its_question(form: Talk) -> None:
    form.answers("filled", booking_service="cut")
    nodes = {name: node for name, node in form.scenario.nodes.items() if name != "form"}
    changed = replace(form.scenario, nodes=nodes)
    assert fitting(form.scenario, form.state) == form.state
    state = fitting(changed, form.state)
    assert state.node == changed.start
    assert state.facts == form.state.facts
    assert state.said == form.state.said


def test_what_is_kept_of_a_caller_is_bounded(talk: Talk) -> None:
    for _ in range(60):
        talk.answers("done" if talk.state.node == "nowhere" else "repeat", "word " * 2000)
        talk.state = replace(talk.state, digressions=0)
    assert len(talk.state.said) <= 50
    assert all(len(text) <= 500 for text in talk.state.said)
