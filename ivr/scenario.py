"""Reads scenarios and finds what is wrong with them before a caller does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import ValidationError

from ivr import wording
from ivr.business import REQUESTS
from ivr.errors import ScenarioError
from ivr.expectation import UNCLEAR
from ivr.nodes import BACK, DONE, FAILED, GIVEN_UP, NEXT, NO_NUMBER, SILENCE, UNANSWERED, Kind, Node, Scenario
from ivr.scenario_file import parse

KNOWN_AT_START = frozenset({"caller.number"})
"""Facts every call has. The number may be empty when withheld: texts put it in brackets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One fault of a scenario file."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


def load(path: Path) -> Scenario:
    """A scenario that passed every check.

    Raises:
        ScenarioError: the file cannot be read or has faults; all of them are listed.
    """
    if problems := check(path):
        raise ScenarioError("\n".join(str(problem) for problem in problems))
    return parse(path.read_bytes())


def check(path: Path) -> list[Problem]:
    """Everything that would make a caller stuck, looped or left without a word; empty for a sound scenario."""

    def at(line: int, text: str) -> Problem:
        return Problem(file=str(path), line=line, text=text)

    try:
        source = path.read_bytes()
    except OSError as error:
        return [at(1, f"cannot be read: {error.strerror}")]
    try:
        lines = _lines(yaml.compose(source, Loader=yaml.SafeLoader))
        scenario = parse(source)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        return [at(mark.line + 1 if mark else 1, f"not YAML: {error.problem}")]
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        return [at(1, f"not YAML: {error}")]
    except ValidationError as error:
        return [
            at(_line(lines, fault["loc"]), f"{'.'.join(str(step) for step in fault['loc'])}: {fault['msg']}")
            for fault in error.errors()
        ]
    return sorted(
        (at(_line(lines, where), text) for where, text in _faults(scenario)), key=lambda problem: problem.line
    )


Where = tuple[str | int, ...]
"""Path of keys within the YAML."""


def _faults(scenario: Scenario) -> Iterator[tuple[Where, str]]:
    targets = list(_targets(scenario))
    for where, target in targets:
        if target not in scenario.nodes:
            yield where, f"there is no node {target!r}"
    for name, node in scenario.nodes.items():
        yield from ((("nodes", name, *where), text) for where, text in _node_faults(node))
    if any(target not in scenario.nodes for _, target in targets):
        return  # the walks below need a whole graph
    reached = _reached(scenario, {scenario.start, scenario.fallback, *scenario.anywhere.values()})
    for name in scenario.nodes.keys() - reached:
        yield ("nodes", name), f"no answer leads to {name!r}"
    for name in reached:
        if not any(scenario.nodes[end].kind == Kind.HANG_UP for end in _reached(scenario, {name})):
            yield ("nodes", name), f"dead end: from {name!r} the call can never end"
        if name in _reached(scenario, _silent_steps(scenario, name), silent=True):
            yield ("nodes", name), f"a loop: {name!r} can come back to itself without the caller being heard"
    yield from _fact_faults(scenario, reached)


def _targets(scenario: Scenario) -> Iterator[tuple[Where, str]]:
    yield ("start",), scenario.start
    yield ("fallback",), scenario.fallback
    for label, target in scenario.anywhere.items():
        yield ("anywhere", label), target
    for name, node in scenario.nodes.items():
        for label, target in node.go.items():
            if target != BACK:
                yield ("nodes", name, "go", label), target


def _node_faults(node: Node) -> Iterator[tuple[Where, str]]:
    required, possible = _ways_out(node)
    for label in sorted(required - node.go.keys()):
        yield (), f"{node.name!r} does not say where {label!r} goes"
    for label in sorted(node.go.keys() - possible):
        yield ("go", label), f"{label!r} can never happen at {node.name!r}"
    if node.kind == Kind.LISTEN and not node.say:
        yield (), f"{node.name!r} listens but asks nothing: give it a 'say'"
    if node.expectation and not node.expectation.labels:
        yield ("listen",), f"{node.name!r} waits for nothing: give choices, a number or yes_no"
    if node.kind == Kind.LOOK_UP and node.request not in REQUESTS:
        yield ("do",), f"unknown request {node.request!r}; there are {', '.join(sorted(REQUESTS))}"
    for part, text in (("say", node.say), ("again", node.again), ("transfer", node.whisper)):
        for unknown in sorted(wording.formats(text) - wording.FORMATS):
            yield (part,), f"unknown format {unknown!r}"
        if any(sign in wording.without_marks(text) for sign in "{}[]"):
            yield (part,), "a brace or bracket is not closed, or a fact is not written as {noun.name}"


