"""Conversations held by keys alone: they begin so, end so, and go to a person where keys cannot answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.dialog import keypad
from ivr.dialog.actions import Action, HangUp, Listen, LookUp, Say, Transfer
from ivr.dialog.dialog import MOST_KEYS, step
from ivr.dialog.events import Answered, Pressed, Replied, Silent
from ivr.dialog.nodes import Scenario
from ivr.dialog.state import State, begin
from ivr.dialog.transitions import Step, enter
from ivr.scenario.scenario import load

pytestmark = pytest.mark.unit

SCENARIOS = Path(__file__).parents[3] / "ivr" / "scenarios"


@pytest.fixture(scope="module", params=["ru", "en"])
def support(request: pytest.FixtureRequest) -> Scenario:
    return load(SCENARIOS / f"support.{request.param}.yaml")


def _answered(scenario: Scenario) -> Step:
    """Up to the first question: the caller is not known."""
    state = State(at=begin(scenario).at, keys_only=True)
    state, actions = step(scenario, state, Answered(facts={"caller.number": "+79161234567"}))
    while isinstance(asked := actions[-1], LookUp):
        outcome = "missing" if asked.request == "customers.find" else "none"
        state, more = step(scenario, state, Replied(node=state.node, outcome=outcome))
        actions = (*actions, *more)
    return state, actions


def _said(actions: tuple[Action, ...]) -> str:
    return " ".join(action.text for action in actions if isinstance(action, Say))


def _press(scenario: Scenario, state: State, keys: str) -> Step:
    actions: tuple[Action, ...] = ()
    for key in keys:
        state, actions = step(scenario, state, Pressed(key=key))
    return state, actions


def test_the_first_question_says_what_to_press(support: Scenario) -> None:
    assert keypad.holdable(support)
    state, actions = _answered(support)
    wording = keypad.wording_of(support.language)
    assert wording
    said = _said(actions)
    assert said.index(wording.notice) < said.index(wording.value)
    assert keypad.texts(support)[-1] in said  # how to get a person
    assert "?" not in said  # nothing that invites to speak
    assert isinstance(actions[-1], Listen)
    state, actions = step(support, state, Silent(node=state.node))
    assert wording.notice not in _said(actions)
    assert wording.value in _said(actions)


def test_an_order_is_told_and_a_person_reached_by_keys(support: Scenario) -> None:
    state, _ = _answered(support)
    state, actions = _press(support, state, "4127#")
    look_up = next(action for action in actions if isinstance(action, LookUp))
    assert look_up.facts["order.number"] == "4127"
    state, _ = _answered(support)
    state, actions = _press(support, state, "0")
    if not any(isinstance(action, Transfer) for action in actions):
        state, actions = step(support, state, Silent(node=state.node))
    assert any(isinstance(action, Transfer) for action in actions)


def test_the_scenarios_own_words_about_keys_come_first(support: Scenario) -> None:
    state, _ = _answered(support)
    state, actions = enter(support, state, "ask_number")
    said = _said(actions)
    assert support.nodes["ask_number"].by_keys or support.nodes["ask_number"].fields[0].by_keys
    wording = keypad.wording_of(support.language)
    assert wording
    assert wording.value not in said
    assert {"ru": "решётку", "en": "hash"}[support.language] in said


def test_what_keys_cannot_answer_ends_all_the_same(desk: Scenario) -> None:
    state = State(at=begin(desk).at, keys_only=True)
    state, actions = step(desk, state, Answered())
    for _ in range(60):
        if any(isinstance(action, Transfer | HangUp) for action in actions):
            break
        if isinstance(actions[-1], Listen):
            state, actions = step(desk, state, Silent(node=state.node))
        else:
            state, actions = step(desk, state, Replied(node=state.node, outcome="failed"))
    else:
        pytest.fail(f"still talking at {state.at}")


def test_every_text_about_keys_is_rendered_ahead(support: Scenario) -> None:
    _, actions = _answered(support)
    ahead = set(keypad.texts(support))
    assert len(ahead.intersection(action.text for action in actions if isinstance(action, Say))) >= 3
    wording = keypad.wording_of(support.language)
    assert wording
    assert len(wording.keys) == 10
    assert "{key}" in wording.person


def test_a_row_of_keys_has_an_end(support: Scenario) -> None:
    state, _ = _answered(support)
    for _ in range(500):
        state, _ = step(support, state, Pressed(key="7"))
        assert len(state.keys) <= MOST_KEYS
    assert not state.finished


def test_a_state_from_before_there_was_such_a_thing_is_read(support: Scenario) -> None:
    body = begin(support).to_json()
    del body["keys_only"]
    assert State.from_json(body).keys_only is False
