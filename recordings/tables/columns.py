"""What all tables share. Times are UTC; ids of calls are Asterisk channel ids, all others UUIDs as text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, DateTime, Dialect, MetaData, String, TypeDecorator, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from typing_extensions import override


class Utc(TypeDecorator[datetime]):
    """An aware datetime in UTC, also in SQLite, which forgets the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @override
    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}: give it a zone")
        return value.astimezone(UTC) if value else None

    @override
    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Table(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: Utc, dict[str, Any]: JSON, list[dict[str, Any]]: JSON}


class LeasedTable(Table):
    """A table whose rows have one holder at a time, as ``recordings.leases`` has it."""

    __abstract__ = True
    due_at: Mapped[datetime] = mapped_column(index=True)
    """Until then a row is its holder's, was just announced, or waits after a failure."""
    attempts: Mapped[int] = mapped_column(default=0)
    """Times it was taken since it last came on."""


Id = String(64)
EMPTY, ZERO = text("''"), text("0")
"""For columns added to tables that hold rows already."""


def written_from(rule: Callable[..., Any], *columns: str) -> Callable[[Any], Any]:
    """Default of a column that ``rule`` makes of others in the same insert; what is not given there counts as left out.

    Not for updates: who changes one of the columns sets this one, too.
    """

    def default(context: Any) -> Any:
        given = context.get_current_parameters()
        values = {column: given.get(column) for column in columns}
        return rule(*(value for value in values.values() if value is not None))

    return default
