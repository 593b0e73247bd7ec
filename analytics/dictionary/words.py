"""Words of a text with their places, and the forms under which two words are the same."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from speech.text.tokens import lemma, morphology

_MARKS = "\u0300-\u036f"
"""Accents written as signs of their own, as some systems write й and ё."""
_LETTERS = rf"[^\W\d_](?:[^\W\d_]|[{_MARKS}])*"
_WORD = re.compile(rf"\d+|{_LETTERS}(?:['’]{_LETTERS})*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """One word as ``speech.text.tokens.tokens`` gives it, and where it stands."""

    word: str
    start: int
    """Index of its first character in the text as it was given."""
    end: int
    """Index after its last character."""


def placed_words(text: str) -> list[Placed]:
    """Words and runs of digits; places count characters of ``text`` itself, whatever small letters make of it."""
    return [Placed(word=_plain(match.group()), start=match.start(), end=match.end()) for match in _WORD.finditer(text)]


@lru_cache(maxsize=200_000)
def said_forms(word: str, language: str) -> tuple[str, ...]:
    """Everything a heard word may be a form of: all readings in Russian, the stem in English, elsewhere itself."""
    if language != "ru":
        return (lemma(word, language),)
    readings = morphology().parse(word)
    return tuple(dict.fromkeys(reading.normal_form.replace("ё", "е") for reading in readings))


def written_forms(word: str, language: str) -> tuple[str, ...]:
    """What a word of a dictionary stands for: itself where it is a dictionary form, so that "день" is no "деть"."""
    forms = said_forms(word, language)
    return (word,) if language == "ru" and word in forms else forms


def _plain(word: str) -> str:
    return unicodedata.normalize("NFC", word.lower()).replace("ё", "е").replace("’", "'")
