"""Who may log in: `otklik users …`."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable

from sqlalchemy.orm import Session

from api.auth import create_token, create_user, set_password
from api.command.installation import open_database
from recordings.database import transaction


def add_user(login: str, *, language: str) -> int:
    """Make a user with a password that is asked for."""
    return _change(lambda db: create_user(db, login, ask_password(), language), done=f"{login} can log in")


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
