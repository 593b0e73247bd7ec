"""Fills the demonstration shop's database, and fills it anew when its shape or its goods have changed."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Engine, inspect, text
from sqlalchemy.orm import Session

from ivr.business.demo_shop.bookings import open_day, refresh
from ivr.business.demo_shop.goods import CUSTOMERS, ORDERS, PRODUCTS
from ivr.business.demo_shop.tables import (
    ShopBooking,
    ShopCustomer,
    ShopOrder,
    ShopProduct,
    ShopTable,
    ShopVersion,
    changing,
    drop_all,
)

VERSION = 3
"""Raise it with every change of the tables or the goods: an older database is forgotten."""
LOCK = 0x6F746B73
"""Key of the advisory lock in PostgreSQL under which only one process fills."""
BOOKINGS = (  # telephone, service, days ahead, time
    ("79161234567", "florist", 3, "14:00"),
    ("79031112233", "florist", 2, "12:00"),
    ("79031112233", "workshop", 5, "13:00"),
    ("12025550143", "florist", 4, "10:00"),
    ("12025550176", "florist", 2, "16:00"),
    ("12025550176", "design", 6, "11:00"),
)


def fill(engine: Engine, now: datetime) -> None:
    """Make what is not there; safe to run at every start, by several processes at once."""
    with changing(engine) as db:
        if engine.dialect.name == "postgresql":
            db.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        if not _is_current(db):
            drop_all(db.connection())
            ShopTable.metadata.create_all(db.connection())
            _add_goods(db)
            _add_bookings(db, now)
            db.add(ShopVersion(number=VERSION))
        refresh(db, now)


def _is_current(db: Session) -> bool:
    there = inspect(db.connection()).has_table(ShopVersion.__tablename__)
    return there and db.get(ShopVersion, VERSION) is not None


def _add_goods(db: Session) -> None:
    db.add_all(
        ShopCustomer(phone=buyer.phone, name=buyer.name, segment=buyer.segment, language=buyer.language)
        for buyer in CUSTOMERS
    )
    db.add_all(
        ShopProduct(
            id=product.id,
            category=product.category,
            purposes=product.purposes.split(),
            name_ru=product.name[0],
            name_en=product.name[1],
            why_ru=product.why[0],
            why_en=product.why[1],
            rubles=product.price[0],
            dollars=product.price[1],
            left=product.left,
        )
        for product in PRODUCTS
    )
    db.flush()  # orders point at their customers
    db.add_all(
        ShopOrder(
            number=order.number,
            phone=order.phone,
            state=order.state,
            items_ru=order.items[0],
            items_en=order.items[1],
            sum=order.sum,
            placed=placed,
        )
        for placed, order in enumerate(ORDERS)
    )


def _add_bookings(db: Session, now: datetime) -> None:
    names = {buyer.phone: buyer.name for buyer in CUSTOMERS}
    for phone, service, days, at in BOOKINGS:
        day = open_day(service, now.date() + timedelta(days=days)).isoformat()
        row = ShopBooking(service=service, day=day, time=at, phone=phone, name=names[phone], days_ahead=days)
        db.add(row)
        db.flush()  # one after the other: their numbers are known
