"""Coming in and going out, with the audit lines; failed tries are bounded and slowed down."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from api.access import second_factor, throttle
from api.access.throttle import Place
from api.installation.drawn_secrets import draw_secrets
from api.kit import auth
from api.kit.auth import User
from api.settings import WebSettings
from recordings.database import reading, transaction
from recordings.privacy import audit
from recordings.tables import AuditRow, UserRow

ALONE = "password"
"""What was shown by who has no second factor."""
MOST_FAILED_LINES = 60
"""Lines an hour about failed log-ins: an attack shows, and does not fill the trail."""
SAME_FAILURE = timedelta(minutes=15)
"""Failures of one login from one place within this are one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What became of a try."""

    wait: float = 0.0
    """Seconds until a try is taken; nothing was looked at."""
    user: User | None = None
    """None: it was wrong, or was not looked at."""
    secret: str = ""
    """For the session's cookie."""
    device: str = ""
    """For the cookie by which this browser is known from now on."""
    proved: bool = False
    """Whether the second factor was shown."""
    needs_code: bool = False
    """The password was right; the session opens nothing before the code of the second factor."""


def login_key(settings: WebSettings) -> bytes:
    """The secret of which the keys of second factors are made; drawn here where the installation has none yet."""
    found = settings.login_secret.get_secret_value()
    if not found:
        draw_secrets()
        found = WebSettings().login_secret.get_secret_value()
    return found.encode()


def log_in(engine: Engine, login: str, password: str, place: Place, *, settings: WebSettings, browser: str) -> Attempt:
    """Open a session for who knows the password; who has a second factor is asked for its code."""
    if wait := _admit(engine, "password", login, place):
        return Attempt(wait=wait)
    with reading(engine) as db:  # hashing takes its time: nobody who writes waits for it
        user = auth.sign_in(db, login, password)
    if user is None:
        _note_failed(engine, "login.failed", login, place)
        return Attempt()
    with transaction(engine) as db:
        throttle.passed(db, "password", login, place, now=datetime.now(UTC))
        if second_factor.is_on(db, user.id):
            secret = auth.open_session(db, user, hours=settings.web_session_hours, waits_for_code=True)
            return Attempt(user=user, secret=secret, needs_code=True)
        return _enter(db, user, place, settings, browser=browser, shown=ALONE)


def give_code(engine: Engine, secret: str, code: str, place: Place, *, settings: WebSettings, browser: str) -> Attempt:
    """Open the session of who has given the password, by a code of their second factor; it gets another secret.

    Raises:
        LookupError: nobody waits with this secret, or no longer: the password is asked for again.
    """
    with reading(engine) as db:
        waiting = auth.session_user(db, secret, waits_for_code=True)
    if waiting is None:
        raise LookupError("nobody waits here for a code")
    user, _ = waiting
    if wait := _admit(engine, "code", user.login, place):
        return Attempt(wait=wait)
    key = login_key(settings)
    with transaction(engine) as db:
        shown = second_factor.check(db, user.id, code, key)
        if shown:
            throttle.passed(db, "code", user.login, place, now=datetime.now(UTC))
            auth.close_session(db, secret)
            return _enter(db, user, place, settings, browser=browser, shown=f"second factor, {shown}")
    _note_failed(engine, "second_factor.failed", user.login, place)
    return Attempt()


class TooOften(Exception):
    """Too many wrong codes; ``wait`` is how many seconds no other is looked at."""

    def __init__(self, wait: float) -> None:
        super().__init__(f"wait {wait:.0f} s")
        self.wait = wait


@contextmanager
def showing_code(engine: Engine, user: User, code: str, key: bytes, place: Place) -> Iterator[Session | None]:
    """A transaction for what takes a code of the second factor besides being logged in; None when it is wrong.

    Raises:
        TooOften: too many were wrong.
    """
    if wait := _admit(engine, "code", user.login, place):
        raise TooOften(wait)
    with transaction(engine) as db:
        right = bool(second_factor.check(db, user.id, code, key))
        if right:
            throttle.passed(db, "code", user.login, place, now=datetime.now(UTC))
        yield db if right else None
    if not right:
        _note_failed(engine, "second_factor.failed", user.login, place)


