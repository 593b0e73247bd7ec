"""Alerts on their way: beside the analysis, each receiver by itself.

Threads of their own send, so that a worker's threads never wait for a receiver. Of one receiver's deliveries one is
under way at a time; one that failed rests, each time longer, and meanwhile nothing of its is taken from the table. A
receiver that hangs or drips holds one thread for ``DEADLINE_SECONDS`` now and then, and nobody else.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine

from analytics.alerts.channels import DEADLINE_SECONDS, send
from analytics.alerts.settings import AlertSettings
from analytics.errors import NotDelivered
from recordings.alerts.alerts import Delivery, DeliveryState, put_off, receiver_of, release, settle, take_due
from recordings.leases import BackOff

log = logging.getLogger(__name__)

THREADS = 8
"""Receivers that are waited for at once."""
BATCH = 20
"""Deliveries of one receiver in a row."""
LEASE_SECONDS = BATCH * DEADLINE_SECONDS + 100
"""Longer than any batch takes, with a database that is slow besides."""
REST = BackOff(first=5, longest=300)
"""Of a receiver that failed."""
REMEMBERED = timedelta(hours=1)
"""Behind its rest; then a failure is the first one again."""


@dataclass(frozen=True, slots=True)
class _Failing:
    """A receiver that failed lately."""

    failures: int
    until: datetime
    """Left alone until then."""


class Sender:
    """Sends what is due of one database. Safe for several threads; several processes may have one each."""

    def __init__(self, engine: Engine, settings: AlertSettings, *, threads: int = THREADS) -> None:
        self._engine, self._settings, self._threads = engine, settings, threads
        self._pool = ThreadPoolExecutor(threads, "alerts")
        self._lock = threading.Lock()
        self._under_way: dict[str, Future[None]] = {}
        self._failing: dict[str, _Failing] = {}

    def send_due(self, now: datetime) -> int:
        """Begin to send what is due; how many there are. Waits for no receiver."""
        taken: list[Delivery] = []
        with self._lock:
            self._forget(now)
            while len(self._under_way) < self._threads:
                but_to = {*self._under_way, *self._left_alone(now)}
                due = take_due(self._engine, limit=BATCH, lease=LEASE_SECONDS, now=now, but_to=but_to)
                if not due:
                    break
                taken += due
                until = time.monotonic() + LEASE_SECONDS - 2 * DEADLINE_SECONDS
                receivers = [receiver_of(one.channel, one.target) for one in due]
                for receiver in dict.fromkeys(receivers):
                    batch = [one for one, its in zip(due, receivers, strict=True) if its == receiver]
                    self._under_way[receiver] = self._pool.submit(self._send, receiver, batch, now, until)
        return len(taken)

    def wait(self) -> None:
        """Until nothing is under way."""
        wait(tuple(self._under_way.values()))
        for job in self._under_way.values():
            job.result()

    def close(self) -> None:
        """Let what is under way end, and begin nothing more."""
        self._pool.shutdown(cancel_futures=True)

    def _forget(self, now: datetime) -> None:
        """Jobs that have ended, and receivers whose failures are long ago."""
        for job in self._under_way.values():
            if job.done() and (error := job.exception()):
                log.error("alerts were not sent", exc_info=error)
        self._under_way = {receiver: job for receiver, job in self._under_way.items() if not job.done()}
        self._failing = {receiver: one for receiver, one in self._failing.items() if one.until + REMEMBERED > now}

    def _left_alone(self, now: datetime) -> list[str]:
        """Receivers that rest; all that failed lately, while those have half of the threads."""
        busy = sum(receiver in self._failing for receiver in self._under_way)
        return [receiver for receiver, one in self._failing.items() if one.until > now or busy >= self._threads // 2]

    def _send(self, receiver: str, batch: Sequence[Delivery], now: datetime, until: float) -> None:
        """One receiver's deliveries, until one fails: the others then go back as they were. ``until``: when the lease
        ends, by the monotonic clock."""
        for at, delivery in enumerate(batch):
            if time.monotonic() > until:
                return  # too late in the queue: they fall due by themselves
            try:
                said = send(delivery, self._settings, now)
            except NotDelivered as error:
                if not error.retryable:
                    settle(self._engine, delivery, DeliveryState.GIVEN_UP, what=str(error), now=now)
                    log.error("alert %s will never reach %s: %s", delivery.alert_id, delivery.target, error)
                    continue
                state = put_off(self._engine, delivery, what=str(error), now=now)
                log.warning("alert %s to %s: %s (%s)", delivery.alert_id, delivery.target, error, state)
                release(self._engine, batch[at + 1 :], due_at=self._rest(receiver, now))
                return
            settle(self._engine, delivery, DeliveryState.SENT, what=said, now=now)
        self._failing.pop(receiver, None)

    def _rest(self, receiver: str, now: datetime) -> datetime:
        before = self._failing.get(receiver)
        failures = before.failures + 1 if before else 1
        until = now + timedelta(seconds=REST.wait(failures))
        self._failing[receiver] = _Failing(failures, until)
        return until


def deliver(engine: Engine, settings: AlertSettings, now: datetime) -> int:
    """Send what is due and wait until it is done; how many there were."""
    sender = Sender(engine, settings)
    try:
        count = sender.send_due(now)
        sender.wait()
    finally:
        sender.close()
    return count
