"""`otklik agents`: names and teams of who takes calls."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from api.cli.options import AsJson, account, app, refuse

agents_app = typer.Typer(no_args_is_help=True, help="Who takes calls: names and teams.")
app.add_typer(agents_app, name="agents")


@agents_app.command("set")
def set_agent(
    endpoint: Annotated[str, typer.Argument(help="Of the phone, as PJSIP/101.")],
    name: Annotated[str, typer.Option(help="As pages and figures name them.")],
    team: Annotated[str, typer.Option(help="Of one of the teams, or a new one.")] = "",
) -> None:
    """Name who answers a phone."""
    from api.installation.installation import open_database
    from api.operations.quality import name_agent

    try:
        agent = name_agent(open_database(), endpoint, name=name, team=team, by=account())
    except ValueError as error:
        refuse(error)
    print(f"{agent.endpoint} is {agent.name}" + (f" of {agent.team}" if agent.team else ""), file=sys.stderr)


@agents_app.command("list")
def list_agents(as_json: AsJson = False) -> None:
    """Everybody who is named or has taken a call."""
    from rich.console import Console
    from rich.table import Table

    from api.installation.installation import open_database
    from recordings.database import reading
    from recordings.quality import agents

    with reading(open_database()) as db:
        found = agents.list_agents(db)
    if as_json:
        for agent in found:
            print(json.dumps({"endpoint": agent.endpoint, "name": agent.name, "team": agent.team}, ensure_ascii=False))
        return
    table = Table("endpoint", "name", "team")
    for agent in found:
        table.add_row(agent.endpoint, agent.name, agent.team)
    Console().print(table)
