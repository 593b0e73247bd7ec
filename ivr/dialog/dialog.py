"""The whole dialogue as one pure function: what happened → where the conversation stands now and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ivr.business.protocol import INSTEAD
from ivr.dialog import forms, question
from ivr.dialog.actions import Listen
from ivr.dialog.events import (
    AgentLeft,
    Answered,
    CallEvent,
    Failed,
    Heard,
    HungUp,
    Joined,
    Pressed,
    Recalled,
    Replied,
    Silent,
    TimeUp,
    Unanswered,
)
from ivr.dialog.expectation import (
    ANGRY,
    CANCELLED,
    CHOSEN,
    FILLED,
    NO,
    NO_RECORDING,
    PERSON,
    REPEAT,
    UNCLEAR,
    UNSURE,
    YES,
    Meaning,
    interpret_keys,
    keys_complete,
)
from ivr.dialog.nodes import (
    DONE,
    FAILED,
    GIVEN_UP,
    SILENCE,
    UNANSWERED,
    Kind,
    Scenario,
)
from ivr.dialog.state import QUESTION, PendingIntent, Stage, State
from ivr.dialog.transitions import LONGEST_WORDS, Step, ask, enter, next_question, promised, starting
from recordings.contacts.call import Outcome

KEY_PATIENCE = 2.5
"""Seconds to the next key of a row; then the row is taken as finished."""
REQUEST_PATIENCE = 1.2
"""The same after a first key that means something by itself, as 0 for a person."""
ROW_END = "#"
MOST_KEYS = 32
"""Keys of one row: a slot takes at most 30 digits."""
MOST_DIGRESSIONS = 4
"""Digressions, repeats and corrections until something is settled; a further one counts as not understood."""
DEEPEST = 3
"""Questions that may wait while another is settled, and intents that may."""
TURNS = 200
"""Answers after which a conversation goes to a person, whatever it is about."""
REMEMBERED = 50
"""Answers that are kept."""


def step(scenario: Scenario, state: State, event: CallEvent) -> Step:
    """Take one event. Pure; events that come too late for their node change nothing."""
    node = scenario.nodes[state.node]
    match event:
        case HungUp(failure=failure, code=code):
            return _hung_up(state, failure, code), ()
        case _ if state.finished:
            return state, ()
        case Answered(facts=facts):
            return enter(scenario, replace(state, facts={**state.facts, **facts}), scenario.start)
        case Heard(turn=turn, meaning=meaning) if turn.node == node.name and node.kind.asks:
            return _answer(scenario, _said(replace(state, keys=""), turn.text), meaning, turn.text)
        case Pressed(key=key) if node.kind.asks:
            return _pressed(scenario, state, key)
        case Silent(node=asked) if asked == node.name and node.kind.asks:
            return _keys_finished(scenario, state) if state.keys else _miss(scenario, _counted(state), SILENCE)
        case Recalled(node=asked, label=label, facts=facts) if asked == node.name and node.kind.asks:
            return _recalled(scenario, state, label, facts)
        case Replied(node=asked) if asked == node.name and node.kind == Kind.CALLBACK:
            return promised(scenario, state, event.outcome)
        case Replied(node=asked) if asked == node.name:
            return _replied(scenario, state, event)
        case Joined() if node.kind == Kind.TRANSFER:
            return replace(state, outcome=Outcome.HANDED_OVER), ()
        case Unanswered() if node.kind == Kind.TRANSFER:
            return enter(scenario, state, node.go[UNANSWERED])
        case AgentLeft() if node.kind == Kind.TRANSFER:
            return enter(scenario, state, node.go[DONE])
        case Failed(reason=reason, code=code) if node.kind != Kind.TRANSFER:
            return enter(scenario, _broke(state, reason, code), scenario.fallback)
        case TimeUp() if node.kind != Kind.TRANSFER:  # two people may talk as long as they like
            return enter(scenario, state, scenario.fallback)
    return state, ()


def _replied(scenario: Scenario, state: State, reply: Replied) -> Step:
    """Go on with an answer of the business system, by the first of its outcomes' names that the node knows."""
    known, go = forms.learned(state.facts, reply.facts, state.at.filled), scenario.nodes[state.node].go
    proven = state.proven | reply.proven
    state = replace(state, facts=known, proven=proven, at=replace(state.at, options=reply.options))
    outcomes = (reply.outcome, *INSTEAD.get(reply.outcome, ()))
    target = next((go[outcome] for outcome in outcomes if outcome in go), go.get(FAILED, scenario.fallback))
    return enter(scenario, state, target)


