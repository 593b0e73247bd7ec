"""A small real shop to try the robot on: customers and orders in a database of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import ForeignKey, String, create_engine, make_url, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from ivr.business import Reply
from ivr.errors import BusinessError


class _Table(DeclarativeBase):
    pass


class ShopCustomer(_Table):
    __tablename__ = "shop_customers"
    phone: Mapped[str] = mapped_column(String(20), primary_key=True)
    """Digits alone, with the country's code."""
    name: Mapped[str]


class ShopOrder(_Table):
    __tablename__ = "shop_orders"
    number: Mapped[str] = mapped_column(String(6), primary_key=True)
    phone: Mapped[str] = mapped_column(ForeignKey("shop_customers.phone"))
    state: Mapped[str] = mapped_column(String(16))
    """A key of ``STATES``."""


STATES: Mapping[str, Mapping[str, str]] = {
    "packing": {"ru": "собирается на складе", "en": "is being packed"},
    "on_the_way": {"ru": "передан курьеру, доставка завтра", "en": "is with the courier and will arrive tomorrow"},
    "ready": {"ru": "ждёт вас в пункте выдачи", "en": "is waiting for you at the pick-up point"},
    "delivered": {"ru": "уже доставлен", "en": "has been delivered"},
}
"""How an order's state is said, as the rest of a sentence that begins with the order."""

CUSTOMERS = {
    "79161234567": "Анна",
    "79031112233": "Павел",
    "12025550143": "Emma",
    "12025550176": "James",
}
ORDERS = {
    "4127": ("79161234567", "on_the_way"),
    "3850": ("79031112233", "packing"),
    "5206": ("79161234567", "ready"),
    "7314": ("12025550143", "on_the_way"),
    "6092": ("12025550176", "delivered"),
}


class DemoShop:
    """The shop's database, made and filled on first use. Thread-safe."""

    def __init__(self, url: str) -> None:
        address = make_url(url)
        if address.get_backend_name() == "sqlite" and address.database:
            Path(address.database).parent.mkdir(parents=True, exist_ok=True)
        self._engine = create_engine(address)
        try:
            _Table.metadata.create_all(self._engine)
            with Session(self._engine) as db, db.begin():
                if db.scalar(select(ShopCustomer).limit(1)) is None:
                    db.add_all(ShopCustomer(phone=phone, name=name) for phone, name in CUSTOMERS.items())
                    db.flush()  # orders point at their customers
                    db.add_all(
                        ShopOrder(number=number, phone=phone, state=state) for number, (phone, state) in ORDERS.items()
                    )
        except SQLAlchemyError as error:
            shown, reason = address.render_as_string(hide_password=True), getattr(error, "orig", None) or error
            raise BusinessError(
                f"the demonstration shop cannot open its database, see OTKLIK_SHOP_URL: {shown}: {reason}"
            ) from error

    def ask(self, request: str, facts: Mapping[str, str], language: str) -> Reply:
        """Answer ``customers.find`` or ``orders.status``.

        Raises:
            BusinessError: the database did not answer.
            ValueError: no such request.
        """
        try:
            with Session(self._engine) as db:
                match request:
                    case "customers.find":
                        return _customer(db, facts["caller.number"])
                    case "orders.status":
                        return _order(db, facts["order.number"], language)
        except SQLAlchemyError as error:
            raise BusinessError(f"the shop did not answer {request}: {error}") from error
        raise ValueError(f"the shop knows no request {request!r}")

    def close(self) -> None:
        self._engine.dispose()


def phone_digits(number: str) -> str:
    """A caller's number as the shop keeps it: digits alone, a Russian trunk 8 as the country's 7."""
    digits = re.sub(r"\D", "", number)
    return "7" + digits[1:] if len(digits) == 11 and digits[0] == "8" else digits


def _customer(db: Session, number: str) -> Reply:
    customer = db.get(ShopCustomer, phone_digits(number))
    if customer is None:
        return Reply(outcome="missing")
    return Reply(outcome="found", facts={"customer.name": customer.name, "customer.phone": f"+{customer.phone}"})


def _order(db: Session, number: str, language: str) -> Reply:
    order = db.get(ShopOrder, number)
    if order is None:
        return Reply(outcome="missing")
    words = STATES[order.state]
    state = words.get(language, words["en"])
    return Reply(outcome="found", facts={"order.number": order.number, "order.state": state})
