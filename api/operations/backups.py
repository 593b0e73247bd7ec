"""Backups of the whole installation, and their return."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from api.installation.backup import files_to_keep, models_to_name, take_files
from recordings.audio_store import AudioStore
from recordings.backup.backup import Restored, check_backup, make_backup, restore_backup
from recordings.backup.erasure_journal import add_to_journal
from recordings.database import connect, transaction
from recordings.privacy import audit
from recordings.privacy.reapply import Reapplied, reapply_erasures
from recordings.settings import StoreSettings


def back_up(target: Path, *, keep: int, by: str, progress: Callable[[int, int], None]) -> Path:
    """Make a backup of this installation below ``target`` while it runs; answers with its folder.

    Raises:
        OSError: no room, no right to write, or another backup is being made there.
        RecordingsError: the journal of erasures there cannot be read.
    """
    store = StoreSettings()
    engine = connect(store.database_url)
    try:
        with transaction(engine) as db:  # before anything leaves
            audit.note(db, by, "backup.made", target.name)
        return make_backup(
            engine,
            AudioStore(store.audio_url),
            target,
            files=files_to_keep(),
            models=models_to_name(),
            version=version("otklik"),
            keep=keep,
            progress=progress,
        )
    finally:
        engine.dispose()


def restore(folder: Path, *, over: bool, by: str, progress: Callable[[int, int], None]) -> tuple[Restored, Reapplied]:
    """Put a backup in place of what is here, nothing where it is damaged, and erase again what was erased since.

    No part may run.

    Raises:
        RecordingsError: the backup is damaged or of a newer Otklik, or there are calls here and ``over`` is not said.
        OSError: no room.
    """
    check_backup(folder)
    take_files(folder)
    store = StoreSettings()  # not before the settings are back
    if over:
        replaced = connect(store.database_url)
        try:
            add_to_journal(replaced, folder.parent)
        finally:
            replaced.dispose()
    restored = restore_backup(folder, store.database_url, AudioStore(store.audio_url), over=over, progress=progress)
    engine = connect(store.database_url)
    try:
        made = restored.manifest.created_at
        again = reapply_erasures(engine, AudioStore(store.audio_url), since=made)
        with transaction(engine) as db:
            detail = {"made": made.isoformat(), "calls": restored.manifest.rows.get("calls", 0), **asdict(again)}
            detail["receipts"] = restored.erased_since
            audit.note(db, by, "backup.restored", folder.name, detail)
    finally:
        engine.dispose()
    return restored, again
