"""Renewing a lease while its holder computes."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Event, Thread

from sqlalchemy.exc import InterfaceError, OperationalError

log = logging.getLogger(__name__)

RENEWALS = 3
"""Renewals a lease: two may fail before it runs out."""


class Renewal:
    """A thread that renews a lease until it is ended. A database that is away is asked again next time."""

    def __init__(self, renew: Callable[[], bool], *, lease: float, what: str) -> None:
        self._renew, self._lease, self._what = renew, lease, what
        self._over = Event()
        self._thread = Thread(target=self._run, name=f"renew-{what}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        """Returns when the last renewal is over: nothing is renewed after this."""
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(self._lease / RENEWALS):
            try:
                self._renew()
            except (OperationalError, InterfaceError) as error:
                log.warning("the lease of %s cannot be renewed now: %s", self._what, error.orig)
