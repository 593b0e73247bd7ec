"""Threads for what may hang: a bounded number, a bounded queue, and whoever waits gives up in time.

Python cannot end a thread. One whose caller has given up goes on by itself and is replaced, up to a bound; beyond it
nothing more is begun until one of them comes back. They are daemons: a process that ends waits for none of them.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any, Generic, TypeVar

from recordings.errors import ThreadsBusy

IDLE_SECONDS = 30.0
"""After which a thread with nothing to do ends."""

T = TypeVar("T")


class Job(Generic[T]):
    """One piece of work that waits, runs, or is done."""

    def __init__(self, work: Callable[[], T]) -> None:
        self.work = work
        self.future: Future[T] = Future()
        self.since = time.monotonic()
        self.left = False
        """Whoever waited for it has given up while it ran."""
        self.over = False


class BoundedThreads:
    """A pool of its own for one kind of work. Thread-safe.

    Args:
        name: Of the work; its threads are called by it.
        threads: Pieces of work done at once.
        waiting: Pieces that may wait for a thread.
        most_left: Threads that may hang, given up by who waited for them, before they are no longer replaced.
    """

    def __init__(self, name: str, *, threads: int, waiting: int, most_left: int = 4) -> None:
        self.name = name
        self._threads = threads
        self._waiting = waiting
        self._most_left = most_left
        self._queue: deque[Job[Any]] = deque()
        self._news = threading.Condition()
        self._idle = 0
        self._running = 0
        """Pieces of work that somebody waits for."""
        self._left = 0
        """Pieces of work that nobody waits for any more."""

    @property
    def hanging(self) -> int:
        """Threads whose callers have given up and that have not come back."""
        return self._left

    @property
    def queue_age(self) -> float:
        """Seconds that the first in the queue has waited for a thread; 0 while nothing waits."""
        with self._news:
            return time.monotonic() - self._queue[0].since if self._queue else 0.0

    def submit(self, work: Callable[[], T]) -> Job[T]:
        """Have the work done soon.

        Raises:
            ThreadsBusy: too much waits already, or too many threads hang: nothing will be done.
        """
        job = Job(work)
        with self._news:
            room = self._room()
            if room <= 0:
                raise ThreadsBusy(f"{self.name}: {self._left} threads hang; nothing is begun until one comes back")
            if len(self._queue) - max(0, room - self._running) >= self._waiting:  # the first ones are as good as begun
                raise ThreadsBusy(f"{self.name}: {len(self._queue)} wait already")
            self._queue.append(job)
            self._wake()
        return job

    def give_up(self, job: Job[Any]) -> None:
        """Nobody waits for the job any more: it is not begun, or its thread goes on alone and is replaced."""
        with self._news:
            if job in self._queue:
                self._queue.remove(job)
                job.future.cancel()
            elif not job.over and not job.left:
                job.left = True
                self._running -= 1
                self._left += 1
                self._wake()

    def result(self, work: Callable[[], T], *, seconds: float) -> T:
        """Do the work and wait for it; what it raises is raised.

        Raises:
            TimeoutError: it was not done within ``seconds``, waiting for a thread included.
            ThreadsBusy: as ``submit``.
        """
        job = self.submit(work)
        try:
            return job.future.result(seconds)
        except FutureTimeout as error:
            if job.future.done():
                raise  # its own
            raise TimeoutError(f"{self.name}: not done within {seconds:g} s") from error
        finally:
            if not job.future.done():
                self.give_up(job)

    def _room(self) -> int:
        """Pieces of work that may run now."""
        return self._threads - max(0, self._left - self._most_left)

    def _wake(self) -> None:
        """Have what waits begun, as far as there is room."""
        wanted = min(len(self._queue), self._room() - self._running)
        for _ in range(wanted - self._idle):
            self._idle += 1
            threading.Thread(target=self._serve, name=self.name, daemon=True).start()
        self._news.notify(max(wanted, 0))

    def _serve(self) -> None:
        while job := self._next():
            if job.future.set_running_or_notify_cancel():
                try:
                    done = job.work()
                except BaseException as error:  # noqa: BLE001  # whoever waits for it is told
                    self._over(job)
                    job.future.set_exception(error)
                else:
                    self._over(job)
                    job.future.set_result(done)
            else:
                self._over(job)
            del job  # its result is not kept until the next one

    def _next(self) -> Job[Any] | None:
        """The next piece of work; None when there was none for long."""
        with self._news:
            ready = self._news.wait_for(lambda: self._queue and self._running < self._room(), IDLE_SECONDS)
            self._idle -= 1
            if not ready:
                return None
            self._running += 1
            return self._queue.popleft()

    def _over(self, job: Job[Any]) -> None:
        with self._news:
            job.over = True
            if job.left:
                self._left -= 1
            else:
                self._running -= 1
            self._idle += 1
            self._wake()
