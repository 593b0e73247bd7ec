"""Receipts and tombstones of what was erased, beside the backups: what a backup brings back is erased again.

Nothing in it tells who it was: digests under the installation's secret, and hashes. It only grows; each backup and each
erasure that is done adds what it lacks.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy import inspect as mapped

from recordings.database import insert_once, reading, transaction
from recordings.errors import BackupDamaged
from recordings.tables import ErasedSoundRow, ErasureRow, Table, Utc
from speech.models.kept import whole_file

JOURNAL = "erasures.jsonl"
KINDS: dict[str, type[Table]] = {"erasure": ErasureRow, "sound": ErasedSoundRow}


def add_to_journal(engine: Engine, folder: Path) -> int:
    """Write down what the database knows to be erased and the journal of ``folder`` lacks; tells how many lines it has.

    Raises:
        BackupDamaged: a line of it cannot be read; it is left as it is.
        OSError: it cannot be written.
    """
    entries = _read(folder / JOURNAL)
    with reading(engine) as db:
        for kind, table in KINDS.items():
            for row in db.scalars(select(table)):
                values = {name: _plain(getattr(row, name)) for name in mapped(table).columns.keys()}  # noqa: SIM118
                entries[kind, str(mapped(row).identity)] = {"kind": kind, **values}
    with whole_file(folder / JOURNAL) as file:
        for entry in entries.values():
            file.write(json.dumps(entry, ensure_ascii=False).encode() + b"\n")
    (folder / JOURNAL).chmod(0o600)
    return len(entries)


def take_journal(engine: Engine, folder: Path) -> int:
    """Tell a restored database what was erased since; tells how many receipts and tombstones were new to it.

    Raises:
        BackupDamaged: a line cannot be read.
    """
    new = 0
    with transaction(engine) as db:
        for entry in _read(folder / JOURNAL).values():
            table = KINDS[entry["kind"]]
            columns = mapped(table).columns
            values = {name: _typed(entry[name], columns[name].type) for name in columns.keys() & entry.keys()}
            new += insert_once(db, table, values)
    return new


def _read(path: Path) -> dict[tuple[str, str], dict[str, Any]]:
    entries: dict[tuple[str, str], dict[str, Any]] = {}
    if not path.exists():
        return entries
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        try:
            entry = json.loads(line)
            key = mapped(KINDS[entry["kind"]]).primary_key[0].name
            entries[entry["kind"], str((entry[key],))] = entry
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BackupDamaged(f"{path}:{number}: no line of a journal of erasures ({error})") from error
    return entries


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _typed(value: Any, wanted: object) -> Any:
    return datetime.fromisoformat(value) if isinstance(wanted, Utc) and value is not None else value
