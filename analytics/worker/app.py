"""Celery as workers and clock run it: ``celery -A analytics.worker.app worker``, and ``beat`` in place of ``worker``.

One process with threads: a model takes half a gigabyte and is loaded once; decoding lets go of the interpreter lock.
Transcription, analysis and work in bulk have queues of their own, so that each can have workers of its own (``-Q``), on
any number of machines that share database, store and broker. A worker of several queues takes calls that have just
ended before files that were brought in: it looks into the queues in the order of ``QUEUES``. (RabbitMQ hands out of all
queues in turn: give imports a worker of their own there.)
"""

from __future__ import annotations

import logging

from celery import Celery, signals
from celery.schedules import crontab
from kombu import Exchange, Queue

from analytics.settings import AnalyticsSettings
from analytics.worker.lost_redis import outlive_lost_redis
from recordings.announce import BULK, ERASE, QUEUES
from recordings.settings import StoreSettings
from speech.redaction.log_masks import mask_logs
from speech.settings import local_zone

ALERT_SECONDS = 5.0
"""Between looks at live calls, and at what is to be sent."""
ERASURE_SECONDS = 60.0
"""Between looks for erasures to go on with."""


def _mask(logger: logging.Logger, **_: object) -> None:
    mask_logs(logger.handlers)


signals.after_setup_logger.connect(_mask)
signals.after_setup_task_logger.connect(_mask)

_store, _analytics = StoreSettings(), AnalyticsSettings()

outlive_lost_redis()

app = Celery(
    "otklik",
    broker=_store.broker,
    include=["analytics.worker.tasks", "analytics.worker.alert_tasks", "analytics.worker.retention_task"],
)
app.conf.update(
    task_queues=[Queue(name, Exchange(name), routing_key=name) for name in QUEUES],
    task_default_queue=QUEUES[0],
    task_create_missing_queues=False,
    # JSON alone: a message can name a task and a recording, and nothing else
    task_serializer="json",
    accept_content=["json"],
    task_ignore_result=True,
    timezone=str(local_zone()),  # of the hours of the crontabs below
    # a message is done when the row is there; the tables decide, the sweep sends again what was lost
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    broker_transport_options={"visibility_timeout": 3600, "queue_order_strategy": "priority"},
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    worker_pool="threads",
    worker_concurrency=_analytics.worker_threads,
    worker_hijack_root_logger=True,
    worker_send_task_events=False,
    beat_schedule={
        "sweep": {
            "task": "analytics.tasks.sweep",
            "schedule": _analytics.sweep_seconds,
            "options": {"queue": "analysis", "expires": _analytics.sweep_seconds},
        },
        "watch": {
            "task": "analytics.alert_tasks.watch_calls",
            "schedule": ALERT_SECONDS,
            "options": {"queue": "analysis", "expires": ALERT_SECONDS},
        },
        "send": {
            "task": "analytics.alert_tasks.send_alerts",
            "schedule": ALERT_SECONDS,
            "options": {"queue": "analysis", "expires": ALERT_SECONDS},
        },
        "retain": {
            "task": "analytics.retain.retain_by_policy",
            "schedule": crontab(minute="30", hour="2"),
            "options": {"queue": BULK},
        },
        "erasures": {
            "task": ERASE,
            "schedule": ERASURE_SECONDS,
            "options": {"queue": BULK, "expires": ERASURE_SECONDS},
        },
        "topics": {
            "task": "analytics.tasks.propose_topics",
            "schedule": crontab(minute="0", hour="3", day_of_week="1"),
            "options": {"queue": BULK},
        },
        # proposes only: a person promotes
        "propose": {
            "task": "analytics.tasks.propose_models",
            "schedule": crontab(minute="0", hour="4", day_of_month="1"),
            "options": {"queue": BULK},
        },
    },
)