def _answer(scenario: Scenario, state: State, meaning: Meaning, text: str) -> Step:
    """Follow what the caller meant."""
    node, label = scenario.nodes[state.node], meaning.label
    if state.turns > TURNS:
        return enter(scenario, replace(state, reason=GIVEN_UP), scenario.fallback)
    if label in scenario.anywhere and label not in node.go:
        return _request(scenario, state, label)
    if label == REPEAT:
        return _repeated(scenario, state) or _miss(scenario, state, UNCLEAR)
    if node.kind == Kind.COLLECT and (done := _form_answer(scenario, state, meaning)):
        return done
    if node.kind != Kind.COLLECT and (done := _question_answer(scenario, state, meaning, text)):
        return done
    if label in scenario.intents:
        return _begin(scenario, state, meaning, text)
    return _miss(scenario, state, UNCLEAR)


def _question_answer(scenario: Scenario, state: State, meaning: Meaning, text: str) -> Step | None:
    """An answer to a question or a choice; None where it is none."""
    node, at, label = scenario.nodes[state.node], state.at, meaning.label
    facts: Mapping[str, str] = meaning.facts
    if at.stage == Stage.CONFIRM:
        if label == NO:
            denied = replace(state, at=replace(at, stage=Stage.ASK, pending={}))
            return ask(scenario, denied, missed=UNCLEAR)
        if label == YES:
            label, facts = FILLED, at.pending
        elif label not in {FILLED, UNSURE}:
            return None
    if label == UNSURE and node.read_back:
        return ask(scenario, replace(state, at=replace(at, stage=Stage.CONFIRM, pending=facts)))
    label = FILLED if label == UNSURE else label
    if label not in node.go:
        return None
    known = forms.taken(replace(state, at=replace(at, stage=Stage.ASK, pending={})), facts)
    if node.expectation and node.expectation.open:
        known = _pending(replace(known, facts={**known.facts, QUESTION: text[:LONGEST_WORDS]}), meaning, text)
    return enter(scenario, known, node.go[label])


def _form_answer(scenario: Scenario, state: State, meaning: Meaning) -> Step | None:
    """An answer to one of a form's questions; None where it is none."""
    node, at = scenario.nodes[state.node], state.at
    match meaning.label:
        case label if label in {FILLED, UNSURE} and forms.changes(state, meaning.facts):
            if forms.corrects(state, meaning.facts):
                if state.digressions >= MOST_DIGRESSIONS:
                    return None
                asked = {**state.asked, f"{node.name}:{Stage.CONFIRM}": 0}
                state = replace(state, digressions=state.digressions + 1, asked=asked)
            return next_question(scenario, forms.taken(state, meaning.facts))
        case label if label in {YES, FILLED, UNSURE} and at.stage != Stage.ASK:
            return enter(scenario, state, node.go.get(FILLED, scenario.fallback))
        case label if label == NO and at.stage == Stage.CONFIRM:
            return ask(scenario, forms.asking(state, None, Stage.FIX))
        case label if label == CANCELLED:
            return enter(scenario, state, node.go.get(CANCELLED) or node.go.get(GIVEN_UP, scenario.fallback))
    return None


def _recalled(scenario: Scenario, state: State, label: str, facts: Mapping[str, str]) -> Step:
    """Go on with what words said earlier have answered."""
    node = scenario.nodes[state.node]
    known = forms.taken(state, facts)
    if node.kind == Kind.COLLECT:
        return next_question(scenario, known)
    if label in node.go and label in {FILLED, CHOSEN}:
        return enter(scenario, known, node.go[label])
    return ask(scenario, state)


def _request(scenario: Scenario, state: State, label: str) -> Step:
    """What is understood at every question. A refusal to be recorded leads back to it, the others away from it."""
    target = scenario.anywhere[label]
    if label == NO_RECORDING:
        if state.digressions >= MOST_DIGRESSIONS and not state.recorded:
            return _miss(scenario, state, UNCLEAR)
        return enter(scenario, _interrupted(state), target)
    reason = {PERSON: "request", ANGRY: "anger"}.get(label, "request")
    return enter(scenario, replace(state, reason=reason, back=(), pending_intents=()), target)


