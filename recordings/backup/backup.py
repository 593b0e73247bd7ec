"""Backups: a folder a backup, each whole in itself, with a manifest that is written last.

``<target>/otklik-<time>/`` holds ``rows`` (``recordings.backup.rows``), ``sound`` and ``files`` (settings and what else
lies in the installation's home), each with the list of its files and their sha256, and ``manifest.json``. Beside the
backups lies the journal of erasures.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import SQLAlchemyError

from recordings.audio_store import AudioStore
from recordings.backup.erasure_journal import add_to_journal, take_journal
from recordings.backup.rows import dump_rows, load_rows
from recordings.backup.sound import (
    LIST,
    CopiedFile,
    Progress,
    copy_sound,
    faults,
    of_file,
    read_list,
    restore_sound,
    sound_keys,
    write_list,
)
from recordings.database import connect, connect_to_remake, migrate, reading
from recordings.errors import BackupDamaged, NotEmpty
from recordings.tables import CallRow, ChatRow, RecordingRow

FORMAT = 1
"""Raised when an older Otklik could not make sense of a backup."""
MANIFEST = "manifest.json"
PARTS = ROWS, SOUND, FILES = "rows", "sound", "files"
PARTIAL = ".partial"
"""Ending of a backup that was interrupted; the next one goes on with its sound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup holds."""

    format: int
    otklik: str
    """Version of the program that made it."""
    schema: str
    """Revision of the tables."""
    created_at: datetime
    """Moment at which the rows were read; sound and files are of shortly after."""
    rows: Mapping[str, int]
    """Table → rows."""
    missing: tuple[str, ...]
    """Keys of sound that rows name and the store did not have."""
    models: Mapping[str, str]
    """Installed model → where it came from; the models themselves are fetched again."""
    lists: tuple[CopiedFile, ...]
    """Lists of the files of each part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What a restore did."""

    manifest: Manifest
    sounds: int
    erased_since: int
    """Receipts and tombstones that the journal of erasures knew and the backup did not."""


def make_backup(
    engine: Engine,
    store: AudioStore,
    target: Path,
    *,
    files: Mapping[str, Path],
    models: Mapping[str, str],
    version: str,
    keep: int = 0,
    progress: Progress,
) -> Path:
    """Copy rows, sound and files into a new folder of ``target``, while calls go on.

    Args:
        engine: Database of the installation.
        store: Its sound.
        target: Folder of all backups; made where it is missing.
        files: Path in the backup → file or folder to copy; what is not there is left out.
        models: For the manifest.
        version: The program's.
        keep: Backups to keep, this one included; 0 keeps all.
        progress: Told how much of the sound is done.

    Returns:
        The backup's folder.

    Raises:
        OSError: no room, no right to write, or another backup is being made there.
    """
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _alone(target):
        started = datetime.now(UTC)
        name = f"otklik-{started:%Y%m%dT%H%M%S}.{started.microsecond // 1000:03}Z"
        work = _partial(target, name)
        for part in PARTS:
            (work / part).mkdir(exist_ok=True)
        schema, counts = dump_rows(engine, work / ROWS)
        before = next(iter(list_backups(target)), None)
        sound, missing = copy_sound(
            store, sound_keys(engine), work / SOUND, before=before / SOUND if before else None, progress=progress
        )
        for place, source in files.items():
            _copy(source, work / FILES / place)
        _drop_others(work / SOUND, sound)
        contents = (_present(work / ROWS), sound, _present(work / FILES))
        lists = [write_list(work / part, content) for part, content in zip(PARTS, contents, strict=True)]
        manifest = Manifest(
            format=FORMAT,
            otklik=version,
            schema=schema,
            created_at=started,
            rows=counts,
            missing=tuple(missing),
            models=models,
            lists=tuple(replace(made, path=part) for part, made in zip(PARTS, lists, strict=True)),
        )
        (work / MANIFEST).write_text(json.dumps(asdict(manifest), default=str, indent=1, ensure_ascii=False), "utf-8")
        _flush(work)
        made = work.replace(target / name)
        add_to_journal(engine, target)
        for old in list_backups(target)[keep:] if keep else ():
            shutil.rmtree(old)
        return made


def list_backups(target: Path) -> list[Path]:
    """Whole backups of a folder, the newest first."""
    return sorted((found.parent for found in target.glob(f"otklik-*Z/{MANIFEST}")), reverse=True)


def read_manifest(folder: Path) -> Manifest:
    """What a backup says of itself.

    Raises:
        BackupDamaged: it is none, interrupted, or of a newer Otklik.
    """
    try:
        text = (folder / MANIFEST).read_bytes()
        manifest = TypeAdapter(Manifest).validate_json(text)
    except FileNotFoundError:
        raise BackupDamaged(f"{folder} is no whole backup: it has no {MANIFEST}") from None
    except ValidationError as error:
        raise BackupDamaged(f"{folder / MANIFEST} cannot be read: {error}") from error
    if manifest.format > FORMAT:
        raise BackupDamaged(f"{folder} was made by Otklik {manifest.otklik}, which writes backups this one cannot read")
    return manifest


def check_backup(folder: Path) -> Manifest:
    """Read every file of a backup and compare it with what was written.

    Raises:
        BackupDamaged: says what is missing or changed.
    """
    manifest = read_manifest(folder)
    wrong = []
    for made in manifest.lists:
        part = folder / made.path
        if not (part / LIST).is_file() or of_file(part / LIST, part).sha256 != made.sha256:
            wrong.append(f"{made.path}/{LIST} is missing or changed")
            continue
        wrong += [f"{made.path}/{fault}" for fault in faults(part, {file.path: file for file in read_list(part)})]
    if wrong:
        raise BackupDamaged(
            f"{folder}: " + "; ".join(wrong[:5]) + (f"; and {len(wrong) - 5} more" if wrong[5:] else "")
        )
    return manifest


def restore_backup(folder: Path, url: str, store: AudioStore, *, over: bool, progress: Progress) -> Restored:
    """Put a backup's rows and sound in place, bring them to this program's schema, and tell them what was erased since.

    Safe to begin again after an interruption: rows come in one transaction, sound that is there is left alone. Erasing
    again what the journal names is up to the caller: ``recordings.privacy``.

    Args:
        folder: The backup; the journal of erasures lies beside it.
        url: SQLAlchemy address of the database. Nothing else may use it meanwhile.
        store: Where the sound goes.
        over: Put it in place of calls that are there.
        progress: Told how much of the sound is done.

    Raises:
        BackupDamaged: a file is missing or changed; nothing was touched.
        NotEmpty: the database holds calls, chats or recordings.
        SchemaUnfit: the backup is of a newer Otklik.
        OSError: no room.
    """
    manifest = check_backup(folder)
    engine = connect_to_remake(url)
    try:
        if not over and _holds_contacts(engine):
            raise NotEmpty(
                "the database already holds calls: restore into a new installation (another OTKLIK_HOME or "
                "OTKLIK_DATABASE_URL), or say --replace to lose what is there"
            )
        sounds = read_list(folder / SOUND)
        restore_sound(folder / SOUND, sounds, store, progress=progress)
        load_rows(engine, folder / ROWS, revision=manifest.schema, counts=manifest.rows)
    finally:
        engine.dispose()
    migrate(url)
    restored = connect(url)
    try:
        return Restored(manifest=manifest, sounds=len(sounds), erased_since=take_journal(restored, folder.parent))
    finally:
        restored.dispose()


def restore_files(folder: Path, place: str, target: Path) -> bool:
    """Put a file or folder of a backup back where it lay; what is there stays. Tells whether something was put."""
    source = folder / FILES / place
    if not source.exists() or target.exists():
        return False
    _copy(source, target)
    return True


def _holds_contacts(engine: Engine) -> bool:
    try:
        with reading(engine) as db:
            return any(db.scalar(select(func.count()).select_from(table)) for table in (CallRow, ChatRow, RecordingRow))
    except SQLAlchemyError:  # no tables yet
        return False


@contextlib.contextmanager
def _alone(target: Path) -> Iterator[None]:
    with (target / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BlockingIOError(f"another backup is being made in {target}") from None
        yield


def _partial(target: Path, name: str) -> Path:
    """Folder to work in: what an interrupted backup left, its rows and files thrown away, or a new one."""
    work = target / f"{name}{PARTIAL}"
    left = sorted(target.glob(f"otklik-*{PARTIAL}"))
    if left:
        left.pop().replace(work)
        for part in (ROWS, FILES):
            shutil.rmtree(work / part, ignore_errors=True)
    for other in left:
        shutil.rmtree(other)
    work.mkdir(exist_ok=True, mode=0o700)
    return work


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True, ignore_dangling_symlinks=True)
    elif source.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)


def _present(folder: Path) -> list[CopiedFile]:
    return [of_file(path, folder) for path in sorted(folder.rglob("*")) if path.is_file() and path.name != LIST]


def _drop_others(folder: Path, wanted: list[CopiedFile]) -> None:
    """What an interrupted backup copied and was erased since must not stay."""
    names = {file.path for file in wanted}
    for path in folder.rglob("*"):
        if path.is_file() and path.relative_to(folder).as_posix() not in names:
            path.unlink()


def _flush(folder: Path) -> None:
    """The manifest counts only with all that it names on the disk."""
    os.sync()
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
