"""Guessing of passwords slowed down: failed log-ins counted by address and login."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Throttle:
    """Counts failed log-ins of this process and says how long to wait. Thread-safe.

    A pair of address and login gets few tries, an address more, a login more still: a stranger can slow down guessing
    without locking out the owner at once.
    """

    window: float = 900.0
    """Seconds a failure counts."""
    clock: Callable[[], float] = time.monotonic
    _failures: OrderedDict[str, deque[float]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    PAIR, ADDRESS, LOGIN = 5, 20, 50
    KEPT = 10_000
    """Addresses and logins remembered; the oldest are forgotten first."""

    def admit(self, address: str, login: str) -> float:
        """Count a try as failed in advance, so that parallel tries count too; returns 0.

        When there were too many, nothing is counted and the seconds to wait are returned.
        """
        now = self.clock()
        with self._lock:
            keys = self._keys(address, login)
            wait = max(self._wait(key, limit, now) for key, limit in keys)
            if wait > 0:
                return wait
            for key, limit in keys:
                self._failures.setdefault(key, deque(maxlen=limit)).append(now)
                self._failures.move_to_end(key)
            while len(self._failures) > self.KEPT:
                self._failures.popitem(last=False)
            return 0.0

    def passed(self, address: str, login: str) -> None:
        """The try just admitted was right: forget it, and all failures of this pair."""
        with self._lock:
            (pair, _), *others = self._keys(address, login)
            self._failures.pop(pair, None)
            for key, _ in others:
                if times := self._failures.get(key):
                    times.pop()

    def _keys(self, address: str, login: str) -> tuple[tuple[str, int], ...]:
        name = hashlib.sha256(login.strip().casefold().encode()).hexdigest()
        return (f"{address} {name}", self.PAIR), (address, self.ADDRESS), (name, self.LOGIN)

    def _wait(self, key: str, limit: int, now: float) -> float:
        times = self._failures.get(key, ())
        recent = [at for at in times if now - at < self.window]
        return recent[0] + self.window - now if len(recent) >= limit else 0.0
