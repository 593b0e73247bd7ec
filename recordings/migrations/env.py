"""Runs migrations over the connection given by ``database.migrate``, or over the installation's own database."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection

from recordings.database import connect
from recordings.settings import StoreSettings
from recordings.tables import Table, Utc


def _render(kind: str, item: Any, _: AutogenContext) -> str | Literal[False]:
    """A migration stands alone: it names the database's type, not ours."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, Utc) else False


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Table.metadata,
        render_item=_render,
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        context.run_migrations()


given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    _run(given)
else:
    with connect(StoreSettings().database_url).begin() as own:
        _run(own)
