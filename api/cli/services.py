"""`otklik prepare` and `otklik install-services`: an installation under systemd."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import app


@app.command("prepare")
def prepare_installation() -> None:
    """Bring database, secrets and configuration up to date, as `otklik up` does first; for service managers."""
    from api.installation.drawn_secrets import draw_secrets
    from api.installation.up import prepare

    draw_secrets()
    prepare()


@app.command("install-services")
def install_services(
    user: Annotated[str, typer.Option(help="Who runs the parts; the owner of the installation unless said.")] = "",
    show: Annotated[bool, typer.Option("--print", help="Show the units and write nothing.")] = False,
    folder: Annotated[Path, typer.Option(help="Where systemd looks for units.")] = Path("/etc/systemd/system"),
) -> None:
    """Write one unit of systemd a part, a target for all of them and the bounds of their journal."""
    from api.installation.services import ServiceError, install, place_of, wanted_units

    try:
        units = wanted_units(place_of(user), folder)
        if show:
            print("\n".join(f"# {name}\n{text}" for name, text in units.items()), end="")
            return
        for line in install(units, folder):
            typer.echo(line, err=True)
    except ServiceError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
