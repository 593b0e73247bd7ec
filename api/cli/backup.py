"""`otklik backup`, `otklik restore`: an installation's copy, and the way back."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import account, app, refuse

Target = Annotated[Path | None, typer.Option("--to", help="Folder of all backups; by default OTKLIK_BACKUP_DIR.")]


@app.command("backup")
def back_up(
    to: Target = None,
    keep: Annotated[int, typer.Option(min=0, help="Backups to keep, this one included; 0 keeps all.")] = 0,
) -> None:
    """Copy database, sound and settings while calls go on; what has not changed since the last one costs no room."""
    from api.operations import backups
    from recordings.errors import RecordingsError
    from recordings.settings import StoreSettings

    try:
        with _bar() as progress:
            made = backups.back_up(to or StoreSettings().backup_dir, keep=keep, by=account(), progress=progress)
    except (RecordingsError, OSError) as problem:
        refuse(f"no backup was made: {problem}")
    print(made)
    print("it holds secrets and people's words: keep it as safe as the installation itself", file=sys.stderr)


@app.command("restore")
def restore(
    folder: Annotated[Path, typer.Argument(help="One backup, as otklik-20261130T023000Z.")],
    check: Annotated[bool, typer.Option("--check", help="Compare every file with what was written, no more.")] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Lose the calls that are here.")] = False,
) -> None:
    """Put a backup in place, all of it or nothing, and erase again what was erased after it was made."""
    from api.installation.backup import running_parts
    from api.operations import backups
    from recordings.backup.backup import check_backup
    from recordings.errors import RecordingsError

    try:
        if check:
            print(json.dumps({"rows": dict(check_backup(folder).rows)}))
            return
        if held := running_parts():
            refuse(*held, "stop all parts first")
        with _bar() as progress:
            restored, again = backups.restore(folder, over=replace, by=account(), progress=progress)
    except (RecordingsError, OSError) as problem:
        refuse(f"nothing was restored: {problem}")
    rows = sum(restored.manifest.rows.values())
    print(json.dumps({"rows": rows, "sounds": restored.sounds, "erased_again": asdict(again)}))
    if restored.manifest.missing:
        print(f"{len(restored.manifest.missing)} sounds were gone already when the backup was made", file=sys.stderr)
    print("models come with: otklik models pull --needed", file=sys.stderr)


@contextmanager
def _bar() -> Iterator[Callable[[int, int], None]]:
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("sound", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
