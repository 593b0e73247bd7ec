"""Sound beside the rows of a backup: what has not changed since the backup before is a second name of the same file."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import Engine, select

from recordings.audio_store import AudioStore
from recordings.database import reading
from recordings.errors import BackupDamaged, SoundMissing
from recordings.tables import RecordingRow, RedactionRow

Progress = Callable[[int, int], None]
"""Called with how many files are done and how many there are."""
BLOCK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class CopiedFile:
    """One file of a backup."""

    path: str
    """Relative to its folder, with slashes."""
    size: int
    """Bytes."""
    sha256: str


def sound_keys(engine: Engine) -> list[str]:
    """Keys of all sound that rows point at."""
    with reading(engine) as db:
        whole = db.scalars(select(RecordingRow.key).where(RecordingRow.sound_deleted_at.is_(None)))
        redacted = db.scalars(select(RedactionRow.sound_key).where(RedactionRow.sound_key != ""))
        return sorted({*whole, *redacted} - {""})


def copy_sound(
    store: AudioStore, keys: list[str], folder: Path, *, before: Path | None, progress: Progress
) -> tuple[list[CopiedFile], list[str]]:
    """Bring sound into ``folder``.

    Args:
        store: Where it is.
        keys: What is wanted; a key's content never changes.
        folder: Where it goes. What an interrupted copy has left there whole is taken as it is.
        before: Folder of the backup before.
        progress: Told how far it is.

    Returns:
        What was copied, and the keys of which the store has nothing.

    Raises:
        OSError: no room, or the store cannot be reached.
    """
    known = {file.path: file for file in read_list(before)} if before else {}
    copied: list[CopiedFile] = []
    missing: list[str] = []
    for number, key in enumerate(keys, start=1):
        target = folder / key
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            size = store.size(key)
            earlier = known.get(key)
            if earlier and before and earlier.size == size and _linked(before / key, target):
                copied.append(earlier)
            else:
                copied.append(_copied(store, key, folder, size=size))
        except SoundMissing:  # erased, or deleted by policy, since the rows were read
            missing.append(key)
        progress(number, len(keys))
    return copied, missing


def restore_sound(folder: Path, files: list[CopiedFile], store: AudioStore, *, progress: Progress) -> None:
    """Put sound back; what the store already has in its full length is left alone.

    Raises:
        OSError: no room, or the store cannot be reached.
    """
    for number, file in enumerate(files, start=1):
        there = -1
        with suppress(SoundMissing):
            there = store.size(file.path)
        if there != file.size:
            store.put(file.path, folder / file.path)
        progress(number, len(files))


LIST = "files.jsonl"
"""Beside the files of a folder: a line a file."""


def write_list(folder: Path, files: list[CopiedFile]) -> CopiedFile:
    """Write down what a folder holds; gives back the list itself as a file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / LIST
    path.write_text("".join(json.dumps(asdict(file), ensure_ascii=False) + "\n" for file in files), "utf-8")
    return of_file(path, folder)


def read_list(folder: Path) -> list[CopiedFile]:
    """What a folder is said to hold; nothing where no list is.

    Raises:
        BackupDamaged: the list cannot be read.
    """
    try:
        return [CopiedFile(**json.loads(line)) for line in (folder / LIST).read_text("utf-8").splitlines()]
    except FileNotFoundError:
        return []
    except (ValueError, TypeError) as error:
        raise BackupDamaged(f"{folder / LIST} cannot be read: {error}") from error


def faults(folder: Path, files: Mapping[str, CopiedFile]) -> Iterator[str]:
    """What of a folder is not as it was written."""
    for path, file in files.items():
        place = folder / path
        if not place.is_file():
            yield f"{path} is missing"
        elif of_file(place, folder) != file:
            yield f"{path} is not what was written"


def of_file(path: Path, folder: Path) -> CopiedFile:
    """A file as it is now."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return CopiedFile(path=path.relative_to(folder).as_posix(), size=path.stat().st_size, sha256=digest)


def _linked(source: Path, target: Path) -> bool:
    if target.exists():
        return True
    try:
        os.link(source, target)
    except OSError:  # gone, or a file system without links
        return False
    return True


def _copied(store: AudioStore, key: str, folder: Path, *, size: int) -> CopiedFile:
    target = folder / key
    if target.exists() and target.stat().st_size == size:  # whole, of a copy that was interrupted later on
        return of_file(target, folder)
    part = target.with_name(f"{target.name}.part")
    with store.open(key) as source, part.open("wb") as copy:
        shutil.copyfileobj(source, copy, BLOCK)
    part.replace(target)
    return of_file(target, folder)
