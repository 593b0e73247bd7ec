"""Who may come in: users with argon2id passwords, browser sessions, API tokens.

Only hashes of session and API tokens are stored, so a leaked database opens no door.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.kit.roles import PERMISSIONS, Permission, Role
from recordings.tables import SessionRow, TokenRow, UserRow

MIN_PASSWORD = 10
"""Characters."""

_hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
_hashing = threading.BoundedSemaphore(2)
"""A check takes 64 MiB: a flood of log-ins must not take all memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Who asks, and how their forms prove they came from our pages."""

    id: str
    login: str
    language: str
    role: Role = Role.ANALYST
    agent: str = ""
    """Endpoint of the phone they answer; empty for who takes no calls."""
    csrf: str = ""
    """Secret of the browser session; empty for an API token, which no browser sends by itself."""

    def may(self, permission: Permission) -> bool:
        return permission in PERMISSIONS[self.role]


def create_user(
    db: Session, login: str, password: str, language: str, *, role: Role = Role.ADMIN, agent: str = ""
) -> User:
    """Add a user; ``agent`` is the endpoint of the phone they answer.

    Raises:
        ValueError: the login is empty or taken, or the password too short.
    """
    if not login.strip():
        raise ValueError("the login is empty")
    row = UserRow(
        id=str(uuid.uuid4()),
        login=login.strip(),
        password_hash=_hashed(password),
        language=language,
        role=role,
        agent=agent,
        created_at=datetime.now(UTC),
    )
    try:
        with db.begin_nested():
            db.add(row)
    except IntegrityError as error:
        raise ValueError(f"the login {login.strip()!r} is taken") from error
    return _user(row)


def set_role(db: Session, login: str, role: Role, *, agent: str | None = None) -> None:
    """Give a user another role at once, also in sessions and tokens they have; ``agent`` None keeps their phone.

    Raises:
        ValueError: nobody has this login, or it is the last administrator.
    """
    row = db.scalar(select(UserRow).where(UserRow.login == login.strip()))
    if row is None:
        raise ValueError(f"no user has the login {login!r}")
    others = select(UserRow.id).where(UserRow.role == Role.ADMIN, UserRow.id != row.id).limit(1)
    if row.role == Role.ADMIN and role is not Role.ADMIN and db.scalar(others) is None:
        raise ValueError(f"{login} is the only administrator: make another one first")
    row.role = role
    row.agent = row.agent if agent is None else agent


def list_users(db: Session) -> list[User]:
    """By login."""
    return [_user(row) for row in db.scalars(select(UserRow).order_by(UserRow.login))]


def set_password(db: Session, login: str, password: str) -> None:
    """Give a user another password and log out every browser that came in with the old one.

    Raises:
        ValueError: nobody has this login, or the password is too short.
    """
    row = db.scalar(select(UserRow).where(UserRow.login == login.strip()))
    if row is None:
        raise ValueError(f"no user has the login {login!r}")
    row.password_hash = _hashed(password)
    db.execute(delete(SessionRow).where(SessionRow.user_id == row.id))


def sign_in(db: Session, login: str, password: str) -> User | None:
    """The user whose login and password these are, or None."""
    row = db.scalar(select(UserRow).where(UserRow.login == login.strip()))
    with _hashing:
        try:
            _hasher.verify(row.password_hash if row else _nobody(), password)
        except VerificationError:
            return None
    return _user(row) if row else None


def open_session(db: Session, user: User, *, hours: float) -> str:
    """Start a browser session and forget expired ones. Returns the secret for the cookie."""
    now = datetime.now(UTC)
    db.execute(delete(SessionRow).where(SessionRow.expires_at <= now))
    token = secrets.token_urlsafe(32)
    db.add(
        SessionRow(
            token_hash=_digest(token),
            user_id=user.id,
            csrf=secrets.token_urlsafe(32),
            expires_at=now + timedelta(hours=hours),
        )
    )
    return token


def session_user(db: Session, token: str) -> User | None:
    """Whose browser session this is; None when unknown or expired."""
    found = db.execute(
        select(UserRow, SessionRow.csrf)
        .join(SessionRow, SessionRow.user_id == UserRow.id)
        .where(SessionRow.token_hash == _digest(token), SessionRow.expires_at > datetime.now(UTC))
    ).first()
    return _user(found[0], csrf=found[1]) if found else None


def close_session(db: Session, token: str) -> None:
    """End one browser session."""
    db.execute(delete(SessionRow).where(SessionRow.token_hash == _digest(token)))


def create_token(db: Session, login: str, name: str) -> str:
    """Make an API token of a user. It is shown once and cannot be read again.

    Raises:
        ValueError: nobody has this login.
    """
    user_id = db.scalar(select(UserRow.id).where(UserRow.login == login))
    if user_id is None:
        raise ValueError(f"no user has the login {login!r}")
    token = "otk_" + secrets.token_urlsafe(32)
    db.add(TokenRow(token_hash=_digest(token), user_id=user_id, name=name, created_at=datetime.now(UTC)))
    return token


def token_user(db: Session, token: str) -> tuple[User, bool] | None:
    """Whose API token this is, and whether its use is to be noted by ``note_use``; None when unknown."""
    row = db.get(TokenRow, _digest(token))
    if row is None:
        return None
    stale = row.last_used_at is None or datetime.now(UTC) - row.last_used_at > timedelta(minutes=1)
    return _user(db.get_one(UserRow, row.user_id)), stale


def note_use(db: Session, token: str) -> None:
    """Remember, to the minute, when an API token was last used."""
    db.execute(update(TokenRow).where(TokenRow.token_hash == _digest(token)).values(last_used_at=datetime.now(UTC)))


def choose_language(db: Session, user: User, language: str) -> None:
    """Keep the language a user wants the pages in."""
    db.execute(update(UserRow).where(UserRow.id == user.id).values(language=language))


@cache
def _nobody() -> str:
    """Checked when the login is unknown, so that the time taken does not tell which logins exist."""
    return _hasher.hash(secrets.token_urlsafe())


def _hashed(password: str) -> str:
    if len(password) < MIN_PASSWORD:
        raise ValueError(f"the password is shorter than {MIN_PASSWORD} characters")
    return _hasher.hash(password)


def _user(row: UserRow, csrf: str = "") -> User:
    return User(id=row.id, login=row.login, language=row.language, role=Role(row.role), agent=row.agent, csrf=csrf)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
