"""Tables as files: CSV, XLSX, Parquet. Rows go to the disk as they come."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from recordings.errors import ExportTooLarge
from recordings.exports.exports import Rows, Type

FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""With these a spreadsheet takes a text for a formula (OWASP, CSV injection)."""
MOST_ROWS = 1_048_575
"""Rows of an XLSX sheet, without the head."""
BATCH = 10_000
"""Rows of a group in a Parquet file."""

Columns = tuple[tuple[str, Type], ...]


def write_file(path: Path, form: str, columns: Columns, rows: Rows, *, bom: bool = False) -> int:
    """Write the table whole or not at all; tells how many rows it has.

    Raises:
        ExportTooLarge: more rows than the format holds; nothing was written.
        KeyError: no such format.
        OSError: it cannot be written.
    """
    part = path.with_name(path.name + ".part")
    try:
        count = FORMATS[form](part, columns, rows, bom)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return count


def csv_lines(columns: Columns, rows: Rows, *, bom: bool = False) -> Iterator[bytes]:
    """The CSV bit by bit, as it is sent to a browser or a pipe."""
    buffer = io.StringIO(newline="")
    lines = csv.writer(buffer)
    if bom:
        buffer.write("\ufeff")  # without it Excel takes UTF-8 for the machine's own letters
    lines.writerow(name + ("_utc" if kind is Type.TIME else "") for name, kind in columns)
    for row in rows:
        lines.writerow(_cell(value) for value in row)
        if buffer.tell() > 1 << 16:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode("utf-8", "replace")


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return harmless(value)
    return value


def harmless(text: str) -> str:
    """The text so that no spreadsheet runs it."""
    return f"'{text}" if text.startswith(FORMULAS) else text


def _write_csv(path: Path, columns: Columns, rows: Rows, bom: bool) -> int:
    count = 0

    def counted() -> Rows:
        nonlocal count
        for row in rows:
            count += 1
            yield row

    with path.open("wb") as file:
        file.writelines(csv_lines(columns, counted(), bom=bom))
    return count


def _write_xlsx(path: Path, columns: Columns, rows: Rows, _bom: bool) -> int:
    import xlsxwriter  # late: only this format needs it

    # constant_memory: each row is on the disk before the next is taken
    plain = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": True}
    book = xlsxwriter.Workbook(str(path), plain)
    sheet = book.add_worksheet()
    head = book.add_format({"bold": True})
    forms = {
        Type.TIME: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        Type.DAY: book.add_format({"num_format": "yyyy-mm-dd"}),
    }
    sheet.freeze_panes(1, 0)
    for place, (name, kind) in enumerate(columns):
        sheet.write_string(0, place, name + ("_utc" if kind is Type.TIME else ""), head)
    count = 0
    try:
        for count, row in enumerate(rows, start=1):
            if count > MOST_ROWS:
                raise ExportTooLarge(f"an XLSX sheet holds {MOST_ROWS} rows: choose a shorter time, CSV or Parquet")
            for place, ((_, kind), value) in enumerate(zip(columns, row, strict=True)):
                if value is None:
                    continue
                if kind is Type.TIME:
                    sheet.write_datetime(count, place, value.astimezone(UTC).replace(tzinfo=None), forms[kind])
                elif kind is Type.DAY:
                    sheet.write_datetime(count, place, value, forms[kind])
                elif kind is Type.TEXT:
                    sheet.write_string(count, place, _printable(value)[:32_767])  # the longest that a cell holds
                elif kind is Type.FLAG:
                    sheet.write_boolean(count, place, value)
                else:
                    sheet.write_number(count, place, value)
    finally:
        book.close()
    return count


def _printable(text: str) -> str:
    """XML has no control letters."""
    return "".join(letter for letter in text if letter >= " " or letter in "\t\n")


def _write_parquet(path: Path, columns: Columns, rows: Rows, _bom: bool) -> int:
    import pyarrow as pa
    from pyarrow import parquet

    kinds = {
        Type.TEXT: pa.string(),
        Type.WHOLE: pa.int64(),
        Type.NUMBER: pa.float64(),
        Type.TIME: pa.timestamp("us", tz="UTC"),
        Type.DAY: pa.date32(),
        Type.FLAG: pa.bool_(),
    }
    schema = pa.schema([(name, kinds[kind]) for name, kind in columns])
    count = 0
    with parquet.ParquetWriter(path, schema, compression="zstd") as file:
        while batch := list(islice(rows, BATCH)):
            values = [pa.array(column, kind) for column, kind in zip(_columns(batch), schema.types, strict=True)]
            file.write_batch(pa.record_batch(values, schema=schema))
            count += len(batch)
    return count


def _columns(batch: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    return zip(*batch, strict=True)


FORMATS: dict[str, Callable[[Path, Columns, Rows, bool], int]] = {
    "csv": _write_csv,
    "xlsx": _write_xlsx,
    "parquet": _write_parquet,
}
MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}
