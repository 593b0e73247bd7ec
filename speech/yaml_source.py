"""The one reader of YAML that people write: plain data, the line of everything in it, or what is wrong and where.

A file from outside neither ends the process nor eats its memory: characters, values, depth and aliases are bounded. A
key that stands twice is a fault, not the loss of one of the two; so is a date that no calendar has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from speech.yaml_tree import MOST_PROBLEMS, Mark, Tree

LONGEST_TEXT = 4_000_000
"""Characters of one file, where its reader does not ask for fewer."""
LONGEST_PROBLEM = 500
"""Characters."""

Shape = TypeVar("Shape", bound=BaseModel)
Kind = TypeVar("Kind")
Where = Sequence[int | str]
"""Path of keys and places within a file."""

_FORBIDDEN = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|\ufeff")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One fault of a file."""

    file: str
    """Name under which the file was given to its reader."""
    line: int
    """Counts from 1."""
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


class FileRefused(ValueError):
    """A file that cannot be used; ``problems`` tells every fault with its line."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One file, read."""

    file: str
    data: Any
    """Mappings, lists and values; None where the file is empty."""
    mark: Mark

    def line(self, where: Where) -> int:
        """Line of the deepest part of the path that is there; steps that only name a kind of value are passed over."""
        return self._walk(where)[0]

    def at(self, where: Where) -> Mark:
        """Where exactly this path stands.

        Raises:
            KeyError: it does not.
        """
        mark = self.mark
        for step in where:
            if str(step) in mark.keys:
                mark = mark.keys[str(step)][1]
            elif isinstance(step, int) and 0 <= step < len(mark.items):
                mark = mark.items[step]
            else:
                raise KeyError(step)
        return mark

    def has(self, where: Where) -> bool:
        """Whether exactly this path stands in the file."""
        return len(self._walk(where)[1]) == len(where)

    def problem(self, where: Where, text: str) -> Problem:
        return _problem(self.file, self.line(where), text)

    def problems(self, error: ValidationError) -> tuple[Problem, ...]:
        """Faults that pydantic found in the data, by line."""
        found = dict.fromkeys(self._problems(error))
        return tuple(sorted(found, key=lambda problem: problem.line)[:MOST_PROBLEMS])

    def shaped(self, shape: type[Shape]) -> Shape:
        """The data as a shape of pydantic.

        Raises:
            FileRefused: it has another shape.
        """
        try:
            return shape.model_validate(self.data)
        except ValidationError as error:
            raise FileRefused(*self.problems(error)) from None

    def _problems(self, error: ValidationError) -> Iterator[Problem]:
        for fault in error.errors(include_url=False):
            line, steps = self._walk(fault["loc"])
            if fault["type"] == "missing":
                steps = [*steps, fault["loc"][-1]]
            text = fault["msg"].removeprefix("Value error, ")
            if fault["type"] == "string_type":
                text += _as_text(fault["input"])
            place = ".".join(map(str, steps))
            yield _problem(self.file, line, f"{place}: {text}" if place else text)

    def _walk(self, where: Where) -> tuple[int, list[int | str]]:
        """Line of a path, and those of its steps that stand in the file."""
        mark, line, steps = self.mark, self.mark.line, list[int | str]()
        for step in where:
            if str(step) in mark.keys:
                key, mark = mark.keys[str(step)]
                line = key.line  # a list is where its name stands
            elif isinstance(step, int) and 0 <= step < len(mark.items):
                mark = mark.items[step]
                line = mark.line
            else:
                continue
            steps.append(step)
        return line, steps


def read_bytes(file: Path, *, most: int = LONGEST_TEXT) -> bytes:
    """The bytes of a file; no more than so many characters can have are read.

    Raises:
        FileRefused: it cannot be read, or is longer.
    """
    try:
        with file.open("rb") as stream:
            body = stream.read(4 * most + 1)
    except (OSError, ValueError) as error:  # ValueError: a name with a zero byte
        raise FileRefused(_problem(file, 1, f"cannot be read: {getattr(error, 'strerror', error)}")) from None
    if len(body) > 4 * most:
        raise FileRefused(_problem(file, 1, f"longer than {most:,} characters"))
    return body


def decoded(body: bytes, file: Path | str) -> str:
    """Bytes as text, without a byte order mark.

    Raises:
        FileRefused: they are not UTF-8.
    """
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = 1 + body.count(b"\n", 0, error.start)
        raise FileRefused(_problem(file, line, "not UTF-8")) from None


def read_text(file: Path, *, most: int = LONGEST_TEXT) -> str:
    """The text of a file.

    Raises:
        FileRefused: it cannot be read, is longer than ``most`` characters, or is not UTF-8.
    """
    return decoded(read_bytes(file, most=most), file)


def read_yaml(
    text: str | bytes, file: Path | str, *, as_texts: bool = False, most: int = LONGEST_TEXT, first_line: int = 1
) -> Source:
    """Data of a YAML text.

    Args:
        text: One document, or nothing.
        file: Name for problems.
        as_texts: Numbers, dates and a bare ``no`` stay the texts they are written as.
        most: Characters it may have.
        first_line: Number of the text's first line in its file.

    Raises:
        FileRefused: it is not YAML, is larger than bounded, holds a key twice, or a value that does not exist.
    """
    text = decoded(text, file) if isinstance(text, bytes) else text.removeprefix("\ufeff")
    if len(text) > most:
        raise FileRefused(_problem(file, 1, f"longer than {most:,} characters"))
    if sign := _FORBIDDEN.search(text):
        line = first_line + text.count("\n", 0, sign.start())
        raise FileRefused(_problem(file, line, f"not YAML: character {sign[0]!r} is not allowed"))
    tree = Tree(text, as_texts=as_texts, first_line=first_line)
    if tree.faults:
        raise FileRefused(*(_problem(file, *fault) for fault in tree.faults))
    return Source(file=str(file), data=tree.data, mark=tree.mark)


def read_table(file: Traversable, kind: type[Kind]) -> Kind:
    """A table that comes with Otklik.

    Raises:
        FileRefused: somebody damaged it.
    """
    source = read_yaml(file.read_bytes(), str(file))
    try:
        return TypeAdapter(kind).validate_python(source.data)
    except ValidationError as error:
        raise FileRefused(*source.problems(error)) from None


def _problem(file: Path | str, line: int, text: str) -> Problem:
    short = text if len(text) <= LONGEST_PROBLEM else f"{text[: LONGEST_PROBLEM - 1]}…"
    return Problem(file=str(file), line=line, text=short)


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return ' (a bare yes or no is no text in YAML: write "yes", "no")'
    return "" if value is None or isinstance(value, dict | list) else " (write it in quotes)"
