"""What a scenario asks for and cannot be told: nothing breaks by it, the caller only never gets there."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.business.protocol import REQUESTS, Level
from ivr.dialog import wording
from ivr.dialog.nodes import Kind, Node, Scenario
from ivr.dialog.scalars import Spoken, Where, found
from ivr.scenario.graph import reached, starts

NAMED = {"bookings.find": "booking.number", "bookings.move": "booking.number", "bookings.cancel": "booking.number"}
"""Fact that shows that what a request is about is the caller's own; a code shows it of every request."""
CODE = "codes.check"


def shortfalls(scenario: Scenario) -> Iterator[tuple[Where, str]]:
    """Requests that take proof where none was asked for, and facts that may be kept back where a text needs them.

    A scenario with these is held: it was sound before there were levels, and a line must not go silent over them.
    """
    if any(target not in scenario.nodes for _, target in _targets(scenario)):
        return
    alive = reached(scenario, starts(scenario))
    for name in sorted(alive):
        node = scenario.nodes[name]
        if node.kind != Kind.LOOK_UP or node.do not in REQUESTS:
            continue
        yield from ((("nodes", name, *where), text) for where, text in _unreachable(scenario, node, alive))
        yield from _kept_back(scenario, node)


def _targets(scenario: Scenario) -> Iterator[tuple[str, str]]:
    for name, node in scenario.nodes.items():
        yield from ((name, target) for target in node.go.values() if target != "back")


def _unreachable(scenario: Scenario, node: Node, alive: set[str]) -> Iterator[tuple[Where, str]]:
    request = REQUESTS[node.do]
    if request.level < Level.PROOF:
        return
    proving = [name for name in alive if _proves(scenario.nodes[name], node.do)]
    if not any(node.name in reached(scenario, {name}) for name in proving):
        how = f"ask for {NAMED[node.do]} before it, or for a code" if node.do in NAMED else "ask for a code before it"
        yield ("do",), f"{node.do} takes proof that it is the caller's own, and none is asked for: {how} ({CODE})"


def _proves(node: Node, request: str) -> bool:
    slots = {slot.fill for slot in node.expectation.slots} if node.expectation else set()
    return node.do == CODE or NAMED.get(request) in slots


def _kept_back(scenario: Scenario, node: Node) -> Iterator[tuple[Where, str]]:
    """Texts that follow at once and cannot do without a fact that is told to few."""
    request = REQUESTS[node.do]
    for label, target in node.go.items():
        brought = {*request.outcomes.get(label, ())}
        for where, text in found(scenario.nodes[target], Spoken) if target in scenario.nodes else ():
            for fact in sorted(wording.needed_facts(text) & brought & request.tells.keys()):
                more = f"{{{fact}}} is told only to who has shown more than a number"
                yield ("nodes", target, *where), f"{more}: put the words around it in [brackets]"
