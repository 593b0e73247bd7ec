"""Looks for a person's address everywhere: in every column of every table, in names of stored files, in files of home.

It reads a bounded number of rows at a time, each time in a reading of its own: nobody waits for it, however long it
takes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, Engine, String, Text, cast, inspect, select, tuple_, update

from recordings.audio_store import AudioStore
from recordings.database import reading, transaction
from recordings.privacy.beside import traces_in_files
from recordings.privacy.legal_holds import hold_on
from recordings.privacy.person import Scope
from recordings.privacy.settings import PrivacySettings
from recordings.privacy.spellings import Spellings
from recordings.privacy.subject import Kind, Subject
from recordings.tables import Table

SAID = {
    "turns",
    "messages",
    "transcripts",
    "redactions",
    "meanings",
    "findings",
    "topic_calls",
    "samples",
    "sentiment_samples",
    "alerts",
    "deliveries",
}
"""Tables of words: there the number may have been said or written by somebody else, about whom it then tells."""
AS_WRITTEN = {
    "agents",
    "alert_rules",
    "audit",
    "erased_sounds",
    "legal_holds",
    "login_failures",
    "login_sources",
    "recovery_codes",
    "rule_sets",
    "scorecards",
    "second_factors",
    "sessions",
    "sound_spools",
    "tokens",
    "users",
}
"""Tables of the company's own: a trace in them is told, and left for a person to judge."""
ROWS = 500
"""Rows of a table that are read at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PiiMatch:
    """A place that still holds the address."""

    place: str
    """``table.column``, ``sound`` for the name of a stored file, a folder, or ``asterisk``."""
    count: int
    said: bool
    """Among words, or in sound of nobody knows whom: where it is somebody else's, it stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hit:
    """One row that holds it."""

    table: type[Table]
    key: Mapping[str, Any]
    columns: tuple[str, ...]


def find_pii(
    engine: Engine, sounds: AudioStore, subjects: Sequence[Subject], settings: PrivacySettings
) -> tuple[PiiMatch, ...]:
    """Every place that holds one of the addresses: a number in digits however they are spaced, or spoken."""
    spelled = [Spellings(one) for one in subjects]
    places: Counter[tuple[str, bool]] = Counter()
    for hit in _hits(engine, spelled):
        name = hit.table.__tablename__
        places.update((f"{name}.{column}", name in SAID) for column in hit.columns)
    keys = sounds.stored()
    for one in spelled:
        if one.may_stand_in("\n".join(keys)) and (named := sum(one.stands_in(key) for key in keys)):
            places["sound", False] += named
        places.update((place, False) for place in traces_in_files(one, settings))
    return tuple(PiiMatch(place=place, count=count, said=said) for (place, said), count in places.items())


def mask_pii(engine: Engine, subjects: Sequence[Subject]) -> int:
    """Put stars over the addresses where they stand in other people's rows that are no words of theirs, as in a
    summary; tells in how many rows. What a legal hold covers is left as it is.
    """
    spelled, masked = [Spellings(one) for one in subjects], 0
    for hit in _hits(engine, spelled, without=SAID | AS_WRITTEN):
        masked += _mask(engine, hit, spelled)
    return masked


def _hits(engine: Engine, spelled: Sequence[Spellings], *, without: Collection[str] = ()) -> Iterator[_Hit]:
    for mapper in sorted(Table.registry.mappers, key=lambda mapper: str(mapper.local_table)):
        if mapper.class_.__tablename__ not in without:
            yield from _hits_in(engine, mapper.class_, spelled)


def _hits_in(engine: Engine, table: type[Table], spelled: Sequence[Spellings]) -> Iterator[_Hit]:
    keys = inspect(table).primary_key
    looked_at = [
        column
        for column in inspect(table).columns
        if isinstance(column.type, String | Text | JSON) and not column.foreign_keys and not _is_ours(column)
    ]
    wanted = select(*keys, *(cast(column, Text) for column in looked_at)).order_by(*keys).limit(ROWS)
    last: tuple[Any, ...] | None = None
    while looked_at:
        batch = wanted if last is None else wanted.where(tuple_(*keys) > tuple_(*last))
        with reading(engine) as db:
            rows = [tuple(row) for row in db.execute(batch)]
        yield from _named(table, rows, looked_at, spelled)
        if len(rows) < ROWS:
            return
        last = rows[-1][: len(keys)]


def _named(
    table: type[Table], rows: Sequence[Sequence[Any]], columns: Sequence[Any], spelled: Sequence[Spellings]
) -> Iterator[_Hit]:
    """Of rows, key first, those that name one of the subjects. Nearly none does: all of them are looked through at
    once, and only where that finds anything, one by one."""
    keys = inspect(table).primary_key
    together = "\n".join(text for row in rows for text in row[len(keys) :] if text)
    close = [one for one in spelled if one.may_stand_in(together)]
    for row in rows if close else ():
        texts = zip(columns, row[len(keys) :], strict=True)
        found = tuple(column.name for column, text in texts if text and any(one.stands_in(text) for one in close))
        if found:
            key = dict(zip((column.name for column in keys), row, strict=False))
            yield _Hit(table=table, key=key, columns=found)


def _is_ours(column: Any) -> bool:
    """What an erasure under way has written down itself."""
    return (column.table.name, column.name) == ("erasures", "whom")


def _mask(engine: Engine, hit: _Hit, spelled: Sequence[Spellings]) -> int:
    table, key = hit.table, hit.key
    columns = inspect(table).columns
    with transaction(engine) as db:
        here = [columns[name] == value for name, value in key.items()]
        row = db.execute(select(*inspect(table).columns).where(*here)).mappings().one_or_none()
        if row is None or hold_on(db, _scope_of(table, row)):
            return 0
        values = {name: _masked(row[columns[name]], spelled) for name in hit.columns if name not in key}
        if values:
            db.execute(update(table).where(*here).values(**values))
        return 1 if values else 0


def _scope_of(table: type[Table], row: Mapping[Any, Any]) -> Scope:
    """The contact that a row belongs to, of whatever table it is."""
    columns = inspect(table).columns

    def of(name: str) -> tuple[str, ...]:
        value = row[columns[name]] if name in columns else None
        return (value,) if value else ()

    own = of("id")
    contact = (*of("contact_id"), *of("contact"))
    return Scope(
        customers=(*of("customer_id"), *(own if table.__tablename__ == "customers" else ())),
        calls=(*of("call_id"), *(own if table.__tablename__ == "calls" else ()), *contact),
        chats=(*of("chat_id"), *(own if table.__tablename__ == "chats" else ()), *contact),
        recordings=(*of("recording_id"), *(own if table.__tablename__ == "recordings" else ()), *contact),
    )


def _masked(value: Any, spelled: Sequence[Spellings]) -> Any:
    """The value with stars, in whatever JSON it stands."""
    match value:
        case str():
            for one in spelled:
                value = one.masked(value)
        case dict():
            return {_masked(str(name), spelled): _masked(part, spelled) for name, part in value.items()}
        case list() | tuple():
            return [_masked(part, spelled) for part in value]
        case int() | float():
            numbers = [one for one in spelled if one.subject.kind is Kind.PHONE and one.stands_in(str(value))]
            return _masked(str(value), numbers) if numbers else value
    return value
