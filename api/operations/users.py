"""Who may log in: made, switched off, removed; their roles, passwords, sessions, tokens and second factors."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Engine

from api.access import members, second_factor
from api.access.members import Token
from api.access.throttle import Place
from api.kit import auth
from api.kit.auth import User
from api.kit.roles import Role
from api.operations import logins
from recordings.database import transaction
from recordings.privacy import audit
from recordings.quality import evaluations


class PhoneTaken(ValueError):
    """Somebody else answers this phone; ``str()`` says who."""


def add_user(
    engine: Engine,
    login: str,
    password: str,
    *,
    language: str,
    role: Role,
    agent: str,
    by: str,
    drawn: bool = False,
    shared_phones: bool = False,
) -> None:
    """Make a user.

    ``agent``: endpoint of the phone they answer.
    ``drawn``: the password was drawn for them: they choose their own at the first log-in.
    ``shared_phones``: whether several users may answer one phone.

    Raises:
        PhoneTaken: somebody else answers it.
        ValueError: the login is empty or taken, or the password too short.
    """
    with transaction(engine) as db:
        _check_free(auth.sharing(db, agent), agent, shared_phones=shared_phones)
        auth.create_user(db, login, password, language, role=role, agent=agent, drawn=drawn)
        audit.note(db, by, "user.added", login, {"role": role, "agent": agent})


def change_role(
    engine: Engine, login: str, role: Role, *, agent: str | None, by: str, shared_phones: bool = False
) -> None:
    """Give a user another role; it counts at once, in browsers and for API tokens alike. None keeps the phone.

    Raises:
        PhoneTaken: somebody else answers it.
        ValueError: nobody has this login, or it is the last administrator.
    """
    with transaction(engine) as db:
        row = auth.find_user(db, login)
        if agent is not None and agent != row.agent:
            _check_free(auth.sharing(db, agent, but=row.id), agent, shared_phones=shared_phones)
        auth.set_role(db, login, role, agent=agent)
        audit.note(db, by, "user.role", row.login, {"role": role} | ({} if agent is None else {"agent": agent}))


def change_password(engine: Engine, login: str, password: str, *, by: str, drawn: bool = False) -> None:
    """Give a user another password; the browsers and the tokens that came in with the old one are out.

    Raises:
        ValueError: nobody has this login, or the password is too short.
    """
    with transaction(engine) as db:
        auth.set_password(db, login, password, drawn=drawn)
        audit.note(db, by, "user.password", login)


def switch_off(engine: Engine, login: str, *, by: str) -> bool:
    """Let a user in no more; sessions and tokens end at once. False when they were off already.

    Raises:
        ValueError: nobody has this login, or it is the last administrator.
    """
    with transaction(engine) as db:
        done = members.switch_off(db, login)
        if done:
            audit.note(db, by, "user.off", login)
    return done


def switch_on(engine: Engine, login: str, *, by: str, shared_phones: bool = False) -> bool:
    """Let a user in again; False when they were not off.

    Raises:
        PhoneTaken: somebody else answers their phone by now.
        ValueError: nobody has this login.
    """
    with transaction(engine) as db:
        row = auth.find_user(db, login)
        _check_free(auth.sharing(db, row.agent, but=row.id), row.agent, shared_phones=shared_phones)
        done = members.switch_on(db, login)
        if done:
            audit.note(db, by, "user.on", login)
    return done


def remove_user(engine: Engine, login: str, *, by: str) -> None:
    """Take a user away for good: what they did keeps their name, which nobody else can have; their drafts go.

    Raises:
        ValueError: nobody has this login, or it is the last administrator.
    """
    with transaction(engine) as db:
        members.remove(db, login)
        drafts = evaluations.discard_drafts(db, login.strip())
        audit.note(db, by, "user.removed", login, {"drafts": drafts})


def end_sessions(engine: Engine, login: str, *, by: str, only: str = "", but: str = "") -> int:
    """End sessions of a user: one, all but one, or all. Returns how many there were.

    Raises:
        ValueError: nobody has this login.
    """
    with transaction(engine) as db:
        ended = members.end_sessions(db, auth.find_user(db, login).id, only=only, but=but)
        if ended:
            audit.note(db, by, "session.ended", login, {"sessions": ended})
    return ended


def make_token(
    engine: Engine, login: str, *, name: str, by: str, days: float, scopes: Collection[str] | None = (auth.READ,)
) -> str:
    """A new API token of a user: it is shown once and cannot be read again.

    ``days``: it ends after so many.
    ``scopes``: ``read``, ``write``, names of permissions; None: all that its owner may.

    Raises:
        ValueError: nobody has this login, a scope is unknown or more than the owner may, it would live too long.
    """
    with transaction(engine) as db:
        token = auth.create_token(db, login, name, days=days, scopes=scopes)
        detail = {"name": name, "days": days, "scopes": "all" if scopes is None else sorted(scopes)}
        audit.note(db, by, "user.token", login, detail)
    return token


def revoke_token(engine: Engine, token_id: str, *, by: str, of: User | None = None) -> Token | None:
    """Take a token back, of one user or of whoever has it; None when there is none."""
    with transaction(engine) as db:
        found = members.revoke_token(db, token_id, user_id=of.id if of else "")
        if found:
            audit.note(db, by, "token.revoked", found.login, {"token": found.id, "name": found.name})
    return found


def set_second_factor(engine: Engine, user: User, code: str, key: bytes) -> tuple[str, ...] | None:
    """Ask the user for codes from now on, if this is the first one; their other browsers are out.

    Returns:
        Recovery codes, to be shown once; None when the code is wrong.
    """
    with transaction(engine) as db:
        recovery = second_factor.confirm(db, user.id, code, key)
        if recovery is not None:
            members.end_sessions(db, user.id, but=user.session)
            members.note_factor(db, user.session)
            audit.note(db, user.login, "second_factor.set", user.login)
    return recovery


def renew_recovery_codes(engine: Engine, user: User, code: str, key: bytes, place: Place) -> tuple[str, ...] | None:
    """Other recovery codes for who shows a code; those of before count no more. None when the code is wrong.

    Raises:
        TooOften: too many wrong codes.
    """
    with logins.showing_code(engine, user, code, key, place) as db:
        if db is None:
            return None
        drawn = second_factor.draw_recovery_codes(db, user.id, key)
        audit.note(db, user.login, "second_factor.codes", user.login)
    return drawn


def drop_second_factor(engine: Engine, user: User, code: str, key: bytes, place: Place) -> bool:
    """Ask the user for no code any more, if they show one; False when it is wrong.

    Raises:
        TooOften: too many wrong codes.
    """
    with logins.showing_code(engine, user, code, key, place) as db:
        if db is None:
            return False
        second_factor.reset(db, user.id)
        audit.note(db, user.login, "second_factor.reset", user.login)
    return True


def reset_second_factor(engine: Engine, login: str, *, by: str) -> bool:
    """For who has lost authenticator and recovery codes: they enrol anew; sessions end. False when there was none.

    Raises:
        ValueError: nobody has this login.
    """
    with transaction(engine) as db:
        row = auth.find_user(db, login)
        was = second_factor.reset(db, row.id)
        if was:
            members.end_sessions(db, row.id)
            audit.note(db, by, "second_factor.reset", row.login)
    return was


def _check_free(others: tuple[str, ...], agent: str, *, shared_phones: bool) -> None:
    """Of a call to a shared phone nobody knows who took it.

    Raises:
        PhoneTaken: somebody else answers it.
    """
    if others and not shared_phones:
        raise PhoneTaken(
            f"{agent} is the phone of {', '.join(others)}: whose a call is would not be known. Give each their own, "
            "or set OTKLIK_SHARED_PHONES=true: then each sees the evaluations of all its calls."
        )
