"""Where the sound is: a folder, or an object store, behind one fsspec address."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, TypeVar, cast
from uuid import uuid4

import fsspec
from fsspec.implementations.local import LocalFileSystem

from recordings.bounded_threads import BoundedThreads
from recordings.errors import SoundMissing, StoreUnavailable

ANSWER_SECONDS = 30.0
"""Longest wait for an object store to look, delete, or give some of a file."""
PUT_SECONDS = 600.0
"""Longest time to bring one recording there."""

BUFFER = 1 << 20
"""Bytes read ahead of an object."""

T = TypeVar("T")

FILE_MODE, FOLDER_MODE = 0o640, 0o750
"""Sound is read by the account that wrote it and by its group, wherever the folder lies."""
OTHERS = 0o007
MOST_CLOSED = 200_000
"""Files that one start looks at: some seconds."""


class AudioStore:
    """Sound files by key, a relative path as ``2026/11/<sha256>.wav``. Thread-safe.

    Object stores fail in ways of their own, and may hang. Here is the edge: whatever a store raises, and its silence,
    is ``StoreUnavailable``, an OSError, for everybody above; what hangs keeps a bounded number of threads.
    """

    def __init__(self, url: str, *, answer_seconds: float = ANSWER_SECONDS, put_seconds: float = PUT_SECONDS) -> None:
        self._files, self._root = fsspec.core.url_to_fs(url)
        self._local = isinstance(self._files, LocalFileSystem)
        self._answer_seconds = answer_seconds
        self._put_seconds = put_seconds
        self._threads = BoundedThreads("store", threads=8, waiting=64, most_left=8)

    def _ask(self, work: Callable[[], T], *, seconds: float | None = None) -> T:
        """Have the store do something. The disk is asked in the thread of the caller.

        Raises:
            FileNotFoundError: as the store says.
            StoreUnavailable: anything else it says, or nothing in time.
        """
        try:
            if self._local:
                return work()
            return self._threads.result(work, seconds=seconds or self._answer_seconds)
        except FileNotFoundError:
            raise
        except OSError as error:
            if self._local:
                raise
            raise _unavailable(error) from error
        except Exception as error:  # the edge of a store: each has errors of its own
            raise _unavailable(error) from error

    def put(self, key: str, path: Path) -> None:
        """Keep a copy of the file under the key, whole or not at all; it is on the disk when this returns.

        Raises:
            OSError: no room, no access, or the store cannot be reached (``StoreUnavailable``).
        """
        target = self._path(key)
        if not self._local:
            # object stores show a new object when it is complete
            self._ask(partial(self._files.put_file, str(path), target), seconds=self._put_seconds)
            return
        part = Path(f"{target}.{uuid4().hex}.part")
        for folder in reversed([part.parent, *part.parent.parents]):  # parents=True gives the mode to the last alone
            folder.mkdir(exist_ok=True, mode=FOLDER_MODE)
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
            StoreUnavailable: the store failed; also while the file is read.
        """
        try:
            file = self._ask(partial(self._files.open, self._path(key), "rb"))
        except FileNotFoundError:
            raise _missing(key) from None
        return cast(BinaryIO, file if self._local else io.BufferedReader(_StoredFile(self._ask, file), BUFFER))

    def size(self, key: str) -> int:
        """Bytes.

        Raises:
            SoundMissing: nothing is stored under the key.
        """
        try:
            return int(self._ask(partial(self._files.size, self._path(key))))
        except FileNotFoundError:
            raise _missing(key) from None

    def delete(self, key: str) -> None:
        """Forget the sound; nothing happens when it is gone already."""
        with suppress(FileNotFoundError):
            self._ask(partial(self._files.rm_file, self._path(key)))

    def stored(self, beginning: str = "") -> list[str]:
        """Keys of all that is stored, or of what begins so; also of copies that were never finished."""
        folder = self._path(str(PurePosixPath(beginning).parent)) if "/" in beginning else self._root.rstrip("/")
        try:
            found = self._ask(partial(self._files.find, folder))
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

    def close_to_others(self, *, most: int = MOST_CLOSED) -> int:
        """Take from everybody else the sound that an earlier Otklik kept open to them; tells of how many files.

        A folder is closed after all that is in it: a closed one was seen to, and is not looked into again.

        Args:
            most: Files that are looked at; the next time goes on from there.
        """
        if not self._local:
            return 0
        return _close(Path(self._root), most)[0]

    def _path(self, key: str) -> str:
        parts = PurePosixPath(key)
        if parts.is_absolute() or not parts.parts or ".." in parts.parts:
            raise ValueError(f"not a key of the audio store: {key!r}")
        return f"{self._root.rstrip('/')}/{parts}"


def recorded_key(key: str) -> str:
    """The key as a row has it.

    Raises:
        SoundMissing: the row was written without any sound, as those of demo data.
    """
    if not key:
        raise SoundMissing("this recording has no sound")
    return key


def _of_owner_and_group(path: str, flags: int) -> int:
    return os.open(path, flags, FILE_MODE)


def _close(folder: Path, most: int) -> tuple[int, int]:
    """Files that were closed, and how many more may be looked at; a folder that is closed itself is done."""
    closed = 0
    with suppress(FileNotFoundError, PermissionError):  # deleted meanwhile, or another account's
        if not folder.stat().st_mode & OTHERS:
            return 0, most
        for path in folder.iterdir():
            if path.is_symlink():
                continue
            if path.is_dir():
                inside, most = _close(path, most)
                closed += inside
            elif most > 0:
                most -= 1
                with suppress(FileNotFoundError, PermissionError):
                    if (mode := path.stat().st_mode) & OTHERS:
                        path.chmod(mode & FILE_MODE)
                        closed += 1
            if most <= 0:
                return closed, 0
        folder.chmod(folder.stat().st_mode & FOLDER_MODE)
    return closed, most


class _StoredFile(io.RawIOBase):
    """A file of an object store, read through the edge."""

    def __init__(self, ask: Callable[[Callable[[], Any]], Any], file: Any) -> None:
        self._ask = ask
        self._file = file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        block: bytes = self._ask(partial(self._file.read, len(buffer)))
        buffer[: len(block)] = block
        return len(block)

    def seek(self, offset: int, whence: int = 0) -> int:
        return int(self._ask(partial(self._file.seek, offset, whence)))

    def tell(self) -> int:
        return int(self._file.tell())

    def close(self) -> None:
        if not self.closed:
            super().close()
            with suppress(OSError):  # it was read only
                self._ask(self._file.close)


def _unavailable(error: Exception) -> StoreUnavailable:
    return StoreUnavailable(f"the audio store failed: {type(error).__name__}: {error}"[:500])


def _missing(key: str) -> SoundMissing:
    return SoundMissing(f"the audio store has no {key}: was the folder moved or cleaned by hand?")
