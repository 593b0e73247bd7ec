"""Reads a scenario's files: the bytes, the line of everything written in them, and what is wrong with their form."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from ivr.dialog.nodes import Scenario
from ivr.scenario.file import JobFile, ScenarioFile
from ivr.scenario.value import value

Where = tuple[str | int, ...]
"""Path of keys within the YAML."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One fault of a scenario file."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The files of one scenario, the entry file first."""

    files: tuple[Path, ...]
    """Whatever it names, also where it cannot be read."""
    lines: Mapping[Path, Mapping[Where, int]] = field(default_factory=dict)
    scenario: Scenario | None = None
    """None where the form is faulty."""
    problems: tuple[Problem, ...] = ()
    """Faults of form."""

    def problem(self, where: Where, text: str) -> Problem:
        """A fault with its file and the line of the nearest thing that is really written."""
        entry = self.files[0]
        file = next((file for file in self.files if len(where) > 1 and where[:2] in self.lines.get(file, {})), entry)
        return Problem(file=str(file), line=line(self.lines.get(file, {}), where), text=text)


def read(path: Path) -> Source:
    """A scenario and all that is included in it."""
    main = _read_part(path, ScenarioFile)
    if not isinstance(main.shape, ScenarioFile):
        return Source(files=(path,), lines={path: main.lines}, problems=main.problems)
    parts = [main]
    problems = [*main.problems]
    for index, name in enumerate(main.shape.include):
        part = _read_part(path.parent / name, JobFile)
        if part.source is None:  # say it where the name stands
            at = line(main.lines, ("include", index))
            problems.append(Problem(file=str(path), line=at, text=f"{name} {part.problems[0].text}"))
        else:
            problems += part.problems
        parts.append(part)
    lines = {part.path: part.lines for part in parts}
    problems += _twice(parts)
    files = tuple(part.path for part in parts)
    if problems:
        return Source(files=files, lines=lines, problems=tuple(problems))
    version = hashlib.sha256(b"".join(part.source or b"" for part in parts)).hexdigest()[:12]
    jobs = [part.shape for part in parts[1:] if isinstance(part.shape, JobFile)]
    return Source(files=files, lines=lines, scenario=value(main.shape, jobs, version))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One file."""

    path: Path
    source: bytes | None = None
    shape: ScenarioFile | JobFile | None = None
    lines: Mapping[Where, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def _read_part(path: Path, shape: type[ScenarioFile] | type[JobFile]) -> _Part:
    def faulty(*faults: tuple[int, str], source: bytes | None, lines: Mapping[Where, int] | None = None) -> _Part:
        problems = tuple(Problem(file=str(path), line=at, text=text) for at, text in faults)
        return _Part(path=path, source=source, lines=lines or {}, problems=problems)

    try:
        source = path.read_bytes()
    except OSError as error:
        return faulty((1, f"cannot be read: {error.strerror}"), source=None)
    try:
        loader = yaml.CSafeLoader(source)
        try:
            tree = loader.get_single_node()
            lines = _lines(tree)
            twice = list(_repeated(tree))
            body: Any = loader.construct_document(tree) if tree else None
        finally:
            loader.dispose()
        if twice:
            return faulty(*twice, source=source, lines=lines)
        return _Part(path=path, source=source, shape=shape.model_validate(body), lines=lines)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        return faulty((mark.line + 1 if mark else 1, f"not YAML: {error.problem}"), source=source)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        return faulty((1, f"not YAML: {error}"), source=source)
    except ValidationError as error:
        faults = ((line(lines, fault["loc"]), _said(fault["loc"], fault["msg"])) for fault in error.errors())
        return faulty(*faults, source=source, lines=lines)


def _said(where: Where, fault: str) -> str:
    place = ".".join(str(step) for step in where if step != "[key]")
    hint = ' (a bare yes or no is no text in YAML: write "yes", "no")' if "should be a valid string" in fault else ""
    return f"{place}: {fault}{hint}"


def _twice(parts: Sequence[_Part]) -> list[Problem]:
    """Names of nodes and intents that stand in two files."""
    seen: dict[Where, Path] = {}
    problems = []
    for part in parts:
        for group in ("nodes", "intents"):
            for name in getattr(part.shape, group, {}):
                first = seen.setdefault((group, name), part.path)
                if first != part.path:
                    at = line(part.lines, (group, name))
                    text = f"{group.removesuffix('s')} {name!r} stands in {first} already"
                    problems.append(Problem(file=str(part.path), line=at, text=text))
    return problems


def _repeated(node: yaml.Node | None) -> list[tuple[int, str]]:
    """Keys that stand twice in one mapping: YAML would keep the last and say nothing."""
    found: list[tuple[int, str]] = []
    waiting = [node] if node else []
    while waiting:
        here = waiting.pop()
        if isinstance(here, yaml.SequenceNode):
            waiting += here.value
        elif isinstance(here, yaml.MappingNode):
            names: set[str] = set()
            for key, below in here.value:
                if str(key.value) in names:
                    found.append((key.start_mark.line + 1, f"{key.value!r} stands here a second time"))
                names.add(str(key.value))
                waiting.append(below)
    return found


def _lines(node: yaml.Node | None, where: Where = ()) -> dict[Where, int]:
    """Line of every key and item of a YAML document."""
    lines: dict[Where, int] = {where: node.start_mark.line + 1} if node else {}
    if isinstance(node, yaml.MappingNode):
        for key, below in node.value:
            lines |= _lines(below, (*where, str(key.value)))
            lines[(*where, str(key.value))] = key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            lines |= _lines(item, (*where, index))
    return lines


def line(lines: Mapping[Where, int], where: Where) -> int:
    """Line of the nearest thing that is really written."""
    while where and where not in lines:
        where = where[:-1]
    return lines.get(where, 1)