def _repeated(scenario: Scenario, state: State) -> Step | None:
    """Say the question once more, without counting it; None when that was done often enough."""
    if state.digressions >= MOST_DIGRESSIONS:
        return None
    return ask(scenario, replace(state, digressions=state.digressions + 1), counts=False)


def _begin(scenario: Scenario, state: State, meaning: Meaning, text: str) -> Step:
    """Begin the job an intent names: at an open question as the next thing, elsewhere as a digression."""
    node = scenario.nodes[state.node]
    if node.expectation and not (node.expectation.open and state.at.stage == Stage.ASK):
        if state.digressions >= MOST_DIGRESSIONS:
            return _miss(scenario, state, UNCLEAR)
        state = _interrupted(state)
    begun = PendingIntent(intent=meaning.label, words=text)
    state = starting(scenario, _pending(state, meaning, text), begun)
    return enter(scenario, state, scenario.intents[meaning.label].go)


def _interrupted(state: State) -> State:
    """Keep the question in mind while something else is settled."""
    return replace(state, back=(*state.back, state.at)[-DEEPEST:], digressions=state.digressions + 1)


def _pending(state: State, meaning: Meaning, text: str) -> State:
    """Keep in mind what else the caller wants."""
    known = {pending.intent for pending in state.pending_intents} | {meaning.label, meaning.intent}
    more = [PendingIntent(intent=intent, words=text[:LONGEST_WORDS]) for intent in meaning.also if intent not in known]
    pending = (*state.pending_intents, *more)[:DEEPEST]
    return replace(state, pending_intents=pending, at=replace(state.at, intent=meaning.intent))


def _said(state: State, text: str) -> State:
    said = (*state.said, text[:LONGEST_WORDS])[-REMEMBERED:] if text else state.said
    return replace(_counted(state), said=said, words="")


def _counted(state: State) -> State:
    return replace(state, turns=state.turns + 1)


def _miss(scenario: Scenario, state: State, label: str) -> Step:
    """Nothing understood or nothing said: ask again, otherwise; after too many of these go to the fallback."""
    node = scenario.nodes[state.node]
    missed = replace(state, keys="", failures=state.failures + 1)
    target = node.go.get(label)
    if target and target != node.name:
        return enter(scenario, missed, target)
    if missed.failures >= scenario.failures and not state.reason:
        return enter(scenario, replace(missed, reason=GIVEN_UP, back=(), pending_intents=()), scenario.fallback)
    return ask(scenario, missed, missed=label)


def _pressed(scenario: Scenario, state: State, key: str) -> Step:
    if key == ROW_END and not state.keys:
        return state, ()  # it ends a row that was complete without it
    if key != ROW_END and len(state.keys) >= MOST_KEYS:
        return state, ()  # no value is that long: the row is taken as it stands once it ends
    expectation = question.expected(scenario, state)
    row = replace(state, keys=state.keys if key == ROW_END else state.keys + key)
    if expectation is None or key == ROW_END or keys_complete(expectation, row.keys):
        return _keys_finished(scenario, row)
    alone = row.keys in scenario.keys or row.keys in expectation.keys
    timeout = REQUEST_PATIENCE if alone else KEY_PATIENCE
    return row, (Listen(node=state.node, expectation=expectation, timeout=timeout),)


def _keys_finished(scenario: Scenario, state: State) -> Step:
    expectation = question.expected(scenario, state)
    meaning = interpret_keys(expectation, state.keys, scenario.keys) if expectation else Meaning(label=UNCLEAR)
    text = _row(state.keys)
    return _answer(scenario, _said(replace(state, keys=""), text), meaning, text)


def keyed(before: State, event: CallEvent, after: State) -> str:
    """Row of keys that an event has finished, as it counts among what the caller said: ``[4127]``; empty for none."""
    if after.turns == before.turns or isinstance(event, Heard):
        return ""
    key = event.key if isinstance(event, Pressed) and event.key != ROW_END else ""
    return _row(before.keys + key)


def _row(keys: str) -> str:
    return f"[{keys}]" if keys else ""


def _hung_up(state: State, failure: str, code: str) -> State:
    failed = Outcome.FAILED if failure and state.outcome is None else state.outcome
    return replace(_broke(state, failure, code), finished=True, outcome=failed or Outcome.ABANDONED)


def _broke(state: State, failure: str, code: str) -> State:
    """The first thing that broke is kept; the rest came of it."""
    return state if state.failure or not failure else replace(state, failure=failure, failure_code=code)
