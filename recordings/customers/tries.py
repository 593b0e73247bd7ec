"""What somebody may try so many times only: numbers and codes that prove who they are, call-backs, new chats.

Counted in the database, so that a second process, a restart or another channel is no second chance. A try is written
and committed before anything is compared, and taken back when it was right: two at the same moment cannot both be the
last one. Every count ends by itself, ``WINDOW`` after the try; nothing stays locked.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from sqlalchemy import Engine, delete, func, select

from recordings.database import reading, transaction
from recordings.tables import TryRow

WINDOW = timedelta(hours=24)
"""How long a try counts. Locked out by a stranger or not: a day later the count has gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """One way of counting."""

    name: str
    """What is counted, as ``conversation``: for the log."""
    value: str
    """Whose it is, as a telephone number; kept as a digest alone."""
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One try that was allowed, or was not."""

    id: str
    left: int
    """Further tries until the tightest scope is full; negative: this one was already too many."""
    scope: str
    """Name of that scope."""

    @property
    def allowed(self) -> bool:
        return self.left >= 0


@dataclass(slots=True, kw_only=True)
class Tries:
    """Counts. Thread-safe.

    Args:
        database: Where the counts are; None: in this process alone, as for a conversation that is only simulated.
        secret: Key of the digests, so that a number cannot be found by trying all there are.
    """

    database: Engine | None = None
    secret: str = field(default="", repr=False)
    _here: list[tuple[str, str, datetime]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, kind: str, scopes: Sequence[Scope], *, now: datetime | None = None) -> Try:
        """Write a try down and tell whether it may be made.

        Args:
            kind: What is tried; each kind has its own counts.
            scopes: Every way in which it counts; those without a value do not.
            now: The time; the clock's where it is not given.

        Raises:
            SQLAlchemyError: the database does not answer; nothing may be tried.
        """
        at, counted = now or datetime.now(UTC), [scope for scope in scopes if scope.value]
        number, keys = uuid4().hex, [self._key(kind, scope) for scope in counted]
        self._write(number, keys, at)
        found = [scope.limit - self._count(key, at - WINDOW) for scope, key in zip(counted, keys, strict=True)]
        left, name = min(zip(found, (scope.name for scope in counted), strict=True), default=(0, ""))
        if left < 0:  # it is not made, so it does not count: who goes on trying does not lengthen the wait
            self.give_back(number)
        return Try(id=number, left=left, scope=name)

    def give_back(self, number: str) -> None:
        """The try was right after all: it does not count.

        Raises:
            SQLAlchemyError: the database does not answer.
        """
        if self.database is None:
            with self._lock:
                self._here[:] = [line for line in self._here if line[0] != number]
            return
        with transaction(self.database) as db:
            db.execute(delete(TryRow).where(TryRow.number == number))

    def _write(self, number: str, keys: Sequence[str], at: datetime) -> None:
        if self.database is None:
            with self._lock:
                self._here[:] = [line for line in self._here if line[2] > at - WINDOW]
                self._here += [(number, key, at) for key in keys]
            return
        with transaction(self.database) as db:
            db.execute(delete(TryRow).where(TryRow.at <= at - WINDOW))
            db.add_all(TryRow(number=number, key=key, at=at) for key in keys)

    def _count(self, key: str, since: datetime) -> int:
        if self.database is None:
            with self._lock:
                return sum(line[1] == key and line[2] > since for line in self._here)
        with reading(self.database) as db:
            counted = select(func.count()).select_from(TryRow).where(TryRow.key == key, TryRow.at > since)
            return db.scalar(counted) or 0

    def _key(self, kind: str, scope: Scope) -> str:
        whole = "\n".join((kind, scope.name, scope.value))
        return hmac.new(self.secret.encode(), whole.encode(), hashlib.sha256).hexdigest()
