"""Who may log in, what they did, and one person's data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from api.cli.options import RoleName, app

users_app = typer.Typer(no_args_is_help=True, help="Who may log in.")
audit_app = typer.Typer(no_args_is_help=True, help="Who did what that others must be able to check.")
privacy_app = typer.Typer(no_args_is_help=True, help="One person's data, legal holds, retention.")
app.add_typer(users_app, name="users")
app.add_typer(audit_app, name="audit")
app.add_typer(privacy_app, name="privacy")


@users_app.command("add")
def users_add(
    login: str,
    language: Annotated[Literal["ru", "en"], typer.Option(help="Language of the pages.")] = "ru",
    role: Annotated[RoleName, typer.Option(help="What they may do.")] = "admin",
    agent: Annotated[str, typer.Option(help="Endpoint of the phone they answer, as PJSIP/agent.")] = "",
) -> None:
    """Make a user; the password is asked for, or read from stdin when that is not a terminal."""
    from api.command.users import add_user

    raise typer.Exit(add_user(login, language=language, role=role, agent=agent))


@users_app.command("role")
def users_role(
    login: str,
    role: RoleName,
    agent: Annotated[str | None, typer.Option(help="Endpoint of the phone they answer.")] = None,
) -> None:
    """Give a user another role, at once."""
    from api.command.users import change_role

    raise typer.Exit(change_role(login, role, agent=agent))


@users_app.command("list")
def users_list() -> None:
    """Login, role, phone and language of every user."""
    from api.command.users import print_users

    raise typer.Exit(print_users())


@users_app.command("password")
def users_password(login: str) -> None:
    """Give a user a new password and end the sessions."""
    from api.command.users import change_password

    raise typer.Exit(change_password(login))


@users_app.command("token")
def users_token(login: str, name: Annotated[str, typer.Option(help="What the token is for.")] = "cli") -> None:
    """Make an API token; it is printed once."""
    from api.command.users import make_token

    raise typer.Exit(make_token(login, name=name))


@audit_app.command("verify")
def audit_verify() -> None:
    """Check that no line was changed, taken out or put in between."""
    from api.command.privacy import verify_audit

    raise typer.Exit(verify_audit())


@audit_app.command("list")
def audit_list(
    wanted: Annotated[str, typer.Argument(help="Part of a login or an action, or the id of a call.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=100_000)] = 50,
) -> None:
    """Newest lines first, as JSON lines."""
    from api.command.privacy import print_audit

    raise typer.Exit(print_audit(wanted=wanted, limit=limit))


@privacy_app.command("export")
def privacy_export(phone: str, out: Annotated[Path, typer.Option(help="ZIP to write.")]) -> None:
    """Write all that is kept of a person into a ZIP: JSON and sound, nothing hidden."""
    from api.command.privacy import export

    raise typer.Exit(export(phone, out))


@privacy_app.command("erase")
def privacy_erase(
    phone: str, sure: Annotated[bool, typer.Option("--yes", help="Do not ask for the number once more.")] = False
) -> None:
    """Erase all that is kept of a person, for good; prints the receipt."""
    from api.command.privacy import erase

    raise typer.Exit(erase(phone, sure=sure))


@privacy_app.command("verify")
def privacy_verify(phone: str) -> None:
    """Look for a number in every table and file; exit code 1 when it is somewhere but among other people's words."""
    from api.command.privacy import verify

    raise typer.Exit(verify(phone))


@privacy_app.command("hold")
def privacy_hold(
    phone: Annotated[str, typer.Option(help="Everything of this person.")] = "",
    contact: Annotated[str, typer.Option(help="One call, chat or recording.")] = "",
    reason: Annotated[str, typer.Option(help="Why, for those who come after.")] = "",
) -> None:
    """Forbid to delete; without options, list the holds."""
    from api.command.privacy import hold

    raise typer.Exit(hold(phone=phone, contact=contact, reason=reason))


@privacy_app.command("release")
def privacy_release(hold_id: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """Let what a hold covers be deleted again."""
    from api.command.privacy import release

    raise typer.Exit(release(hold_id))


@privacy_app.command("retain")
def privacy_retain(dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count.")] = False) -> None:
    """Delete what has outlived the policy now; the workers' clock does so every night."""
    from api.command.privacy import apply_policy

    raise typer.Exit(apply_policy(dry_run=dry_run))
