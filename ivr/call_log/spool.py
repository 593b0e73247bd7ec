"""Entries of the call log in files: of calls that go on, for a robot that is killed, and of those not written yet.

A call that goes on has a journal, ``<call>.live``, locked as long as its robot lives: each entry is appended before the
database is asked. What the database has not taken by the end is put aside as ``<call>.jsonl``.
"""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from ivr.call_log.entries import ENTRIES, Closed, Concluded, Entry, Promised, Refused, write_or_drop
from recordings.database import transaction

log = logging.getLogger(__name__)

MOST_BYTES = 4_000_000
"""Size of one journal: some ten thousand turns."""


class Journal:
    """Entries of one call that goes on. A kill of the robot loses none of them, for they lie with the kernel; what
    binds the company, a promise or a refusal, is forced onto the disk for a power cut, too.

    Used by one thread at a time.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None
        self._size = 0
        self._failed = False

    def append(self, entry: Entry) -> None:
        """Add one. A disk that takes none costs the journal, not the call: the database has the entry soon."""
        line = ENTRIES.dump_json(entry) + b"\n"
        if self._failed or self._size + len(line) > MOST_BYTES:
            return
        try:
            file = self._open()
            os.write(file, line)
            self._size += len(line)
            if isinstance(entry, Promised | Refused):
                os.fsync(file)
        except OSError as error:
            self._failed = True
            log.error("%s: no journal, a kill of the robot would lose entries: %s", self._path.name, error)

    def begin_anew(self, entries: Sequence[Entry]) -> None:
        """Forget what stands there, as after a refusal: the words go."""
        if self._file is not None:
            os.ftruncate(self._file, 0)
            self._size = 0
        for entry in entries:
            self.append(entry)

    def end(self) -> None:
        """All of it is written, or put aside."""
        if self._file is not None:
            self._path.unlink(missing_ok=True)
        self.leave()

    def leave(self) -> None:
        """It is the only copy: whoever replays next finds it."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _open(self) -> int:
        if self._file is None:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return self._file


def _fault_of(error: Exception) -> str:
    """What is wrong, without the words in which it is wrong."""
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, at['loc']))}: {at['type']}" for at in error.errors(include_input=False))
    return str(error)


class Spool:
    """The folder of both."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def journal(self, call_id: str) -> Journal:
        """Where a call that begins is kept while it goes on."""
        return Journal(self._folder / f"{call_id}.live")

    def keep(self, call_id: str, entries: Sequence[Entry]) -> None:
        """Put a call's entries aside.

        Raises:
            OSError: no room.
        """
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = self._folder / f"{call_id}.fresh"
        fresh.touch(mode=0o600)
        fresh.write_bytes(b"".join(ENTRIES.dump_json(entry) + b"\n" for entry in entries))
        fresh.replace(self._file(call_id))

    def has(self, call_id: str) -> bool:
        return self._file(call_id).exists() or (self._folder / f"{call_id}.live").exists()

    def replay(self, engine: Engine) -> None:
        """Write what was put aside and what a killed robot left, each call in one transaction; the rest stays."""
        for path in sorted(self._folder.glob("*.live")):
            try:
                with path.open("rb") as file:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # its robot lives: BlockingIOError
                    if path.exists():  # not ended between the two lines above
                        lines = file.read().splitlines(keepends=True)
                        if not self._write(engine, path, lines, killed=True):
                            return
            except BlockingIOError:
                continue
            except OSError as error:
                log.error("call %s: its journal %s cannot be read: %s", path.stem, path, error)
        for path in sorted(self._folder.glob("*.jsonl")):
            try:
                if not self._write(engine, path, path.read_bytes().splitlines(keepends=True)):
                    return
            except OSError as error:
                log.error("call %s: its entries stay in %s: %s", path.stem, path, error)

    def _write(self, engine: Engine, path: Path, lines: Sequence[bytes], *, killed: bool = False) -> bool:
        """False when the database is away: the others would wait in vain as long as this one."""
        if killed:  # in the middle of a line
            lines = [line for line in lines if line.endswith(b"\n")]
        try:
            entries = [ENTRIES.validate_json(line) for line in lines]
            if any(isinstance(entry, Closed) for entry in entries):
                entries = [entry for entry in entries if not isinstance(entry, Concluded)]
            with transaction(engine) as db:
                for entry in entries:
                    write_or_drop(db, entry, path.stem)
            path.unlink()
            log.info("call %s: %d entries put aside earlier are written now", path.stem, len(entries))
        except (SQLAlchemyError, OSError, ValidationError) as error:
            log.error("call %s: its entries stay in %s: %s", path.stem, path, _fault_of(error))
            return not isinstance(error, OperationalError)
        return True

    def _file(self, call_id: str) -> Path:
        return self._folder / f"{call_id}.jsonl"
