"""How a conversation goes on by itself: from node to node until somebody has to be waited for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ivr.business.protocol import INSTEAD, REFUSED, TOO_MANY
from ivr.dialog import forms, keypad, question
from ivr.dialog.actions import Action, HangUp, Listen, LookUp, PromiseCallback, Recall, StopRecording, Transfer
from ivr.dialog.expectation import FILLED, NONE
from ivr.dialog.nodes import (
    BACK,
    FAILED,
    GIVEN_UP,
    KNOWN,
    MISSING,
    NEXT,
    NO_NUMBER,
    UNANSWERED,
    Kind,
    Node,
    Scenario,
)
from ivr.dialog.state import QUESTION, Frame, PendingIntent, Stage, State
from recordings.contacts.call import Outcome

ARRIVALS = 8
"""Times one look-up or form is come to until something is settled."""
HOPS = 100
"""Nodes that may follow one another without waiting; no sound scenario comes near."""
LONGEST_WORDS = 500
"""Letters of one answer that are kept."""
Step = tuple[State, tuple[Action, ...]]


def enter(scenario: Scenario, state: State, target: str) -> Step:
    """Go to a node and on through those that wait for nobody, collecting what is to be done."""
    actions: list[Action] = []
    for _ in range(HOPS):
        if target == BACK:
            state, asked = _return(scenario, state)
            return state, (*actions, *asked)
        node = scenario.nodes[target]
        if node.resume and state.back:
            actions.append(question.say(scenario, node, state.facts, "resume", node.resume))
            target = BACK
            continue
        if node.next_wish and state.pending_intents:
            pending, *later = state.pending_intents
            state = replace(starting(scenario, state, pending), pending_intents=tuple(later))
            actions.append(question.say(scenario, node, state.facts, "next_wish", node.next_wish))
            target = scenario.intents[pending.intent].go
            continue
        if refused := _refused(scenario, state, node):
            target = refused
            continue
        state = _arrived(state, node)
        if node.kind.asks:
            state, asked = _open(scenario, state)
            return state, (*actions, *asked)
        state, wanted, target = _do(scenario, state, node)
        actions += wanted
        if not target:
            return state, tuple(actions)
    return replace(state, finished=True, outcome=Outcome.FAILED, failure="the scenario goes round"), (HangUp(),)


def _return(scenario: Scenario, state: State) -> Step:
    """Back to the question that was interrupted, or else to the last one asked."""
    if state.back:
        return ask(scenario, replace(state, at=state.back[-1], back=state.back[:-1]), counts=False)
    if state.last:
        return ask(scenario, replace(state, at=state.last))
    return enter(scenario, state, scenario.start)


def _refused(scenario: Scenario, state: State, node: Node) -> str:
    """Where to go instead of a node that was come to often enough, or has nothing to do; empty where it may be."""
    times = state.asked.get(node.name, 0)
    match node.kind:
        case Kind.TRANSFER if times > node.repeats:
            return node.go[UNANSWERED]
        case Kind.LOOK_UP if times >= ARRIVALS:
            return node.go.get(FAILED, scenario.fallback)
        case Kind.COLLECT if times >= ARRIVALS:
            return node.go.get(GIVEN_UP, scenario.fallback)
        case Kind.CHOOSE if not state.at.options:
            return node.go.get(NONE, scenario.fallback)
        case Kind.CALLBACK if not _number(state):
            return node.go[NO_NUMBER]
    return ""


def _arrived(state: State, node: Node) -> State:
    """At a node, with what it has come to; a call-back is not promised yet."""
    asked = state.asked if node.kind in {Kind.LISTEN, Kind.CHOOSE} else _more(state.asked, node.name)
    at = replace(state.at, node=node.name, slot="", stage=Stage.ASK, pending={})
    arrived = replace(state, at=at, asked=asked)
    return arrived if node.kind == Kind.CALLBACK else _settled(arrived, node)


def _settled(state: State, node: Node) -> State:
    """An outcome settles something: what was asked before may be asked anew."""
    return replace(state, asked={}, digressions=0, outcome=node.outcome) if node.outcome else state


def _open(scenario: Scenario, state: State) -> Step:
    """Begin to ask: first look for the answer in the words that began the job."""
    node = scenario.nodes[state.node]
    actions: tuple[Action, ...] = ()
    if node.kind == Kind.COLLECT:
        state = forms.opened(node, state, scenario.language)
        state, actions = _speak(scenario, state, node)
    earlier = question.earlier(scenario, state)
    if state.words and earlier and node.name not in state.recalled:
        recall = Recall(node=node.name, expectation=earlier, text=state.words)
        return replace(state, recalled=state.recalled | {node.name}), (*actions, recall)
    state, asked = next_question(scenario, state) if node.kind == Kind.COLLECT else ask(scenario, state)
    return state, (*actions, *asked)


def _speak(scenario: Scenario, state: State, node: Node) -> Step:
    """What a node says on arrival."""
    if not node.say:
        return state, ()
    part, text = question.variant("say", node.say, state.visits.get(node.name, 0))
    said = question.say(scenario, node, state.facts, part, text)
    return replace(state, visits=_more(state.visits, node.name)), (said,)


def _do(scenario: Scenario, state: State, node: Node) -> tuple[State, tuple[Action, ...], str]:
    """What a node says and does, and the node that follows; empty where something is waited for, or all is over."""
    if node.kind == Kind.CALLBACK:  # nothing is promised before it is known that it may be kept
        return state, (LookUp(node=node.name, request="callbacks.allow", facts=state.facts),), ""
    state, said = _speak(scenario, state, node)
    match node.kind:
        case Kind.LOOK_UP:
            return state, (*said, LookUp(node=node.name, request=node.do, facts=state.facts)), ""
        case Kind.CHECK:
            value = state.facts.get(node.check or "", "").lower()
            label = value if value in node.go else KNOWN if value else MISSING
            return state, said, node.go.get(label, scenario.fallback)
        case Kind.TRANSFER:
            text = question.say(scenario, node, state.facts, "", node.transfer)
            summary = replace(text, node="", interruptible=False)
            reason = "failure" if state.failure else state.reason or "scenario"
            words = state.said if state.recorded else ()  # who refused is heard by the person, not quoted to them
            return state, (*said, Transfer(summary=summary, said=words, facts=state.facts, reason=reason)), ""
        case Kind.STOP_RECORDING:
            return replace(state, said=(), recorded=False), (*said, StopRecording()), node.go[NEXT]
        case Kind.HANG_UP:
            return replace(state, finished=True, outcome=state.outcome or Outcome.ABANDONED), (*said, HangUp()), ""
        case _:
            return state, said, node.go[NEXT]


def promised(scenario: Scenario, state: State, outcome: str) -> Step:
    """Promise the call-back; to a number that is not rung, or when it was promised often enough, lead elsewhere."""
    node = scenario.nodes[state.node]
    if outcome in {REFUSED, TOO_MANY}:
        names = (outcome, *INSTEAD.get(outcome, ()), NO_NUMBER)
        return enter(scenario, state, next(node.go[name] for name in names if name in node.go))
    state, said = _speak(scenario, _settled(state, node), node)
    reason = " … ".join(state.said[:-1]) if state.recorded else ""  # the last words only took the offer
    state, more = enter(scenario, state, node.go[NEXT])
    return state, (*said, PromiseCallback(phone=_number(state), reason=reason), *more)


def _more(counts: Mapping[str, int], name: str) -> Mapping[str, int]:
    return {**counts, name: counts.get(name, 0) + 1}


def ask(scenario: Scenario, state: State, *, missed: str = "", counts: bool = True) -> Step:
    """Put the question the conversation is at, unless it was put often enough.

    Args:
        scenario: What is held.
        state: Where the conversation stands.
        missed: How the answer to it was missed just now: ``silence`` or ``unclear``; empty where none was.
        counts: Whether this brings the question closer to being given up.
    """
    node, at = scenario.nodes[state.node], state.at
    times = state.asked.get(at.question, 0)
    if counts and times >= question.most(node, at):
        target = node.go.get(GIVEN_UP)
        given_up = replace(state, reason=state.reason or ("" if target else GIVEN_UP))
        return enter(scenario, given_up, target or scenario.fallback)
    expectation = question.expected(scenario, state)
    keyed = state.keys_only and question.has_keyed_wording(node, at)
    put = node.repeats + 1 if keyed else times if counts else max(times - 1, 0)
    said = question.put(scenario, state, times=put, missed=missed)
    if state.keys_only and expectation is not None:
        if not keypad.answerable(expectation) and state.reason != keypad.REASON:
            return enter(scenario, replace(state, reason=keypad.REASON), scenario.fallback)
        said = keypad.put(scenario, node.name, expectation, said, first=state.last is None, keyed=keyed)
    asked = _more(state.asked, at.question) if counts else state.asked
    state = replace(state, visits=_more(state.visits, at.question), asked=asked)
    if expectation is None:
        return state, said
    state = replace(state, last=state.at)
    return state, (*said, Listen(node=node.name, expectation=expectation, timeout=expectation.timeout))


def next_question(scenario: Scenario, state: State) -> Step:
    """The form's next question, its read-back, or the way on."""
    node = scenario.nodes[state.node]
    if field := forms.missing(node, state):
        return ask(scenario, forms.asking(state, field, Stage.ASK))
    if node.read_back:
        return ask(scenario, forms.asking(state, None, Stage.CONFIRM))
    return enter(scenario, forms.asking(state, None, Stage.ASK), node.go.get(FILLED, scenario.fallback))


def starting(scenario: Scenario, state: State, begun: PendingIntent) -> State:
    """A new job: nothing is filled yet but what the words that began it hold."""
    words = begun.words[:LONGEST_WORDS]
    about = scenario.intents[begun.intent].about
    facts = {**state.facts, QUESTION: words, "wish.about": about, "wish.intent": begun.intent}
    frame = Frame(node=state.node, intent=begun.intent)
    return replace(state, facts=facts, words=words, recalled=frozenset(), at=frame)


def _number(state: State) -> str:
    """Where the caller can be rung: the number they gave, or theirs; empty when it is withheld."""
    return state.facts.get("callback.number") or state.facts.get("caller.number", "")
