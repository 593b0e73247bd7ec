"""Tables of the demonstration shop, and how its database is opened: made, filled, and made anew when they change."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    Connection,
    Engine,
    ForeignKey,
    QueuePool,
    String,
    UniqueConstraint,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

WAIT_SECONDS = 3
"""How long the shop waits for its database: less than a caller does for the shop."""

Phone = String(20)
"""Digits alone, with the country's code."""


class ShopTable(DeclarativeBase):
    type_annotation_map: ClassVar[dict[Any, Any]] = {dict[str, Any]: JSON, list[str]: JSON}


class ShopVersion(ShopTable):
    """One row: the shape and the goods the database was filled with."""

    __tablename__ = "shop_version"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class ShopCustomer(ShopTable):
    __tablename__ = "shop_customers"
    phone: Mapped[str] = mapped_column(Phone, primary_key=True)
    name: Mapped[str]
    segment: Mapped[str] = mapped_column(String(16))
    """vip | regular | new"""
    language: Mapped[str] = mapped_column(String(8))


class ShopOrder(ShopTable):
    __tablename__ = "shop_orders"
    number: Mapped[str] = mapped_column(String(6), primary_key=True)
    phone: Mapped[str] = mapped_column(ForeignKey("shop_customers.phone"), index=True)
    state: Mapped[str] = mapped_column(String(16))
    """A key of ``texts.STATES``."""
    items_ru: Mapped[str]
    items_en: Mapped[str]
    sum: Mapped[str] = mapped_column(String(20))
    """As ``1990.00 RUB``."""
    placed: Mapped[int]
    """Rises with every order: the newest is told of first."""


class ShopProduct(ShopTable):
    __tablename__ = "shop_products"
    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    category: Mapped[str] = mapped_column(String(16), index=True)
    """bouquet | plant | gift"""
    purposes: Mapped[list[str]]
    name_ru: Mapped[str]
    """In the accusative as in the nominative, so that it fits any sentence."""
    name_en: Mapped[str]
    why_ru: Mapped[str]
    why_en: Mapped[str]
    rubles: Mapped[int]
    dollars: Mapped[int]
    left: Mapped[int]
    """How many there are."""


class ShopReservation(ShopTable):
    __tablename__ = "shop_reservations"
    id: Mapped[int] = mapped_column(primary_key=True)
    product: Mapped[str] = mapped_column(ForeignKey("shop_products.id"))
    phone: Mapped[str] = mapped_column(Phone)
    until: Mapped[str] = mapped_column(String(10))
    """Day in ISO 8601."""


class ShopBooking(ShopTable):
    """A slot that is taken. The constraint decides who was first; a cancelled booking is no row any more."""

    __tablename__ = "shop_bookings"
    __table_args__ = (UniqueConstraint("service", "day", "time"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    service: Mapped[str] = mapped_column(String(16))
    """A key of ``bookings.SERVICES``."""
    day: Mapped[str] = mapped_column(String(10))
    time: Mapped[str] = mapped_column(String(5))
    phone: Mapped[str] = mapped_column(Phone, index=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    days_ahead: Mapped[int | None]
    """Days of a booking the shop was filled with: how far ahead it stays; None for a real one."""


class ShopCode(ShopTable):
    """The newest code that was sent to a customer; gone once it was used."""

    __tablename__ = "shop_codes"
    phone: Mapped[str] = mapped_column(ForeignKey("shop_customers.phone"), primary_key=True)
    code: Mapped[str] = mapped_column(String(8))
    until: Mapped[str] = mapped_column(String(32))
    wrong: Mapped[int]
    """Wrong ones that were tried."""


class ShopTicket(ShopTable):
    __tablename__ = "shop_tickets"
    id: Mapped[int] = mapped_column(primary_key=True)
    facts: Mapped[dict[str, Any]]
    created_at: Mapped[str] = mapped_column(String(32))


class ShopReply(ShopTable):
    """What was answered to a request that writes, by its idempotency key."""

    __tablename__ = "shop_replies"
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    request: Mapped[str] = mapped_column(String(64))
    facts: Mapped[dict[str, Any]]
    reply: Mapped[dict[str, Any]]


def open_engine(url: str) -> Engine:
    """Engine over a SQLAlchemy address; nothing is connected yet."""
    address = make_url(url)
    if address.get_backend_name() != "sqlite":
        waits = {"connect_timeout": WAIT_SECONDS, "options": f"-c statement_timeout={WAIT_SECONDS * 1000}"}
        return create_engine(address, pool_pre_ping=True, connect_args=waits)
    if address.database:
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(address, connect_args={"timeout": WAIT_SECONDS})
    else:  # in memory: the one connection is the database, and threads wait for each other
        one = {"poolclass": QueuePool, "pool_size": 1, "max_overflow": 0, "pool_timeout": WAIT_SECONDS}
        engine = create_engine(address, connect_args={"check_same_thread": False}, **one)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


@contextmanager
def changing(engine: Engine) -> Iterator[Session]:
    """One transaction that writes; in SQLite the only one, from its first line on."""
    with Session(engine.execution_options(shop_writes=True)) as db, db.begin():
        yield db


def drop_all(connection: Connection) -> None:
    """Forget the shop, whatever shape it has. It is for trying things out: nothing in it is of value."""
    ShopTable.metadata.drop_all(connection)


def stamp(now: datetime) -> str:
    return now.isoformat(timespec="seconds")


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions are opened by _begin_sqlite, not guessed by the driver


def _begin_sqlite(connection: Connection) -> None:
    """Writers wait for each other before they read, so that none reads what another one changes."""
    writes = connection.get_execution_options().get("shop_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
