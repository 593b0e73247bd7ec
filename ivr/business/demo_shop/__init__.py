"""A small real shop to try the robot on: customers, orders, goods, a calendar and tickets in a database of its own.

It speaks ``ivr.business.protocol``; ``python -m ivr.business.demo_shop_rest`` serves the same over REST.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import make_url, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from ivr.business.demo_shop import bookings, catalogue, codes
from ivr.business.demo_shop.goods import STATES
from ivr.business.demo_shop.seed import fill
from ivr.business.demo_shop.tables import (
    ShopCustomer,
    ShopOrder,
    ShopReply,
    ShopTicket,
    changing,
    open_engine,
    stamp,
)
from ivr.business.protocol import LONGEST_CHOICE, REQUESTS, Option, Reply
from ivr.errors import BusinessError, BusinessRefused
from speech.settings import local_now

OURS = frozenset({"knowledge.search", "knowledge.follow", "history.recent", "callbacks.allow"})
"""Requests that are no company's: ``ivr.business.requests`` answers them."""
KNOWN = tuple(name for name in REQUESTS if name not in OURS)
FIRST_TICKET = 8000
"""A ticket's number is this plus its id."""


class DemoShop:
    """The shop's database, made and filled on first use. Thread-safe, also between processes.

    Args:
        url: SQLAlchemy address.
        now: Tells the time where the shop is.
        draw: Draws the codes that customers show who they are by.

    Raises:
        BusinessError: the database cannot be opened.
    """

    def __init__(
        self, url: str, *, now: Callable[[], datetime] | None = None, draw: Callable[[], str] = codes.draw
    ) -> None:
        self._draw = draw
        self._now = now or local_now
        self._engine = open_engine(url)
        try:
            fill(self._engine, self._now())
        except SQLAlchemyError as error:
            shown = make_url(url).render_as_string(hide_password=True)
            reason = getattr(error, "orig", None) or error
            raise BusinessError(
                f"the demonstration shop cannot open its database, see OTKLIK_SHOP_URL: {shown}: {reason}"
            ) from error

    def ask(self, request: str, facts: Mapping[str, str], language: str, *, key: str = "") -> Reply:
        """Answer one of ``KNOWN``; names and states are in Russian for ``ru``, in English otherwise.

        Raises:
            BusinessError: the database did not answer.
            BusinessRefused: a fact is missing or wrong, or the key belongs to another request.
            ValueError: no such request.
        """
        if request not in KNOWN:
            raise ValueError(f"the shop knows no request {request!r}")
        if missing := [name for name in REQUESTS[request].needs if name not in facts]:
            raise BusinessRefused(f"{request} needs {', '.join(missing)}")
        try:
            if request == "codes.check":  # it writes, too, but twice the same is twice tried
                with changing(self._engine) as db:
                    return codes.check(db, phone_digits(facts["contact.phone"]), facts["code.number"], self._now())
            if not REQUESTS[request].writes:
                with Session(self._engine) as db:
                    return _read(db, request, facts, language, self._now())
            try:
                return self._write(request, facts, key)
            except IntegrityError:  # the same key at the same moment: the other one was first
                return self._write(request, facts, key)
        except SQLAlchemyError as error:
            raise BusinessError(f"the shop did not answer {request}: {error}") from error

    def close(self) -> None:
        self._engine.dispose()

    def _write(self, request: str, facts: Mapping[str, str], key: str) -> Reply:
        """Do it and keep the reply under its key, in one transaction."""
        with changing(self._engine) as db:
            if key and (earlier := db.get(ShopReply, key)):
                if (earlier.request, earlier.facts) != (request, dict(facts)):
                    raise BusinessRefused(f"the idempotency key {key!r} belongs to another {earlier.request}")
                return _reply_of(earlier)
            if request == "codes.send":
                reply = codes.send(db, phone_digits(facts["contact.phone"]), self._draw(), self._now())
            else:
                reply = _change(db, request, facts, self._now())
            if key:
                db.add(ShopReply(key=key, request=request, facts=dict(facts), reply=reply.body))
            return reply


def phone_digits(number: str) -> str:
    """A caller's number as the shop keeps it: at most 15 digits alone, a Russian trunk 8 as the country's 7."""
    digits = re.sub(r"\D", "", number, flags=re.ASCII)[:15]
    return "7" + digits[1:] if len(digits) == 11 and digits[0] == "8" else digits


def _read(db: Session, request: str, facts: Mapping[str, str], language: str, now: datetime) -> Reply:
    match request:
        case "customers.find":
            return _customer(db, facts["caller.number"])
        case "orders.status":
            order = db.get(ShopOrder, facts["order.number"])
            return Reply(outcome="found", facts=_order(order, language)) if order else Reply(outcome="missing")
        case "orders.recent":
            return _recent(db, facts["caller.number"], language)
        case "catalogue.find":
            return catalogue.find(db, facts, language)
        case "bookings.free":
            return bookings.find_free(db, facts, now)
        case _:  # bookings.find
            return bookings.find(db, phone_digits(facts["contact.phone"]), facts.get("booking.number", ""), now)


def _change(db: Session, request: str, facts: Mapping[str, str], now: datetime) -> Reply:
    match request:
        case "catalogue.reserve":
            return catalogue.reserve(db, facts["product.id"], phone_digits(facts["contact.phone"]), now)
        case "bookings.create":
            return bookings.create(db, facts, phone_digits(facts["contact.phone"]), now)
        case "bookings.move":
            return bookings.move(db, facts, now)
        case "bookings.cancel":
            return bookings.cancel(db, facts["booking.number"])
        case _:  # tickets.create
            ticket = ShopTicket(facts=dict(facts), created_at=stamp(now))
            db.add(ticket)
            db.flush()
            return Reply(outcome="created", facts={"ticket.number": str(FIRST_TICKET + ticket.id)})


def _customer(db: Session, number: str) -> Reply:
    customer = db.get(ShopCustomer, phone_digits(number))
    if customer is None:
        return Reply(outcome="missing")
    facts = {
        "customer.name": customer.name,
        "customer.phone": f"+{customer.phone}",
        "customer.segment": customer.segment,
        "customer.language": customer.language,
    }
    return Reply(outcome="found", facts=facts)


def _order(order: ShopOrder, language: str) -> dict[str, str]:
    words = STATES[order.state]
    return {
        "order.number": order.number,
        "order.state": words.get(language, words["en"]),
        "order.items": order.items_ru if language == "ru" else order.items_en,
        "order.sum": order.sum,
        "order.phone": f"+{order.phone}",
    }


def _recent(db: Session, number: str, language: str) -> Reply:
    mine = select(ShopOrder).where(ShopOrder.phone == phone_digits(number)).order_by(ShopOrder.placed.desc())
    orders = [_order(order, language) for order in db.scalars(mine.limit(LONGEST_CHOICE))]
    if len(orders) == 1:
        return Reply(outcome="one", facts={name: orders[0][name] for name in REQUESTS["orders.recent"].outcomes["one"]})
    options = tuple(
        Option(
            facts={name: order[name] for name in REQUESTS["orders.recent"].options},
            ways=(order["order.number"], *re.split(" и | and ", order["order.items"])),
        )
        for order in orders
    )
    return Reply(outcome="several", options=options) if options else Reply(outcome="missing")


def _reply_of(row: ShopReply) -> Reply:
    options = tuple(Option(facts=option["facts"], ways=tuple(option["ways"])) for option in row.reply["options"])
    return Reply(outcome=row.reply["outcome"], facts=row.reply["facts"], options=options)
