"""Keywords: what people say, in any form of the words, and who has to say it.

A dictionary is a YAML file of one language, ``<language>/<name>.yaml``::

    keywords:
      - label: возврат денег
        speaker: caller               # optional: caller, agent, robot
        phrases: [вернуть деньги]     # found as «верните мне мои деньги»: any form, up to two words between
        not: [не вернуть деньги]      # optional: what takes a hit back
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from speech.meaning.tokens import lemma, tokens
from speech.words import Speaker

RULES_VERSION = "2"
"""Raised when a rule finds something else in the same words and sound."""
MOST_BETWEEN = 2
"""Words that may stand between two words of a phrase."""

Phrase = tuple[str, ...]
"""Lemmas, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyword:
    """One label and the phrases that earn it."""

    label: str
    speaker: Speaker | None
    """Who has to say it; None: anybody."""
    phrases: tuple[Phrase, ...]
    excluded: tuple[Phrase, ...]

    def find(self, said: Sequence[str]) -> Iterator[tuple[int, int]]:
        """First and last of the lemmas of each place where it is said; places do not overlap."""
        taken_back = [place for phrase in self.excluded for place in _places(phrase, said)]
        places = [place for phrase in self.phrases for place in _places(phrase, said)]
        places.sort(key=lambda place: (place[0], -place[1]))
        behind = -1
        for first, last in places:
            if first > behind and not any(start <= last and first <= end for start, end in taken_back):
                behind = last
                yield first, last


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """Every keyword of every language, and the version that tells one set from another."""

    version: str
    """First 12 hex digits of the sha256 over the dictionaries and ``RULES_VERSION``."""
    by_language: Mapping[str, tuple[Keyword, ...]]

    def keywords(self, language: str) -> tuple[Keyword, ...]:
        return self.by_language.get(language, ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong in a dictionary."""

    file: Path
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


class DictionaryError(Exception):
    """A dictionary cannot be used; names every problem with file and line."""

    code = "dictionary"
    retryable = False


Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    label: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
    speaker: Speaker | None = None
    phrases: list[Words] = Field(min_length=1)
    excluded: list[Words] = Field(default_factory=list, alias="not")


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    keywords: list[_Entry] = Field(min_length=1)


def load_rule_set(folder: Path) -> RuleSet:
    """Read every dictionary under ``<folder>/<language>/``.

    Raises:
        DictionaryError: a file is not a dictionary; names file and line of each problem.
    """
    if problems := check(folder):
        raise DictionaryError("\n".join(map(str, problems)))
    version = hashlib.sha256(RULES_VERSION.encode())
    by_language: dict[str, list[Keyword]] = {}
    for file in _files(folder):
        content = file.read_bytes()
        version.update(f"\n{file.parent.name}/{file.name}\n".encode() + content)
        language = file.parent.name
        for entry in _File.model_validate(yaml.safe_load(content)).keywords:
            by_language.setdefault(language, []).append(_keyword(entry, language))
    return RuleSet(
        version=version.hexdigest()[:12], by_language={name: tuple(found) for name, found in by_language.items()}
    )


def check(path: Path) -> list[Problem]:
    """Problems of one dictionary, or of all in a folder, by file and line; empty when all is well."""
    files = [path] if path.is_file() else _files(path)
    if not files:
        return [Problem(file=path, line=1, text="no dictionary here: want <language>/<name>.yaml")]
    return [problem for file in files for problem in _problems(file)]


def _problems(file: Path) -> Iterator[Problem]:
    try:
        tree = yaml.compose(file.read_text("utf-8"))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        yield Problem(file=file, line=line, text=f"not YAML: {error.problem}")
        return
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        yield Problem(file=file, line=1, text=f"not YAML: {error}")
        return
    if tree is None:
        yield Problem(file=file, line=1, text="empty: want keywords")
        return
    try:
        entries = _File.model_validate(yaml.safe_load(file.read_text("utf-8"))).keywords
    except ValidationError as error:
        for fault in error.errors():
            where = ".".join(map(str, fault["loc"]))
            yield Problem(file=file, line=_line(tree, fault["loc"]), text=f"{where}: {fault['msg']}")
        return
    language = file.parent.name
    seen: dict[tuple[Speaker | None, Phrase], str] = {}
    for number, entry in enumerate(entries):
        for at, phrase in enumerate(entry.phrases):
            place = _line(tree, ("keywords", number, "phrases", at))
            if not tokens(phrase):
                yield Problem(file=file, line=place, text=f"no word in {phrase!r}")
                continue
            known = seen.setdefault((entry.speaker, _phrase(phrase, language)), entry.label)
            if known != entry.label:
                yield Problem(file=file, line=place, text=f"{phrase!r} is {known!r} already")


def _line(tree: yaml.Node, where: Sequence[int | str]) -> int:
    """Line of the deepest part of the path that is there."""
    for step in where:
        below: yaml.Node | None = None
        if isinstance(tree, yaml.MappingNode):
            below = next((value for key, value in tree.value if key.value == step), None)
        elif isinstance(tree, yaml.SequenceNode) and isinstance(step, int) and step < len(tree.value):
            below = tree.value[step]
        if below is None:
            break
        tree = below
    return int(tree.start_mark.line) + 1


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*/*.yaml"))


def _keyword(entry: _Entry, language: str) -> Keyword:
    return Keyword(
        label=entry.label,
        speaker=entry.speaker,
        phrases=tuple(_phrase(words, language) for words in entry.phrases),
        excluded=tuple(_phrase(words, language) for words in entry.excluded),
    )


def _phrase(words: str, language: str) -> Phrase:
    return tuple(lemma(word, language) for word in tokens(words))


def _places(phrase: Phrase, said: Sequence[str]) -> Iterator[tuple[int, int]]:
    """First and last word of each place where the words of the phrase follow each other closely enough."""
    for first in range(len(said)):
        last = _last(phrase, said, first)
        if last is not None:
            yield first, last


def _last(phrase: Phrase, said: Sequence[str], first: int) -> int | None:
    if not phrase or phrase[0] != said[first]:
        return None
    at = first
    for wanted in phrase[1:]:
        near = range(at + 1, min(at + 2 + MOST_BETWEEN, len(said)))
        found = next((place for place in near if said[place] == wanted), None)
        if found is None:
            return None
        at = found
    return at
