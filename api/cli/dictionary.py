"""`otklik dictionary`: the keywords analytics looks for, checked before they are taken."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import app

dictionary_app = typer.Typer(no_args_is_help=True, help="Keywords analytics looks for.")
app.add_typer(dictionary_app, name="dictionary")


@dictionary_app.command("schema")
def print_schema() -> None:
    """JSON schema of dictionaries: editors complete and check while one types."""
    from analytics.dictionary import schema

    print(json.dumps(schema(), indent=2, ensure_ascii=False))


@dictionary_app.command("check")
def check_dictionaries(paths: Annotated[list[Path], typer.Argument(exists=True)]) -> None:
    """Check keyword dictionaries; prints file:line."""
    from analytics.dictionary import check

    files = [file for path in paths for file in (sorted(path.rglob("*.yaml")) if path.is_dir() else [path])]
    problems = [problem for file in files for problem in check(file)]
    for problem in problems:
        print(problem)
    print(f"{len(files)} dictionaries, {len(problems)} problems", file=sys.stderr)
    raise typer.Exit(1 if problems else 0)
