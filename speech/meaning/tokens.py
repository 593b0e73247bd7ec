"""Words of a text as everything in this folder sees them."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any

_WORD = re.compile(r"\d+|[^\W\d_]+(?:['’][^\W\d_]+)*")


def tokens(text: str) -> list[str]:
    """Lower-case words and runs of digits, without punctuation; ё is е, as recognisers and people mix them."""
    return _WORD.findall(text.lower().replace("ё", "е").replace("’", "'"))


@lru_cache(maxsize=50_000)
def lemma(word: str, language: str) -> str:
    """Dictionary form in Russian, stem in English, the word itself elsewhere."""
    if language == "ru":
        normal: str = _russian().parse(word)[0].normal_form
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


@cache
def _russian() -> Any:
    import pymorphy3

    return pymorphy3.MorphAnalyzer(lang="ru")
