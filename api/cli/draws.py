"""`otklik draws`: samples of calls drawn for evaluation, and the proof that they repeat."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from api.cli.options import AsJson, app, refuse

draws_app = typer.Typer(no_args_is_help=True, help="Samples of calls drawn for evaluation.")
app.add_typer(draws_app, name="draws")


@draws_app.command("list")
def list_draws(as_json: AsJson = False) -> None:
    """Samples drawn so far, newest first."""
    from rich.console import Console
    from rich.table import Column, Table

    from api.installation.installation import open_database
    from recordings.database import reading
    from recordings.quality import sampling

    with reading(open_database()) as db:
        found = sampling.list_draws(db, limit=200)
    if as_json:
        for drawn in found:
            line = {"id": drawn.id, "method": drawn.method, "seed": drawn.seed, "population": drawn.size}
            print(json.dumps(line | {"drawn": list(drawn.drawn), "sha256": drawn.sha256}, ensure_ascii=False))
        return
    table = Table("id", "when", "method", Column("drawn", justify="right"), Column("of", justify="right"), "by")
    for drawn in found:
        when = f"{drawn.created_at:%Y-%m-%d %H:%M}"
        table.add_row(drawn.id, when, drawn.method, str(len(drawn.drawn)), str(drawn.size), drawn.created_by)
    Console().print(table)


@draws_app.command("verify")
def verify_draw(draw: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """Draw a sample again and compare; exit 1 when it does not repeat."""
    from api.installation.installation import open_database
    from recordings.database import reading
    from recordings.quality import sampling

    with reading(open_database()) as db:
        known = sampling.find_draw(db, draw)
        again = sampling.redraw(db, known) if known else None
    if known is None or again is None:
        refuse(f"there is no draw {draw}")
    if not again.repeats:
        print(f"{draw}: DIFFERS from what seed {known.seed} gives over {again.size} recordings")
        raise typer.Exit(1)
    if again.same_population:
        drawn = len(known.drawn)
        print(f"{draw}: the same {drawn} of {again.size} recordings, sha256 {known.sha256}, seed {known.seed}")
    else:
        left = len(known.drawn) - again.gone
        print(
            f"{draw}: {again.size} recordings fit, {known.size} did; of the drawn {again.gone} are gone,"
            f" the other {left} are what seed {known.seed} gives"
        )
