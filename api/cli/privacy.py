"""`otklik privacy`: one person's data, legal holds, retention."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import account, app, refuse

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from recordings.audio_store import AudioStore

privacy_app = typer.Typer(no_args_is_help=True, help="One person's data, legal holds, retention.")
app.add_typer(privacy_app, name="privacy")


Whom = Annotated[str, typer.Argument(metavar="WHOM", help="+79161234567, anna@example.org or telegram:4711.")]


@privacy_app.command("export")
def export_person(whom: Whom, out: Annotated[Path, typer.Option(help="ZIP to write.")]) -> None:
    """Write all that is kept of a person into a ZIP: JSON and sound, nothing hidden."""
    from api.operations import privacy
    from recordings.errors import RecordingsError

    try:
        counts = privacy.export_person(*_archive(), whom, out, by=account())
    except (RecordingsError, ValueError, OSError) as problem:
        refuse(problem)
    _print(counts)
    print(f"written to {out}; nothing in it is hidden", file=sys.stderr)


@privacy_app.command("erase")
def erase_person(
    whom: Whom, sure: Annotated[bool, typer.Option("--yes", help="Do not ask for the address once more.")] = False
) -> None:
    """Erase all that is kept of a person, for good; prints the receipt."""
    from api.operations import privacy
    from recordings.errors import RecordingsError
    from recordings.privacy.subject import subject_from

    try:
        subject = subject_from(whom)
        if not sure and subject_from(input("type the address once more to erase everything of it: ")) != subject:
            refuse("the addresses differ; nothing was erased")
        receipt = privacy.erase_person(*_archive(), whom, by=account())
    except EOFError:
        refuse("nothing was typed")
    except (RecordingsError, ValueError) as problem:
        refuse(problem)
    print(json.dumps(asdict(receipt), ensure_ascii=False, default=str))
    if receipt.state != "done":
        refuse("not everything is gone yet; the workers go on with it, and otklik privacy verify says what is left")


@privacy_app.command("verify")
def verify_erased(whom: Whom) -> None:
    """Look for an address in every table and file; exit code 1 when it is somewhere but among other people's words."""
    from api.operations import privacy
    from recordings.errors import RecordingsError

    try:
        traces = privacy.verify_erased(*_archive(), whom)
    except (RecordingsError, ValueError) as problem:
        refuse(problem)
    for trace in traces:
        print(json.dumps(asdict(trace)))
    print("traces are left" if traces else "it is nowhere", file=sys.stderr)
    raise typer.Exit(1 if any(not trace.said for trace in traces) else 0)


@privacy_app.command("hold")
def hold(
    phone: Annotated[str, typer.Option(help="Everything of this person.")] = "",
    email: Annotated[str, typer.Option(help="Everything of this person.")] = "",
    messenger: Annotated[str, typer.Option(help="Everything of who writes so: channel:address.")] = "",
    contact: Annotated[str, typer.Option(help="One call, chat or recording.")] = "",
    reason: Annotated[str, typer.Option(help="Why, for those who come after.")] = "",
) -> None:
    """Forbid to delete; without options, list the holds."""
    from api.installation.installation import open_database
    from api.operations import privacy
    from recordings.database import reading
    from recordings.errors import RecordingsError
    from recordings.privacy import legal_holds

    engine = open_database()
    if not (phone or email or messenger or contact or reason):
        with reading(engine) as db:
            for known in legal_holds.list_holds(db):
                print(json.dumps(asdict(known), ensure_ascii=False, default=str))
        return
    try:
        laid = privacy.lay_hold(
            engine, phone=phone, email=email, messenger=messenger, contact=contact, reason=reason, by=account()
        )
    except (RecordingsError, ValueError) as problem:
        refuse(problem)
    print(laid.id)


@privacy_app.command("release")
def release(hold_id: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """Let what a hold covers be deleted again."""
    from api.installation.installation import open_database
    from api.operations import privacy

    if not privacy.release_hold(open_database(), hold_id, by=account()):
        refuse(f"no standing hold has the id {hold_id}")
    print("released", file=sys.stderr)


@privacy_app.command("retain")
def apply_policy(dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count.")] = False) -> None:
    """Delete what has outlived the policy now; the workers' clock does so every night."""
    from api.operations.privacy import privacy_settings
    from recordings.database import reading
    from recordings.errors import RecordingsError
    from recordings.privacy.retention import due, retain
    from recordings.privacy.retention_policy import read_policy

    try:
        policy = read_policy(privacy_settings().retention_file)
    except RecordingsError as problem:
        refuse(problem)
    engine, sounds = _archive()
    if dry_run:
        with reading(engine) as db:
            _print(due(db, policy))
    else:
        _print(retain(engine, sounds, policy))


def _archive() -> tuple[Engine, AudioStore]:
    from api.installation.installation import open_database
    from recordings.audio_store import AudioStore
    from recordings.settings import StoreSettings

    return open_database(), AudioStore(StoreSettings().audio_url)


def _print(counts: Mapping[str, int]) -> None:
    print(json.dumps(dict(counts)))
