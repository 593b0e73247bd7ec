# mypy: disable-error-code="untyped-decorator"
# (Celery's decorators carry no types)
"""Every few seconds: look at calls that go on and at new ratings; send what is due."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from functools import cache

from analytics.alerts.alerting import alert_rules, watch
from analytics.alerts.sending import Sender
from analytics.alerts.settings import alert_settings
from analytics.pipeline.dependencies import dependencies
from analytics.worker.app import app

log = logging.getLogger(__name__)


def _tells_something(record: logging.LogRecord) -> bool:
    """Every five seconds a task that found nothing is no news."""
    return record.levelno > logging.INFO or "analytics.alert_tasks." not in record.getMessage()


for name in ("celery.worker.strategy", "celery.app.trace", "celery.beat"):
    logging.getLogger(name).addFilter(_tells_something)


@app.task(name="analytics.alert_tasks.watch_calls")
def watch_calls() -> None:
    """Raise what fires for calls that go on and for new ratings."""
    engine = dependencies().engine
    if found := watch(engine, alert_rules(engine), alert_settings(), datetime.now(UTC)):
        log.info("%d alerts were raised", found)


@app.task(name="analytics.alert_tasks.send_alerts")
def send_alerts() -> None:
    """Begin to send what is due; the worker's threads wait for no receiver."""
    _sender().send_due(datetime.now(UTC))


@cache
def _sender() -> Sender:
    """The process's own."""
    return Sender(dependencies().engine, alert_settings())
