"""Who may log in: `otklik users …`."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable

from sqlalchemy.orm import Session

from api.installation.installation import open_database
from api.kit.auth import create_token, create_user, list_users, set_password, set_role
from api.kit.roles import Role
from recordings.database import reading, transaction
from recordings.privacy import audit


def add_user(login: str, *, language: str, role: str, agent: str) -> int:
    """Make a user with a password that is asked for."""

    def add(db: Session) -> None:
        create_user(db, login, ask_password(), language, role=Role(role), agent=agent)
        audit.note(db, account(), "user.added", login, {"role": role, "agent": agent})

    return _change(add, done=f"{login} can log in as {role}")


def change_role(login: str, role: str, *, agent: str | None) -> int:
    """Give a user another role; it counts at once, in browsers and for API tokens alike."""

    def change(db: Session) -> None:
        set_role(db, login, Role(role), agent=agent)
        audit.note(db, account(), "user.role", login, {"role": role} | ({"agent": agent} if agent is not None else {}))

    return _change(change, done=f"{login} is {role} from now on")


def print_users() -> int:
    """Who may log in, what as, and which phone they answer."""
    with reading(open_database()) as db:
        users = list_users(db)
    for user in users:
        print(f"{user.login}\t{user.role}\t{user.agent}\t{user.language}")
    return 0


def account() -> str:
    """How the audit trail names who sits at this command line."""
    return f"cli:{getpass.getuser()}"


def change_password(login: str) -> int:
    """Give a user another password; the browsers logged in with the old one are logged out."""
    return _change(lambda db: set_password(db, login, ask_password()), done=f"the password of {login} is changed")


def make_token(login: str, *, name: str) -> int:
    """Print a new API token of a user."""
    return _change(lambda db: print(create_token(db, login, name)), done="keep it: it is not shown again")


def ask_password() -> str:
    """A password typed twice, or the first line of stdin in scripts.

    Raises:
        ValueError: the two differ.
    """
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("password: ")
    if getpass.getpass("once more: ") != first:
        raise ValueError("the two passwords differ; nothing was changed")
    return first


def _change(change: Callable[[Session], object], *, done: str) -> int:
    try:
        with transaction(open_database()) as db:
            change(db)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    print(done, file=sys.stderr)
    return 0
