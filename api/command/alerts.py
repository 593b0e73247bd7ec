"""`otklik alerts`: check rules, put them in force, list what was raised."""

from __future__ import annotations

import getpass
import json
import sys
from pathlib import Path

from analytics.alerts import AlertsError, read_alerts
from recordings.alerts.alerts import list_alerts, save_alert_rules
from recordings.database import connect, reading, transaction
from recordings.privacy.audit import note
from recordings.settings import StoreSettings
from speech.yaml_source import FileRefused, read_text


def check_alerts(file: Path) -> int:
    """Print each problem with file and line. Returns the exit code."""
    try:
        read_alerts(read_text(file), str(file))
    except (FileRefused, AlertsError) as error:
        print(error)
        print(f"{file}: {len(error.problems)} problems", file=sys.stderr)
        return 1
    print(f"{file}: 0 problems", file=sys.stderr)
    return 0


def use_alerts(file: Path) -> int:
    """Put the rules of a file in force. Returns the exit code."""
    try:
        text = read_text(file)
        version = read_alerts(text, str(file)).version
    except (FileRefused, AlertsError) as error:
        print(error, file=sys.stderr)
        print("the running alerts stay in force", file=sys.stderr)
        return 1
    with transaction(connect(StoreSettings().database_url)) as db:
        save_alert_rules(db, version, text, by=f"{getpass.getuser()} (command line)"[:64])
        note(db, f"{getpass.getuser()} (command line)", "alerts.changed", version)
    print(f"alerts {version} are in force", file=sys.stderr)
    return 0


def print_alerts(*, state: str, limit: int, as_json: bool) -> int:
    """Newest first. Returns the exit code."""
    with reading(connect(StoreSettings().database_url)) as db:
        found = list_alerts(db, state=state, limit=limit)
    for alert in found:
        start = alert.evidence.start if alert.evidence else None
        if as_json:
            row = {"id": alert.id, "rule": alert.rule, "contact": alert.contact_id, "state": alert.state}
            print(json.dumps(row | {"at": alert.at.isoformat(), "start": start}, ensure_ascii=False))
        else:
            second = f" at {start:.0f} s" if start is not None else ""
            print(f"{alert.at:%Y-%m-%d %H:%M} {alert.state:5} {alert.rule}: call {alert.contact_id}{second}")
    return 0
