"""`otklik export`: tables of the archive as files, and the views that other programs may read."""

from __future__ import annotations

import os
import shutil
import sys
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Literal

import typer

from api.cli.options import account, app, refuse


@app.command("export")
def export_table(
    what: Annotated[
        Literal["calls", "findings", "evaluations", "figures", "utterances", "views"],
        typer.Argument(help="Table to write; views tells about those for BI programs."),
    ],
    form: Annotated[Literal["csv", "xlsx", "parquet"], typer.Option("--format")] = "csv",
    since: Annotated[str, typer.Option(help="First day (UTC), as 2026-11-01; by default all.")] = "",
    until: Annotated[str, typer.Option(help="Last day, included.")] = "",
    language: Annotated[str, typer.Option("--language", "-l", help="Only this one.")] = "",
    out: Annotated[Path | None, typer.Option(help="File to write; CSV goes to stdout without it.")] = None,
    bom: Annotated[bool, typer.Option(help="Begin CSV with a byte order mark, for Excel.")] = False,
) -> None:
    """Write calls, findings, evaluations, figures or utterances as a table, private data taken out."""
    from api.operations import exports
    from recordings.database import connect
    from recordings.errors import ExportTooLarge
    from recordings.exports.exports import Wanted
    from recordings.settings import StoreSettings
    from speech.temporary_folders import temporary_folder

    if what == "views":
        return _print_views()
    try:
        wanted = Wanted(since=_start(since), until=_start(until, days=1), language=language)
    except ValueError as problem:
        refuse(f"{problem}: want a day as 2026-11-01", code=2)
    if out is None and form != "csv":
        refuse(f"{form} needs --out FILE", code=2)
    engine = connect(StoreSettings().database_url)
    try:
        with temporary_folder("export") as folder:
            target = out or folder / "table.csv"
            count = exports.export_table(
                engine, what, target, form=form, wanted=wanted, days=(since, until), by=account(), bom=bom
            )
            if out is None:
                _print_bytes(target)
    except (ExportTooLarge, OSError) as problem:
        refuse(problem)
    finally:
        engine.dispose()
    if out is not None:
        print(f"{count} rows in {out}", file=sys.stderr)
    return None


def _print_bytes(file: Path) -> None:
    try:
        with file.open("rb") as source:
            shutil.copyfileobj(source, sys.stdout.buffer)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nobody reads on; Python need not complain


def _print_views() -> None:
    """What the read-only views hold, column by column."""
    from rich.console import Console
    from rich.table import Table

    from recordings.exports.bi_views import READ_ONLY_ROLE, VIEWS

    for name, view in VIEWS.items():
        table = Table(title=f"{name}: {view.what}", title_justify="left", show_header=False, box=None)
        for column, what in view.columns.items():
            table.add_row(f"  {column}", what)
        Console(highlight=False).print(table)
    Console(highlight=False, soft_wrap=True).print(READ_ONLY_ROLE)


def _start(day: str, *, days: int = 0) -> datetime | None:
    return datetime.combine(date.fromisoformat(day), time.min, UTC) + timedelta(days=days) if day else None
