"""How a fact is said by a voice and shown to a reader: numbers, dates, times, money, phones, in Russian and English.

Facts are plain strings: dates ``2026-11-24``, times ``15:30``, money ``1990.00 RUB``, phones ``+79161234567``. A value
that is not what its kind wants (empty, "tomorrow" for a date) is returned as it is: a call goes on with what it has.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from babel import UnknownLocaleError

from speech.display import spoken_en, spoken_ru
from speech.display.shown import SHOWN
from speech.slots.numbers import spell_digits

KINDS = ("digits", "number", "ordinal", "count", "date", "time", "datetime", "money", "phone")
CASES = tuple(spoken_ru.CASES)
"""Only Russian has them; nominative is understood where none is named."""
COUNTING = frozenset({"count", "ordinal"})
"""Kinds that say a noun as well: ``двадцать одно сообщение``, ``второй этаж``. A ``number`` takes one for its gender
alone, and a date the word ``год`` or ``year`` to have its year said."""

_YEARS = {"ru": spoken_ru.YEAR, "en": spoken_en.YEAR}
_SPOKEN: Mapping[str, Mapping[str, Callable[[str, str, str], str]]] = {
    "ru": spoken_ru.SPOKEN,
    "en": spoken_en.SPOKEN,
}


def spoken(value: str, kind: str, language: str, *, case: str = "nominative", noun: str = "") -> str:
    """A value as a voice reads it, in words. In a language without rules digits are spelled and the rest is as shown.

    Raises:
        ValueError: no such kind or case.
    """
    inner = _checked(kind, case)
    rules = _SPOKEN.get(language)
    if rules is None:
        return spell_digits(value, language) if kind == "digits" else shown(value, kind, language, case=case, noun=noun)
    try:
        return rules[kind](value, inner, noun)
    except ValueError:
        return value


def shown(value: str, kind: str, language: str, *, case: str = "nominative", noun: str = "") -> str:
    """A value as people read it, in signs.

    Raises:
        ValueError: no such kind or case.
    """
    inner = _checked(kind, case)
    try:
        return SHOWN[kind](value, language, inner, noun)
    except (ValueError, UnknownLocaleError):
        return value


def declined(phrase: str, language: str, case: str) -> str:
    """A noun phrase in another case, ``женская стрижка`` → ``женскую стрижку``; what cannot be declined stays.

    Raises:
        ValueError: no such case.
    """
    inner = _checked("number", case)
    return spoken_ru.declined(phrase, inner) if language == "ru" and case != "nominative" else phrase


def fault(kind: str, language: str, *, case: str = "", noun: str = "") -> str:
    """What is wrong with a wish to say something so; empty where nothing is."""
    if kind not in KINDS:
        return f"unknown format {kind!r}; there are {', '.join(KINDS)}"
    if case and case not in CASES:
        return f"unknown case {case!r}; there are {', '.join(CASES)}"
    if case and language != "ru":
        return f"a case ({case!r}) is for Russian only"
    if kind == "count" and not noun:
        return "'count' wants a noun after a space: {queue.count:count заказ}"
    if noun and kind in {"date", "datetime"} and noun != _YEARS.get(language):
        return f"a date takes only {_YEARS.get(language, 'no')!r} as its noun, not {noun!r}"
    if noun and kind not in {*COUNTING, "number", "date", "datetime"}:
        return f"{kind!r} takes no noun, but {noun!r} is given"
    if noun and language == "ru" and kind in {*COUNTING, "number"} and not spoken_ru.is_countable(noun):
        return f"{noun!r} is not a noun in the nominative singular that the dictionary knows"
    return ""


def _checked(kind: str, case: str) -> str:
    """The case as OpenCorpora names it."""
    if kind not in KINDS:
        raise ValueError(f"unknown kind {kind!r}; there are {', '.join(KINDS)}")
    if case not in spoken_ru.CASES:
        raise ValueError(f"unknown case {case!r}; there are {', '.join(CASES)}")
    return spoken_ru.CASES[case]
