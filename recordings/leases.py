"""Leases: whoever works on a row holds it for some seconds, renews while the work lasts, and in the end settles it,
postpones it or gives it up. A holder that dies stops renewing: its row falls due again, and the next one takes it.

Recordings, jobs, the outbox and the deliveries of alerts are leased. Their rows have ``due_at`` (until then a row is
its holder's, or waits) and ``attempts`` (times it was taken). Messages are hints; these columns are the truth.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from recordings.tables import LeasedTable

Row = TypeVar("Row", bound=LeasedTable)

MOST_DOUBLINGS = 30
"""More than any wait needs, and no overflow after thousands of failures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackOff:
    """When to try again after failures, and when to stop."""

    first: float
    """Seconds after the first failure; twice as long after each further one."""
    longest: float
    """Seconds between two tries at most."""
    keep_trying: float = math.inf
    """Seconds from its beginning after which a thing is given up."""
    most_attempts: float = math.inf
    """Failures after which it is given up."""

    def __post_init__(self) -> None:
        if not 0 < self.first <= self.longest:
            raise ValueError(f"want 0 < first <= longest, got {self.first} and {self.longest} s")

    def wait(self, failures: int) -> float:
        """Seconds to wait after so many failures, counted from 1."""
        return min(self.longest, self.first * 2.0 ** min(max(failures, 1) - 1, MOST_DOUBLINGS))

    def is_over(self, *, failures: int = 0, age: float = 0.0) -> bool:
        """Whether to give up, after so many failures and so many seconds."""
        return failures >= self.most_attempts or age >= self.keep_trying


@dataclass(frozen=True, slots=True, kw_only=True)
class Leased(Generic[Row]):
    """A table whose rows are leased."""

    table: type[Row]
    key: InstrumentedAttribute[str]
    """Primary key."""
    holder: InstrumentedAttribute[str] | InstrumentedAttribute[int]
    """What tells holders apart: ``worker``; where rows are taken in batches, the count of attempts (who took a row at
    an earlier count has lost it)."""
    unsettled: ColumnElement[bool]
    """Rows there is still something to do with."""


def take(db: Session, leased: Leased[Row], key: str, *, holder: str, seconds: float, **changes: object) -> Row | None:
    """Take one row for ``seconds`` and count the attempt; None when it is settled, gone or in another's hands.

    For tables whose holders have names.
    """
    now = datetime.now(UTC)
    free = or_(leased.holder == "", leased.table.due_at <= now)
    taken: dict[str, Any] = {leased.holder.key: holder, "due_at": now + timedelta(seconds=seconds), **changes}
    return db.scalar(
        update(leased.table)
        .where(leased.key == key, leased.unsettled, free)
        .values(attempts=leased.table.attempts + 1, **taken)
        .returning(leased.table)
    )


def take_due(
    db: Session,
    leased: Leased[Row],
    *,
    limit: int,
    seconds: float,
    now: datetime,
    where: Sequence[ColumnElement[bool]] = (),
    order_by: InstrumentedAttribute[datetime] | None = None,
    counted: bool = True,
    **changes: object,
) -> list[Row]:
    """Rows that are due, the longest waiting first; for ``seconds`` nobody else gets them.

    Args:
        db: An open transaction, which ought to end soon.
        leased: The table.
        limit: Rows at most. Another taker at the same moment may leave fewer.
        seconds: Until they fall due again.
        now: The time.
        where: Which of them.
        order_by: Another order than that of falling due.
        counted: Whether it is an attempt; not, where a message is sent to those who will take them by key.
        changes: Further columns to set.
    """
    due = (leased.unsettled, leased.table.due_at <= now)
    chosen = select(leased.key).where(*due, *where).order_by(order_by or leased.table.due_at).limit(limit)
    taken = (
        update(leased.table)
        .where(leased.key.in_(db.scalars(chosen).all()), *due)
        .values(
            due_at=now + timedelta(seconds=seconds), attempts=leased.table.attempts + (1 if counted else 0), **changes
        )
        .returning(leased.table)
    )
    return list(db.scalars(taken))


def renew(db: Session, leased: Leased[Row], key: str, *, holder: str | int, seconds: float) -> bool:
    """Hold a row for ``seconds`` from now; False when it is lost."""
    return settle(db, leased, key, holder=holder, due_at=after(seconds))


def postpone(
    db: Session,
    leased: Leased[Row],
    key: str,
    *,
    holder: str | int,
    seconds: float,
    counted: bool = True,
    **changes: object,
) -> bool:
    """Let a row fall due in ``seconds``; False when it is lost. ``counted=False`` forgets the attempt."""
    attempts = leased.table.attempts - (0 if counted else 1)
    return settle(db, leased, key, holder=holder, due_at=after(seconds), attempts=attempts, **changes)


def settle(db: Session, leased: Leased[Row], key: str, *, holder: str | int, **changes: object) -> bool:
    """Change a row while it is the holder's: it is done, given up, or has come further. False when it is lost."""
    ours = update(leased.table).where(*held(leased, key, holder)).values(**changes)
    return bool(db.connection().execute(ours).rowcount)


def held(leased: Leased[Row], key: str, holder: str | int) -> tuple[ColumnElement[bool], ...]:
    """Conditions under which a row is still the holder's."""
    return leased.key == key, leased.holder == holder, leased.unsettled


def after(seconds: float, now: datetime | None = None) -> datetime:
    """The time in so many seconds."""
    return (now or datetime.now(UTC)) + timedelta(seconds=seconds)
