"""What a Russian word can be, by its dictionary forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from speech.text.tokens import Token, morphology

Value = TypeVar("Value")


def forms(words: str) -> tuple[str, ...]:
    """The words of a line: tables of word forms stay readable so."""
    return tuple(words.split())


def table(words: Mapping[Value, str]) -> dict[str, Value]:
    """Word → value, of the words that mean each value."""
    return {word: value for value, line in words.items() for word in line.split()}


def word_at(words: Sequence[Token], at: int) -> str:
    """The word at an index; empty outside the text."""
    return words[at].text if 0 <= at < len(words) else ""


@lru_cache(maxsize=20_000)
def parses(word: str) -> tuple[Any, ...]:
    """All readings of a word, likeliest first."""
    return tuple(morphology().parse(word))


@lru_cache(maxsize=20_000)
def is_noun(word: str) -> bool:
    """Whether the word is first of all a noun; a name counts, a numeral or an adverb does not."""
    return "NOUN" in parses(word)[0].tag


@lru_cache(maxsize=20_000)
def is_known(word: str) -> bool:
    """Whether the dictionary holds the word; readings of others are guesses by their endings."""
    known: bool = morphology().word_is_known(word)
    return known
