"""`otklik users`: who may log in, as what, and their tokens for programs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Literal

import typer

from api.cli.options import RoleName, account, app, refuse

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
    from api.installation.installation import open_database
    from api.kit.roles import Role
    from api.operations import users

    with _refusing():
        password = _ask_password()
        users.add_user(open_database(), login, password, language=language, role=Role(role), agent=agent, by=account())
    print(f"{login} can log in as {role}", file=sys.stderr)


@users_app.command("role")
def change_role(
    login: str,
    role: RoleName,
    agent: Annotated[str | None, typer.Option(help="Endpoint of the phone they answer.")] = None,
) -> None:
    """Give a user another role, at once."""
    from api.installation.installation import open_database
    from api.kit.roles import Role
    from api.operations import users

    with _refusing():
        users.change_role(open_database(), login, Role(role), agent=agent, by=account())
    print(f"{login} is {role} from now on", file=sys.stderr)


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
    from api.installation.installation import open_database
    from api.operations import users

    with _refusing():
        users.change_password(open_database(), login, _ask_password(), by=account())
    print(f"the password of {login} is changed", file=sys.stderr)


@users_app.command("token")
def make_token(login: str, name: Annotated[str, typer.Option(help="What the token is for.")] = "cli") -> None:
    """Make an API token; it is printed once."""
    from api.installation.installation import open_database
    from api.operations import users

    with _refusing():
        print(users.make_token(open_database(), login, name=name, by=account()))
    print("keep it: it is not shown again", file=sys.stderr)


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


@contextmanager
def _refusing() -> Iterator[None]:
    """Say why what a command wants cannot be."""
    try:
        yield
    except ValueError as error:
        refuse(error)
