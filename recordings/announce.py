"""Tells the workers of a recording by the name of their task. The message is a hint: the table is the truth."""

from __future__ import annotations

import logging
from functools import lru_cache
from typing import Literal

from celery import Celery
from kombu.exceptions import OperationalError

from recordings.call import Recording

log = logging.getLogger(__name__)

ANNOUNCED_SECONDS = 60
"""How long a recording waits for the worker that its message should wake; then the sweep sends another message."""

Queue = Literal["fresh", "bulk"]
Task = Literal["transcribe", "analyse"]


def queue_of(recording: Recording) -> Queue:
    """Calls go before files that were brought in."""
    return "fresh" if recording.call_id else "bulk"


def announce_recording(redis_url: str, recording_id: str, *, queue: Queue = "fresh", task: Task = "transcribe") -> bool:
    """Wake a worker, after the row is committed.

    Never raises and never waits long: without Redis it says so in the log and returns False, and the sweep finds the
    recording in the table later.
    """
    name = f"analytics.tasks.{task}"
    try:
        _producer(redis_url).send_task(name, args=[recording_id], queue=queue, retry=False, ignore_result=True)
    except OperationalError as error:
        log.warning("Redis takes no message for recording %s (%s): the sweep will send it", recording_id, error)
        return False
    return True


@lru_cache(maxsize=4)
def _producer(redis_url: str) -> Celery:
    """Celery without tasks of its own; connections are pooled and shared by threads."""
    producer = Celery("otklik-producer", broker=redis_url, set_as_current=False)
    producer.conf.update(
        task_serializer="json",
        broker_connection_timeout=2,
        broker_transport_options={"socket_connect_timeout": 1, "socket_timeout": 2, "max_retries": 0},
    )
    return producer