def _ways_out(node: Node) -> tuple[frozenset[str], frozenset[str]]:
    """Labels a node must lead on from, and those it may."""
    match node.kind:
        case Kind.LISTEN if node.expectation:
            labels = node.expectation.labels
            return labels, labels | {SILENCE, UNCLEAR, GIVEN_UP}
        case Kind.LOOK_UP if node.request in REQUESTS:
            labels = frozenset(REQUESTS[node.request].outcomes) | {FAILED}
        case Kind.TRANSFER:
            labels = frozenset({DONE, UNANSWERED})
        case Kind.CALLBACK:
            labels = frozenset({NEXT, NO_NUMBER})
        case Kind.SPEAK | Kind.STOP_RECORDING:
            labels = frozenset({NEXT})
        case Kind.HANG_UP:
            labels = frozenset()
        case _:
            labels = frozenset(node.go)
    return labels, labels


def _reached(scenario: Scenario, starts: set[str], *, silent: bool = False) -> set[str]:
    """Nodes that can be come to; with ``silent`` only through nodes that never wait for caller, business or person."""
    seen: set[str] = set()
    waiting = list(starts)
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        waiting += _silent_steps(scenario, name) if silent else _steps(scenario, name)
    return seen


def _steps(scenario: Scenario, name: str) -> set[str]:
    """Nodes one step on. Every question may also lead to the fallback, to requests understood anywhere, and back."""
    node = scenario.nodes[name]
    steps = {target for target in node.go.values() if target != BACK}
    if node.kind == Kind.LISTEN:
        steps |= {*scenario.anywhere.values()} | ({scenario.fallback} if GIVEN_UP not in node.go else set())
    if BACK in node.go.values():
        steps.add(scenario.start)
    return steps


def _silent_steps(scenario: Scenario, name: str) -> set[str]:
    """Nodes the robot may go on to by itself: also from a question or a transfer tried often enough."""
    node = scenario.nodes[name]
    match node.kind:
        case Kind.LISTEN:
            return {node.go.get(GIVEN_UP, scenario.fallback)}
        case Kind.TRANSFER:
            return {node.go[UNANSWERED]} if UNANSWERED in node.go else set()
        case Kind.LOOK_UP:
            return set()
        case _:
            return {target for target in node.go.values() if target != BACK}


def _fact_faults(scenario: Scenario, reached: set[str]) -> Iterator[tuple[Where, str]]:
    known = _known_facts(scenario)
    given = KNOWN_AT_START.union(*(_given(node, label) for node in scenario.nodes.values() for label in node.go))
    for name in reached:
        node = scenario.nodes[name]
        for part, text in (("say", node.say), ("again", node.again), ("transfer", node.whisper)):
            for fact in sorted(wording.all_facts(text) - given):
                yield ("nodes", name, part), f"nothing in this scenario fills {{{fact}}}"
            for fact in sorted((wording.needed_facts(text) & given) - known[name]):
                yield ("nodes", name, part), f"{{{fact}}} may be unknown here: put the words around it in [brackets]"
        if node.kind == Kind.LOOK_UP and node.request in REQUESTS:
            for fact in sorted(set(REQUESTS[node.request].needs) - known[name]):
                yield ("nodes", name, "do"), f"{node.request} needs {fact}, which may be unknown here"


def _known_facts(scenario: Scenario) -> Mapping[str, frozenset[str]]:
    """Facts that are known at a node whichever way the call came there."""
    known: dict[str, frozenset[str]] = {}
    waiting = [(name, KNOWN_AT_START) for name in (scenario.start, scenario.fallback, *scenario.anywhere.values())]
    while waiting:
        name, facts = waiting.pop()
        met = known[name] & facts if name in known else facts
        if known.get(name) == met:
            continue
        known[name] = met
        node = scenario.nodes[name]
        waiting += [(target, met | _given(node, label)) for label, target in node.go.items() if target != BACK]
    return known


def _given(node: Node, label: str) -> frozenset[str]:
    """Facts that leaving a node by a label brings."""
    if node.kind == Kind.LOOK_UP and node.request in REQUESTS:
        return frozenset(REQUESTS[node.request].outcomes.get(label, ()))
    slot = node.expectation.number if node.expectation else None
    return frozenset({slot.slot}) if slot and label in {"number", "unsure"} else frozenset()


def _lines(node: yaml.Node | None, where: Where = ()) -> dict[Where, int]:
    """Line of every key and item of a YAML document."""
    lines: dict[Where, int] = {where: node.start_mark.line + 1} if node else {}
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            lines |= _lines(value, (*where, str(key.value)))
            lines[(*where, str(key.value))] = key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            lines |= _lines(item, (*where, index))
    return lines


def _line(lines: Mapping[Where, int], where: Where) -> int:
    """Line of the nearest thing that is really written."""
    while where and where not in lines:
        where = where[:-1]
    return lines.get(where, 1)
