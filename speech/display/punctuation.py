"""Marks and capitals for the words of engines that give none: rules on words and pauses.

No kept library does this offline without a deep-learning framework of a gigabyte, so these are rules of ours; what they
reach on marked lines is held by a test.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from typing import ClassVar

from pydantic import ConfigDict

from speech.recognition.words import Word
from speech.text.language import data
from speech.text.tokens import morphology
from speech.yaml_source import read_table

LONG_PAUSE = 0.7
"""Seconds of silence within an utterance that end a sentence."""
OPENING = 3
"""Words, after those that do not count, among which a question shows itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules:
    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    openers: tuple[str, ...]
    inserted: tuple[str, ...]
    clauses: tuple[str, ...]
    relative: tuple[str, ...]
    prepositions: frozenset[str]
    binding: frozenset[str]
    before_clause: frozenset[str]
    ask_first: frozenset[str]
    ask_anywhere: frozenset[str]
    ask_skip: frozenset[str]
    no_question_before: frozenset[str]
    capitals: dict[str, str]
    not_names: frozenset[str]
    """Names that are more often something else."""


def punctuated(words: Sequence[Word], language: str) -> list[str]:
    """The words, one for one, with marks after them and capitals where sentences and names begin.

    Words of an engine that writes marks or capitals itself, and of a language without rules, stay as they are.
    """
    texts = [word.text.strip() for word in words]
    rules = _rules(language)
    if rules is None or any(_is_written(text) for text in texts):
        return texts
    plain = [text.lower().replace("ё", "е") for text in texts]
    marked: list[str] = []
    for first, last in _sentences(words, plain, rules):
        commas = _commas(plain[first:last], rules)
        end = "?" if _asks(plain[first:last], rules) else "."
        for at in range(first, last):
            text = rules.capitals.get(plain[at], texts[at])
            if language == "ru" and plain[at] not in rules.not_names and _is_name(plain[at]):
                text = text.capitalize()
            text = text[:1].upper() + text[1:] if at == first else text
            marked.append(text + (end if at == last - 1 else "," if at - first in commas else ""))
    return marked


def _is_written(text: str) -> bool:
    return text[-1:] in ".,?!…:;" or text[:1].isupper()


def _sentences(words: Sequence[Word], plain: Sequence[str], rules: _Rules) -> list[tuple[int, int]]:
    """First and last (exclusive) word of each: long pauses end them, unless the sense cannot end there."""
    ends = [
        at + 1
        for at in range(len(words) - 1)
        if words[at + 1].start - words[at].end >= LONG_PAUSE and plain[at] not in rules.binding
    ]
    edges = [0, *ends, len(words)]
    return [(first, last) for first, last in pairwise(edges) if first < last]


def _commas(said: Sequence[str], rules: _Rules) -> set[int]:
    """Places in a sentence after which a comma stands."""
    commas: set[int] = set()
    at = 0
    while length := _phrase_at(said, at, rules.openers):
        at += length
        commas.add(at - 1)
    opened = at
    while at < len(said):
        if length := _phrase_at(said, at, rules.inserted):
            commas |= {at - 1, at + length - 1}
        elif length := _phrase_at(said, at, rules.clauses):
            if at > opened and _begins_clause(said, at, rules):
                commas.add(at - 1)
        elif said[at].startswith(rules.relative) and rules.relative:
            commas.add(at - 2 if at and said[at - 1] in rules.prepositions else at - 1)
        at += max(1, length)
    return {place for place in commas if 0 <= place < len(said) - 1}


def _begins_clause(said: Sequence[str], at: int, rules: _Rules) -> bool:
    before = said[at - 1]
    return before in rules.before_clause or before not in rules.binding


def _phrase_at(said: Sequence[str], at: int, phrases: Sequence[str]) -> int:
    """Words of the longest of the phrases that stands here; 0 for none."""
    for phrase in _longest_first(tuple(phrases)):
        if tuple(said[at : at + len(phrase)]) == phrase:
            return len(phrase)
    return 0


def _asks(said: Sequence[str], rules: _Rules) -> bool:
    if any(word in rules.ask_anywhere for word in said):
        return True
    counted = [(at, word) for at, word in enumerate(said) if word not in rules.ask_skip][:OPENING]
    if not counted:
        return False
    at, word = counted[0]
    following = said[at + 1] if at + 1 < len(said) else ""
    return word in rules.ask_first and following not in rules.no_question_before and len(said) > at + 1


@lru_cache(maxsize=50_000)
def _is_name(word: str) -> bool:
    """Whether a Russian word is first of all somebody's name, patronymic or surname."""
    return any(tag in morphology().parse(word)[0].tag for tag in ("Name", "Patr", "Surn"))


@cache
def _longest_first(phrases: tuple[str, ...]) -> list[tuple[str, ...]]:
    return sorted((tuple(phrase.split()) for phrase in phrases), key=len, reverse=True)


@cache
def _rules(language: str) -> _Rules | None:
    file = data(language, "punctuation.yaml")
    if not file.is_file():
        return None
    return read_table(file, _Rules)
