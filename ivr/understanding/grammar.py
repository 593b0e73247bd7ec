"""Phrases a recogniser may be narrowed to, where a question has few possible answers."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.dialog.expectation import CHOICE, TEXT, Expectation, SlotRule
from speech.text.language import LanguagePack, pack

FREE = frozenset({TEXT, "name", "email", "address"})
"""Kinds of value no list of words can hold."""


def grammar(expectation: Expectation) -> tuple[str, ...]:
    """Phrases a recogniser may be narrowed to; empty for a question with free answers.

    Requests understood anywhere are always among them: a caller may ask for a person at any question.
    """
    rule = expectation.rule
    if expectation.open or (rule and rule.kind in FREE):
        return ()
    if not expectation.asked and any(slot.kind in FREE for slot in expectation.slots):
        return ()  # a form that is read back: anything may be corrected
    words = pack(expectation.language)
    phrases: list[str] = [
        phrase for group in (expectation.choices, expectation.alone) for ways in group.values() for phrase in ways
    ]
    for slot in expectation.slots:
        phrases += _of_slot(slot, words)
    if expectation.options:
        phrases += [way for option in expectation.options for way in option.ways]
        phrases += [*words.ordinals, *_numbers(words), *words.days, *words.any_of_them, *words.none_of_them]
    if expectation.yes_no:
        phrases += _yes_no(words)
    if expectation.cancels:
        phrases += [*words.cancel, *words.cancel_alone]
    requests = (*words.person, *words.no_recording, *words.repeat)
    return tuple(dict.fromkeys([*phrases, *requests]))


def _of_slot(slot: SlotRule, words: LanguagePack) -> Iterator[str]:
    match slot.kind:
        case kind if kind == CHOICE:
            yield from (way for ways in slot.choices.values() for way in ways)
        case "yes_no":
            yield from _yes_no(words)
        case "date" | "time" | "datetime":
            yield from (*_numbers(words), *words.ordinals, *words.days)
        case "ordinal":
            yield from (*_numbers(words), *words.ordinals)
        case "money":
            yield from (*_numbers(words), *words.currencies)
        case kind if kind not in FREE:
            yield from _numbers(words)


def _yes_no(words: LanguagePack) -> Iterator[str]:
    for group in (words.agree, words.disagree, words.agree_alone, words.disagree_alone, words.unsure):
        yield from group


def _numbers(words: LanguagePack) -> Iterator[str]:
    numbers = words.numbers
    for group in (numbers.values, numbers.multipliers, numbers.repeats, numbers.inside, numbers.joining):
        yield from group
