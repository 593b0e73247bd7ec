"""Phrases within what a caller said, whatever forms their words have."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache

from speech.text.language import pack
from speech.text.tokens import find_phrase, lemma, tokens

MOST_WORDS = 80
"""Words of one answer that are looked at: half from its beginning, half from its end."""
MOST_LETTERS = 100_000
LONGEST_WORD = 60
"""Letters; an address of the web is cut."""


def bounded(text: str) -> str:
    """The text, or the beginning and the end of one that nobody says in a breath."""
    words = text[:MOST_LETTERS].split()
    if len(words) > MOST_WORDS:
        words = [*words[: MOST_WORDS // 2], *words[-MOST_WORDS // 2 :]]
    elif max(map(len, words), default=0) <= LONGEST_WORD:
        return text
    return " ".join(word[:LONGEST_WORD] for word in words)


@lru_cache(maxsize=20_000)
def lemmas(text: str, language: str) -> tuple[str, ...]:
    """Words in their dictionary form."""
    return tuple(lemma(word, language) for word in tokens(text))


def position(text: str, phrases: Sequence[str], language: str) -> tuple[int, int]:
    """Index and length in words of the longest of the phrases that stands in the text; -1 and 0 where none does."""
    said = list(lemmas(text, language))
    longest = (-1, 0)
    for phrase in phrases:
        words = lemmas(phrase, language)
        if len(words) > longest[1] and words[0] in said and (at := find_phrase(said, list(words))) >= 0:
            longest = (at, len(words))
    return longest


def contains(text: str, phrases: Sequence[str], language: str) -> bool:
    """Whether one of the phrases stands in the text."""
    return position(text, phrases, language)[0] >= 0


def only(text: str, phrases: Sequence[str], language: str) -> bool:
    """Whether the text is made of these phrases and of words that carry no meaning."""
    return _left(text, phrases, language) == 0


def left(text: str, phrases: Sequence[str], language: str) -> int:
    """Words of the text that neither belong to one of these phrases nor carry no meaning."""
    return abs(_left(text, phrases, language))


def _left(text: str, phrases: Sequence[str], language: str) -> int:
    """Fewest words that are left over; -1 where nothing is, because none of the phrases was there."""
    said = lemmas(text, language)
    known = [way for phrase in phrases if (way := lemmas(phrase, language))]
    fillers = _meaningless(language)
    rests = [(0, 0)]  # from the end: words left over, and the same for lack of phrases: more phrases are better
    for at in range(len(said) - 1, -1, -1):
        rest, found = rests[0]
        best = (rest + (said[at] not in fillers), found)
        for way in known:
            if said[at : at + len(way)] == way:
                rest, found = rests[len(way) - 1]
                best = min(best, (rest, found - 1))
        rests.insert(0, best)
    rest, found = rests[0]
    return rest or (0 if found else -1)


@cache
def _meaningless(language: str) -> frozenset[str]:
    words = pack(language)
    return frozenset(lemma(word, language) for word in (*words.fillers, *words.polite))
