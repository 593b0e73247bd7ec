"""Tables of the archive as files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from recordings.database import reading, transaction
from recordings.exports.exports import DATASETS, Wanted
from recordings.exports.files import write_file
from recordings.privacy import audit


def export_table(
    engine: Engine,
    what: str,
    target: Path,
    *,
    form: str,
    wanted: Wanted,
    days: tuple[str, str],
    by: str,
    bom: bool = False,
) -> int:
    """Write a table as a file that appears whole, and only when it is written down who takes it.

    Args:
        engine: The archive's.
        what: One of ``DATASETS``.
        target: File to write.
        form: csv, xlsx or parquet.
        wanted: The rows.
        days: First and last day as the trail is to name them.
        by: Who takes it.
        bom: Begin CSV with a byte order mark, for Excel.

    Returns:
        How many rows it has.

    Raises:
        ExportTooLarge: more rows than the form holds.
        OSError: the file cannot be written.
    """
    dataset = DATASETS[what]
    made = target.with_name(f"{target.name}.new")
    try:
        with reading(engine) as db:
            count = write_file(made, form, dataset.columns, dataset.rows(db, wanted), bom=bom)
        with transaction(engine) as db:
            detail: dict[str, Any] = {"format": form, "since": days[0], "until": days[1], "rows": count}
            audit.note(db, by, "export.made", what, detail)
        made.replace(target)
    finally:
        made.unlink(missing_ok=True)
    return count
