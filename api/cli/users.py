"""`otklik users`: who may log in, as what, and their tokens for programs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from api.cli.options import RoleName, account, app, refuse

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

users_app = typer.Typer(no_args_is_help=True, help="Who may log in.")
app.add_typer(users_app, name="users")


@users_app.command("add")
def add_user(
    login: str,
    language: Annotated[Literal["ru", "en"], typer.Option(help="Language of the pages.")] = "ru",
    role: Annotated[RoleName, typer.Option(help="What they may do.")] = "admin",
    agent: Annotated[str, typer.Option(help="Endpoint of the phone they answer, as PJSIP/agent.")] = "",
) -> None:
    """Make a user; the password is asked for, or read from stdin when that is not a terminal."""
    from api.kit.auth import create_user
    from api.kit.roles import Role
    from recordings.privacy import audit

    def add(db: Session) -> None:
        create_user(db, login, _ask_password(), language, role=Role(role), agent=agent)
        audit.note(db, account(), "user.added", login, {"role": role, "agent": agent})

    _change(add, done=f"{login} can log in as {role}")


@users_app.command("role")
def change_role(
    login: str,
    role: RoleName,
    agent: Annotated[str | None, typer.Option(help="Endpoint of the phone they answer.")] = None,
) -> None:
    """Give a user another role, at once."""
    from api.kit.auth import set_role
    from api.kit.roles import Role
    from recordings.privacy import audit

    def change(db: Session) -> None:
        set_role(db, login, Role(role), agent=agent)
        audit.note(db, account(), "user.role", login, {"role": role} | ({"agent": agent} if agent is not None else {}))

    _change(change, done=f"{login} is {role} from now on")


@users_app.command("list")
def list_users() -> None:
    """Login, role, phone and language of every user."""
    from api.installation.installation import open_database
    from api.kit import auth
    from recordings.database import reading

    with reading(open_database()) as db:
        users = auth.list_users(db)
    for user in users:
        print(f"{user.login}\t{user.role}\t{user.agent}\t{user.language}")


@users_app.command("password")
def change_password(login: str) -> None:
    """Give a user a new password and end the sessions."""
    from api.kit.auth import set_password

    _change(lambda db: set_password(db, login, _ask_password()), done=f"the password of {login} is changed")


@users_app.command("token")
def make_token(login: str, name: Annotated[str, typer.Option(help="What the token is for.")] = "cli") -> None:
    """Make an API token; it is printed once."""
    from api.kit.auth import create_token

    _change(lambda db: print(create_token(db, login, name)), done="keep it: it is not shown again")


def _ask_password() -> str:
    """A password typed twice, or the first line of stdin in scripts.

    Raises:
        ValueError: the two differ.
    """
    import getpass

    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("password: ")
    if getpass.getpass("once more: ") != first:
        raise ValueError("the two passwords differ; nothing was changed")
    return first


def _change(change: Callable[[Session], object], *, done: str) -> None:
    from api.installation.installation import open_database
    from recordings.database import transaction

    try:
        with transaction(open_database()) as db:
            change(db)
    except ValueError as error:
        refuse(error)
    print(done, file=sys.stderr)
