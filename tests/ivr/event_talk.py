"""One conversation held event by event, without recogniser, voice or business system."""

from __future__ import annotations

from ivr.business.protocol import Option
from ivr.dialog.actions import Action, Say
from ivr.dialog.dialog import step
from ivr.dialog.events import Answered, CallEvent, Pressed, Recalled, Replied, Silent, heard
from ivr.dialog.expectation import Meaning
from ivr.dialog.nodes import Scenario
from ivr.dialog.state import begin


class Talk:
    """One conversation in progress."""

    def __init__(self, scenario: Scenario, number: str = "+12025550143") -> None:
        self.scenario = scenario
        self.state = begin(scenario)
        self.take(Answered(facts={"caller.number": number}))

    def take(self, event: CallEvent) -> tuple[Action, ...]:
        self.state, actions = step(self.scenario, self.state, event)
        return actions

    def answers(self, label: str, text: str = "…", also: tuple[str, ...] = (), **facts: str) -> tuple[Action, ...]:
        intent = label if label in self.scenario.intents else ""
        meaning = Meaning(label=label, facts=named(facts), also=also, intent=intent)
        return self.take(heard(self.state.node, text, meaning))

    def reply(self, outcome: str, options: tuple[Option, ...] = (), **facts: str) -> tuple[Action, ...]:
        return self.take(Replied(node=self.state.node, outcome=outcome, facts=named(facts), options=options))

    def recall(self, label: str = "unclear", **facts: str) -> tuple[Action, ...]:
        return self.take(Recalled(node=self.state.node, label=label, facts=named(facts)))

    def press(self, keys: str) -> tuple[Action, ...]:
        actions: tuple[Action, ...] = ()
        for key in keys:
            actions = self.take(Pressed(key=key))
        return actions

    def silent(self) -> tuple[Action, ...]:
        return self.take(Silent(node=self.state.node))

    def asks_number(self) -> Talk:
        self.answers("status", "where is my order")
        self.recall()
        assert self.state.node == "ask_number"
        return self


def named(facts: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", ".", 1): value for name, value in facts.items()}


def said(actions: tuple[Action, ...]) -> str:
    return " ".join(action.text for action in actions if isinstance(action, Say))
