"""Where a scenario's nodes lead: what can be reached, where no way ends the call, what goes round by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ivr.dialog.expectation import NONE
from ivr.dialog.nodes import BACK, GIVEN_UP, UNANSWERED, Kind, Scenario
from ivr.dialog.scalars import Target, found


def starts(scenario: Scenario) -> set[str]:
    """Nodes a conversation may come to from anywhere."""
    jobs = {intent.go for intent in scenario.intents.values()}
    return {scenario.start, scenario.fallback, *scenario.anywhere.values(), *jobs}


def reached(scenario: Scenario, begin: set[str]) -> set[str]:
    """Nodes that can be come to."""
    return _reach(begin, lambda name: _steps(scenario, name))


def dead_ends(scenario: Scenario, names: set[str]) -> Iterator[str]:
    """Nodes from which the call can never end."""
    leads_here: dict[str, set[str]] = {name: set() for name in scenario.nodes}
    for name in scenario.nodes:
        for target in _steps(scenario, name):
            leads_here[target].add(name)
    ends = {name for name, node in scenario.nodes.items() if node.kind == Kind.HANG_UP}
    yield from names - _reach(ends, leads_here.__getitem__)


def loops(scenario: Scenario, names: set[str]) -> Iterator[str]:
    """Nodes that can come back to themselves through nodes that do not wait for the caller or a person."""
    for name in names:
        if name in _reach(_silent_steps(scenario, name), lambda at: _silent_steps(scenario, at)):
            yield name


def _reach(begin: set[str], steps: Callable[[str], set[str]]) -> set[str]:
    seen: set[str] = set()
    waiting = list(begin)
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += steps(name)
    return seen


def _steps(scenario: Scenario, name: str) -> set[str]:
    """Nodes one step on. Every question may also lead to the fallback, to what is understood anywhere, and back."""
    node = scenario.nodes[name]
    targets = {str(target) for _, target in found(node, Target)}
    steps = targets - {BACK}
    if node.kind.asks:
        steps |= {*scenario.anywhere.values()} | ({scenario.fallback} if GIVEN_UP not in node.go else set())
    if BACK in targets or node.resume:
        steps.add(scenario.start)
    return steps


def _silent_steps(scenario: Scenario, name: str) -> set[str]:
    """Nodes the robot may go on to by itself: also from a question or a transfer tried often enough."""
    node = scenario.nodes[name]
    match node.kind:
        case Kind.LISTEN | Kind.COLLECT:
            return {node.go.get(GIVEN_UP, scenario.fallback)} - {BACK}
        case Kind.CHOOSE:
            return {node.go.get(GIVEN_UP, scenario.fallback), node.go.get(NONE, scenario.fallback)} - {BACK}
        case Kind.TRANSFER:
            return {node.go[UNANSWERED]} - {BACK} if UNANSWERED in node.go else set()
        case _:
            return {target for target in node.go.values() if target != BACK}
