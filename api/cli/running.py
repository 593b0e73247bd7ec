"""The installation: start it, look at it, fill it, take out of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from api.cli.options import AsJson, Language, app


@app.command()
def up() -> None:
    """Start all parts on this machine; Ctrl-C ends them."""
    from api.installation.up import run_parts

    raise typer.Exit(run_parts())


@app.command()
def demo(
    language: Annotated[Literal["ru", "en"], typer.Option()] = "ru",
    once: Annotated[bool, typer.Option(help="End after the call; exit 0 only if all of it really happened.")] = False,
) -> None:
    """Start all parts and hold a real SIP call with a scripted caller and agent."""
    from api.command.demo import run_demo

    raise typer.Exit(run_demo(language, once=once))


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Look at what is installed, reachable and listening, and say what to do about what is not."""
    from api.installation.doctor import print_examination

    raise typer.Exit(print_examination(as_json=as_json))


@app.command("import")
def import_(
    paths: Annotated[list[Path], typer.Argument(exists=True, help="Files, or folders to search for sound.")],
    language: Language,
) -> None:
    """Take recordings into the archive for the workers. A file already there is not taken twice."""
    from api.command.speech import import_paths

    raise typer.Exit(import_paths(paths, language=language))


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
    from api.command.demo_data import fill, remove_all

    if remove:
        raise typer.Exit(remove_all())
    raise typer.Exit(fill(calls=calls, language=language, sound=sound, seed=seed, again=again))


@app.command()
def export(
    what: Annotated[
        Literal["calls", "findings", "evaluations", "figures", "utterances", "views"],
        typer.Argument(help="Table to write; views tells about those for BI programs."),
    ],
    form: Annotated[Literal["csv", "xlsx", "parquet"], typer.Option("--format")] = "csv",
    since: Annotated[str, typer.Option(help="First day (UTC), as 2026-11-01; by default all.")] = "",
    until: Annotated[str, typer.Option(help="Last day, included.")] = "",
    language: Annotated[str, typer.Option("--language", "-l", help="Only this one.")] = "",
    out: Annotated[Path | None, typer.Option(help="File to write; CSV goes to stdout without it.")] = None,
    bom: Annotated[bool, typer.Option(help="Begin CSV with a byte order mark, for Excel.")] = False,
) -> None:
    """Write calls, findings, evaluations, figures or utterances as a table, private data taken out."""
    from api.command.export import export_table, print_views

    if what == "views":
        raise typer.Exit(print_views())
    raise typer.Exit(export_table(what, form=form, since=since, until=until, language=language, out=out, bom=bom))
