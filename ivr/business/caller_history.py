"""What a caller wrote or rang about before, as the answer to ``history.recent``."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Engine

from ivr.business.protocol import Reply
from recordings.customers.history import recent
from recordings.database import reading


def look_back(database: Engine, *, hours: float = 24.0) -> Callable[[str], Reply]:
    """The history that ``ivr.business.requests.Requests`` asks: what came in from a number within so many hours.

    The number must be one the network or a messenger vouches for: it opens what its owner wrote before.
    """

    def ask(number: str) -> Reply:
        with reading(database) as db:
            found = recent(db, number, hours=hours)
        if found is None:
            return Reply(outcome="none")
        facts = {"history.channel": found.channel}
        if found.order:
            return Reply(outcome="order", facts=facts | {"order.number": found.order})
        return Reply(outcome="other", facts=facts)

    return ask
