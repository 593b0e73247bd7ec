"""Rules that tell somebody at once, put in force; and what people make of the alerts."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Engine

from analytics.alerts import AlertRules, read_alerts
from recordings.alerts.alerts import AlertState, mark_alert, save_alert_rules
from recordings.alerts.alerts import send_again as send_delivery_again
from recordings.database import transaction
from recordings.privacy import audit


def put_in_force(engine: Engine, text: str, *, by: str) -> AlertRules:
    """Let these rules tell people from now on.

    Raises:
        AlertsError: there is a fault in them, and the running ones stay.
    """
    rules = read_alerts(text)
    with transaction(engine) as db:
        save_alert_rules(db, rules.version, text, by=by)
        audit.note(db, by, "alerts.changed", rules.version, {"alerts": len(rules.rules)})
    return rules


def mark(engine: Engine, alert_id: str, state: AlertState, *, by: str) -> bool:
    """Say how far somebody has come with an alert; False when there is none."""
    with transaction(engine) as db:
        known = mark_alert(db, alert_id, state, by=by)
        if known:
            audit.note(db, by, "alert.marked", alert_id, {"state": state.value})
    return known


def send_again(engine: Engine, delivery_id: str, *, by: str) -> None:
    """Send once more what was given up; what waits or was sent stays as it is."""
    with transaction(engine) as db:
        send_delivery_again(db, delivery_id, datetime.now(UTC))
        audit.note(db, by, "alert.sent_again", delivery_id)
