"""Rules that tell somebody at once, put in force."""

from __future__ import annotations

from sqlalchemy import Engine

from analytics.alerts import AlertRules, read_alerts
from recordings.alerts.alerts import save_alert_rules
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
