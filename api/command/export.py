"""`otklik export`: tables of the archive as files, and the views that other programs may read."""

from __future__ import annotations

import getpass
import os
import sys
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from rich.console import Console
from rich.table import Table

from recordings.database import connect, reading, transaction
from recordings.errors import ExportTooLarge
from recordings.exports.bi_views import READ_ONLY_ROLE, VIEWS
from recordings.exports.exports import DATASETS, Wanted
from recordings.exports.files import csv_lines, write_file
from recordings.privacy import audit
from recordings.settings import StoreSettings

console = Console(stderr=True, highlight=False, soft_wrap=True)


def export_table(what: str, *, form: str, since: str, until: str, language: str, out: Path | None, bom: bool) -> int:
    """Write one table; days are of UTC, ``until`` included. CSV goes to stdout when no file is named."""
    try:
        wanted = Wanted(since=_start(since), until=_start(until, days=1), language=language)
    except ValueError as problem:
        console.print(f"[red]{problem}[/]: want a day as 2026-11-01")
        return 2
    if out is None and form != "csv":
        console.print(f"[red]{form} needs --out FILE[/]")
        return 2
    dataset = DATASETS[what]
    engine = connect(StoreSettings().database_url)
    try:
        with reading(engine) as db:
            rows = dataset.rows(db, wanted)
            if out is None:
                count = -1
                for part in csv_lines(dataset.columns, rows, bom=bom):
                    sys.stdout.buffer.write(part)
                sys.stdout.buffer.flush()
            else:
                count = write_file(out, form, dataset.columns, rows, bom=bom)
        with transaction(engine) as db:
            detail = {"format": form, "since": since, "until": until, "rows": count}
            audit.note(db, f"cli:{getpass.getuser()}", "export.made", what, detail)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nobody reads on; Python need not complain
        return 0
    except (ExportTooLarge, OSError) as problem:
        console.print(f"[red]{problem}[/]")
        return 1
    finally:
        engine.dispose()
    if out is not None:
        console.print(f"{count} rows in {out}")
    return 0


def print_views() -> int:
    """What the read-only views hold, column by column."""
    for name, view in VIEWS.items():
        table = Table(title=f"{name}: {view.what}", title_justify="left", show_header=False, box=None)
        for column, what in view.columns.items():
            table.add_row(f"  {column}", what)
        Console(highlight=False).print(table)
    Console(highlight=False, soft_wrap=True).print(READ_ONLY_ROLE)
    return 0


def _start(day: str, *, days: int = 0) -> datetime | None:
    return datetime.combine(date.fromisoformat(day), time.min, UTC) + timedelta(days=days) if day else None
