"""Private parts of what was said or typed: found, named by kind, and put out.

Works on a recogniser's lower-case words with spoken numbers and on typed text alike. Kinds are those of ``span.KINDS``.
Rules run one after another, the surest first; what one has found the next ones do not see:

    ``typed``      what its marks betray: e-mail, links, IP, IBAN
    ``contacts``   the same as it is said: "собака яндекс точка ру"
    ``births``     dates, but only beside words of birth or on a card
    ``numbered``   phones, cards, passports, INN, SNILS, accounts, secret codes
    ``russian_places``, ``english_places``, then ``russian_names``, ``english_names``

Numbers of orders, goods, amounts, dates and times are not private and stay. So do the names of companies and cities,
the last four digits of a card, and a street that is nobody's home.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from speech.redaction import english_names, english_places, russian_names, russian_places
from speech.redaction.birth_dates import find_births
from speech.redaction.contacts import find_contacts
from speech.redaction.line import TextLine, hide, read_line
from speech.redaction.numbers import find_numbers
from speech.redaction.span import KINDS, PLACEHOLDER, PrivateSpan, placeholder, put_out
from speech.redaction.typed import find_typed

__all__ = [
    "KINDS",
    "PLACEHOLDER",
    "VERSION",
    "PrivateSpan",
    "find_private",
    "placeholder",
    "put_out",
    "redact_phrases",
    "redact_text",
]

VERSION = "1"
"""Version of the rules: a change that finds more or less makes redactions to be done anew."""
Rule = Callable[[TextLine], list[PrivateSpan]]
RULES: dict[str, tuple[Rule, ...]] = {
    "ru": (
        find_typed,
        find_contacts,
        find_births,
        find_numbers,
        russian_places.find_places,
        russian_names.find_names,
    ),
    "en": (
        find_typed,
        find_contacts,
        find_births,
        find_numbers,
        english_places.find_places,
        english_names.find_names,
    ),
}
BY_FORM: tuple[Rule, ...] = (find_typed, find_numbers)
"""For languages without rules of their own: what its written form tells."""
ROUNDS = 4
"""Times that a text is looked through: what is left may read otherwise once something in it was put out."""


def find_private(text: str, language: str) -> tuple[PrivateSpan, ...]:
    """All private parts of a text, by place; none overlaps another.

    Places count characters of the text. Whatever stands in placeholders of an earlier redaction is left alone, and
    ``redact_text`` of redacted text finds nothing.

    Args:
        text: What was said or typed, of any length.
        language: ``ru`` or ``en``; of another language only what typed digits and marks tell is found.
    """
    line = read_line(text, language)
    found: list[PrivateSpan] = []
    for _ in range(ROUNDS):
        before = len(found)
        for rule in RULES.get(language, BY_FORM):
            spans = rule(line)
            if spans:
                found += spans
                line = hide(line, spans)
        if len(found) == before:
            break
    return tuple(sorted(found))


def redact_text(text: str, language: str) -> str:
    """The text with a placeholder, ``[телефон]`` or ``[phone]``, instead of each private part."""
    return put_out(text, find_private(text, language), language)


def redact_phrases(phrases: Sequence[str], language: str) -> tuple[str, ...]:
    """What one speaker said in a row, each phrase with placeholders: a number cut by a pause is found, too."""
    parts: list[list[PrivateSpan]] = [[] for _ in phrases]
    starts = [0]
    for phrase in phrases:
        starts.append(starts[-1] + len(phrase) + 1)
    for span in find_private(" ".join(phrases), language):
        for spans, phrase, start in zip(parts, phrases, starts, strict=False):
            first, last = max(span.start - start, 0), min(span.end - start, len(phrase))
            if first < last:
                spans.append(PrivateSpan(start=first, end=last, kind=span.kind))
    return tuple(put_out(phrase, spans, language) for phrase, spans in zip(phrases, parts, strict=True))
