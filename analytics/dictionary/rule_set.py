"""Dictionaries of all languages as one version of the rules."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from analytics.dictionary.category import Category
from analytics.dictionary.lexicon import Lexicon
from analytics.dictionary.reading import languages_of, read_dictionary
from analytics.errors import AnalyticsError
from speech.yaml_source import FileRefused, Problem, read_text

RULES_VERSION = "3"
"""Raised when a rule finds something else in the same words and sound."""


class DictionaryError(AnalyticsError):
    """A dictionary cannot be used; names every problem with file and line."""

    code = "dictionary"
    retryable = True
    retry_after = 300.0

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """Every category of every language, and the version that tells one set from another."""

    version: str
    """First 12 hex digits of the sha256 over the files and ``RULES_VERSION``."""
    by_language: Mapping[str, Lexicon]
    files: Mapping[str, str] = field(default_factory=dict)
    """As they were written, by name: ``ru/service.yaml``."""

    def lexicon(self, language: str) -> Lexicon | None:
        """Categories of a language; None where it has no dictionary."""
        return self.by_language.get(language)


def load_rule_set(folder: Path) -> RuleSet:
    """Read every dictionary under ``<folder>/<language>/``.

    Raises:
        DictionaryError: a file is not a dictionary; names file and line of each problem.
    """
    return read_rule_set(read_files(folder), folder)


def read_rule_set(files: Mapping[str, str], folder: Path = Path()) -> RuleSet:
    """The rule set that some files make; ``folder`` is only for what problems are reported under.

    Raises:
        DictionaryError: as ``load_rule_set``.
    """
    problems: list[Problem] = []
    found: dict[str, list[Category]] = {}
    dictionaries = languages_of(files)
    if not dictionaries:
        raise DictionaryError((_nothing(folder),))
    for language, name in dictionaries:
        reading = read_dictionary(files[name], language, folder / name)
        problems += reading.problems
        found.setdefault(language, []).extend(reading.categories)
    if problems:
        raise DictionaryError(tuple(problems))
    return RuleSet(
        version=version_of(files),
        by_language={language: Lexicon(categories, language) for language, categories in found.items()},
        files=dict(files),
    )


def version_of(files: Mapping[str, str]) -> str:
    """What these files and this program's rules are called."""
    digest = hashlib.sha256(RULES_VERSION.encode())
    for name in sorted(files):
        digest.update(f"\n{name}\n{files[name]}".encode())
    return digest.hexdigest()[:12]


def read_files(folder: Path) -> dict[str, str]:
    """The files of a rule set in a folder, by name.

    Raises:
        DictionaryError: one is no text.
    """
    try:
        return {file.relative_to(folder).as_posix(): read_text(file) for file in sorted(folder.glob("*/*.y*ml"))}
    except FileRefused as refused:
        raise DictionaryError(refused.problems) from None


def check(path: Path) -> list[Problem]:
    """Problems of one dictionary, or of all in a folder, by file and line; empty when all is well."""
    files = [path] if path.is_file() else sorted(path.glob("*/*.y*ml"))
    if not files:
        return [_nothing(path)]
    problems: list[Problem] = []
    for file in files:
        try:
            problems += read_dictionary(read_text(file), file.parent.name, file).problems
        except FileRefused as refused:
            problems += refused.problems
    return problems


def _nothing(folder: Path) -> Problem:
    return Problem(file=str(folder), line=1, text="no dictionary here: want <language>/<name>.yaml")
