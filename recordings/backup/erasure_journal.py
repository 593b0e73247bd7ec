"""Receipts and tombstones of what was erased, beside the backups: what a backup brings back is erased again.

Nothing in it tells who it was: digests under the installation's secret, and hashes. It only grows; each backup and each
erasure adds what it lacks.
"""

from __future__ import annotations

import json
import logging
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from recordings.errors import BackupDamaged, RecordingsError
from recordings.privacy.reapply import CARRIED, put_marks, read_marks
from recordings.tables import ErasureRow, Utc
from speech.models.kept import whole_file

log = logging.getLogger(__name__)

JOURNAL = "erasures.jsonl"
TABLES = {table.__tablename__: table.__table__ for table in CARRIED}
UNDER_WAY: dict[str, Any] = {"state": "done", "whom": None, "pending": [], "waits_for": None, "left": None}
"""What an erasure that goes on is written down as: in a copy it is to be done anew, and whose it is nobody may read."""

Entries = dict[tuple[str, str], dict[str, Any]]


def add_to_journal(engine: Engine, folder: Path) -> int:
    """Write down what the database knows to be erased and the journal of ``folder`` lacks; tells how many lines it has.

    Raises:
        BackupDamaged: a line of it cannot be read; it is left as it is.
        OSError: it cannot be written.
    """
    entries = _read(folder / JOURNAL)
    for name, values in read_marks(engine):
        given = values | UNDER_WAY if name == ErasureRow.__tablename__ and values["state"] == "working" else values
        entry = {"table": name} | {column: _plain(value) for column, value in given.items()}
        entries[_key(entry)] = entry
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with whole_file(folder / JOURNAL) as file:
        for entry in entries.values():
            file.write(json.dumps(entry, ensure_ascii=False).encode() + b"\n")
    (folder / JOURNAL).chmod(0o600)
    return len(entries)


def note_erasures(engine: Engine, folder: Path) -> None:
    """``add_to_journal`` after an erasure, which is done in any case: the log tells when it could not be noted."""
    try:
        add_to_journal(engine, folder)
    except (OSError, RecordingsError) as error:
        log.error(
            "an erasure could not be noted beside the backups, a restore would bring its data back; the next backup "
            "notes it, see OTKLIK_BACKUP_DIR: %s",
            error,
        )


def take_journal(engine: Engine, folder: Path) -> int:
    """Tell a restored database what was erased since; tells how many receipts and tombstones were new to it.

    Raises:
        BackupDamaged: a line cannot be read.
    """
    return put_marks(engine, [(entry["table"], _values(entry)) for entry in _read(folder / JOURNAL).values()])


def _read(path: Path) -> Entries:
    entries: Entries = {}
    if not path.exists():
        return entries
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        try:
            entry = json.loads(line)
            _values(entry)
            entries[_key(entry)] = entry
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BackupDamaged(f"{path}:{number}: no line of a journal of erasures ({error})") from error
    return entries


def _key(entry: dict[str, Any]) -> tuple[str, str]:
    name = entry["table"]
    (key,) = TABLES[name].primary_key
    return name, entry[key.name]


def _values(entry: dict[str, Any]) -> dict[str, Any]:
    """A line as a row, without columns that a newer Otklik has added."""
    columns = TABLES[entry["table"]].columns
    return {
        name: datetime.fromisoformat(value) if isinstance(columns[name].type, Utc) and value is not None else value
        for name, value in entry.items()
        if name in columns
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
