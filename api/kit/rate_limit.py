"""How fast and how many: bounds on what strangers may ask of the server."""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from ipaddress import IPv6Address, ip_address, ip_network
from time import monotonic
from typing import ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread

P = ParamSpec("P")
T = TypeVar("T")

MOST_KEYS = 20_000
"""Visitors or addresses kept in mind; the one not seen for longest is forgotten first."""


def network_of(address: str) -> str:
    """By what strangers are counted: the address; of IPv6 its /64, which one subscriber has 2**64 addresses of."""
    try:
        found = ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or ip_network((found.packed[:8] + bytes(8), 64)))
    return str(found)


class RateLimit:
    """So many at once, and then so many a second, of each key. For one event loop."""

    def __init__(self, burst: int, per_second: float, *, clock: Callable[[], float] = monotonic) -> None:
        self._burst, self._per_second, self._clock = burst, per_second, clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def allows(self, key: str) -> bool:
        """Take one, if there is one left."""
        now = self._clock()
        left, at = self._left.pop(key, (float(self._burst), now))
        left = min(self._burst, left + (now - at) * self._per_second)
        allowed = left >= 1
        self._left[key] = (left - 1 if allowed else left, now)
        if len(self._left) > MOST_KEYS:
            self._left.popitem(last=False)
        return allowed


class ConcurrencyLimit:
    """How many may be inside at once, in all and of each key. For one event loop."""

    def __init__(self, most: int, most_each: int) -> None:
        self._most, self._most_each = most, most_each
        self._inside: Counter[str] = Counter()

    @contextmanager
    def pass_through(self, key: str) -> Iterator[bool]:
        """Inside as long as the block lasts; False when there is no room."""
        room = self._inside.total() < self._most and self._inside[key] < self._most_each
        if room:
            self._inside[key] += 1
        try:
            yield room
        finally:
            if room:
                self._inside[key] -= 1
                if not self._inside[key]:
                    del self._inside[key]


class Turns:
    """Work in threads, of each key one piece at a time and so many in all. For one event loop.

    Who waits for their turn waits in the event loop: the threads stay free for others.
    """

    def __init__(self, most: int) -> None:
        self._limiter: CapacityLimiter | None = None
        self._most = most
        self._locks: dict[str, tuple[asyncio.Lock, int]] = {}

    async def run(self, key: str, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do the work in a thread and give its result."""
        if self._limiter is None:  # made inside of the event loop it is for
            self._limiter = CapacityLimiter(self._most)
        lock, waiting = self._locks.get(key, (asyncio.Lock(), 0))
        self._locks[key] = (lock, waiting + 1)
        try:
            async with lock:
                return await to_thread.run_sync(partial(work, *args, **kwargs), limiter=self._limiter)
        finally:
            lock, waiting = self._locks[key]
            if waiting == 1:
                del self._locks[key]
            else:
                self._locks[key] = (lock, waiting - 1)
