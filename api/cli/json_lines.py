"""JSON lines in, JSON lines out, one for one: how other people's scripts talk with a command."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable
from typing import Any, BinaryIO

Row = dict[str, Any]


class BadLine(ValueError):
    """A line that cannot be answered; says why."""


def each_line(source: BinaryIO, answer: Callable[[Row], Row], sink: BinaryIO) -> int:
    """Answer every line as soon as it is read, in order. Stops at the first bad one and says its number on stderr.

    Args:
        source: JSON objects, one a line, in UTF-8 whatever the locale; as ``sys.stdin.buffer``.
        answer: Makes the row to write of the row that was read; raises ``BadLine`` for one it cannot take.
        sink: Each answer is flushed there, so that a pipe can wait for it; as ``sys.stdout.buffer``.

    Returns:
        Exit code: 0 done or nobody reads on, 1 a bad line.
    """
    try:
        for number, line in enumerate(source, start=1):
            try:
                row = answer(read_row(line))
            except BadLine as problem:
                print(f"line {number}: {problem}", file=sys.stderr)
                return 1
            sink.write(_line(row))
            sink.flush()
    except BrokenPipeError:
        _drop_output()
    return 0


def read_rows(source: Iterable[bytes]) -> list[Row]:
    """All rows at once, for a command that has to see them all before it answers.

    Raises:
        BadLine: a line is no JSON object; says its number.
    """
    rows = []
    for number, line in enumerate(source, start=1):
        try:
            rows.append(read_row(line))
        except BadLine as problem:
            raise BadLine(f"line {number}: {problem}") from problem
    return rows


def read_row(line: bytes) -> Row:
    """One JSON object.

    Raises:
        BadLine: it is none.
    """
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise BadLine("not UTF-8") from None
    except RecursionError:
        raise BadLine("nested too deeply") from None
    except ValueError as problem:
        raise BadLine(f"not JSON: {problem}" if line.strip() else "empty; want a JSON object") from None
    if not isinstance(row, dict):
        raise BadLine(f"want a JSON object, got {json.dumps(row, ensure_ascii=False)[:80]}")
    return row


def text_field(row: Row, name: str = "text") -> str:
    """A string that a row must have.

    Raises:
        BadLine: it is missing or no string.
    """
    value = row.get(name)
    if isinstance(value, str):
        return value
    raise BadLine(f"{name!r} is missing" if name not in row else f"{name!r} must be a string, got {value!r:.80}")


def _line(row: Row) -> bytes:
    """A row readable to people; half of a surrogate pair, which UTF-8 does not have, stays escaped."""
    return json.dumps(row, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"


def _drop_output() -> None:
    """Keep Python from complaining about a closed pipe once more when it ends."""
    if sys.__stdout__ is not None and sys.stdout is sys.__stdout__:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno())
