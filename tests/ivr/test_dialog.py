"""Conversations as rows of events: what the robot does about each."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.actions import Action, HangUp, Listen, LookUp, PromiseCallback, Say, StopRecording, Transfer
from ivr.dialog import State, step
from ivr.events import (
    AgentLeft,
    Answered,
    CallEvent,
    Failed,
    Heard,
    HungUp,
    Joined,
    Pressed,
    Refusal,
    Replied,
    Silent,
    TimeUp,
    Unanswered,
)
from ivr.nodes import Scenario
from ivr.scenario import load
from recordings.call import Outcome

pytestmark = pytest.mark.unit

SCENARIOS = Path(__file__).parents[2] / "ivr" / "scenarios"


@pytest.fixture(params=["ru", "en"])
def scenario(request: pytest.FixtureRequest) -> Scenario:
    return load(SCENARIOS / f"order_status.{request.param}.yaml")


class Talk:
    """One conversation in progress."""

    def __init__(self, scenario: Scenario, number: str = "+79161234567") -> None:
        self.scenario = scenario
        self.state = State(node=scenario.start)
        self.take(Answered(facts={"caller.number": number}))

    def take(self, event: CallEvent) -> tuple[Action, ...]:
        self.state, actions = step(self.scenario, self.state, event)
        return actions

    def hear(self, label: str, text: str = "…", **facts: str) -> tuple[Action, ...]:
        named = {name.replace("_", "."): value for name, value in facts.items()}
        return self.take(Heard(node=self.state.node, text=text, label=label, facts=named))

    def reply(self, outcome: str, **facts: str) -> tuple[Action, ...]:
        named = {name.replace("_", "."): value for name, value in facts.items()}
        return self.take(Replied(node=self.state.node, outcome=outcome, facts=named))

    def press(self, keys: str) -> tuple[Action, ...]:
        for key in keys:
            actions = self.take(Pressed(key=key))
        return actions


@pytest.fixture
def talk(scenario: Scenario) -> Talk:
    return Talk(scenario)


@pytest.fixture
def greeted(talk: Talk) -> Talk:
    talk.reply("missing")
    return talk


def said(actions: tuple[Action, ...]) -> str:
    return " ".join(action.text for action in actions if isinstance(action, Say))


def test_a_known_caller_is_greeted_by_name(talk: Talk) -> None:
    actions = talk.reply("found", customer_name="Анна", customer_phone="+79161234567")
    assert ", Анна!" in said(actions)
    assert isinstance(actions[-1], Listen)


def test_an_unknown_caller_is_greeted_without_a_gap(talk: Talk) -> None:
    for outcome in ("missing", "failed"):
        greeting = said(talk.reply(outcome))
        assert greeting.startswith(("Здравствуйте! ", "Hello! "))
        talk = Talk(talk.scenario)


def test_the_way_of_most_callers(greeted: Talk) -> None:
    assert isinstance(greeted.hear("order")[-1], Listen)
    (look_up,) = greeted.hear("number", "четыре один два семь", order_number="4127")
    assert look_up == LookUp(node="look_up", request="orders.status", facts=greeted.state.facts)
    told = greeted.reply("found", order_number="4127", order_state="в пути")
    assert "в пути" in said(told)
    assert "4127" in said(told)
    assert not any("4127" in action.voiced for action in told if isinstance(action, Say))  # said digit by digit
    assert greeted.state.outcome == Outcome.SETTLED
    goodbye = greeted.hear("no")
    assert [type(action) for action in goodbye] == [Say, HangUp]
    assert greeted.state.finished
    assert greeted.state.outcome == Outcome.SETTLED


def test_the_number_may_come_with_the_question(greeted: Talk) -> None:
    (look_up,) = greeted.hear("number", order_number="4127")
    assert isinstance(look_up, LookUp)


def test_a_number_heard_badly_is_read_back(greeted: Talk) -> None:
    greeted.hear("order")
    asked = greeted.hear("unsure", order_number="4127")
    assert greeted.state.node == "confirm_number"
    assert said(asked)
    assert isinstance(greeted.hear("yes")[0], LookUp)


def test_keys_make_a_number(greeted: Talk) -> None:
    greeted.hear("order")
    (waiting,) = greeted.press("412")
    assert isinstance(waiting, Listen)
    assert waiting.timeout < 3  # the next key, not the whole question
    (look_up,) = greeted.press("7#")
    assert isinstance(look_up, LookUp)
    assert look_up.facts["order.number"] == "4127"
    assert "[4127]" in greeted.state.said


def test_a_row_of_keys_ends_by_itself(greeted: Talk) -> None:
    greeted.hear("order")
    greeted.press("4127")
    (look_up,) = greeted.take(Silent(node="ask_number"))
    assert isinstance(look_up, LookUp)


def test_zero_inside_a_number_is_a_digit_and_alone_is_a_person(greeted: Talk) -> None:
    greeted.hear("order")
    greeted.press("4100")
    assert greeted.state.node == "ask_number"
    greeted.press("#")
    assert greeted.state.facts["order.number"] == "4100"
    greeted.reply("missing")
    (waiting,) = greeted.press("0")
    assert isinstance(waiting, Listen)
    assert waiting.timeout < 1.5
    actions = greeted.take(Silent(node="ask_number"))
    assert isinstance(actions[-1], Transfer)


@pytest.mark.parametrize("node", ["ask_topic", "ask_number", "anything_else"])
def test_a_person_can_be_asked_for_anywhere(scenario: Scenario, node: str) -> None:
    state = State(node=node, facts={"caller.number": "", "order.number": "4127", "order.state": "в пути"})
    state, actions = step(scenario, state, Heard(node=node, text="оператора", label="person"))
    transfer = actions[-1]
    assert isinstance(transfer, Transfer)
    assert transfer.reason == "request"
    assert "в пути" in transfer.summary.text
    assert transfer.said == ("оператора",)


def test_refusing_to_be_recorded_goes_back_to_the_question(greeted: Talk) -> None:
    actions = greeted.hear("no_recording", "не записывайте")
    assert [type(action) for action in actions] == [Say, StopRecording, Say, Listen]
    assert greeted.state.node == "ask_topic"
    greeted.press("9")
    assert StopRecording() in greeted.take(Silent(node="ask_topic"))


def test_words_of_a_caller_who_refused_are_not_kept(greeted: Talk) -> None:
    greeted.hear("no_recording", "не записывайте")
    greeted.hear("person", "оператора, у меня беда")
    greeted.take(Unanswered(reason=Refusal.BUSY))
    assert PromiseCallback(phone="+79161234567", reason="") in greeted.press("1")


def test_a_silent_caller_is_asked_twice_and_then_given_to_a_person(greeted: Talk) -> None:
    actions = greeted.take(Silent(node="ask_topic"))
    assert [type(action) for action in actions] == [Say, Listen]
    assert isinstance(greeted.take(Silent(node="ask_topic"))[-1], Transfer)


def test_asking_again_uses_other_words(greeted: Talk) -> None:
    first, second = said(greeted.hear("order")), said(greeted.hear("unclear"))
    assert first != second
    assert greeted.state.node == "ask_number"


def test_wrong_numbers_do_not_go_round_for_ever(greeted: Talk) -> None:
    greeted.hear("order")
    for _ in range(10):
        greeted.hear("number", order_number="9999")
        actions = greeted.reply("missing")
        if isinstance(actions[-1], Transfer):
            return
    pytest.fail("the caller is asked for a number again and again")


def test_the_shop_is_down(greeted: Talk) -> None:
    greeted.hear("number", order_number="4127")
    actions = greeted.reply("failed")
    assert [type(action) for action in actions] == [Say, Say, Transfer]


@pytest.fixture
def on_hold(greeted: Talk) -> Talk:
    greeted.hear("person", "оператора")
    return greeted


def test_handed_over_and_the_agent_hangs_up_first(on_hold: Talk) -> None:
    assert on_hold.take(Joined(agent="PJSIP/agent")) == ()
    assert on_hold.take(TimeUp()) == ()  # people may talk as long as they like
    actions = on_hold.take(AgentLeft())
    assert [type(action) for action in actions] == [Say, HangUp]
    assert on_hold.state.outcome == Outcome.HANDED_OVER


@pytest.mark.parametrize("reason", list(Refusal))
def test_nobody_answers_and_a_call_back_is_wanted(on_hold: Talk, reason: Refusal) -> None:
    offer = on_hold.take(Unanswered(reason=reason))
    assert [type(action) for action in offer] == [Say, Listen]
    actions = on_hold.press("1")
    assert PromiseCallback(phone="+79161234567", reason="оператора") in actions
    assert isinstance(actions[-1], HangUp)
    assert on_hold.state.outcome == Outcome.CALLBACK


@pytest.fixture
def withheld(scenario: Scenario) -> Talk:
    """Nobody answered, and a caller without a number wants to be rung back."""
    talk = Talk(scenario, number="")
    talk.reply("missing")
    talk.hear("person", "оператора")
    talk.take(Unanswered(reason=Refusal.BUSY))
    talk.press("1")
    return talk


def test_who_withholds_their_number_is_asked_for_one(withheld: Talk) -> None:
    assert withheld.state.node == "ask_callback_number"
    withheld.press("79161234567#")
    assert withheld.state.node == "confirm_callback_number"
    actions = withheld.press("1")
    (promise,) = [action for action in actions if isinstance(action, PromiseCallback)]
    assert promise.phone == "79161234567"
    assert "79161234567" in said(actions)
    assert withheld.state.finished
    assert withheld.state.outcome == Outcome.CALLBACK


def test_who_gives_no_number_is_promised_nothing(withheld: Talk) -> None:
    taken = [withheld.take(Silent(node="ask_callback_number")) for _ in range(3)]
    assert not [action for actions in taken for action in actions if isinstance(action, PromiseCallback)]
    assert withheld.state.finished
    assert withheld.state.outcome == Outcome.ABANDONED


def test_nobody_answers_and_no_call_back_is_wanted(on_hold: Talk) -> None:
    on_hold.take(Unanswered(reason=Refusal.BUSY))
    actions = on_hold.hear("no")
    assert not any(isinstance(action, PromiseCallback) for action in actions)
    assert on_hold.state.finished


def test_a_silent_caller_on_the_call_back_offer_is_let_go(on_hold: Talk) -> None:
    on_hold.take(Unanswered(reason=Refusal.NO_ANSWER))
    for _ in range(3):
        on_hold.take(Silent(node="offer_callback"))
    assert on_hold.state.finished


def test_deaf_ears_lead_to_a_person_and_the_call_still_ends(greeted: Talk) -> None:
    assert isinstance(greeted.take(Failed(reason="vosk: broken"))[-1], Transfer)
    for _ in range(10):
        greeted.take(Unanswered(reason=Refusal.BUSY))
        greeted.take(Failed(reason="vosk: broken"))
    assert greeted.state.finished
    assert greeted.state.failure == "vosk: broken"


def test_time_is_up(greeted: Talk) -> None:
    assert isinstance(greeted.take(TimeUp())[-1], Transfer)


def test_late_events_change_nothing(greeted: Talk) -> None:
    greeted.hear("order")
    before = greeted.state
    for late in (
        Heard(node="ask_topic", text="заказ", label="order"),
        Silent(node="ask_topic"),
        Replied(node="find_customer", outcome="found"),
        Joined(agent="PJSIP/agent"),
        AgentLeft(),
        Unanswered(reason=Refusal.BUSY),
    ):
        assert greeted.take(late) == ()
        assert greeted.state == before


def test_keys_are_not_answers_while_nobody_asks(talk: Talk) -> None:
    assert talk.press("0") == ()


@pytest.mark.parametrize(("failure", "outcome"), [("", Outcome.ABANDONED), ("Asterisk was lost", Outcome.FAILED)])
def test_hanging_up_ends_everything(greeted: Talk, failure: str, outcome: Outcome) -> None:
    assert greeted.take(HungUp(failure=failure)) == ()
    assert greeted.state.finished
    assert greeted.state.outcome == outcome
    assert greeted.state.failure == failure
    assert greeted.hear("order") == ()


def test_hanging_up_after_the_answer_is_no_abandoned_call(greeted: Talk) -> None:
    greeted.hear("number", order_number="4127")
    greeted.reply("found", order_number="4127", order_state="в пути")
    greeted.take(HungUp())
    assert greeted.state.outcome == Outcome.SETTLED


def test_step_is_pure(scenario: Scenario) -> None:
    state = State(node=scenario.start)
    event = Answered(facts={"caller.number": "1"})
    assert step(scenario, state, event) == step(scenario, state, event)
    assert state == State(node=scenario.start)


def test_a_number_the_caller_denied_is_not_told_to_the_agent(greeted: Talk) -> None:
    greeted.hear("order")
    greeted.hear("unsure", order_number="9999")
    greeted.hear("no")
    (*_, transfer) = greeted.hear("person")
    assert isinstance(transfer, Transfer)
    assert "order.number" not in transfer.facts
    assert "9999" not in transfer.summary.text


def test_a_number_read_back_again_is_still_there_to_be_confirmed(greeted: Talk) -> None:
    greeted.hear("order")
    greeted.hear("unsure", order_number="4127")
    assert "4127" in said(greeted.hear("unclear"))
    (look_up,) = greeted.hear("yes")
    assert isinstance(look_up, LookUp)
    assert look_up.facts["order.number"] == "4127"


def test_refusing_the_recording_at_the_last_repeat_leads_back_to_the_question(greeted: Talk) -> None:
    greeted.hear("order")
    question = greeted.state.node
    greeted.hear("unclear")
    greeted.hear("unclear")
    actions = greeted.hear("no_recording")
    assert any(isinstance(action, StopRecording) for action in actions)
    assert greeted.state.node == question
    assert greeted.state.back == ""
