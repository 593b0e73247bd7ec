"""Conversations held by the keys of the telephone alone, while the machine cannot listen to one caller more."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from ivr.dialog.actions import Say
from ivr.dialog.expectation import BY_KEYS, PERSON, Expectation
from ivr.dialog.nodes import Scenario
from speech.text.language import data
from speech.yaml_source import read_table

REASON = "keys"
"""Why a caller is on the way to a person: what is asked next cannot be answered by keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What is said about keys in one language."""

    notice: str
    """Once, before the first question."""
    value: str
    yes_no: str
    option: str
    person: str
    """``{key}`` is the key."""
    keys: tuple[str, ...]
    """Names of the ten digits."""


@cache
def wording_of(language: str) -> Wording | None:
    """The words of a language; None where it has none, and no call is held by keys."""
    file = data(language, "keypad.yaml")
    return read_table(file, Wording) if file.is_file() else None


def texts(scenario: Scenario) -> tuple[str, ...]:
    """Everything that may be said about keys: it is rendered before the first call."""
    wording = wording_of(scenario.language)
    if wording is None:
        return ()
    return (wording.notice, wording.value, wording.yes_no, wording.option, *_to_person(scenario, wording))


def answerable(expectation: Expectation) -> bool:
    """Whether a question can be answered by keys, other than by a request understood anywhere."""
    rule = expectation.rule
    return bool(expectation.keys or expectation.options or expectation.yes_no) or (
        rule is not None and rule.kind in BY_KEYS
    )


def holdable(scenario: Scenario) -> bool:
    """Whether whoever rings can begin by keys: every question that may be the first can be answered so."""
    if wording_of(scenario.language) is None:
        return False
    seen, waiting, asked = set[str](), [scenario.start], 0
    while waiting:
        name = waiting.pop()
        node = scenario.nodes.get(name)  # ``back`` is none
        if node is None or name in seen:
            continue
        seen.add(name)
        if not node.kind.asks:
            waiting += node.go.values()
        elif node.expectation is None or not answerable(node.expectation):
            return False
        else:
            asked += 1
    return asked > 0


def put(
    scenario: Scenario, node: str, expectation: Expectation, asked: tuple[Say, ...], *, first: bool, keyed: bool
) -> tuple[Say, ...]:
    """A question with what to press. The words of an open one would invite to speak: they are left out.

    Args:
        scenario: What is held.
        node: Where the question stands.
        expectation: What may be answered.
        asked: The question as it is put to who is heard.
        first: It is the conversation's first.
        keyed: Its words tell already what to press.
    """
    wording = wording_of(scenario.language)
    if wording is None:
        return asked
    rule, hints = expectation.rule, list[str]()
    if first:
        hints.append(wording.notice)
    if expectation.options:
        hints.append(wording.option)
    elif expectation.yes_no and not expectation.open:
        hints.append(wording.yes_no)
    elif rule is not None and rule.kind in BY_KEYS and not keyed:
        hints.append(wording.value)
    hints += _to_person(scenario, wording)
    words = () if expectation.open and not (expectation.yes_no or keyed) else asked
    said = tuple(Say(node=node, text=hint) for hint in hints)
    return (*said[:first], *words, *said[first:])


def _to_person(scenario: Scenario, wording: Wording) -> tuple[str, ...]:
    keys = [key for key, label in scenario.keys.items() if label == PERSON and key.isdecimal()]
    return tuple(wording.person.format(key=wording.keys[int(key)]) for key in keys)
