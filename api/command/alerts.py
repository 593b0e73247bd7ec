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


def check_alerts(file: Path) -> int:
    """Print each problem with file and line. Returns the exit code."""
    problems = _problems(file)
    for problem in problems:
        print(problem)
    print(f"{file}: {len(problems)} problems", file=sys.stderr)
    return 1 if problems else 0


def use_alerts(file: Path) -> int:
    """Put the rules of a file in force. Returns the exit code."""
    if problems := _problems(file):
        print("\n".join(problems), file=sys.stderr)
        print("the running alerts stay in force", file=sys.stderr)
        return 1
    text = file.read_text("utf-8")
    version = read_alerts(text).version
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


def _problems(file: Path) -> list[str]:
    try:
        read_alerts(file.read_text("utf-8"))
    except AlertsError as error:
        return [f"{file}:{problem.line}: {problem.text}" for problem in error.problems]
    except UnicodeDecodeError:
        return [f"{file}:1: not UTF-8"]
    return []
