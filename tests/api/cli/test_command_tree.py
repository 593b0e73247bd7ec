"""The command line is a public interface: each name, option and default stands in ``command_tree.txt``.

A change on purpose: ``python -m tests.api.cli.test_command_tree > tests/api/cli/command_tree.txt``, and a line in the
changelog.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from api.cli import app

pytestmark = pytest.mark.unit

TREE = Path(__file__).with_name("command_tree.txt")
HEAVY = ("numpy", "sqlalchemy", "fastapi", "pydantic", "rich.progress", "yaml", "celery", "httpx", "aiohttp", "speech")
"""What only the commands that need it may import: ``otklik --help`` and completion wait for nobody."""


def tree() -> Iterator[str]:
    """A line a command, and under it a line each of its arguments and options."""
    yield from _lines("otklik", get_command(app))


def _lines(path: str, command: Any) -> Iterator[str]:
    yield f"{path}: {' '.join(command.help.split())}"
    for parameter in command.params:
        yield f"    {_shown(parameter)}"
    for name, inner in sorted(getattr(command, "commands", {}).items()):
        yield from _lines(f"{path} {name}", inner)


def _shown(parameter: Any) -> str:
    kind = parameter.type_descriptor.annotation
    bounds = [bound for bound in (parameter.min, parameter.max) if bound is not None]
    files = {name for name in ("exists", "file_okay", "dir_okay") if _information(parameter, name)}
    parts = (
        " ".join((*parameter.opts, *parameter.secondary_opts)),
        getattr(kind, "__name__", str(kind)) if not hasattr(kind, "__args__") else str(kind),
        f"{bounds}" if bounds else "",
        f"metavar {parameter.metavar}" if parameter.metavar else "",
        " ".join(sorted(files)) if "Path" in str(kind) else "",
        "many" if parameter.multiple or parameter.nargs != 1 else "",
        "required" if parameter.required else f"default {parameter.default!r}",
        parameter.help or "",
    )
    return " | ".join(part for part in parts if part)


def _information(parameter: Any, name: str) -> object:
    return getattr(parameter.type_descriptor.parameter_info, name, None)


def test_nothing_of_the_command_line_is_lost() -> None:
    assert list(tree()) == TREE.read_text("utf-8").splitlines()


def test_help_waits_for_no_heavy_import() -> None:
    code = f"import sys, api.cli; print(*[name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


if __name__ == "__main__":
    sys.stdout.write("".join(f"{line}\n" for line in tree()))
