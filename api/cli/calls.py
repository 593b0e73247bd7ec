"""Calls, what callers ask that no intent knows, and what somebody has to be told at once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from api.cli.options import AsJson, app

calls_app = typer.Typer(no_args_is_help=True, help="Calls and what was found in them.")
topics_app = typer.Typer(no_args_is_help=True, help="What callers ask that no intent knows.")
alerts_app = typer.Typer(no_args_is_help=True, help="Rules that tell somebody at once.")
app.add_typer(calls_app, name="calls")
app.add_typer(topics_app, name="topics")
app.add_typer(alerts_app, name="alerts")


@calls_app.command("list")
def calls_list(limit: Annotated[int, typer.Option(min=1, max=1000)] = 20, as_json: AsJson = False) -> None:
    """Newest calls first."""
    from api.command.calls import print_calls

    raise typer.Exit(print_calls(limit=limit, as_json=as_json))


@calls_app.command("show")
def calls_show(
    call_id: Annotated[str, typer.Argument(metavar="ID")],
    as_json: AsJson = False,
    original: Annotated[bool, typer.Option("--original", help="With private parts; leaves an audit line.")] = False,
) -> None:
    """One call turn by turn, with its findings."""
    from api.command.calls import print_call

    raise typer.Exit(print_call(call_id, as_json=as_json, original=original))


@calls_app.command("retry")
def calls_retry(call_id: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """Give a parked recording back to the workers."""
    from api.command.calls import retry_recording

    raise typer.Exit(retry_recording(call_id))


@topics_app.command("find")
def topics_find(
    language: Annotated[str, typer.Option("--language", "-l", help="By default all.")] = "",
    days: Annotated[int, typer.Option(min=1, max=3650, help="How far back to look.")] = 92,
    as_json: AsJson = False,
) -> None:
    """Put like questions together and propose new topics; a person accepts them on the page Topics."""
    from api.command.topics import find_topics

    raise typer.Exit(find_topics(language, days=days, as_json=as_json))


@topics_app.command("list")
def topics_list(
    language: Annotated[str, typer.Option("--language", "-l", help="By default all.")] = "",
    days: Annotated[int, typer.Option(min=1, max=3650, help="How far back to count.")] = 56,
    as_json: AsJson = False,
) -> None:
    """Topics with their calls and growth."""
    from api.command.topics import print_topics

    raise typer.Exit(print_topics(language, days=days, as_json=as_json))


@alerts_app.command("check")
def alerts_check(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)]) -> None:
    """Check rules of alerts; prints file:line."""
    from api.command.alerts import check_alerts

    raise typer.Exit(check_alerts(file))


@alerts_app.command("use")
def alerts_use(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)]) -> None:
    """Put rules of alerts in force; with a fault in them the running ones stay."""
    from api.command.alerts import use_alerts

    raise typer.Exit(use_alerts(file))


@alerts_app.command("list")
def alerts_list(
    state: Annotated[Literal["new", "seen", "done", "all"], typer.Option()] = "new",
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
    as_json: AsJson = False,
) -> None:
    """What was raised, newest first."""
    from api.command.alerts import print_alerts

    raise typer.Exit(print_alerts(state="" if state == "all" else state, limit=limit, as_json=as_json))


@alerts_app.command("schema")
def alerts_schema() -> None:
    """JSON schema of the rules: editors complete and check while one types."""
    import json

    from analytics.alerts import schema

    print(json.dumps(schema(), indent=2, ensure_ascii=False))
