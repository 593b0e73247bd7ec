"""Tells the workers of a recording by the name of their task. The message is a hint: the table is the truth."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from celery import Celery
from kombu.exceptions import ChannelError, OperationalError

log = logging.getLogger(__name__)

ANNOUNCED_SECONDS = 60
"""How long a recording waits for the worker that its message should wake; then the sweep sends another message."""

Task = Literal["transcribe", "analyse"]

QUEUES = ("transcription", "analysis", "transcription.imports", "analysis.imports", "bulk")
"""In the order in which a worker that serves several of them looks: calls go before files that were brought in, and
both before work in bulk."""
BULK = "bulk"
ERASE = "analytics.retain.finish_erasures"
"""Task that goes on with every erasure that is due."""


def queue_of(task: Task, *, imported: bool) -> str:
    """Queue of a recording's next step."""
    return ("transcription" if task == "transcribe" else "analysis") + (".imports" if imported else "")


def announce_recording(
    broker_url: str, recording_id: str, *, task: Task = "transcribe", imported: bool = False
) -> bool:
    """Wake a worker for the next step of a recording, after its row is committed.

    Never raises and never waits long: without the broker it says so in the log and returns False, and the sweep finds
    the recording in the table later.
    """
    return _send(broker_url, task, "recording", recording_id, queue_of(task, imported=imported))


def announce_job(broker_url: str, job_id: str) -> bool:
    """Wake a worker for a job, after its row is committed; as ``announce_recording``."""
    return _send(broker_url, "work", "job", job_id, BULK)


def announce_erasure(broker_url: str, erasure_id: str) -> bool:
    """Wake a worker for the erasures that are due, after the receipt is committed; as ``announce_recording``."""
    return _send(broker_url, ERASE, "erasure", erasure_id, BULK, args=[])


def queue_lengths(broker_url: str) -> dict[str, int] | None:
    """Messages that wait in each queue; None when the broker does not answer."""
    lengths: dict[str, int] = {}
    try:
        with _producer(broker_url).connection_for_write() as connection:
            for queue in QUEUES:
                try:
                    lengths[queue] = connection.default_channel.queue_declare(queue, passive=True).message_count
                except ChannelError:  # nothing has been sent to it yet
                    lengths[queue] = 0
    except OperationalError as error:
        log.warning("the broker does not answer: %s", error)
        return None
    return lengths


def _send(broker_url: str, task: str, noun: str, id_: str, queue: str, *, args: Sequence[str] | None = None) -> bool:
    name = task if "." in task else f"analytics.tasks.{task}"
    try:
        _producer(broker_url).send_task(
            name, args=[id_] if args is None else args, queue=queue, retry=False, ignore_result=True
        )
    except OperationalError as error:
        log.warning("the broker takes no message for %s %s (%s): the sweep will send it", noun, id_, error)
        return False
    return True


@lru_cache(maxsize=4)
def _producer(broker_url: str) -> Celery:
    """Celery without tasks of its own; connections are pooled and shared by threads."""
    producer = Celery("otklik-producer", broker=broker_url, set_as_current=False)
    producer.conf.update(
        task_serializer="json",
        broker_connection_timeout=2,
        broker_transport_options={"socket_connect_timeout": 1, "socket_timeout": 2, "max_retries": 0},
    )
    return producer
