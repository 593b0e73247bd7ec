"""English words of an e-mail address."""

from __future__ import annotations

from speech.slots.contacts import EmailWords, find_email
from speech.slots.english.numerals import HESITATIONS, Words, certainty
from speech.slots.slots import NOTHING, Slot
from speech.text.tokens import listed, text_of

EMAIL = EmailWords(
    language="en",
    at=("at sign", "at symbol", "at the rate", "at"),
    dot=("full stop", "dot", "period", "point"),
    dash=("minus sign", "dash", "hyphen", "minus"),
    underscore=("under score", "underscore", "underline"),
    plus=("plus sign", "plus"),
    explains=("as in", "for", "like"),
    stops=frozenset(
        listed(
            "is it's its address email mail me to on use email's that's that yes yeah sure okay ok well so my reach "
            "the i'm or sorry no via with please thanks thank cheers bye under"
        )
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
