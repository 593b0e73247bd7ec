"""Slots filled from one phrase: the one that was asked for tolerantly, others only when clear, no word used twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ivr.dialog.expectation import CHOICE, TEXT, Expectation, SlotRule
from ivr.understanding.phrase_matching import contains, left, position
from speech.slots.slots import Slot, corrected, find_slot
from speech.text.language import pack
from speech.text.phrases import best_match, yes_no
from speech.text.tokens import split, tokens

CLEAR = 0.6
"""Confidence from which a value counts that was not asked for."""
VOLUNTEERED = ("email", "phone", "datetime", "date", "time", "money", "digits", "address", "name")
"""Kinds that are also heard unasked, in the order in which they take their words."""
CLEARLY = {"address": 0.8, "name": 0.8, "digits": 0.8}
"""Confidence from which a kind that much is mistaken for counts unasked."""
NEGATED = 2
"""Words before a choice among which a "not" denies it."""
LONGEST_VALUE = 300
"""Letters of a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """One slot's value in a phrase."""

    rule: SlotRule
    value: str
    """Empty: the caller takes back what they said."""
    confidence: float
    words: int = 0
    """Words that say it."""


def fill(expectation: Expectation, text: str, *, now: datetime, region: str) -> tuple[Filled, ...]:
    """All slots of a question that a phrase fills."""
    language = expectation.language
    standing = corrected(text, language)
    found: list[Filled] = []
    rest = standing
    asked = expectation.rule
    if asked and asked.kind == "digits" and expectation.open:
        rest = _without_amounts(rest, language, now, region)
    if asked and asked.kind != TEXT:
        value, rest = _one(asked, rest, language, now, region)
        if value and value.value:
            found.append(value)
    for rule in _volunteered(expectation):
        value, shorter = _one(rule, rest, language, now, region)
        if value and value.value and value.confidence >= CLEARLY.get(rule.kind, CLEAR):
            found.append(value)
            rest = shorter
    if asked and asked.kind == TEXT and left(text, (), language):
        found.append(Filled(rule=asked, value=text.strip()[:LONGEST_VALUE], confidence=0.9))
    if not found and not expectation.asked and expectation.known:
        found += _taken_back(expectation, text)
    return tuple(found)


def _volunteered(expectation: Expectation) -> Iterator[SlotRule]:
    """Slots that may be filled without being asked for."""
    others = [rule for rule in expectation.slots if rule.fill != expectation.asked]
    yield from (rule for kind in VOLUNTEERED for rule in others if rule.kind == kind)
    yield from (rule for rule in others if rule.kind == CHOICE)


def _one(rule: SlotRule, text: str, language: str, now: datetime, region: str) -> tuple[Filled | None, str]:
    """A slot's value and the text without the words that say it."""
    if rule.kind == CHOICE:
        return _choice(rule, text, language)
    slot = find_slot(text, rule.kind, language, now=now, region=region)
    value = written(slot)
    if rule.kind == "digits" and not rule.shortest <= len(value) <= rule.longest:
        return None, text
    said = Filled(rule=rule, value=value, confidence=slot.confidence, words=slot.last - slot.first)
    return said, _without(text, slot.first, slot.last)


def _choice(rule: SlotRule, text: str, language: str) -> tuple[Filled | None, str]:
    """One of several labels; of "not a bouquet, a plant" the plant."""
    while match := best_match(text, rule.choices, language):
        at, length = position(text, rule.choices[match[0]], language)
        rest = _without(text, at, at + length)
        before = tokens(text)[max(0, at - NEGATED) : max(0, at)]
        if rest == text or not any(word in pack(language).negations for word in before):
            return Filled(rule=rule, value=match[0], confidence=match[1], words=length), rest
        text = rest
    return None, text


def _without_amounts(text: str, language: str, now: datetime, region: str) -> str:
    """An open answer without digits that are clearly no number of anything: "5000 dollars", "25 december 2026"."""
    for kind in ("phone", "money", "date", "time"):
        digits = find_slot(text, "digits", language, now=now, region=region)
        slot = find_slot(text, kind, language, now=now, region=region)
        whole = slot.first <= digits.first and digits.last <= slot.last
        more = slot.last - slot.first > digits.last - digits.first  # the unit, the month: words beside the digits
        if slot.confidence >= CLEAR and whole and more:
            text = _without(text, slot.first, slot.last)
    return text


def _without(text: str, first: int, last: int) -> str:
    """The text with some of its words taken out, and a mark in their place."""
    words = split(text)
    if not 0 <= first < last <= len(words):
        return text
    return f"{text[: words[first].start]} ; {text[words[last - 1].end :]}"


def written(slot: Slot) -> str:
    """A slot's value as a fact; empty where there is none."""
    match slot.value:
        case None:
            return ""
        case bool():
            return "yes" if slot.value else "no"
        case Mapping():
            return f"{float(slot.value['amount']):.2f} {slot.value['currency']}"
        case _:
            return str(slot.value)[:LONGEST_VALUE]


def _taken_back(expectation: Expectation, text: str) -> list[Filled]:
    """A slot the caller names as wrong without saying what is right: "нет, время другое"."""
    if yes_no(text, expectation.language):
        return []
    called = pack(expectation.language).called
    for rule in expectation.slots:
        ways: Sequence[str] = (*rule.called, *called.get(rule.kind, ()))
        if rule.fill in expectation.known and contains(text, ways, expectation.language):
            return [Filled(rule=rule, value="", confidence=1.0)]
    return []
