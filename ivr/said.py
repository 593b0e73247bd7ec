"""Phrases within what a caller said, whatever forms their words have."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache

from speech.language import pack
from speech.meaning.tokens import find_phrase, lemma, tokens

MOST_WORDS = 80
"""Words of one answer that are looked at: half from its beginning, half from its end."""


def bounded(text: str) -> str:
    """The text, or the beginning and the end of one that nobody says in a breath."""
    words = text[: 100 * MOST_WORDS].split()
    if len(words) <= MOST_WORDS and len(text) <= 20 * MOST_WORDS:
        return text
    half = MOST_WORDS // 2
    kept = words if len(words) <= MOST_WORDS else [*words[:half], *words[-half:]]
    return " ".join(word[:50] for word in kept)


@lru_cache(maxsize=20_000)
def lemmas(text: str, language: str) -> tuple[str, ...]:
    """Words in their dictionary form."""
    return tuple(lemma(word, language) for word in tokens(text))


def place(text: str, phrases: Sequence[str], language: str) -> tuple[int, int]:
    """Index and length in words of the longest of the phrases that stands in the text; -1 and 0 where none does."""
    said = list(lemmas(text, language))
    longest = (-1, 0)
    for phrase in phrases:
        words = lemmas(phrase, language)
        if len(words) > longest[1] and words[0] in said and (at := find_phrase(said, list(words))) >= 0:
            longest = (at, len(words))
    return longest


def holds(text: str, phrases: Sequence[str], language: str) -> bool:
    """Whether one of the phrases stands in the text."""
    return place(text, phrases, language)[0] >= 0


def only(text: str, phrases: Sequence[str], language: str) -> bool:
    """Whether the text is made of these phrases and of words that carry no meaning."""
    return _left(text, phrases, language) == 0


def left(text: str, phrases: Sequence[str], language: str) -> int:
    """Words of the text that neither belong to one of these phrases nor carry no meaning."""
    return abs(_left(text, phrases, language))


def _left(text: str, phrases: Sequence[str], language: str) -> int:
    """Words that are left over; -1 where nothing is, because none of the phrases was there."""
    said = lemmas(text, language)
    known = sorted((lemmas(phrase, language) for phrase in phrases), key=len, reverse=True)
    fillers = _meaningless(language)
    at, rest, found = 0, 0, False
    while at < len(said):
        if phrase := next((way for way in known if way and said[at : at + len(way)] == way), None):
            at, found = at + len(phrase), True
            continue
        rest += said[at] not in fillers
        at += 1
    return rest or (0 if found else -1)


@cache
def _meaningless(language: str) -> frozenset[str]:
    words = pack(language)
    return frozenset(lemma(word, language) for word in (*words.fillers, *words.polite))
