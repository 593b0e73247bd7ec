"""`otklik rules convert`: rule files in the words of before, written in those of today."""

from __future__ import annotations

import codecs
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from analytics.rule_files import converted
from speech.yaml_source import FileRefused, decoded, read_bytes


def convert_files(files: Sequence[Path], *, check: bool, stdout: bool) -> int:
    """Write each file anew, or only tell of it. A file with a fault is told and left; 1 where there was one, and with
    ``check`` where anything would change."""
    faults = changed = 0
    for file in files:
        try:
            body = read_bytes(file)
            old = decoded(body, file)
            new = converted(old, file)
            if stdout:
                sys.stdout.write(new)
            elif new != old and not check:
                mark = codecs.BOM_UTF8 if body.startswith(codecs.BOM_UTF8) else b""
                write_whole(file, mark + new.encode())
        except FileRefused as refused:
            print(refused, file=sys.stderr)
            faults += 1
        except OSError as error:
            print(f"{file}: cannot be written: {error.strerror}", file=sys.stderr)
            faults += 1
        else:
            changed += new != old
            if new != old and not stdout:
                print(f"{file}: {'would be written anew' if check else 'written anew'}", file=sys.stderr)
    print(f"{len(files)} files, {changed} in words of before, {faults} with faults", file=sys.stderr)
    return 1 if faults or (check and changed) else 0


def write_whole(file: Path, body: bytes) -> None:
    """Put a whole file in the place of another, with its rights: whoever reads it meanwhile sees the old or the new.

    Raises:
        OSError: it cannot be written; the old one stays.
    """
    target = file.resolve()
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as draft:
        try:
            draft.write(body)
            draft.flush()
            os.fsync(draft.fileno())
            os.chmod(draft.name, target.stat().st_mode & 0o7777)  # noqa: PTH101
            Path(draft.name).replace(target)
        except BaseException:
            Path(draft.name).unlink(missing_ok=True)
            raise
