"""The whole dialogue as one pure function: what happened → where the call now stands and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ivr.actions import Action, HangUp, Listen, LookUp, PromiseCallback, Say, StopRecording, Transfer
from ivr.events import (
    AgentLeft,
    Answered,
    CallEvent,
    Failed,
    Heard,
    HungUp,
    Joined,
    Pressed,
    Replied,
    Silent,
    TimeUp,
    Unanswered,
)
from ivr.expectation import UNCLEAR, UNSURE, YES, Expectation, interpret_keys, keys_complete
from ivr.nodes import BACK, DONE, FAILED, GIVEN_UP, NEXT, NO_NUMBER, SILENCE, UNANSWERED, Kind, Node, Scenario
from ivr.wording import is_static, voice, word
from recordings.call import Outcome

KEY_PATIENCE = 2.5
"""Seconds to the next key of a row; then the row is taken as finished."""
REQUEST_PATIENCE = 1.2
"""The same after a first key that means something by itself, as 0 for a person."""
ROW_END = "#"


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Where a call stands. With the scenario it is all that a conversation is."""

    node: str
    facts: Mapping[str, str] = field(default_factory=dict)
    said: tuple[str, ...] = ()
    """The caller's words so far, for the person who may take over."""
    keys: str = ""
    """Row of keys not yet finished."""
    asked: Mapping[str, int] = field(default_factory=dict)
    """Times a node was come to since an answer last settled something: what bounds every loop."""
    certain: Mapping[str, str] | None = None
    """Facts before an answer that was read back for being unsure; they stand again unless the caller says yes."""
    back: str = ""
    """Question that a request understood anywhere interrupted."""
    recorded: bool = True
    """False once the caller has refused: their words may be used, not kept."""
    outcome: Outcome | None = None
    failure: str = ""
    finished: bool = False


Step = tuple[State, tuple[Action, ...]]


def step(scenario: Scenario, state: State, event: CallEvent) -> Step:
    """Take one event. Pure; events that come too late for their node change nothing."""
    node = scenario.nodes[state.node]
    match event:
        case HungUp(failure=failure):
            return _hung_up(state, failure), ()
        case _ if state.finished:
            return state, ()
        case Answered(facts=facts):
            return _enter(scenario, replace(state, facts={**state.facts, **facts}), scenario.start)
        case Heard(node=asked, label=label, facts=facts, text=text) if asked == node.name and node.expectation:
            heard = replace(state, keys="", said=(*state.said, text) if text else state.said)
            return _answer(scenario, heard, label, facts)
        case Pressed(key=key) if node.expectation:
            return _pressed(scenario, state, node.expectation, key)
        case Silent(node=asked) if asked == node.name and node.expectation:
            return _keys_finished(scenario, state, node.expectation) if state.keys else _miss(scenario, state, SILENCE)
        case Replied(node=asked, outcome=outcome, facts=facts) if asked == node.name:
            known = replace(state, facts=_learned(state.facts, facts))
            return _enter(scenario, known, node.go.get(outcome, node.go[FAILED]))
        case Joined() if node.kind == Kind.TRANSFER:
            return replace(state, outcome=Outcome.HANDED_OVER), ()
        case Unanswered() if node.kind == Kind.TRANSFER:
            return _enter(scenario, state, node.go[UNANSWERED])
        case AgentLeft() if node.kind == Kind.TRANSFER:
            return _enter(scenario, state, node.go[DONE])
        case Failed(reason=reason) if node.kind != Kind.TRANSFER:
            return _enter(scenario, replace(state, failure=state.failure or reason), scenario.fallback)
        case TimeUp() if node.kind != Kind.TRANSFER:  # two people may talk as long as they like
            return _enter(scenario, state, scenario.fallback)
    return state, ()


def _answer(scenario: Scenario, state: State, label: str, facts: Mapping[str, str]) -> Step:
    """Follow what the caller meant."""
    node = scenario.nodes[state.node]
    target = node.go.get(label) or scenario.anywhere.get(label)
    if not target:
        return _miss(scenario, replace(state, keys=""), UNCLEAR)
    before = state.facts if state.certain is None or label == YES else state.certain
    certain = state.facts if label == UNSURE else None
    known = replace(state, facts=_learned(before, facts), certain=certain, keys="")
    return _enter(scenario, known if label in node.go else replace(known, back=state.node), target)


def _learned(known: Mapping[str, str], facts: Mapping[str, str]) -> Mapping[str, str]:
    """New facts beside the old; of another order than before, nothing old is kept."""
    changed = {name.partition(".")[0] for name, value in facts.items() if known.get(name, value) != value}
    return {name: value for name, value in known.items() if name.partition(".")[0] not in changed} | {**facts}


