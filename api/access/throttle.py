"""Guessing of passwords and codes slowed down, in one table for all processes: who fails waits, longer each time.

Nobody is locked out. A browser, or an address, from which a user came in before has tries of its own: what strangers do
elsewhere counts nothing there. From an unknown address the first try is always taken at once, however many others
failed with the same login, unless the address itself has failed with many.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from api.kit.rate_limit import network_of
from recordings.database import alone
from recordings.tables import LoginFailureRow, LoginSourceRow, UserRow

WINDOW = timedelta(minutes=15)
"""How long a failure counts."""
PAIR, NETWORK, LOGIN = 5, 20, 50
"""Failures before waiting begins: of a login from one place, of one address with any login, of a login from anywhere.

After the last, each new place has one try, and then waits.
"""
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=15)
"""Doubled by each failure after those."""
MOST_FAILURES = 20_000
"""Rows kept; the oldest go first. A try takes some 50 ms: a process makes fewer in a window."""
KNOWN_DAYS, MOST_SOURCES = 90, 20
"""How long, and how many, places are known from which a user came in."""
LOCK = 0x6F74_6C67
"""Key of the advisory lock in PostgreSQL under which tries are counted one after the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a try comes from."""

    address: str
    """As ``network_of`` is to count it."""
    device: str = ""
    """Secret of a cookie that a browser keeps from its last log-in; empty for one that has none."""

    @property
    def network(self) -> str:
        return f"net:{network_of(self.address)}"[:80]

    @property
    def browser(self) -> str:
        return f"device:{hashlib.sha256(self.device.encode()).hexdigest()}" if self.device else ""


def wait_for(db: Session, what: str, login: str, place: Place, *, now: datetime) -> float:
    """Seconds until a try is taken; 0: at once.

    ``what``: ``password`` or ``code``: each has tries of its own.
    """
    name, (source, known) = _name(what, login), _source(db, login, place, now)
    of_pair = _wait(db, PAIR, now, LoginFailureRow.login == name, LoginFailureRow.source == source)
    if known:
        return of_pair
    if _count(db, now, LoginFailureRow.login == name)[0] >= LOGIN:
        of_pair = _wait(db, 1, now, LoginFailureRow.login == name, LoginFailureRow.source == source)
    return max(of_pair, _wait(db, NETWORK, now, LoginFailureRow.source == source))


def admit(db: Session, what: str, login: str, place: Place, *, now: datetime) -> float:
    """Count a try as failed in advance, so that parallel tries count too; returns 0.

    When there were too many, nothing is counted and the seconds to wait are returned.
    """
    alone(db, LOCK)
    if wait := wait_for(db, what, login, place, now=now):
        return wait
    db.execute(delete(LoginFailureRow).where(LoginFailureRow.at <= now - WINDOW))
    db.add(LoginFailureRow(login=_name(what, login), source=_source(db, login, place, now)[0], at=now))
    db.flush()
    too_old = select(LoginFailureRow.id).order_by(LoginFailureRow.id.desc()).offset(MOST_FAILURES).limit(1)
    if (oldest := db.scalar(too_old)) is not None:
        db.execute(delete(LoginFailureRow).where(LoginFailureRow.id <= oldest))
    return 0.0


def passed(db: Session, what: str, login: str, place: Place, *, now: datetime) -> None:
    """The try just admitted was right: forget it, and all failures of this login from this place."""
    name, (source, _) = _name(what, login), _source(db, login, place, now)
    db.execute(delete(LoginFailureRow).where(LoginFailureRow.login == name, LoginFailureRow.source == source))


def remember(db: Session, user_id: str, place: Place, *, now: datetime) -> None:
    """A user has come in from here."""
    db.execute(delete(LoginSourceRow).where(LoginSourceRow.seen_at <= now - timedelta(days=KNOWN_DAYS)))
    for source in filter(None, (place.network, place.browser)):
        db.merge(LoginSourceRow(user_id=user_id, source=source, seen_at=now))
    db.flush()
    of_user = select(LoginSourceRow.source).where(LoginSourceRow.user_id == user_id)
    surplus = db.scalars(of_user.order_by(LoginSourceRow.seen_at.desc()).offset(MOST_SOURCES)).all()
    db.execute(delete(LoginSourceRow).where(LoginSourceRow.user_id == user_id, LoginSourceRow.source.in_(surplus)))


def _source(db: Session, login: str, place: Place, now: datetime) -> tuple[str, bool]:
    """Under what a try is counted, and whether the user came in from there before."""
    owner = select(UserRow.id).where(UserRow.login == login.strip()).scalar_subquery()
    lately = LoginSourceRow.seen_at > now - timedelta(days=KNOWN_DAYS)
    known = set(db.scalars(select(LoginSourceRow.source).where(LoginSourceRow.user_id == owner, lately)))
    if place.browser in known:
        return place.browser, True
    return place.network, place.network in known


def _wait(db: Session, free: int, now: datetime, *which: ColumnElement[bool]) -> float:
    times, last = _count(db, now, *which)
    if times < free or last is None:
        return 0.0
    pause = min(FIRST_WAIT * 2 ** min(times - free, 10), LONGEST_WAIT)
    left: float = (last + pause - now).total_seconds()
    return max(0.0, left)


def _count(db: Session, now: datetime, *which: ColumnElement[bool]) -> tuple[int, datetime | None]:
    counted = select(func.count(), func.max(LoginFailureRow.at)).where(*which, LoginFailureRow.at > now - WINDOW)
    times, last = db.execute(counted).one()
    return times, last


def _name(what: str, login: str) -> str:
    return hashlib.sha256(f"{what} {login.strip().casefold()}".encode()).hexdigest()
