"""Words of a text as everything in this folder sees them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

LONGEST_WORD = 64
"""Letters of a word that its form is told by; the longest in the dictionaries have half as many."""
_WORD = re.compile(r"\d+|[^\W\d_]+(?:['’][^\W\d_]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One word or run of digits, with what stood around it."""

    text: str
    """As ``tokens`` gives it."""
    raw: str
    """As it was written."""
    before: str
    """Marks and spaces between the word before and this one: ``:`` in ``15:30``, empty in ``3pm``."""
    start: int
    """Index of its first character in the text."""
    end: int
    """Index after its last character."""
    after: str = ""
    """Marks and spaces up to the next word or the end."""


def tokens(text: str) -> list[str]:
    """Lower-case words and runs of digits, without punctuation; ё is е, as recognisers and people mix them."""
    return _WORD.findall(_plain(text))


def split(text: str) -> list[Token]:
    """The words of ``tokens``, one for one, each with its spelling, place and the marks before it."""
    plain = _plain(text)
    original = text if len(text) == len(plain) else plain  # a few capitals (İ) grow when made small
    matches = list(_WORD.finditer(plain))
    starts = [*(match.start() for match in matches), len(plain)]
    ends = [0, *(match.end() for match in matches)]
    return [
        Token(
            text=match.group(),
            raw=original[match.start() : match.end()],
            before=original[ends[at] : match.start()],
            start=match.start(),
            end=match.end(),
            after=original[match.end() : starts[at + 1]],
        )
        for at, match in enumerate(matches)
    ]


def listed(words: str) -> tuple[str, ...]:
    """Words of a list that is written as one string, as the long ones in this folder are."""
    return tuple(words.split())


def text_of(words: Sequence[Token]) -> str:
    """The text that some words in a row stand in, blank before them: their places stay right."""
    if not words:
        return ""
    return " " * (words[0].start - len(words[0].before)) + "".join(word.before + word.raw for word in words)


@lru_cache(maxsize=50_000)
def lemma(word: str, language: str) -> str:
    """Dictionary form in Russian, stem in English, the word itself elsewhere."""
    if language == "ru":
        normal: str = morphology().parse(word)[0].normal_form
        return normal.replace("ё", "е")
    if language == "en":
        import snowballstemmer

        stem: str = snowballstemmer.stemmer("english").stemWord(word)  # a stemmer is not for two threads
        return stem
    return word


def find_phrase(words: list[str], phrase: list[str], start: int = 0) -> int:
    """Index from ``start`` on at which ``phrase`` stands in ``words``; -1 where it does not."""
    if not phrase:
        return -1
    for at in range(start, len(words) - len(phrase) + 1):
        if words[at : at + len(phrase)] == phrase:
            return at
    return -1


def _plain(text: str) -> str:
    return text.lower().replace("ё", "е").replace("’", "'")


@cache
def morphology() -> Any:
    """pymorphy3's analyzer of Russian word forms, one a process; its look-ups are safe from several threads.

    It takes a prefix off, then looks at what is left: of "антиантианти…" a thousand times it ends in RecursionError.
    """
    import pymorphy3

    class Analyzer(pymorphy3.MorphAnalyzer):  # type: ignore[misc]
        def parse(self, word: str) -> Any:
            return super().parse(word[:LONGEST_WORD])

    return Analyzer(lang="ru")
