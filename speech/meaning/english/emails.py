"""English words of an e-mail address, and phones as they are said."""

from __future__ import annotations

from speech.meaning.contacts import EmailWords, e164, find_email, typed_phone
from speech.meaning.english.spoken import FILLERS, HESITATIONS, Words, certainty, find_runs, phrase_at
from speech.meaning.slots import NOTHING, Slot
from speech.meaning.tokens import text_of

EMAIL = EmailWords(
    language="en",
    at=("at sign", "at symbol", "at the rate", "at"),
    dot=("full stop", "dot", "period", "point"),
    dash=("minus sign", "dash", "hyphen", "minus"),
    underscore=("under score", "underscore", "underline"),
    plus=("plus sign", "plus"),
    explains=("as in", "for", "like"),
    stops=frozenset(
        "is it's its address email mail me to on use email's that's that yes yeah sure okay ok well so my reach "
        "the i'm or sorry no via with please thanks thank cheers bye under".split()
    ),
    skipped=HESITATIONS | {"all", "lowercase", "lower", "case", "capital", "letter", "word", "one-word", "sign"},
)


def find_spoken_email(words: Words) -> Slot:
    """The e-mail address, typed or spoken."""
    found = find_email(words, EMAIL, text_of(words))
    if found is None:
        return NOTHING
    value, first, last = found
    return Slot(value=value, confidence=certainty(words, first, last) - 0.05, first=first, last=last)


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
    return Slot(value=best.value, confidence=best.confidence - min(0.1, 0.01 * others), first=best.first, last=best.last)
