"""No conversation goes round: whatever callers and systems do, it ends or reaches a person, and soon."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ivr.business.protocol import LONGEST_CHOICE, REQUESTS, Option
from ivr.dialog.actions import Listen, LookUp, Recall, Transfer
from ivr.dialog.dialog import MOST_DIGRESSIONS, step
from ivr.dialog.events import AgentLeft, Answered, CallEvent, Joined, Pressed, Recalled, Refusal, Replied, Silent, heard
from ivr.dialog.events import Unanswered as NobodyTook
from ivr.dialog.expectation import CHOSEN, FILLED, UNCLEAR, UNSURE, Meaning
from ivr.dialog.nodes import FAILED, Kind, Scenario
from ivr.dialog.question import most
from ivr.dialog.state import State, begin
from ivr.scenario.scenario import load

pytestmark = pytest.mark.unit

SCENARIOS = sorted((Path(__file__).parents[3] / "ivr" / "scenarios").glob("*.yaml"))
DESK = Path(__file__).parents[1] / "written" / "desk.yaml"
CONVERSATIONS = 300
"""Of each kind of caller, for each scenario."""
LONGEST = 30
"""Answers of a caller who settles nothing, until a person or the end."""


@dataclass(slots=True)
class Line:
    """A caller and systems that do anything at all."""

    scenario: Scenario
    chance: random.Random
    words: tuple[str, ...]
    """Labels the caller's answers may have, besides those the question waits for."""
    answers: float
    """Share of answers that fit the question."""
    settles: bool
    state: State = field(init=False)
    turns: int = 0
    in_a_row: int = 0
    put_last: object = None

    def hold(self) -> None:
        """Until a person is reached, the end, or what should never be."""
        self.state = begin(self.scenario)
        number = self.chance.choice(["", "+79161234567"])
        event: CallEvent = Answered(facts={"caller.number": number})
        for _ in range(2000):
            self.state, actions = step(self.scenario, self.state, event)
            if self.state.finished:
                return
            wanted = actions[-1] if actions else None
            match wanted:
                case Listen():
                    if not self.state.keys:
                        self._asked()
                    event = self._caller(wanted)
                case LookUp(node=node, request=request):
                    event = self._system(node, request)
                case Recall(node=node):
                    event = Recalled(node=node)
                case Transfer():
                    self.state, _ = step(self.scenario, self.state, Joined(agent="a"))
                    taken = self.chance.random() < 0.5
                    if taken:
                        return
                    ends: tuple[CallEvent, ...] = (AgentLeft(), NobodyTook(reason=Refusal.BUSY))
                    event = self.chance.choice(ends)
                case None if event == Pressed(key="#"):  # it ended no row; the question still waits
                    event = Silent(node=self.state.node)
                case _:
                    pytest.fail(f"nobody knows what happens after {event} at {self.state.at}: {actions}")
        pytest.fail(f"the conversation never ends: {self.state.at}")

    def _asked(self) -> None:
        """A question is put: not more often than it may be, and not again and again while nothing is learned."""
        at, state = self.state.at.question, self.state
        bound = most(self.scenario.nodes[state.node], state.at)
        assert state.asked.get(at, 0) <= bound, f"{at} is put {state.asked[at]} times"
        now = (at, tuple(sorted(state.facts.items())), state.outcome)
        self.in_a_row = self.in_a_row + 1 if now == self.put_last else 1
        self.put_last = now
        refusal = 1  # the first refusal to be recorded is always heard, and leads back to the question
        assert self.in_a_row <= bound + MOST_DIGRESSIONS + refusal, f"{at} comes {self.in_a_row} times in a row"

    def _caller(self, listen: Listen) -> CallEvent:
        self.turns += not self.state.keys
        if not self.settles:
            assert self.turns <= LONGEST, f"still talking after {self.turns} answers, at {self.state.at}"
        kind = self.chance.random()
        if kind < 0.1 or self.state.keys:
            return Silent(node=listen.node)
        if kind < 0.2:
            return Pressed(key=self.chance.choice("123456789*#"))
        waited = listen.expectation
        fitting = sorted(waited.labels - {UNCLEAR})
        label = self.chance.choice(fitting or [UNCLEAR])
        if self.chance.random() > self.answers:
            label = self.chance.choice(self.words)
        facts: dict[str, str] = {}
        if label in {FILLED, UNSURE} and waited.slots:
            rule = self.chance.choice(waited.slots)
            facts = {rule.fill: self.chance.choice([*rule.choices] or ["1", "2", "2026-11-25", ""])}
        if label == CHOSEN and waited.options:
            facts = dict(self.chance.choice(waited.options).facts)
        also = tuple(self.chance.sample(sorted(self.scenario.intents), 1)) if self.chance.random() < 0.2 else ()
        intent = label if label in self.scenario.intents else ""
        return heard(listen.node, "words " * 3, Meaning(label=label, facts=facts, also=also, intent=intent))

    def _system(self, node: str, request: str) -> CallEvent:
        known = REQUESTS[request]
        outcomes = [*known.outcomes, FAILED]
        if not self.settles:
            outcomes = [FAILED, *(outcome for outcome in known.outcomes if outcome in {"missing", "taken", "gone"})]
        outcome = self.chance.choice(outcomes)
        value = str(self.chance.randrange(3))
        facts = dict.fromkeys(known.outcomes.get(outcome, ()), value)
        options = [Option(facts=dict.fromkeys(known.options, str(at))) for at in range(LONGEST_CHOICE)]
        kept = tuple(options[: self.chance.randrange(4)]) if known.options and outcome != FAILED else ()
        return Replied(node=node, outcome=outcome, facts=facts, options=kept)


def callers(scenario: Scenario) -> Iterator[tuple[str, tuple[str, ...], float, bool]]:
    everything = (
        UNCLEAR,
        "repeat",
        "no_recording",
        "cancelled",
        "yes",
        "no",
        FILLED,
        UNSURE,
        CHOSEN,
        *scenario.intents,
    )
    yield "says anything", everything, 0.5, True
    yield "wants everything, settles nothing", everything, 0.3, False
    yield "always digresses", tuple(scenario.intents), 0.1, False
    yield "never says a word that fits", (UNCLEAR,), 0.0, False
    yield "only asks what was said", ("repeat",), 0.0, False
    yield "only refuses to be recorded", ("no_recording",), 0.1, False
    yield "corrects for ever", (FILLED, UNSURE, "no"), 0.8, False


KINDS = tuple(kind for kind, *_ in callers(load(DESK)))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("path", [*SCENARIOS, DESK], ids=lambda path: path.name)
def test_every_conversation_ends_or_reaches_a_person(path: Path, kind: str) -> None:
    scenario = load(path)
    _, words, answers, settles = next(caller for caller in callers(scenario) if caller[0] == kind)
    for seed in range(CONVERSATIONS):
        line = Line(scenario=scenario, chance=random.Random(seed), words=words, answers=answers, settles=settles)
        try:
            line.hold()
        except AssertionError as error:
            pytest.fail(f"seed {seed}: {error}")


def test_questions_of_the_shipped_scenarios_may_be_put_twice_and_once_by_keys() -> None:
    for path in SCENARIOS:
        for node in load(path).nodes.values():
            assert not node.kind.asks or node.repeats <= 1
            assert node.kind != Kind.TRANSFER or node.repeats <= 1
