"""Texts of scenarios with the facts of a call put in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from speech.meaning.numbers import spell_digits

FACT = re.compile(r"\{([a-z_]+\.[a-z_]+)(?::(\w+))?\}")
"""``{order.number}``, or ``{order.number:digits}`` to have the voice say digit by digit."""
OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
"""``[, {customer.name}]`` is dropped whole while one of its facts is unknown. Brackets may stand in brackets."""
FORMATS = frozenset({"", "digits"})
SENTENCE_END = re.compile(r"(?<=[.!?…])\s+")


def needed_facts(text: str) -> frozenset[str]:
    """Facts a text cannot do without."""
    return all_facts(_each_optional(text, lambda _: ""))


def all_facts(text: str) -> frozenset[str]:
    """Facts a text may speak."""
    return frozenset(match[1] for match in FACT.finditer(text))


def formats(text: str) -> frozenset[str]:
    """Formats a text asks for."""
    return frozenset(match[2] or "" for match in FACT.finditer(text))


def is_static(text: str) -> bool:
    """Whether the text is the same in every call, so that it can be rendered ahead or recorded by a person."""
    return without_marks(text) == text


def word(text: str, facts: Mapping[str, str]) -> str:
    """The text as people read it.

    Raises:
        KeyError: a fact outside brackets is unknown.
    """
    return _fill(text, facts, lambda value: value)


def voice(text: str, facts: Mapping[str, str], language: str) -> str:
    """The text as a voice reads it.

    Raises:
        KeyError: a fact outside brackets is unknown.
    """
    return _fill(text, facts, lambda value: spell_digits(value, language))


def _fill(text: str, facts: Mapping[str, str], digits: Callable[[str], str]) -> str:
    def filled(match: re.Match[str]) -> str:
        value = facts[match[1]]
        return digits(value) if match[2] == "digits" else value

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


def sentences(text: str) -> tuple[str, ...]:
    """Text cut where a voice breathes: each piece is rendered and cached by itself, and the first one sounds sooner."""
    return tuple(piece for piece in SENTENCE_END.split(text.strip()) if piece)
