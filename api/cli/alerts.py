"""`otklik alerts`: check rules, put them in force, list what was raised."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from api.cli.options import AsJson, account, app, refuse

if TYPE_CHECKING:
    from speech.yaml_source import Problem

RulesFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False)]
alerts_app = typer.Typer(no_args_is_help=True, help="Rules that tell somebody at once.")
app.add_typer(alerts_app, name="alerts")


@alerts_app.command("check")
def check_alerts(file: RulesFile) -> None:
    """Check rules of alerts; prints file:line."""
    _, problems = _read(file)
    for problem in problems:
        print(problem)
    print(f"{file}: {len(problems)} problems", file=sys.stderr)
    raise typer.Exit(1 if problems else 0)


@alerts_app.command("use")
def use_alerts(file: RulesFile) -> None:
    """Put rules of alerts in force; with a fault in them the running ones stay."""
    from api.installation.installation import open_database
    from api.operations.alerts import put_in_force

    text, problems = _read(file)
    if problems:
        refuse(*problems, "the running alerts stay in force")
    rules = put_in_force(open_database(), text, by=account())
    print(f"alerts {rules.version} are in force", file=sys.stderr)


@alerts_app.command("list")
def list_alerts(
    state: Annotated[Literal["new", "seen", "done", "all"], typer.Option()] = "new",
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
    as_json: AsJson = False,
) -> None:
    """What was raised, newest first."""
    from api.installation.installation import open_database
    from recordings.alerts import alerts
    from recordings.database import reading

    with reading(open_database()) as db:
        found = alerts.list_alerts(db, state="" if state == "all" else state, limit=limit)
    for alert in found:
        start = alert.evidence.start if alert.evidence else None
        if as_json:
            row = {"id": alert.id, "rule": alert.rule, "contact": alert.contact_id, "state": alert.state}
            print(json.dumps(row | {"at": alert.at.isoformat(), "start": start}, ensure_ascii=False))
        else:
            second = f" at {start:.0f} s" if start is not None else ""
            print(f"{alert.at:%Y-%m-%d %H:%M} {alert.state:5} {alert.rule}: call {alert.contact_id}{second}")


@alerts_app.command("schema")
def print_schema() -> None:
    """JSON schema of the rules: editors complete and check while one types."""
    from analytics.alerts import schema

    print(json.dumps(schema(), indent=2, ensure_ascii=False))


def _read(file: Path) -> tuple[str, Sequence[Problem]]:
    """The text of a file of rules and what is wrong with it."""
    from analytics.alerts import AlertsError, read_alerts
    from speech.yaml_source import FileRefused, read_text

    text = ""
    try:
        text = read_text(file)
        read_alerts(text, str(file))
    except (FileRefused, AlertsError) as error:
        return text, error.problems
    return text, ()
