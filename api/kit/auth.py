"""Who may come in: users with argon2id passwords, browser sessions, API tokens.

Only hashes of session and API tokens are stored, so a leaked database opens no door. How they are listed and ended:
``api.access.members``; the code beside the password:
``api.access.second_factor``.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.kit.roles import PERMISSIONS, Permission, Role
from recordings.tables import SecondFactorRow, SessionRow, TokenRow, UserRow

MIN_PASSWORD = 10
"""Characters."""
CODE_SECONDS = 600.0
"""How long a browser that gave the right password may take to send the code of the second factor."""
READ, WRITE = "read", "write"
"""Scopes of a token beside the permissions: reading, which each may, and changing things."""

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
    agent_since: datetime | None = None
    """Calls of that phone are theirs from then on; None: all of them."""
    shares: tuple[str, ...] = ()
    """Logins of others who answer the same phone: whose a call of it was is not known."""
    csrf: str = ""
    """Secret of the browser session; empty for an API token, which no browser sends by itself."""
    session: str = ""
    """Which of their browser sessions this is, as ``api.access.members`` lists them; empty for an API token."""
    must_change: bool = False
    """Whether the password was drawn for them and they have not chosen their own."""
    factor: bool = False
    """Whether the second factor stands behind this session; behind a token, whether its owner has one."""
    owes_factor: bool = False
    """Whether this installation demands a second factor of them that is not there."""
    within: frozenset[Permission] = frozenset(Permission)
    """What the token's scopes, or the lack of a second factor, leave of what the role allows."""
    writes: bool = True
    """False for a token that only reads."""

    def may(self, permission: Permission) -> bool:
        return permission in PERMISSIONS[self.role] & self.within


