"""Which of the offered options a caller means."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from ivr.business.protocol import Option
from ivr.understanding.phrase_matching import contains, lemmas, only
from speech.slots.slots import find_slot
from speech.text.language import pack
from speech.text.phrases import best_match, yes_no

MATCHED = ("time", "date", "money")
"""Kinds of value by which an option may be named."""
TELLING = 3
"""Letters from which one word of an option's name, that no other option has, means it."""
SMALL = frozenset({"for", "with", "and", "the", "для", "под", "без", "при", "или"})
"""Words that tell nothing all the same."""
AFTERNOON = 12
"""Hours between a time as it is said and the one that is meant: "в три" is 15:00."""


def chosen(
    text: str, options: Sequence[Option], language: str, *, now: datetime, region: str
) -> tuple[Option | None, float] | None:
    """The option meant and how sure that is, None in its place when none of them suits; None when nothing tells."""
    words = pack(language)
    if contains(text, words.none_of_them, language):
        return None, 0.9
    named_one = named(text, options, language, now=now, region=region)
    if found := named_one or _by_place(text, options, language, now=now):
        return found
    if options and contains(text, words.any_of_them, language):
        return options[0], 0.9
    answer = yes_no(text, language)
    if answer and len(options) == 1:
        return options[0], 0.9
    return (None, 0.8) if answer is False and only(text, words.disagree, language) else None


Found = tuple[Option, float] | None


def named(text: str, options: Sequence[Option], language: str, *, now: datetime, region: str) -> Found:
    """The option that is called by its time, day, price or name, and how sure that is."""
    if not options:
        return None
    return _by_value(text, options, language, now=now, region=region) or _by_name(text, options, language)


def _by_value(text: str, options: Sequence[Option], language: str, *, now: datetime, region: str) -> Found:
    """The only option whose time, day and price are those that were said."""
    left, sure = list(options), 1.0
    said = False
    for kind in MATCHED:
        slot = find_slot(text, kind, language, now=now, region=region)
        value = str(slot.value["amount"]) if isinstance(slot.value, Mapping) else slot.value
        fitting = [option for option in left if isinstance(value, str) and _has(option, kind, value)]
        if fitting:
            left, sure, said = fitting, min(sure, slot.confidence), True
    return (left[0], sure) if said and len(left) == 1 else None


def _has(option: Option, kind: str, value: str) -> bool:
    facts = option.facts.values()
    match kind:
        case "time":
            hour, _, minute = value.partition(":")
            return value in facts or f"{(int(hour) + AFTERNOON) % 24:02}:{minute}" in facts
        case "money":
            return any(fact.partition(" ")[0].removesuffix(".00") == value.removesuffix(".0") for fact in facts)
        case _:
            return value in facts


def _by_name(text: str, options: Sequence[Option], language: str) -> Found:
    ways = {str(at): option.ways for at, option in enumerate(options) if option.ways}
    if match := best_match(text, ways, language):
        return options[int(match[0])], match[1]
    said = set(lemmas(text, language))
    words = [{word for way in option.ways for word in lemmas(way, language)} for option in options]
    telling = Counter(word for theirs in words for word in theirs)
    meant = [
        at
        for at, theirs in enumerate(words)
        if any(len(word) >= TELLING and telling[word] == 1 and word in said for word in theirs - SMALL)
    ]
    return (options[meant[0]], 0.8) if len(meant) == 1 else None


def _by_place(text: str, options: Sequence[Option], language: str, *, now: datetime) -> Found:
    if options and contains(text, pack(language).last_of_them, language):
        return options[-1], 0.9
    slot = find_slot(text, "ordinal", language, now=now)
    if isinstance(slot.value, int) and 1 <= slot.value <= len(options):
        return options[slot.value - 1], slot.confidence
    return None
