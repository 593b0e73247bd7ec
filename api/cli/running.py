"""`otklik up` and `otklik doctor`: the parts of an installation, started and examined."""

from __future__ import annotations

import json
from dataclasses import asdict
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
