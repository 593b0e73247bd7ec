"""`otklik up`, `doctor`, `prepare`, `install-services`, `drain`, `upgrade`: the parts, and their next version."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import AsJson, app


@app.command("up")
def start_parts() -> None:
    """Start all parts on this machine; Ctrl-C ends them."""
    from api.installation.up import run_parts

    raise typer.Exit(run_parts())


@app.command("doctor")
def examine_installation(
    as_json: AsJson = False,
    without_parts: Annotated[
        bool, typer.Option("--without-parts", help="Leave out whether the parts answer: they are not meant to run now.")
    ] = False,
) -> None:
    """Look at what is installed, reachable and listening, and say what to do about what is not."""
    from api.installation.doctor import examine

    well = True
    for check in examine(parts=not without_parts):
        well = well and check.ok
        if as_json:
            print(json.dumps(asdict(check), ensure_ascii=False))
        else:
            remedy = "" if check.ok else f"  → {check.remedy}"
            print(f"{'ok  ' if check.ok else 'NOT '} {check.name:<28} {check.found}{remedy}")
    raise typer.Exit(0 if well else 1)


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


@app.command("drain")
def drain_calls(
    seconds: Annotated[float, typer.Option(min=0, help="How long to wait for the robot's calls to end.")] = 600,
    off: Annotated[bool, typer.Option("--off", help="The robot takes calls again.")] = False,
) -> None:
    """Pass new calls to people and wait until the robot holds none; exit code 1 when it still does."""
    from api.installation.drain import NotDrained, set_drained, wait_for_calls

    def tell(count: int) -> None:
        typer.echo(f"\rthe robot holds {count} calls ", nl=False, err=True)

    try:
        set_drained(not off)
        left = 0 if off else wait_for_calls(seconds, tell)
    except NotDrained as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    if left:
        typer.echo(f"\nafter {seconds:.0f} s the robot still holds {left}; new calls go to people", err=True)
        raise typer.Exit(1)


@app.command("upgrade")
def upgrade_installation(
    to: Annotated[str, typer.Option(help="Tag, branch or commit; the newest of the branch here unless said.")] = "",
    now: Annotated[bool, typer.Option("--now", help="Do not wait for calls to end: they are cut.")] = False,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for calls to end.")] = 600,
) -> None:
    """Take the installation to a newer version, or back to what it was where that fails; goes on after a kill."""
    from api.installation.upgrade import NotUpgradable, begin

    try:
        begin(to=to, now=now, wait=wait)
    except NotUpgradable as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
