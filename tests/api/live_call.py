"""A call that goes on, and where the interface has the one of the example."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Engine

from recordings.calls import call_log
from recordings.contacts.call import Call
from recordings.database import transaction

CALL = "/api/calls/1795327401.7"


def open_call(engine: Engine, call_id: str) -> Call:
    now = datetime.now(UTC)
    call = Call(
        id=call_id,
        started_at=now,
        answered_at=now,
        caller_number="+79030000000",
        extension="1000",
        language="ru",
        scenario="order_status",
        scenario_version="0" * 12,
        engine="vosk",
    )
    with transaction(engine) as db:
        call_log.open_call(db, call)
    return call
