"""`otklik scorecard`: what calls are scored by."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from api.cli.options import AsJson, Files, account, app, refuse

if TYPE_CHECKING:
    from speech.yaml_source import Problem

scorecard_app = typer.Typer(no_args_is_help=True, help="What calls are scored by.")
app.add_typer(scorecard_app, name="scorecard")


@scorecard_app.command("check")
def check_scorecards(files: Files) -> None:
    """Check scorecards; prints file:line."""
    problems = [problem for file in files for problem in _read(file)[1]]
    for problem in problems:
        print(problem)
    print(f"{len(files)} scorecards, {len(problems)} problems", file=sys.stderr)
    raise typer.Exit(1 if problems else 0)


@scorecard_app.command("add")
def add_scorecards(files: Files) -> None:
    """Make each file the running version of its name; with an error in any of them nothing changes."""
    from api.installation.installation import open_database
    from api.operations.quality import put_scorecards_in_force

    read = {file: _read(file) for file in files}
    if problems := [problem for _, faults in read.values() for problem in faults]:
        for problem in problems:
            print(problem)
        refuse("nothing was changed: the running versions stay")
    texts = {str(file): text for file, (text, _) in read.items()}
    cards, _ = put_scorecards_in_force(open_database(), texts, by=account())
    for card in cards:
        print(f"{card.name} {card.version} is running", file=sys.stderr)


@scorecard_app.command("list")
def list_scorecards(as_json: AsJson = False) -> None:
    """All versions, the running ones first."""
    from rich.console import Console
    from rich.table import Table

    from api.installation.installation import open_database
    from recordings.database import reading
    from recordings.quality import scorecards

    with reading(open_database()) as db:
        stored = scorecards.list_scorecards(db)
    if as_json:
        for card in stored:
            line = {"name": card.name, "version": card.version, "running": card.running, "by": card.created_by}
            print(json.dumps(line | {"created_at": card.created_at.isoformat()}, ensure_ascii=False))
        return
    table = Table("name", "version", "state", "by", "since")
    for card in stored:
        state = "running" if card.running else "retired"
        table.add_row(card.name, card.version, state, card.created_by, f"{card.created_at:%Y-%m-%d %H:%M}")
    Console().print(table)


@scorecard_app.command("schema")
def print_schema() -> None:
    """JSON schema of scorecards: editors complete and check while one types."""
    from analytics.quality.scorecard_file import schema

    print(json.dumps(schema(), indent=2, ensure_ascii=False))


def _read(file: Path) -> tuple[str, list[Problem]]:
    """The text of a scorecard and what is wrong with it."""
    from analytics.quality.scorecard_file import LONGEST_TEXT, read_scorecard
    from speech.yaml_source import FileRefused, read_text

    try:
        text = read_text(file, most=LONGEST_TEXT).replace("\r\n", "\n")
    except FileRefused as refused:
        return "", list(refused.problems)
    return text, read_scorecard(text, str(file))[1]
