"""Who may log in: made, given another role or password, given a token for programs."""

from __future__ import annotations

from sqlalchemy import Engine

from api.kit import auth
from api.kit.roles import Role
from recordings.database import transaction
from recordings.privacy import audit


def add_user(engine: Engine, login: str, password: str, *, language: str, role: Role, agent: str, by: str) -> None:
    """Make a user; ``agent`` is the endpoint of the phone they answer.

    Raises:
        ValueError: the login is empty or taken, or the password too short.
    """
    with transaction(engine) as db:
        auth.create_user(db, login, password, language, role=role, agent=agent)
        audit.note(db, by, "user.added", login, {"role": role, "agent": agent})


def change_role(engine: Engine, login: str, role: Role, *, agent: str | None, by: str) -> None:
    """Give a user another role; it counts at once, in browsers and for API tokens alike. None keeps the phone.

    Raises:
        ValueError: nobody has this login.
    """
    with transaction(engine) as db:
        auth.set_role(db, login, role, agent=agent)
        audit.note(db, by, "user.role", login, {"role": role} | ({} if agent is None else {"agent": agent}))


def change_password(engine: Engine, login: str, password: str, *, by: str) -> None:
    """Give a user another password; the browsers logged in with the old one are logged out.

    Raises:
        ValueError: nobody has this login, or the password is too short.
    """
    with transaction(engine) as db:
        auth.set_password(db, login, password)
        audit.note(db, by, "user.password", login)


def make_token(engine: Engine, login: str, *, name: str, by: str) -> str:
    """A new API token of a user: it is shown once and cannot be read again.

    Raises:
        ValueError: nobody has this login.
    """
    with transaction(engine) as db:
        token = auth.create_token(db, login, name)
        audit.note(db, by, "user.token", login, {"name": name})
    return token
