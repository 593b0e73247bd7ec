"""Texts of scenarios with the facts of a call put in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from speech.display import formatting

FACT = re.compile(r"\{([a-z_]+\.[a-z_]+)(?::(\w+)(?:\.(\w+))?(?: ([^{}\[\]]+))?)?\}")
"""``{order.number}``, ``{order.number:digits}``, ``{booking.day:date.genitive}``, ``{queue.count:count заказ}``: a
fact, how it is said, in which case, and the noun that goes with it. Without a format the fact is said as it is."""
OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
"""``[, {customer.name}]`` is dropped whole while one of its facts is unknown. Brackets may stand in brackets."""
NAME = "name"
"""Format of a label: its words come from ``names`` of the form or the choice; a value that has none is said itself."""


def needed_facts(text: str) -> frozenset[str]:
    """Facts a text cannot do without."""
    return all_facts(_each_optional(text, lambda _: ""))


def all_facts(text: str) -> frozenset[str]:
    """Facts a text may speak."""
    return frozenset(match[1] for match in FACT.finditer(text))


def is_static(text: str) -> bool:
    """Whether the text is the same in every call, so that it can be rendered ahead or recorded by a person."""
    return without_marks(text) == text


def format_faults(text: str, language: str) -> list[str]:
    """What is wrong with the formats, cases and nouns of a text's facts."""
    found = []
    for match in FACT.finditer(text):
        _, kind, case, noun = match.groups(default="")
        if kind == NAME:
            fault = f"{NAME!r} takes no noun" if noun else formatting.fault("number", language, case=case)
        else:
            fault = formatting.fault(kind, language, case=case, noun=noun) if kind else ""
        if fault:
            found.append(f"{match[0]}: {fault}")
    return found


Names = Mapping[str, Mapping[str, str]]
"""Fact → its value → how people call it."""


def word(text: str, facts: Mapping[str, str], language: str, names: Names) -> str:
    """The text as people read it.

    Raises:
        KeyError: a fact outside brackets is unknown.
    """
    return _fill(text, facts, formatting.shown, language, names)


def voice(text: str, facts: Mapping[str, str], language: str, names: Names) -> str:
    """The text as a voice reads it.

    Raises:
        KeyError: a fact outside brackets is unknown.
    """
    return _fill(text, facts, formatting.spoken, language, names)


def _fill(text: str, facts: Mapping[str, str], say: Callable[..., str], language: str, names: Names) -> str:
    def filled(match: re.Match[str]) -> str:
        name, kind, case, noun = match.groups(default="")
        value, case = facts[name], case or "nominative"
        if kind == NAME:
            return formatting.declined(names.get(name, {}).get(value, value), language, case)
        return say(value, kind, language, case=case, noun=noun) if kind else value

    def kept(match: re.Match[str]) -> str:
        return match[1] if all(facts.get(name) for name in all_facts(match[1])) else ""

    return " ".join(FACT.sub(filled, _each_optional(text, kept)).split())


def without_marks(text: str) -> str:
    """The text with every well-formed fact and bracket taken out: braces that are left are mistakes."""
    return FACT.sub("", _each_optional(text, lambda match: match[1]))


def _each_optional(text: str, replace: Callable[[re.Match[str]], str]) -> str:
    """Replace bracketed parts, the innermost first."""
    while OPTIONAL.search(text):
        text = OPTIONAL.sub(replace, text)
    return text