def log_out(engine: Engine, secret: str, *, by: str) -> None:
    """End one browser's session."""
    with transaction(engine) as db:
        auth.close_session(db, secret)
        audit.note(db, by, "login.closed", by)


def choose_password(
    engine: Engine, user: User, old: str, new: str, place: Place, *, settings: WebSettings, browser: str
) -> Attempt:
    """Change one's own password; every other browser and every token is out, this browser gets another session.

    Raises:
        ValueError: the new password is too short, or is the old one.
    """
    if wait := _admit(engine, "password", user.login, place):
        return Attempt(wait=wait)
    with reading(engine) as db:
        known = auth.sign_in(db, user.login, old)
    if known is None:
        _note_failed(engine, "login.failed", user.login, place)
        return Attempt()
    with transaction(engine) as db:
        throttle.passed(db, "password", user.login, place, now=datetime.now(UTC))
        if old == new:
            raise ValueError("the new password is the old one")
        auth.set_password(db, user.login, new)
        audit.note(db, user.login, "user.password", user.login)
        secret = auth.open_session(
            db, user, hours=settings.web_session_hours, address=place.address, browser=browser, factor=user.factor
        )
    return Attempt(user=user, secret=secret)


def note_token_used(engine: Engine, token: str, user: User) -> None:
    """Remember, to the minute, that a token was used; the first time leaves a line."""
    with transaction(engine) as db:
        if auth.note_use(db, token):
            audit.note(db, user.login, "token.used", auth.handle(auth.digest(token)))


def note_ignored_proxy(engine: Engine, address: str) -> None:
    """Somebody who is not trusted says on whose behalf they ask: a proxy that is not named, or a stranger."""
    with transaction(engine) as db:
        audit.note_once(db, "policy", "proxy.ignored", address, within=timedelta(days=1))


def _admit(engine: Engine, what: str, login: str, place: Place) -> float:
    now = datetime.now(UTC)
    with reading(engine) as db:  # a flood of tries that are refused anyway takes no writer's turn
        if wait := throttle.wait_for(db, what, login, place, now=now):
            return wait
    with transaction(engine) as db:
        return throttle.admit(db, what, login, place, now=now)


def _enter(db: Session, user: User, place: Place, settings: WebSettings, *, browser: str, shown: str) -> Attempt:
    device = place.device or secrets.token_urlsafe(32)
    known = Place(address=place.address, device=device)
    throttle.remember(db, user.id, known, now=datetime.now(UTC))
    proved = shown != ALONE
    secret = auth.open_session(
        db, user, hours=settings.web_session_hours, address=place.address, browser=browser, factor=proved
    )
    audit.note(db, user.login, "login.opened", user.login, {"address": place.address[:64], "by": shown})
    return Attempt(user=user, secret=secret, device=device, proved=proved)


def _note_failed(engine: Engine, action: str, login: str, place: Place) -> None:
    """One line, without what was typed where no such user is: it may be a password in the wrong field."""
    now = datetime.now(UTC)
    with transaction(engine) as db:
        subject = db.scalar(select(UserRow.login).where(UserRow.login == login.strip())) or ""
        of_kind = (AuditRow.action == action, AuditRow.at > now - timedelta(hours=1))
        if (db.scalar(select(func.count()).where(*of_kind)) or 0) >= MOST_FAILED_LINES:
            return
        lately = select(AuditRow.detail).where(*of_kind, AuditRow.subject == subject, AuditRow.at > now - SAME_FAILURE)
        if not any(detail.get("address") == place.network for detail in db.scalars(lately)):
            audit.note(db, "", action, subject, {"address": place.network})
