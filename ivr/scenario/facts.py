"""Which facts a scenario knows where: texts and requests that use others are faults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ivr.business.protocol import REQUESTS
from ivr.dialog import wording
from ivr.dialog.expectation import CHOSEN, FILLED
from ivr.dialog.nodes import BACK, GIVEN_UP, MISSING, SILENCE, Kind, Node, Scenario
from ivr.dialog.question import LIST
from ivr.dialog.scalars import Spoken, Where, found
from ivr.dialog.state import QUESTION
from ivr.scenario.graph import starts

KNOWN_AT_START = frozenset({"caller.number"})
"""Facts every conversation has. The number may be empty when withheld: texts put it in brackets."""
OF_A_JOB = frozenset({QUESTION, "wish.about", "wish.intent"})
"""Facts of every job that an intent began."""
OFFERED = "?"
"""Before the name of a fact: known of each option that the last request brought."""

Facts = frozenset[str]


def fact_faults(scenario: Scenario, alive: set[str]) -> Iterator[tuple[Where, str]]:
    """Facts used where they may be unknown, or that nothing fills."""
    known = _known_facts(scenario)
    given = KNOWN_AT_START | OF_A_JOB | {LIST}
    for node in scenario.nodes.values():
        given |= {
            fact.removeprefix(OFFERED) for label in (*node.go, CHOSEN) for fact in _after(node, label, frozenset())
        }
        given |= {slot.fill for slot in node.expectation.slots} if node.expectation else set()
        given |= frozenset(REQUESTS[node.do].options) if node.do in REQUESTS else frozenset()
    for name in alive:
        node = scenario.nodes[name]
        for where, text, here in _said(node, known[name]):
            for fact in sorted(wording.all_facts(text) - given):
                yield ("nodes", name, *where), f"nothing in this scenario fills {{{fact}}}"
            for fact in sorted((wording.needed_facts(text) & given) - here):
                yield ("nodes", name, *where), f"{{{fact}}} may be unknown here: put the words around it in [brackets]"
        yield from _need_faults(node, known[name])


def _need_faults(node: Node, known: Facts) -> Iterator[tuple[Where, str]]:
    if node.kind == Kind.LOOK_UP and node.do in REQUESTS:
        for fact in sorted(set(REQUESTS[node.do].needs) - known):
            yield ("nodes", node.name, "do"), f"{node.do} needs {fact}, which may be unknown here"
    if node.kind == Kind.CHOOSE and not any(fact.startswith(OFFERED) for fact in known):
        yield ("nodes", node.name, "choose"), f"no request before {node.name!r} brings options to choose from"


def _said(node: Node, known: Facts) -> Iterator[tuple[Where, str, Facts]]:
    """Each text of a node, and the facts that are known when it is said."""
    offered = {fact.removeprefix(OFFERED) for fact in known if fact.startswith(OFFERED)}
    asked = [field.fill for field in node.fields if not field.optional]
    pending = {slot.fill for slot in node.expectation.slots} if node.expectation else set()
    for where, text in found(node, Spoken):
        here = known
        match where:
            case ("choose", "each"):
                here = known | offered
            case ("listen", "confirm"):
                here = known | pending
            case ("confirm",) | ("fix",):
                here = known | set(asked)
            case ("collect", int(index), *_):
                before = [field.fill for field in node.fields[:index] if not field.optional]
                here = known | set(before)
            case ("next_wish",):
                here = known | OF_A_JOB
            case _ if node.kind == Kind.CHOOSE:
                here = known | {LIST}
        yield where, text, here


def _known_facts(scenario: Scenario) -> Mapping[str, Facts]:
    """Facts that are known at a node whichever way the conversation came there."""
    known: dict[str, Facts] = {}
    jobs = {intent.go for intent in scenario.intents.values()}
    waiting = [(name, KNOWN_AT_START) for name in starts(scenario) - jobs]
    waiting += [(name, KNOWN_AT_START | OF_A_JOB) for name in jobs]
    waiting += [(scenario.start, KNOWN_AT_START), (scenario.fallback, KNOWN_AT_START)]
    while waiting:
        name, facts = waiting.pop()
        met = known[name] & facts if name in known else facts
        if known.get(name) == met:
            continue
        known[name] = met
        node = scenario.nodes[name]
        steps = [(label, target) for label, target in node.go.items() if target != BACK]
        if node.kind.asks and GIVEN_UP not in node.go:
            steps.append((GIVEN_UP, scenario.fallback))
        waiting += [(target, _after(node, label, met)) for label, target in steps]
    return known


def _after(node: Node, label: str, known: Facts) -> Facts:
    """Facts that are known when a node is left by a label."""
    if node.kind == Kind.LOOK_UP and node.do in REQUESTS:
        request = REQUESTS[node.do]
        offers = label in request.outcomes
        offered = (f"{OFFERED}{fact}" for fact in request.options if offers)
        kept = {fact for fact in known if not fact.startswith(OFFERED)}
        return frozenset(kept).union(request.outcomes.get(label) or request.besides.get(label, ()), offered)
    if node.kind == Kind.CHECK:
        return known if label == MISSING else known | {str(node.check)}
    expectation = node.expectation
    if expectation is None or label in {SILENCE, GIVEN_UP, "unclear"}:
        return known
    more = {QUESTION} if expectation.open else set()
    if label == CHOSEN:
        more |= {fact.removeprefix(OFFERED) for fact in known if fact.startswith(OFFERED)}
    if label == FILLED:
        sure = [field.fill for field in node.fields if not field.optional]
        if node.kind != Kind.COLLECT and len(expectation.slots) == 1:  # of several an answer may fill any one
            sure = [expectation.slots[0].fill]
        more |= set(sure)
    return known | more
