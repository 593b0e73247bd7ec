"""Reads a scenario's files: the bytes, the line of everything written in them, and what is wrong with their form."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ivr.dialog.nodes import Scenario
from ivr.scenario.file import JobFile, ScenarioFile
from ivr.scenario.value import value
from speech.yaml_source import FileRefused, Problem, read_bytes, read_yaml
from speech.yaml_source import Source as YamlSource

LONGEST_FILE = 1_000_000
"""Characters of one file."""

Where = tuple[str | int, ...]
"""Path of keys within the YAML."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The files of one scenario, the entry file first."""

    files: tuple[Path, ...]
    """Whatever it names, also where it cannot be read."""
    parts: tuple[YamlSource, ...] = ()
    """Those that could be read as YAML, in the same order."""
    scenario: Scenario | None = None
    """None where the form is faulty."""
    problems: tuple[Problem, ...] = ()
    """Faults of form."""

    def problem(self, where: Where, text: str) -> Problem:
        """A fault with its file and the line of the nearest thing that is really written."""
        named = next((part for part in self.parts if len(where) > 1 and part.has(where[:2])), self.parts[0])
        return named.problem(where, text)


def read(path: Path) -> Source:
    """A scenario and all that is included in it."""
    main = _read_part(path, ScenarioFile)
    if not isinstance(main.shape, ScenarioFile) or main.yaml is None:
        return Source(files=(path,), problems=main.problems)
    parts = [main]
    problems = [*main.problems]
    for index, name in enumerate(main.shape.include):
        part = _read_part(path.parent / name, JobFile)
        if part.body is None:  # say it where the name stands
            problems.append(main.yaml.problem(("include", index), f"{name} {part.problems[0].text}"))
        else:
            problems += part.problems
        parts.append(part)
    problems += _twice(parts)
    files = tuple(part.path for part in parts)
    read_parts = tuple(part.yaml for part in parts if part.yaml)
    if problems:
        return Source(files=files, parts=read_parts, problems=tuple(problems))
    version = hashlib.sha256(b"".join(part.body or b"" for part in parts)).hexdigest()[:12]
    jobs = [part.shape for part in parts[1:] if isinstance(part.shape, JobFile)]
    return Source(files=files, parts=read_parts, scenario=value(main.shape, jobs, version))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One file."""

    path: Path
    body: bytes | None = None
    """None where it cannot be read."""
    yaml: YamlSource | None = None
    shape: ScenarioFile | JobFile | None = None
    problems: tuple[Problem, ...] = ()


def _read_part(path: Path, shape: type[ScenarioFile] | type[JobFile]) -> _Part:
    body = source = None
    try:
        body = read_bytes(path, most=LONGEST_FILE)
        source = read_yaml(body, path, most=LONGEST_FILE)
        return _Part(path=path, body=body, yaml=source, shape=source.shaped(shape))
    except FileRefused as refused:
        return _Part(path=path, body=body, yaml=source, problems=refused.problems)


def _twice(parts: Sequence[_Part]) -> list[Problem]:
    """Names of nodes and intents that stand in two files."""
    seen: dict[Where, Path] = {}
    problems = []
    for part in parts:
        for group in ("nodes", "intents"):
            for name in getattr(part.shape, group, {}):
                first = seen.setdefault((group, name), part.path)
                if first != part.path and part.yaml:
                    text = f"{group.removesuffix('s')} {name!r} stands in {first} already"
                    problems.append(part.yaml.problem((group, name), text))
    return problems
