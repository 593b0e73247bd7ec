"""Scenarios: read from their files, and held to what a caller may expect of them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

from ivr.dialog.nodes import Scenario
from ivr.errors import ScenarioError
from ivr.scenario.check import faults
from ivr.scenario.reach import shortfalls
from ivr.scenario.source import Source, Where, read
from speech.yaml_source import Problem

log = logging.getLogger(__name__)

__all__ = ["Problem", "check", "load", "loaded"]


def load(path: Path) -> Scenario:
    """A scenario that passed every check.

    Raises:
        ScenarioError: a file cannot be read or has faults; all of them are listed.
    """
    return loaded(read(path))


def loaded(source: Source) -> Scenario:
    """The scenario of files that were read.

    Raises:
        ScenarioError: they have faults; all of them are listed.
    """
    problems = _problems(source, faults)
    if problems or source.scenario is None:
        raise ScenarioError("\n".join(str(problem) for problem in problems))
    for problem in _problems(source, shortfalls):
        log.warning("%s", problem)
    return source.scenario


def check(path: Path) -> list[Problem]:
    """Everything that would make a caller stuck, looped or left without a word, and what none could ever be told.

    Empty for a sound scenario.
    """
    source = read(path)
    return _problems(source, faults) or _problems(source, shortfalls)


def _problems(source: Source, look: Callable[[Scenario], Iterator[tuple[Where, str]]]) -> list[Problem]:
    found = list(source.problems)
    if source.scenario:
        found += [source.problem(where, text) for where, text in look(source.scenario)]
    order = {str(file): at for at, file in enumerate(source.files)}
    return sorted(set(found), key=lambda problem: (order[problem.file], problem.line, problem.text))
