"""Slots: one value of a wanted kind, found in what was said or typed.

The rules of a language are a package of its own, ``speech/meaning/russian`` and ``speech/meaning/english``, imported
when first asked for. Both offer the same three functions:

    find(text: str, kind: str, now: datetime, region: str) -> Slot
        every kind but ``yes_no``, which ``phrases.yes_no`` answers for all languages; ``region`` is never empty
    corrected(text: str) -> str
    written(text: str) -> str

and are made of modules of the same names: ``cardinals`` (number, ordinal, digits), ``calendar`` (date, time, datetime),
``names``, ``money``, ``addresses``, ``emails`` (the words for "at", "dot", …) and ``corrections``. Phones and the
assembly of e-mail addresses are shared: ``contacts``. ``tokens.split`` gives the words that ``Slot.first`` and
``Slot.last`` count, each with the marks before it, so that typed "15:30" and "$20" can be told from spoken words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from types import ModuleType
from typing import Literal, get_args

from speech.settings import speech_settings
from speech.text.phrases import yes_no
from speech.text.tokens import tokens

SlotKind = Literal[
    "number",
    "ordinal",
    "digits",
    "date",
    "time",
    "datetime",
    "name",
    "phone",
    "email",
    "address",
    "money",
    "yes_no",
]
KINDS: tuple[str, ...] = get_args(SlotKind)
PACKAGES = {"ru": "speech.slots.russian", "en": "speech.slots.english"}
REGIONS = {"ru": "RU", "en": "US"}
"""Where a caller is taken to be when nobody says: ISO 3166 codes."""
LONGEST = 20_000
"""Characters of a text that are looked at: some 3,000 words, more than anyone answers a question with."""

Value = str | int | float | bool | Mapping[str, float | str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """What was found of the wanted kind."""

    value: Value | None
    """As JSON: number int or float; ordinal int; date ``2026-11-24``; time ``15:30``; datetime ``2026-11-24T15:30``;
    phone E.164; money ``{"amount": 1500, "currency": "RUB"}``; yes_no bool; all else a string. None: nothing found."""
    confidence: float
    """0..1; 0 where nothing was found."""
    first: int = 0
    """Index of its first word in ``tokens(text)``."""
    last: int = 0
    """Index after its last word."""


NOTHING = Slot(value=None, confidence=0.0)


def find_slot(text: str, kind: str, language: str, *, now: datetime, region: str = "") -> Slot:
    """The value of a kind that a text holds.

    Of several values the one after a self-correction counts, else the best, longest or first, as suits the kind.

    Args:
        text: Words of a recogniser, or a typed message with its marks and capitals.
        kind: One of ``KINDS``.
        language: ``ru`` or ``en``.
        now: The caller's clock; relative dates and times start here.
        region: ISO 3166 code for phones without a country code, money without a currency and the order of typed
            dates; by default RU for Russian, US for English, and for phones ``OTKLIK_COUNTRY``.

    Raises:
        ValueError: the kind or the language is not known.
    """
    if kind not in KINDS:
        raise ValueError(f"kind {kind!r} is not known; known are: {', '.join(KINDS)}")
    package = rules(language)
    text = text[:LONGEST]
    if kind == "yes_no":
        answer = yes_no(text, language)
        return NOTHING if answer is None else Slot(value=answer, confidence=0.9, last=len(tokens(text)))
    if kind == "phone" and region in ("", REGIONS[language]):
        region = country_of(language)  # dates and money go with the language, numbers with the exchange
    found: Slot = package.find(text, kind, now, (region or REGIONS[language]).upper())
    return found


def country_of(language: str) -> str:
    """Where a telephone number without a country's code belongs: the installation's country, else the language's."""
    return (speech_settings().country or REGIONS.get(language, REGIONS["ru"])).upper()


def corrected(text: str, language: str) -> str:
    """What stands after a self-correction: "not tuesday wednesday" is "wednesday"; else the text itself.

    Raises:
        ValueError: the language is not known.
    """
    package = rules(language)
    standing: str = package.corrected(text[:LONGEST])
    return standing


def rules(language: str) -> ModuleType:
    """The package of a language's rules.

    Raises:
        ValueError: there is none; names those that are.
    """
    if language not in PACKAGES:
        raise ValueError(f"no slots are known in language {language!r}; known are: {', '.join(PACKAGES)}")
    return import_module(PACKAGES[language])
