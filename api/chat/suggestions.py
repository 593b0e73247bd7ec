"""Answers a visitor may give by a click: read off what the question waits for."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.dialog.expectation import Expectation
from ivr.dialog.nodes import Scenario
from ivr.dialog.question import expected
from ivr.dialog.state import State

MOST = 6
LONGEST = 40
"""Letters of one."""
YES_NO = {"ru": ("Да", "Нет"), "en": ("Yes", "No")}
PLACES = {"ru": ("Первый", "Второй", "Третий"), "en": ("The first", "The second", "The third")}
"""What chooses one of several options."""


def suggestions(scenario: Scenario, state: State) -> tuple[str, ...]:
    """Short answers to what was asked last, none where anything may be said."""
    if state.finished:
        return ()
    expectation = expected(scenario, state)
    if expectation is None:
        return ()
    found = dict.fromkeys(_capital(text) for text in _answers(scenario, expectation) if len(text) <= LONGEST)
    return tuple(found)[:MOST]


def _answers(scenario: Scenario, expectation: Expectation) -> Iterator[str]:
    language = expectation.language
    if expectation.options:
        yield from PLACES.get(language, ())[: len(expectation.options)]
        return
    if expectation.yes_no:
        yield from YES_NO.get(language, ())
        return
    if rule := expectation.rule:
        names = scenario.names.get(rule.fill, {})
        yield from (names.get(label) or ways[0] for label, ways in rule.choices.items() if ways or label in names)
    yield from (ways[0] for ways in expectation.choices.values() if ways)
    if expectation.open and not expectation.choices:
        wishes = (scenario.intents[name] for name in scenario.intents if name in expectation.intents)
        yield from (
            wish.examples[0] for wish in wishes if wish.examples and wish.about and wish.go != scenario.fallback
        )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
