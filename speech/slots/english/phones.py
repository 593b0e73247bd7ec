"""Phones as they are said in English: "plus four four two oh seven", "double seven", "one eight hundred"."""

from __future__ import annotations

from speech.slots.contacts import e164, typed_phone
from speech.slots.english.numerals import FILLERS, Words, find_runs, phrase_at
from speech.slots.slots import NOTHING, Slot
from speech.text.tokens import text_of


def find_phone(words: Words, region: str) -> Slot:
    """The phone, typed or spoken; the last one that can be a phone."""
    if typed := typed_phone(words, region, text_of(words)):
        value, sure, first, last = typed
        return Slot(value=value, confidence=sure, first=first, last=last)
    best = NOTHING
    for run in find_runs(words):
        plus = phrase_at(words, run.first - 1, "plus") or ("+" in words[run.first].before)
        number = e164(("+" if plus else "") + run.digits, region)
        if number and number[1] >= best.confidence:
            best = Slot(value=number[0], confidence=number[1], first=run.first - int(plus == 1), last=run.last)
    if best.value is None:
        return NOTHING
    others = sum(word.text not in FILLERS for word in (*words[: best.first], *words[best.last :]))
    return Slot(
        value=best.value, confidence=best.confidence - min(0.1, 0.01 * others), first=best.first, last=best.last
    )
