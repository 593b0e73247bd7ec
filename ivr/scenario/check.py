"""What is wrong with a scenario, before a caller finds out: each fault with the place in the YAML where it stands."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.business.protocol import REFUSED, REQUESTS, STORED, TOO_MANY
from ivr.dialog import wording
from ivr.dialog.expectation import BY_KEYS, CANCELLED, CHOSEN, FILLED, NONE, Expectation
from ivr.dialog.nodes import (
    BACK,
    DONE,
    FAILED,
    GIVEN_UP,
    KNOWN,
    MISSING,
    NEXT,
    NO_NUMBER,
    SILENCE,
    UNANSWERED,
    FormField,
    Kind,
    Node,
    Prompt,
    Scenario,
)
from ivr.dialog.question import LIST
from ivr.dialog.scalars import Spoken, Target, Where, found
from ivr.scenario.facts import fact_faults
from ivr.scenario.graph import dead_ends, loops, reached, starts
from speech.slots.slots import PACKAGES
from speech.text.language import languages
from speech.text.tokens import tokens

FEWEST_EXAMPLES = 8
"""Examples an intent needs to be learned."""
BUILT_IN = frozenset({FILLED, CHOSEN, NONE, CANCELLED, "unclear", "unsure", "yes", "no", "repeat", "person", "silence"})
"""Labels no intent may be called by."""


def faults(scenario: Scenario) -> Iterator[tuple[Where, str]]:
    """Everything that would leave a caller stuck, looped or without a word."""
    if scenario.language not in languages():
        yield ("language",), f"language {scenario.language!r} is not known; known are: {', '.join(languages())}"
        return
    targets = list(_targets(scenario))
    for where, target in targets:
        if target not in scenario.nodes:
            yield where, f"there is no node {target!r}"
    yield from _intent_faults(scenario)
    for name, node in scenario.nodes.items():
        yield from ((("nodes", name, *where), text) for where, text in _node_faults(scenario, node))
    if any(target not in scenario.nodes for _, target in targets):
        return  # the searches below need a whole graph
    alive = reached(scenario, starts(scenario))
    for name in scenario.nodes.keys() - alive:
        yield ("nodes", name), f"no answer leads to {name!r}"
    for name in dead_ends(scenario, alive):
        yield ("nodes", name), f"dead end: from {name!r} the call can never end"
    for name in loops(scenario, alive):
        yield ("nodes", name), f"a loop: {name!r} can come back to itself without the caller being heard"
    yield from fact_faults(scenario, alive)


def _targets(scenario: Scenario) -> Iterator[tuple[Where, str]]:
    yield ("start",), scenario.start
    yield ("fallback",), scenario.fallback
    for label, target in scenario.anywhere.items():
        yield ("anywhere", label), target
    yield from found(scenario.intents, Target, ("intents",))
    yield from ((where, target) for where, target in found(scenario.nodes, Target, ("nodes",)) if target != BACK)


def _intent_faults(scenario: Scenario) -> Iterator[tuple[Where, str]]:
    named = any(node.next_wish for node in scenario.nodes.values())
    seen: dict[tuple[str, ...], str] = {}
    for name, intent in scenario.intents.items():
        where = ("intents", name)
        if name in BUILT_IN:
            yield where, f"{name!r} is a label of its own: call the intent something else"
        if len(intent.examples) < FEWEST_EXAMPLES and (intent.examples or not intent.phrases):
            count = len(intent.examples)
            yield (*where, "examples"), f"intent {name!r} has {count} examples, it takes {FEWEST_EXAMPLES} to learn it"
        if named and not intent.about:
            yield where, f"intent {name!r} has no 'about', and a 'next_wish' may name it"
        for index, example in enumerate(intent.examples):
            words = tuple(tokens(example))
            other = seen.setdefault(words, name)
            if not words:
                yield (*where, "examples", index), "an example without words"
            elif other != name:
                yield (*where, "examples", index), f"{example!r} is an example of {other!r}, too"


def _node_faults(scenario: Scenario, node: Node) -> Iterator[tuple[Where, str]]:
    required, possible = _ways_out(scenario, node)
    for label in sorted(required - node.go.keys()):
        yield (), f"{node.name!r} does not say where {label!r} goes"
    for label in sorted(node.go.keys() - possible):
        yield ("go", label), f"{label!r} can never happen at {node.name!r}"
    if node.kind == Kind.LOOK_UP and node.do not in REQUESTS:
        yield ("do",), f"unknown request {node.do!r}; there are {', '.join(sorted(REQUESTS))}"
    if node.kind in {Kind.LISTEN, Kind.CHOOSE}:
        yield from _prompt_faults(node, (), repr(node.name), again=node.repeats > 0)
    if node.expectation:
        yield from _question_faults(node, node.expectation)
    for index, field in enumerate(node.fields):
        yield from ((("collect", index, *where), text) for where, text in _field_faults(field, node))
    for where, text in found(node, Spoken):
        yield from ((where, fault) for fault in wording.format_faults(text, scenario.language))
        if any(sign in wording.without_marks(text) for sign in "{}[]"):
            yield where, "a brace or bracket is not closed, or a fact is not written as {noun.name}"
        if LIST in wording.all_facts(text) and node.kind != Kind.CHOOSE:
            yield where, f"{{{LIST}}} is for a choice only"


def _question_faults(node: Node, expectation: Expectation) -> Iterator[tuple[Where, str]]:
    if node.kind == Kind.LISTEN and not (expectation.labels or expectation.open):
        yield ("listen",), f"{node.name!r} waits for nothing: give choices, a slot or yes_no"
    if expectation.slots and expectation.language not in PACKAGES:
        yield (), f"no slots are known in language {expectation.language!r}; known are: {', '.join(PACKAGES)}"
    rule = expectation.rule
    keyed = expectation.keys or (rule and rule.kind in BY_KEYS) or node.kind == Kind.CHOOSE
    if node.by_keys and not keyed:
        yield ("by_keys",), f"no key means anything at {node.name!r}"
    fills = [slot.fill for slot in expectation.slots]
    for fill in sorted({fill for fill in fills if fills.count(fill) > 1}):
        yield ("collect",), f"{fill} stands here twice"
    if node.kind == Kind.COLLECT and node.confirm and not node.fix:
        yield ("confirm",), f"{node.name!r} reads the form back, but has no 'fix' to ask what is wrong"


def _field_faults(field: FormField, node: Node) -> Iterator[tuple[Where, str]]:
    if not field.optional:
        yield from _prompt_faults(field, (), f"{field.fill} of {node.name!r}", again=node.repeats > 0)
    if field.by_keys and not (field.keys or field.kind in BY_KEYS):
        yield ("by_keys",), f"{field.kind} cannot be keyed in: give keys for its choices"
    for key, label in field.keys.items():
        if label not in field.choices:
            yield ("keys", key), f"there is no choice {label!r}"


def _prompt_faults(prompt: Prompt, where: Where, name: str, *, again: bool) -> Iterator[tuple[Where, str]]:
    if not prompt.say:
        yield where, f"{name} listens but asks nothing: give it a 'say'"
    elif again and not prompt.again:
        yield where, f"{name} has no 'again': asked a second time, a question is worded otherwise"
    for text in prompt.again:
        if text in prompt.say:
            yield (*where, "again"), f"{name} asks again in the same words"


def _ways_out(scenario: Scenario, node: Node) -> tuple[frozenset[str], frozenset[str]]:
    """Labels a node must lead on from, and those it may."""
    misses = {SILENCE, "unclear", GIVEN_UP}
    match node.kind:
        case Kind.LISTEN | Kind.CHOOSE if node.expectation:
            labels = node.expectation.labels | ({CHOSEN, NONE} if node.kind == Kind.CHOOSE else set())
            return labels, labels | misses | scenario.intents.keys() | scenario.anywhere.keys()
        case Kind.COLLECT:
            labels = frozenset({FILLED, CANCELLED})
            return labels, labels | misses
        case Kind.LOOK_UP if node.do in REQUESTS:
            request = REQUESTS[node.do]
            labels = frozenset(request.outcomes) | {FAILED} | ({STORED} if request.writes and request.waits else set())
            return labels, labels | request.besides.keys()
        case Kind.CHECK:
            return frozenset({KNOWN, MISSING}), frozenset(node.go) | {KNOWN, MISSING}
        case Kind.TRANSFER:
            labels = frozenset({DONE, UNANSWERED})
        case Kind.CALLBACK:
            labels = frozenset({NEXT, NO_NUMBER})
            return labels, labels | {REFUSED, TOO_MANY}
        case Kind.SPEAK | Kind.STOP_RECORDING:
            labels = frozenset({NEXT})
        case Kind.HANG_UP:
            labels = frozenset()
        case _:
            labels = frozenset(node.go)
    return labels, labels
