"""One-time codes of the demonstration shop. It sends no text messages: the code stands in the log, to be tried."""

from __future__ import annotations

import hmac
import logging
import secrets
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from ivr.business.demo_shop.tables import ShopCode, ShopCustomer, stamp
from ivr.business.protocol import Reply

log = logging.getLogger(__name__)

SHORTEST = 7
"""Digits of a number that a text message can go to."""
GOOD_FOR = timedelta(minutes=10)
MOST_WRONG = 3
"""Wrong codes after which the one that was sent is worth nothing any more."""


def draw() -> str:
    """Six digits that nobody can guess: the first is no zero, so that it is said as it is written."""
    return str(100_000 + secrets.randbelow(900_000))


def send(db: Session, phone: str, code: str, now: datetime) -> Reply:
    """Send a code to whom the number belongs; ``sent`` also where it is nobody's, so that nothing is learned by it."""
    if len(phone) < SHORTEST:
        return Reply(outcome="unavailable")
    if db.get(ShopCustomer, phone):
        db.merge(ShopCode(phone=phone, code=code, until=stamp(now + GOOD_FOR), wrong=0))
        log.info("the demonstration shop would send a text message now: the code is %s", code)
    return Reply(outcome="sent")


def check(db: Session, phone: str, code: str, now: datetime) -> Reply:
    """``right`` once, for the newest code, while it is good."""
    row = db.get(ShopCode, phone)
    if row is None or row.until < stamp(now) or row.wrong >= MOST_WRONG:
        return Reply(outcome="wrong")
    if not hmac.compare_digest(row.code.encode(), code.encode()):
        row.wrong += 1
        return Reply(outcome="wrong")
    db.delete(row)
    return Reply(outcome="right")
