"""Folders for what is on its way: sound to be sent, a person's archive. They lie in home, which only its owner reads,
and one whose process was killed is known by its lock and deleted by the next.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from speech.settings import home

PLACE = "tmp"
"""Folder of home."""


@contextmanager
def temporary_folder(prefix: str) -> Iterator[Path]:
    """A folder of one's own, gone at the end; what dead processes left goes, too.

    Raises:
        OSError: there is no room or no right to write.
    """
    place = home() / PLACE
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    forget_left_folders()
    folder = Path(tempfile.mkdtemp(prefix=f"{prefix}-", dir=place))
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def left_folders() -> list[Path]:
    """Folders whose process is gone."""
    place = home() / PLACE
    return [path for path in sorted(place.iterdir()) if path.is_dir() and _is_left(path)] if place.is_dir() else []


def forget_left_folders() -> int:
    """Delete them; tells how many."""
    left = left_folders()
    for path in left:
        shutil.rmtree(path, ignore_errors=True)
    return len(left)


def _is_left(folder: Path) -> bool:
    """Whether nobody holds it. One that was made a moment ago and is not locked yet is empty: it is left alone."""
    try:
        lock = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(lock)
    with suppress(FileNotFoundError):
        return any(folder.iterdir())
    return False
