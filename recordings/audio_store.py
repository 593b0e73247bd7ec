"""Where the sound is: a folder, or an object store, behind one fsspec address."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast
from uuid import uuid4

import fsspec
from fsspec.implementations.local import LocalFileSystem

from recordings.errors import SoundMissing

FILE_MODE, FOLDER_MODE = 0o640, 0o750
"""Sound is read by the account that wrote it and by its group, wherever the folder lies."""


class AudioStore:
    """Sound files by key, a relative path as ``2026/11/<sha256>.wav``. Thread-safe."""

    def __init__(self, url: str) -> None:
        self._files, self._root = fsspec.core.url_to_fs(url)
        self._local = isinstance(self._files, LocalFileSystem)

    def put(self, key: str, path: Path) -> None:
        """Keep a copy of the file under the key, whole or not at all; it is on the disk when this returns.

        Raises:
            OSError: no room, no access, or the store cannot be reached.
        """
        target = self._path(key)
        if not self._local:
            self._files.put_file(str(path), target)  # object stores show a new object when it is complete
            return
        part = Path(f"{target}.{uuid4().hex}.part")
        part.parent.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
        try:
            with path.open("rb") as source, open(part, "xb", opener=_of_owner_and_group) as copy:
                shutil.copyfileobj(source, copy, 1 << 20)
                copy.flush()
                os.fsync(copy.fileno())
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)

    def open(self, key: str) -> BinaryIO:
        """The sound for reading, with ``seek``.

        Raises:
            SoundMissing: nothing is stored under the key.
        """
        try:
            return cast(BinaryIO, self._files.open(self._path(key), "rb"))
        except FileNotFoundError:
            raise _missing(key) from None

    def size(self, key: str) -> int:
        """Bytes.

        Raises:
            SoundMissing: nothing is stored under the key.
        """
        try:
            return int(self._files.size(self._path(key)))
        except FileNotFoundError:
            raise _missing(key) from None

    def delete(self, key: str) -> None:
        """Forget the sound; nothing happens when it is gone already."""
        with suppress(FileNotFoundError):
            self._files.rm_file(self._path(key))

    def stored(self, beginning: str = "") -> list[str]:
        """Keys of all that is stored, or of what begins so; also of copies that were never finished."""
        folder = self._path(str(PurePosixPath(beginning).parent)) if "/" in beginning else self._root.rstrip("/")
        try:
            found = self._files.find(folder)
        except FileNotFoundError:
            return []
        keys = (str(path).removeprefix(self._root.rstrip("/")).lstrip("/") for path in found)
        return sorted(key for key in keys if key.startswith(beginning))

    def delete_with_copies(self, key: str) -> int:
        """Forget a sound and all that was made of it and kept beside it, as ``<key>.peaks.json``; tells how many."""
        found = [name for name in self.stored(key) if name == key or name.startswith(f"{key}.")]
        for name in found:
            self.delete(name)
        return len(found)

    def _path(self, key: str) -> str:
        parts = PurePosixPath(key)
        if parts.is_absolute() or not parts.parts or ".." in parts.parts:
            raise ValueError(f"not a key of the audio store: {key!r}")
        return f"{self._root.rstrip('/')}/{parts}"


def _of_owner_and_group(path: str, flags: int) -> int:
    return os.open(path, flags, FILE_MODE)


def _missing(key: str) -> SoundMissing:
    return SoundMissing(f"the audio store has no {key}: was the folder moved or cleaned by hand?")
