"""What is open to whom, and how it ends: browser sessions, API tokens, users switched off and removed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from api.kit.auth import check_admin_left, find_user, handle, shut_out
from recordings.tables import LoginSourceRow, RecoveryCodeRow, SecondFactorRow, SessionRow, TokenRow, UserRow

HANDLE = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """A browser that is logged in."""

    id: str
    started_at: datetime
    seen_at: datetime
    """Last used, to the minute."""
    expires_at: datetime
    address: str
    browser: str
    """Its User-Agent."""
    factor: bool
    """Whether it came in with the second factor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A program's key; what it opens is kept nowhere."""

    id: str
    login: str
    name: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    scopes: tuple[str, ...] | None
    """None: all that its owner may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A user as who looks after users sees them."""

    id: str
    login: str
    language: str
    role: str
    agent: str
    shares: tuple[str, ...]
    """Logins of others who answer the same phone."""
    off: bool
    drawn: bool
    """Whether they have not chosen a password of their own yet."""
    factor: bool
    """Whether they have a second factor."""
    sessions: int
    tokens: int
    seen_at: datetime | None
    """When one of their sessions or tokens was last used; None: not by any that is still there."""


def members(db: Session) -> list[Member]:
    """Everybody who may log in or could again, by login."""
    rows = db.scalars(select(UserRow).where(UserRow.removed_at.is_(None)).order_by(UserRow.login)).all()
    confirmed = set(db.scalars(select(SecondFactorRow.user_id).where(SecondFactorRow.confirmed_at.is_not(None))))
    return [_member(db, row, factor=row.id in confirmed, rows=rows) for row in rows]


def open_sessions(db: Session, user_id: str) -> list[OpenSession]:
    """Of a user, the last used first; those that owe the code of the second factor are none."""
    now = datetime.now(UTC)
    fits = (SessionRow.user_id == user_id, SessionRow.expires_at > now, SessionRow.code_until.is_(None))
    rows = db.scalars(select(SessionRow).where(*fits).order_by(SessionRow.seen_at.desc()))
    return [
        OpenSession(
            id=handle(row.token_hash),
            started_at=row.started_at,
            seen_at=row.seen_at,
            expires_at=row.expires_at,
            address=row.address,
            browser=row.browser,
            factor=row.factor_at is not None,
        )
        for row in rows
    ]


def tokens(db: Session, user_id: str = "") -> list[Token]:
    """Of a user, or of everybody, those that end first before the others."""
    wanted = select(TokenRow, UserRow.login).join(UserRow, UserRow.id == TokenRow.user_id)
    if user_id:
        wanted = wanted.where(TokenRow.user_id == user_id)
    return [
        Token(
            id=handle(row.token_hash),
            login=login,
            name=row.name,
            created_at=row.created_at,
            expires_at=row.expires_at,
            last_used_at=row.last_used_at,
            scopes=None if row.scopes is None else tuple(row.scopes),
        )
        for row, login in db.execute(wanted.order_by(TokenRow.expires_at, TokenRow.token_hash))
    ]


def end_sessions(db: Session, user_id: str, *, only: str = "", but: str = "") -> int:
    """End the sessions of a user: one, all but one, or all. Returns how many there were."""
    fits = [SessionRow.user_id == user_id]
    if only:
        if not HANDLE.fullmatch(only):
            return 0
        fits.append(SessionRow.token_hash.startswith(only))
    if but:
        fits.append(~SessionRow.token_hash.startswith(but))
    return len(db.execute(delete(SessionRow).where(*fits).returning(SessionRow.token_hash)).all())


def note_factor(db: Session, session: str) -> None:
    """The second factor was shown in this session."""
    of_it = SessionRow.token_hash.startswith(session)
    db.execute(update(SessionRow).where(of_it).values(factor_at=datetime.now(UTC)))


def revoke_token(db: Session, token_id: str, *, user_id: str = "") -> Token | None:
    """Take a token back, of a user or of whoever has it; None when there is none."""
    if not HANDLE.fullmatch(token_id):
        return None
    found = next((token for token in tokens(db, user_id) if token.id == token_id), None)
    if found is not None:
        db.execute(delete(TokenRow).where(TokenRow.token_hash.startswith(token_id)))
    return found


def switch_off(db: Session, login: str) -> bool:
    """Let a user in no more and end what they have open; False when they were off already.

    Raises:
        ValueError: nobody has this login, or it is the last administrator.
    """
    row = find_user(db, login)
    if row.off_at is not None:
        return False
    check_admin_left(db, row)
    row.off_at = datetime.now(UTC)
    shut_out(db, row.id)
    return True


def switch_on(db: Session, login: str) -> bool:
    """Let a user in again by their password; False when they were not off.

    Raises:
        ValueError: nobody has this login.
    """
    row = find_user(db, login)
    was, row.off_at = row.off_at, None
    return was is not None


def remove(db: Session, login: str) -> None:
    """Take away all a user could come in with; the name stays taken, as evaluations and the audit trail hold it.

    Raises:
        ValueError: nobody has this login, or it is the last administrator.
    """
    row = find_user(db, login)
    check_admin_left(db, row)
    row.off_at = row.removed_at = datetime.now(UTC)
    row.password_hash = ""
    shut_out(db, row.id)
    for owned in (SecondFactorRow, RecoveryCodeRow, LoginSourceRow):
        db.execute(delete(owned).where(owned.user_id == row.id))


def _member(db: Session, row: UserRow, *, factor: bool, rows: Sequence[UserRow]) -> Member:
    sessions, keys = open_sessions(db, row.id), tokens(db, row.id)
    seen = [*(session.seen_at for session in sessions), *(key.last_used_at for key in keys if key.last_used_at)]
    same = (other.login for other in rows if row.agent and other.agent == row.agent and other.off_at is None)
    return Member(
        id=row.id,
        login=row.login,
        language=row.language,
        role=row.role,
        agent=row.agent,
        shares=tuple(login for login in same if login != row.login),
        off=row.off_at is not None,
        drawn=row.drawn_at is not None,
        factor=factor,
        sessions=len(sessions),
        tokens=len(keys),
        seen_at=max(seen, default=None),
    )
