"""`otklik demo-data`: a month of generated calls, made, gone on with and taken out."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from api.cli.options import account, app


@app.command("demo-data")
def demo_data(
    calls: Annotated[int, typer.Option(min=1, max=100_000)] = 2000,
    language: Annotated[Literal["ru", "en", "both"], typer.Option()] = "both",
    sound: Annotated[int, typer.Option(min=0, max=1000, help="Calls that are given a voice.")] = 20,
    seed: Annotated[int, typer.Option(help="The same seed, the same month.")] = 1,
    again: Annotated[bool, typer.Option(help="Make it anew where there is some already.")] = False,
    remove: Annotated[bool, typer.Option(help="Take out what was made, and nothing else.")] = False,
) -> None:
    """Fill a month with generated calls, so that every page and figure can be tried."""
    from api.demo_data.fill import fill, remove_all

    if remove:
        raise typer.Exit(remove_all(by=account()))
    raise typer.Exit(fill(calls=calls, language=language, sound=sound, seed=seed, again=again, by=account()))