def create_user(
    db: Session, login: str, password: str, language: str, *, role: Role, agent: str = "", drawn: bool = False
) -> User:
    """Add a user.

    ``agent``: endpoint of the phone they answer.
    ``drawn``: the password was drawn for them: they have to choose their own before anything else.

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
        agent_since=_since(db, agent),
        created_at=datetime.now(UTC),
        drawn_at=datetime.now(UTC) if drawn else None,
    )
    try:
        with db.begin_nested():
            db.add(row)
    except IntegrityError as error:
        raise ValueError(f"the login {login.strip()!r} is taken") from error
    return user_of(db, row)


def find_user(db: Session, login: str) -> UserRow:
    """The row of a login, also of who is switched off.

    Raises:
        ValueError: nobody has this login, or they were removed.
    """
    row = db.scalar(select(UserRow).where(UserRow.login == login.strip(), UserRow.removed_at.is_(None)))
    if row is None:
        raise ValueError(f"no user has the login {login!r}")
    return row


def set_role(db: Session, login: str, role: Role, *, agent: str | None = None) -> None:
    """Give a user another role at once, also in sessions and tokens they have; ``agent`` None keeps their phone.

    Raises:
        ValueError: nobody has this login, or it is the last administrator.
    """
    row = find_user(db, login)
    if role is not Role.ADMIN:
        check_admin_left(db, row)
    row.role = role
    if agent is not None and agent != row.agent:
        row.former_agents = [*(row.former_agents or []), row.agent] if row.agent else row.former_agents
        row.agent, row.agent_since = agent, _since(db, agent, row.id)


def check_admin_left(db: Session, row: UserRow) -> None:
    """Without an administrator nobody could make one.

    Raises:
        ValueError: this is the last one.
    """
    others = select(UserRow.id).where(UserRow.role == Role.ADMIN, UserRow.id != row.id, UserRow.off_at.is_(None))
    if row.role == Role.ADMIN and row.off_at is None and db.scalar(others.limit(1)) is None:
        raise ValueError(f"{row.login} is the only administrator: make another one first")


def list_users(db: Session) -> list[User]:
    """Everybody who may log in or could again, by login."""
    rows = db.scalars(select(UserRow).where(UserRow.removed_at.is_(None)).order_by(UserRow.login))
    return [user_of(db, row) for row in rows]


def sharing(db: Session, agent: str, *, but: str = "") -> tuple[str, ...]:
    """Logins that answer a phone, without the user ``but``; who is switched off answers none."""
    if not agent:
        return ()
    same = select(UserRow.login).where(UserRow.agent == agent, UserRow.off_at.is_(None), UserRow.id != but)
    return tuple(db.scalars(same.order_by(UserRow.login)))


def draw_password() -> str:
    """A password to be told once and changed at the first log-in: 72 bits."""
    return secrets.token_urlsafe(9)


def set_password(db: Session, login: str, password: str, *, drawn: bool = False) -> None:
    """Give a user another password; every browser and every token that came in with the old one is out.

    Raises:
        ValueError: nobody has this login, or the password is too short.
    """
    row = find_user(db, login)
    row.password_hash = _hashed(password)
    row.drawn_at = datetime.now(UTC) if drawn else None
    shut_out(db, row.id)


def shut_out(db: Session, user_id: str) -> None:
    """End all sessions and tokens of a user."""
    db.execute(delete(SessionRow).where(SessionRow.user_id == user_id))
    db.execute(delete(TokenRow).where(TokenRow.user_id == user_id))


def sign_in(db: Session, login: str, password: str) -> User | None:
    """The user whose login and password these are, or None; who is switched off has none."""
    row = db.scalar(select(UserRow).where(UserRow.login == login.strip(), UserRow.off_at.is_(None)))
    with _hashing:
        try:
            _hasher.verify(row.password_hash if row else _nobody(), password)
        except (VerificationError, InvalidHashError):
            return None
    return user_of(db, row) if row else None


def open_session(
    db: Session,
    user: User,
    *,
    hours: float,
    address: str = "",
    browser: str = "",
    factor: bool = False,
    waits_for_code: bool = False,
) -> str:
    """Start a browser session and forget expired ones. Returns the secret for the cookie.

    ``factor``: the second factor was shown.
    ``waits_for_code``: it opens nothing: the code of the second factor is awaited for ``CODE_SECONDS``.
    """
    now = datetime.now(UTC)
    db.execute(delete(SessionRow).where(SessionRow.expires_at <= now))
    token = secrets.token_urlsafe(32)
    whole = timedelta(seconds=CODE_SECONDS) if waits_for_code else timedelta(hours=hours)
    db.add(
        SessionRow(
            token_hash=digest(token),
            user_id=user.id,
            csrf=secrets.token_urlsafe(32),
            started_at=now,
            seen_at=now,
            expires_at=now + whole,
            code_until=now + whole if waits_for_code else None,
            factor_at=now if factor else None,
            address=address[:64],
            browser=browser[:200],
        )
    )
    return token


def session_user(
    db: Session, token: str, *, idle: timedelta = timedelta.max, waits_for_code: bool = False
) -> tuple[User, bool] | None:
    """Whose browser session this is, and whether its use is to be noted by ``note_seen``.

    None when it is unknown, over, or was not used for ``idle``. ``waits_for_code`` asks for those that owe the code of
    the second factor, and for no others.
    """
    now = datetime.now(UTC)
    row = db.get(SessionRow, digest(token))
    if row is None or row.expires_at <= now or (row.code_until is not None) != waits_for_code:
        return None
    owner = db.get_one(UserRow, row.user_id)
    if owner.off_at is not None or now - row.seen_at > idle:
        return None
    user = user_of(db, owner, csrf=row.csrf, session=handle(row.token_hash), factor=row.factor_at is not None)
    return user, now - row.seen_at > timedelta(minutes=1)


def note_seen(db: Session, token: str) -> None:
    """Remember, to the minute, when a browser session was last used."""
    db.execute(update(SessionRow).where(SessionRow.token_hash == digest(token)).values(seen_at=datetime.now(UTC)))


def close_session(db: Session, token: str) -> None:
    """End one browser session."""
    db.execute(delete(SessionRow).where(SessionRow.token_hash == digest(token)))


def create_token(db: Session, login: str, name: str, *, days: float = 90, scopes: Collection[str] | None = None) -> str:
    """Make an API token of a user. It is shown once and cannot be read again.

    ``days``: it ends after so many.
    ``scopes``: ``read``, ``write`` and names of permissions; None: all that its owner may.

    Raises:
        ValueError: nobody has this login, they are switched off, a scope is unknown or more than the owner may.
    """
    row = find_user(db, login)
    if row.off_at is not None:
        raise ValueError(f"{row.login} is switched off")
    if not 0 < days <= 3660:
        raise ValueError(f"a token lives up to ten years, got {days:g} days")
    for scope in scopes or ():
        if scope not in (READ, WRITE, *Permission):
            raise ValueError(f"there is no scope {scope!r}: {READ}, {WRITE}, {', '.join(Permission)}")
        if scope in (*Permission,) and Permission(scope) not in PERMISSIONS[Role(row.role)]:
            raise ValueError(f"{row.login} is {row.role} and may not: {scope}")
    token = "otk_" + secrets.token_urlsafe(32)
    now = datetime.now(UTC)
    db.add(
        TokenRow(
            token_hash=digest(token),
            user_id=row.id,
            name=name,
            created_at=now,
            expires_at=now + timedelta(days=days),
            scopes=sorted({READ, *scopes}) if scopes is not None else None,
        )
    )
    return token


def token_user(db: Session, token: str) -> tuple[User, bool] | None:
    """Whose API token this is, and whether its use is to be noted by ``note_use``; None when unknown or over."""
    row = db.get(TokenRow, digest(token))
    now = datetime.now(UTC)
    if row is None or row.expires_at <= now:
        return None
    owner = db.get_one(UserRow, row.user_id)
    if owner.off_at is not None:
        return None
    confirmed = select(SecondFactorRow.user_id).where(
        SecondFactorRow.user_id == owner.id, SecondFactorRow.confirmed_at.is_not(None)
    )
    user = user_of(db, owner, scopes=row.scopes, factor=db.scalar(confirmed) is not None)
    return user, row.last_used_at is None or now - row.last_used_at > timedelta(minutes=1)


def note_use(db: Session, token: str) -> bool:
    """Remember, to the minute, when an API token was last used; tells whether it was the first time."""
    of_it = TokenRow.token_hash == digest(token)
    first = db.scalar(select(TokenRow.last_used_at).where(of_it)) is None
    db.execute(update(TokenRow).where(of_it).values(last_used_at=datetime.now(UTC)))
    return first


def choose_language(db: Session, user: User, language: str) -> None:
    """Keep the language a user wants the pages in."""
    db.execute(update(UserRow).where(UserRow.id == user.id).values(language=language))


def digest(token: str) -> str:
    """What is stored of a secret that is long enough never to be guessed."""
    return hashlib.sha256(token.encode()).hexdigest()


def handle(token_hash: str) -> str:
    """Name of a session or token in lists and addresses; it opens nothing."""
    return token_hash[:16]


def user_of(
    db: Session,
    row: UserRow,
    *,
    csrf: str = "",
    session: str = "",
    scopes: Sequence[str] | None = None,
    factor: bool = False,
) -> User:
    """A user as they ask: what their row says, and what they came in with leaves of it."""
    within = frozenset(Permission)
    if scopes is not None:
        within = frozenset(permission for permission in Permission if permission in scopes) | {Permission.CALLS}
    return User(
        id=row.id,
        login=row.login,
        language=row.language,
        role=Role(row.role),
        agent=row.agent,
        agent_since=row.agent_since,
        shares=sharing(db, row.agent, but=row.id),
        csrf=csrf,
        session=session,
        must_change=row.drawn_at is not None,
        factor=factor,
        within=within,
        writes=scopes is None or WRITE in scopes,
    )


def _since(db: Session, agent: str, user_id: str = "") -> datetime | None:
    """From when on the calls of a phone are its new holder's: all of them, unless it was ever somebody else's."""
    if not agent:
        return None
    others = db.execute(select(UserRow.agent, UserRow.former_agents).where(UserRow.id != user_id))
    held = any(agent == theirs or agent in (before or ()) for theirs, before in others)
    return datetime.now(UTC) if held else None


@cache
def _nobody() -> str:
    """Checked when the login is unknown, so that the time taken does not tell which logins exist."""
    return _hasher.hash(secrets.token_urlsafe())


def _hashed(password: str) -> str:
    if len(password) < MIN_PASSWORD:
        raise ValueError(f"the password is shorter than {MIN_PASSWORD} characters")
    return _hasher.hash(password)
