"""`otklik audit`: the trail of who did what, and whether it is whole."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Annotated

import typer

from api.cli.options import app, refuse

audit_app = typer.Typer(no_args_is_help=True, help="Who did what that others must be able to check.")
app.add_typer(audit_app, name="audit")


@audit_app.command("verify")
def verify_trail() -> None:
    """Check that no line was changed, taken out or put in between."""
    from api.installation.installation import open_database
    from recordings.database import reading
    from recordings.privacy import audit

    with reading(open_database()) as db:
        broken, newest = audit.verify(db), audit.newest(db)
    if broken is not None:
        refuse(f"broken from line {broken} on")
    if newest:
        print(json.dumps({"lines": newest.number, "digest": newest.digest}))
    print("the chain is whole; keep the digest elsewhere to notice a chain that was written anew", file=sys.stderr)


@audit_app.command("list")
def list_lines(
    wanted: Annotated[str, typer.Argument(help="Part of a login or an action, or the id of a call.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=100_000)] = 50,
) -> None:
    """Newest lines first, as JSON lines."""
    from api.installation.installation import open_database
    from recordings.database import reading
    from recordings.privacy import audit

    with reading(open_database()) as db:
        for line in audit.list_lines(db, wanted=wanted, limit=limit).lines:
            print(json.dumps(asdict(line), ensure_ascii=False, default=str))
