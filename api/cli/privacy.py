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


@privacy_app.command("export")
def export_person(phone: str, out: Annotated[Path, typer.Option(help="ZIP to write.")]) -> None:
    """Write all that is kept of a person into a ZIP: JSON and sound, nothing hidden."""
    from api.operations import privacy
    from recordings.errors import RecordingsError

    try:
        counts = privacy.export_person(*_archive(), phone, out, by=account())
    except (RecordingsError, ValueError, OSError) as problem:
        refuse(problem)
    _print(counts)
    print(f"written to {out}; nothing in it is hidden", file=sys.stderr)


@privacy_app.command("erase")
def erase_person(
    phone: str, sure: Annotated[bool, typer.Option("--yes", help="Do not ask for the number once more.")] = False
) -> None:
    """Erase all that is kept of a person, for good; prints the receipt."""
    from api.operations import privacy
    from recordings.errors import RecordingsError
    from recordings.privacy.person import phone_of

    try:
        if not sure and phone_of(input("type the number once more to erase everything of it: ")) != phone_of(phone):
            refuse("the numbers differ; nothing was erased")
        receipt = privacy.erase_person(*_archive(), phone, by=account())
    except EOFError:
        refuse("nothing was typed")
    except (RecordingsError, ValueError) as problem:
        refuse(problem)
    print(json.dumps(asdict(receipt), ensure_ascii=False, default=str))
    if receipt.state != "done":
        refuse("not everything is gone: otklik privacy verify says where")


@privacy_app.command("verify")
def verify_erased(phone: str) -> None:
    """Look for a number in every table and file; exit code 1 when it is somewhere but among other people's words."""
    from api.operations import privacy
    from recordings.errors import RecordingsError

    try:
        traces = privacy.verify_erased(*_archive(), phone)
    except (RecordingsError, ValueError) as problem:
        refuse(problem)
    for trace in traces:
        print(json.dumps(asdict(trace)))
    print("traces are left" if traces else "the number is nowhere", file=sys.stderr)
    raise typer.Exit(1 if any(not trace.said for trace in traces) else 0)


@privacy_app.command("hold")
def hold(
    phone: Annotated[str, typer.Option(help="Everything of this person.")] = "",
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
    if not (phone or contact or reason):
        with reading(engine) as db:
            for known in legal_holds.list_holds(db):
                print(json.dumps(asdict(known), ensure_ascii=False, default=str))
        return
    try:
        laid = privacy.lay_hold(engine, phone=phone, contact=contact, reason=reason, by=account())
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
