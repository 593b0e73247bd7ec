"""Scenarios: read from their files, and held to what a caller may expect of them."""

from __future__ import annotations

from pathlib import Path

from ivr.dialog.nodes import Scenario
from ivr.errors import ScenarioError
from ivr.scenario.check import faults
from ivr.scenario.source import Source, read
from speech.yaml_source import Problem

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
    problems = _problems(source)
    if problems or source.scenario is None:
        raise ScenarioError("\n".join(str(problem) for problem in problems))
    return source.scenario


def check(path: Path) -> list[Problem]:
    """Everything that would make a caller stuck, looped or left without a word; empty for a sound scenario."""
    return _problems(read(path))


def _problems(source: Source) -> list[Problem]:
    found = list(source.problems)
    if source.scenario:
        found += [source.problem(where, text) for where, text in faults(source.scenario)]
    order = {str(file): at for at, file in enumerate(source.files)}
    return sorted(set(found), key=lambda problem: (order[problem.file], problem.line, problem.text))
