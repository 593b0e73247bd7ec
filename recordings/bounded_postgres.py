"""Connections to PostgreSQL that wait for no answer longer than they should.

The server ends a statement that takes too long, and TCP notices a machine that went away; a server that hangs does
neither: its kernel goes on acknowledging. Here the client itself looks at the clock.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import psycopg
from psycopg.abc import RV, PQGen


@cache
def bounded_connection(seconds: float) -> type[psycopg.Connection[Any]]:
    """Connections whose every exchange with the server ends within ``seconds``; afterwards such a one is closed."""

    class BoundedConnection(psycopg.Connection[Any]):
        def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
            limit = seconds if timeout is None else min(timeout, seconds)
            try:
                return super().wait(gen, interval, limit)
            except psycopg.errors._WaitTimeout as error:  # psycopg names it so where it is documented
                if timeout is not None and timeout <= seconds:
                    raise
                self.pgconn.finish()  # what it was about to answer is no answer to the next question
                raise psycopg.OperationalError(f"the database gave no answer within {seconds:g} s") from error

    return BoundedConnection
