"""`otklik rules convert`: rule files in the words of before, written in those of today."""

from __future__ import annotations

import codecs
import os
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from api.cli.rules import rules_app


@rules_app.command("convert")
def convert_files(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False)],
    check: Annotated[bool, typer.Option("--check", help="Write nothing; 1 where a file would change.")] = False,
    stdout: Annotated[bool, typer.Option("--stdout", help="Print instead of writing.")] = False,
) -> None:
    """Rewrite dictionaries, scorecards and alerts in today's words of conditions; comments and meaning stay.

    A file with a fault, or one that cannot be rewritten so that it means the same, is told and left as it is.
    """
    from speech.yaml_source import FileRefused

    faults = changed = 0
    for file in files:
        try:
            new = _convert(file, check=check, stdout=stdout)
        except FileRefused as refused:
            print(refused, file=sys.stderr)
            faults += 1
        except OSError as error:
            print(f"{file}: cannot be written: {error.strerror}", file=sys.stderr)
            faults += 1
        else:
            changed += new
    print(f"{len(files)} files, {changed} in words of before, {faults} with faults", file=sys.stderr)
    raise typer.Exit(1 if faults or (check and changed) else 0)


def _convert(file: Path, *, check: bool, stdout: bool) -> bool:
    """Whether a file is written otherwise today; then it is written so, unless it is only asked for."""
    from analytics.rule_files import converted
    from speech.yaml_source import decoded, read_bytes

    body = read_bytes(file)
    old = decoded(body, file)
    new = converted(old, file)
    if stdout:
        sys.stdout.write(new)
    elif new != old:
        if not check:
            mark = codecs.BOM_UTF8 if body.startswith(codecs.BOM_UTF8) else b""
            _write_whole(file, mark + new.encode())
        print(f"{file}: {'would be written anew' if check else 'written anew'}", file=sys.stderr)
    return new != old


def _write_whole(file: Path, body: bytes) -> None:
    """Put a whole file in the place of another, with its rights: whoever reads it meanwhile sees the old or the new.

    Raises:
        OSError: it cannot be written; the old one stays.
    """
    target = file.resolve()
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as draft:
        path = Path(draft.name)
        try:
            draft.write(body)
            draft.flush()
            os.fsync(draft.fileno())
            path.chmod(target.stat().st_mode & 0o7777)
            path.replace(target)
        finally:
            path.unlink(missing_ok=True)