def _miss(scenario: Scenario, state: State, label: str) -> Step:
    """Nothing understood or nothing said: ask again, in other words where the scenario has them."""
    target = scenario.nodes[state.node].go.get(label, state.node)
    return _enter(scenario, replace(state, keys=""), target, again=target == state.node)


def _pressed(scenario: Scenario, state: State, expectation: Expectation, key: str) -> Step:
    row = replace(state, keys=state.keys if key == ROW_END else state.keys + key)
    if key == ROW_END or keys_complete(expectation, row.keys):
        return _keys_finished(scenario, row, expectation)
    alone = row.keys in scenario.keys or row.keys in expectation.keys
    timeout = REQUEST_PATIENCE if alone else KEY_PATIENCE
    return row, (Listen(node=state.node, expectation=expectation, timeout=timeout),)


def _keys_finished(scenario: Scenario, state: State, expectation: Expectation) -> Step:
    meaning = interpret_keys(expectation, state.keys, scenario.keys)
    said = (*state.said, f"[{state.keys}]") if state.keys else state.said
    return _answer(scenario, replace(state, said=said), meaning.label, meaning.facts)


def _enter(scenario: Scenario, state: State, target: str, *, again: bool = False) -> Step:
    """Go to a node and on through those that wait for nobody, collecting what is to be done."""
    actions: list[Action] = []
    while True:
        returning = target == BACK
        node = scenario.nodes[(state.back or scenario.start) if returning else target]
        times = state.asked.get(node.name, 0)
        if times > node.repeats + returning and node.kind in {Kind.LISTEN, Kind.TRANSFER}:
            target = _given_up(scenario, node)
            continue
        if node.kind == Kind.CALLBACK and not _number(state):
            target = node.go[NO_NUMBER]
            continue
        counted = state.asked if returning else {**state.asked, node.name: times + 1}
        if node.outcome:
            counted = {}
        back = "" if returning else state.back
        state = replace(state, node=node.name, asked=counted, back=back, outcome=node.outcome or state.outcome)
        if node.say:
            actions.append(_say(scenario, state, node, again=again))
        state, wanted = _do(scenario, state, node)
        actions += wanted
        if node.kind not in {Kind.SPEAK, Kind.CALLBACK, Kind.STOP_RECORDING}:
            return state, tuple(actions)
        target, again = node.go[NEXT], False


def _say(scenario: Scenario, state: State, node: Node, *, again: bool) -> Say:
    text, name = (node.again, f"{node.name}.again") if again and node.again else (node.say, node.name)
    return Say(
        node=node.name,
        text=word(text, state.facts),
        voiced=voice(text, state.facts, scenario.language),
        recorded=f"{scenario.name}.{name}" if is_static(text) else "",
        interruptible=node.interruptible,
    )


def _given_up(scenario: Scenario, node: Node) -> str:
    return node.go[UNANSWERED] if node.kind == Kind.TRANSFER else node.go.get(GIVEN_UP, scenario.fallback)


def _do(scenario: Scenario, state: State, node: Node) -> Step:
    match node.kind:
        case Kind.LISTEN if node.expectation:
            return state, (Listen(node=node.name, expectation=node.expectation, timeout=node.expectation.timeout),)
        case Kind.LOOK_UP:
            return state, (LookUp(node=node.name, request=node.request, facts=state.facts),)
        case Kind.TRANSFER:
            facts = state.facts if state.certain is None else state.certain
            summary = Say(
                node="",
                text=word(node.whisper, facts),
                voiced=voice(node.whisper, facts, scenario.language),
                interruptible=False,
            )
            reason = "failure" if state.failure else "request" if state.back else "scenario"
            return state, (Transfer(summary=summary, said=state.said, facts=facts, reason=reason),)
        case Kind.STOP_RECORDING:
            return replace(state, said=(), recorded=False), (StopRecording(),)
        case Kind.CALLBACK:
            wish = " … ".join(state.said[:-1]) if state.recorded else ""  # the last words only took the offer
            return state, (PromiseCallback(phone=_number(state), reason=wish),)
        case Kind.HANG_UP:
            return replace(state, finished=True, outcome=state.outcome or Outcome.ABANDONED), (HangUp(),)
    return state, ()


def _number(state: State) -> str:
    """Where the caller can be rung: the number they gave, or theirs; empty when it is withheld."""
    return state.facts.get("callback.number") or state.facts.get("caller.number", "")


def _hung_up(state: State, failure: str) -> State:
    failed = Outcome.FAILED if failure and state.outcome is None else state.outcome
    return replace(state, finished=True, outcome=failed or Outcome.ABANDONED, failure=state.failure or failure)
