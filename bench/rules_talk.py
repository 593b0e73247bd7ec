"""Talk and dictionaries made for the benches: the words of this project's own texts, drawn with a seed."""

from __future__ import annotations

import random
from functools import cache

from speech.text.tokens import tokens
from tests.services import ROOT

SOURCES = {
    "ru": (
        "tests/speech/*.ru.txt",
        "tests/conversations/ru/*.yaml",
        "ivr/scenarios/**/*.yaml",
        "ivr/knowledge/**/*.md",
    ),
    "en": ("tests/speech/*.en.txt", "tests/conversations/en/*.yaml"),
}


@cache
def vocabulary(language: str) -> list[str]:
    """Distinct words, by how often they stand in the texts."""
    seen: dict[str, int] = {}
    for pattern in SOURCES[language]:
        for file in sorted(ROOT.glob(pattern)):
            for word in tokens(file.read_text("utf-8")):
                cyrillic = "а" <= word[0] <= "я"
                if not word.isdigit() and cyrillic == (language == "ru"):
                    seen[word] = seen.get(word, 0) + 1
    return sorted(seen, key=lambda word: -seen[word])


def talk(language: str, words: int, seed: int) -> list[str]:
    """Words as people say them: the second most frequent half as often as the first (Zipf's law)."""
    known = vocabulary(language)
    return random.Random(seed).choices(known, [1 / (rank + 1) for rank in range(len(known))], k=words)


def phrases(language: str, count: int, seed: int) -> list[str]:
    """Distinct phrases of one to four words, frequent and rare words alike."""
    chance, known = random.Random(seed), vocabulary(language)
    found: dict[str, None] = {}
    while len(found) < count:
        found[" ".join(chance.choices(known, k=chance.choice((1, 2, 2, 2, 3, 3, 4))))] = None
    return list(found)
