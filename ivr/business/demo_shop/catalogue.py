"""The demonstration shop's goods: up to three offers for a wish, and things put aside."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ivr.business.demo_shop.tables import ShopProduct, ShopReservation
from ivr.business.protocol import LONGEST_CHOICE, Option, Reply
from ivr.errors import BusinessRefused

A_LITTLE_MORE = 1.2
"""Share of the budget up to which something dearer is offered where nothing is within it."""
KEPT_DAYS = 2
FIRST_NUMBER = 5000
"""A reservation's number is this plus its id."""
MONEY = re.compile(r"(?P<amount>\d{1,9}(?:\.\d+)?)(?: (?P<currency>[A-Z]{3}))?")


def find(db: Session, facts: Mapping[str, str], language: str) -> Reply:
    """Offers of a category, those that suit the purpose where there are any; within the budget, the dearest first.

    Without a budget one is cheap, one dear and one in between.
    """
    there = ShopProduct.category == facts["product.category"], ShopProduct.left > 0
    goods = db.scalars(select(ShopProduct).where(*there)).all()
    goods = [product for product in goods if facts.get("product.purpose", "") in product.purposes] or goods
    chosen = _within(goods, facts["product.budget"], language) if facts.get("product.budget") else _spread(goods)
    options = tuple(_option(product, language) for product in chosen)
    return Reply(outcome="found", options=options) if options else Reply(outcome="missing")


def reserve(db: Session, product: str, phone: str, now: datetime) -> Reply:
    """Put one aside; the last one goes to one caller only."""
    one_less = update(ShopProduct).where(ShopProduct.id == product, ShopProduct.left > 0)
    if not db.connection().execute(one_less.values(left=ShopProduct.left - 1)).rowcount:
        return Reply(outcome="gone")
    until = (now.date() + timedelta(days=KEPT_DAYS)).isoformat()
    row = ShopReservation(product=product, phone=phone, until=until)
    db.add(row)
    db.flush()
    number = str(FIRST_NUMBER + row.id)
    return Reply(outcome="reserved", facts={"reservation.number": number, "reservation.until": until})


def _within(goods: Sequence[ShopProduct], budget: str, language: str) -> list[ShopProduct]:
    money = MONEY.fullmatch(budget)
    if money is None:
        raise BusinessRefused(f"product.budget: want money as 3000.00 RUB, got {budget[:40]!r}")
    limit, rubles = float(money["amount"]), (money["currency"] or _currency(language)) == "RUB"
    dearest_first = sorted(goods, key=lambda product: -product.rubles)

    def up_to(most: float) -> list[ShopProduct]:
        return [product for product in dearest_first if (product.rubles if rubles else product.dollars) <= most]

    return up_to(limit)[:LONGEST_CHOICE] or up_to(limit * A_LITTLE_MORE)[-1:]


def _spread(goods: Sequence[ShopProduct]) -> list[ShopProduct]:
    by_price = sorted(goods, key=lambda product: product.rubles)
    if len(by_price) <= LONGEST_CHOICE:
        return by_price
    return [by_price[0], by_price[len(by_price) // 2], by_price[-1]]


def _option(product: ShopProduct, language: str) -> Option:
    russian = language == "ru"
    name = product.name_ru if russian else product.name_en
    price = product.rubles if russian else product.dollars
    facts = {
        "product.id": product.id,
        "product.name": name,
        "product.price": f"{price}.00 {_currency(language)}",
        "product.why": product.why_ru if russian else product.why_en,
    }
    return Option(facts=facts, ways=(name, *re.findall("«([^«»]+)»", name)))


def _currency(language: str) -> str:
    return "RUB" if language == "ru" else "USD"
