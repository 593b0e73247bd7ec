"""The stored installation of f92ac24 (see f92ac24/README.md), put up in a folder and a database of a test's own."""

from __future__ import annotations

import json
import os
import shutil
import wave
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import DateTime, Engine, MetaData, insert

import recordings
from recordings.database import connect
from speech.settings import home

HERE = Path(__file__).parent / "f92ac24"
REVISION = "0004"
"""Schema of f92ac24."""

Rows = Mapping[str, list[dict[str, Any]]]
"""Table → its rows, times as aware datetimes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Old:
    """An installation as f92ac24 left it."""

    home: Path
    url: str
    rows: Rows
    known: dict[str, Any]
    """Ids, secrets and numbers to be asked for, as the maker wrote them down."""
    env: dict[str, str]
    """For processes of the installation; ``otklik.env`` has the rest."""


def stored_rows() -> Rows:
    """The dump; conversations that go on were last written in a moment ago, or a day's silence would end them."""
    now = datetime.now(UTC)
    rows = {file.stem: list(_rows(file)) for file in sorted((HERE / "rows").glob("*.jsonl"))}
    for chat in rows["chats"]:
        if chat["ended_at"] is None:
            chat["last_at"] = now.isoformat()
    return rows


def put_up(folder: Path, url: str) -> Old:
    """Files, sound and rows of the installation; the schema is the old one."""
    where, known = folder / "home", json.loads((HERE / "known.json").read_text("utf-8"))
    shutil.copytree(HERE / "home", where)
    env = where / "otklik.env"
    env.write_text(env.read_text("utf-8").replace("{home}", str(where)), "utf-8")
    for key, (hertz, seconds) in known["sounds"].items():
        write_tone(where / "recordings" / key, hertz, seconds)
    engine = connect(url)
    bring_to(engine, REVISION)
    rows = load(engine, stored_rows())
    engine.dispose()
    return Old(
        home=where,
        url=url,
        rows=rows,
        known=known,
        env={
            "OTKLIK_HOME": str(where),
            "OTKLIK_MODELS_DIR": str(_models(folder / "models")),
            "OTKLIK_DATABASE_URL": url,
            "OTKLIK_AUDIO_URL": f"file://{where / 'recordings'}",
            "OTKLIK_REDIS_URL": "redis://127.0.0.1:1/0",
        },
    )


def configuration() -> Config:
    return Config(str(Path(recordings.__file__).parent / "migrations" / "alembic.ini"))


def bring_to(engine: Engine, revision: str) -> None:
    """Make the schema of a revision, as an Otklik of that time did."""
    config = configuration()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def load(engine: Engine, rows: Rows) -> Rows:
    """Insert rows into tables as they are now; gives them back with their times as values."""
    schema = MetaData()
    schema.reflect(engine)
    done: dict[str, list[dict[str, Any]]] = {}
    with engine.begin() as connection:
        for table in schema.sorted_tables:
            if table.name not in rows:
                continue
            times = {column.name: column.type for column in table.columns if isinstance(column.type, DateTime)}
            done[table.name] = [
                {name: _moment(value) if name in times else value for name, value in row.items()}
                for row in rows[table.name]
            ]
            connection.execute(insert(table), [_without_zones(row, times) for row in done[table.name]])
    return done


def content(engine: Engine, rows: Rows) -> Rows:
    """What the tables hold now, in the columns that ``rows`` have."""
    schema = MetaData()
    schema.reflect(engine)
    found: dict[str, list[dict[str, Any]]] = {}
    with engine.connect() as connection:
        for name, known in rows.items():
            columns = [schema.tables[name].columns[column] for column in known[0]]
            read = connection.execute(schema.tables[name].select().with_only_columns(*columns)).mappings()
            found[name] = [{column: _aware(value) for column, value in row.items()} for row in read]
    return found


def in_order(rows: list[dict[str, Any]]) -> list[str]:
    """Rows in an order of their own, to be compared."""
    return sorted(json.dumps(row, ensure_ascii=False, sort_keys=True, default=str) for row in rows)


def write_tone(path: Path, hertz: int, seconds: float) -> Path:
    """The square wave of the maker, byte for byte."""
    half = 8000 // hertz // 2
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(
            b"".join(
                (6000 if at // half % 2 else -6000).to_bytes(2, "little", signed=True) * 2
                for at in range(int(8000 * seconds))
            )
        )
    return path


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    head, *lines = file.read_text("utf-8").splitlines()
    columns = json.loads(head)
    for line in lines:
        yield dict(zip(columns, json.loads(line), strict=True))


def _models(folder: Path) -> Path:
    """The machine's models, read there; what a test learns stays in its own folder."""
    known = Path(os.environ.get("OTKLIK_MODELS_DIR", home() / "models"))
    for model in sorted(known.iterdir()):
        own = folder / model.name
        own.mkdir(parents=True)
        for part in model.iterdir():
            (own / part.name).symlink_to(part)
    return folder


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if text else None


def _aware(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return value


def _without_zones(row: dict[str, Any], times: Mapping[str, Any]) -> dict[str, Any]:
    """SQLite keeps times of UTC without saying so."""
    return {
        name: value.replace(tzinfo=None) if name in times and value and not times[name].timezone else value
        for name, value in row.items()
    }
