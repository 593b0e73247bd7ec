"""Scorecards, samples, and who takes calls."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.options import AsJson, Files, app

scorecard_app = typer.Typer(no_args_is_help=True, help="What calls are scored by.")
draws_app = typer.Typer(no_args_is_help=True, help="Samples of calls drawn for evaluation.")
agents_app = typer.Typer(no_args_is_help=True, help="Who takes calls: names and teams.")
app.add_typer(scorecard_app, name="scorecard")
app.add_typer(draws_app, name="draws")
app.add_typer(agents_app, name="agents")


@scorecard_app.command("check")
def scorecard_check(files: Files) -> None:
    """Check scorecards; prints file:line."""
    from api.command.quality import check_scorecards

    raise typer.Exit(check_scorecards(files))


@scorecard_app.command("add")
def scorecard_add(files: Files) -> None:
    """Make each file the running version of its name; with an error in any of them nothing changes."""
    from api.command.quality import add_scorecards

    raise typer.Exit(add_scorecards(files))


@scorecard_app.command("list")
def scorecard_list(as_json: AsJson = False) -> None:
    """All versions, the running ones first."""
    from api.command.quality import print_scorecards

    raise typer.Exit(print_scorecards(as_json=as_json))


@scorecard_app.command("schema")
def scorecard_schema() -> None:
    """JSON schema of scorecards: editors complete and check while one types."""
    from api.command.quality import print_schema

    raise typer.Exit(print_schema())


@agents_app.command("set")
def agents_set(
    endpoint: Annotated[str, typer.Argument(help="Of the phone, as PJSIP/101.")],
    name: Annotated[str, typer.Option(help="As pages and figures name them.")],
    team: Annotated[str, typer.Option(help="Of one of the teams, or a new one.")] = "",
) -> None:
    """Name who answers a phone."""
    from api.command.quality import set_agent

    raise typer.Exit(set_agent(endpoint, name=name, team=team))


@agents_app.command("list")
def agents_list(as_json: AsJson = False) -> None:
    """Everybody who is named or has taken a call."""
    from api.command.quality import print_agents

    raise typer.Exit(print_agents(as_json=as_json))


@draws_app.command("list")
def draws_list(as_json: AsJson = False) -> None:
    """Samples drawn so far, newest first."""
    from api.command.quality import print_draws

    raise typer.Exit(print_draws(as_json=as_json))


@draws_app.command("verify")
def draws_verify(draw: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """Draw a sample again and compare; exit 1 when it does not repeat."""
    from api.command.quality import verify_draw

    raise typer.Exit(verify_draw(draw))
