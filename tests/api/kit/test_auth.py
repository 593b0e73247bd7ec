"""Passwords, sessions, tokens: on a real database, no sockets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update

from api.access import members, second_factor
from api.kit import auth
from api.kit.roles import Permission, Role
from recordings.database import connect, migrate, transaction
from recordings.tables import RecoveryCodeRow, SecondFactorRow, SessionRow, TokenRow, UserRow

pytestmark = pytest.mark.unit


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    url = f"sqlite:///{tmp_path / 'users.db'}"
    migrate(url)
    engine = connect(url)
    with transaction(engine) as db:
        auth.create_user(db, "olga", "correct horse", "ru", role=Role.ADMIN)
    yield engine
    engine.dispose()


def test_only_the_right_password_signs_in(engine: Engine) -> None:
    with transaction(engine) as db:
        user = auth.sign_in(db, " olga ", "correct horse")
        assert user is not None
        assert (user.login, user.language) == ("olga", "ru")
        assert auth.sign_in(db, "olga", "correct horsE") is None
        assert auth.sign_in(db, "nobody", "correct horse") is None


def test_passwords_are_kept_as_argon2id(engine: Engine) -> None:
    with transaction(engine) as db:
        assert db.scalars(select(UserRow.password_hash)).one().startswith("$argon2id$")


@pytest.mark.parametrize(
    ("login", "password", "why"),
    [("", "long enough", "empty"), ("olga", "long enough", "taken"), ("ann", "short", "shorter")],
)
def test_a_user_that_cannot_be_made_says_why(engine: Engine, login: str, password: str, why: str) -> None:
    with transaction(engine) as db, pytest.raises(ValueError, match=why):
        auth.create_user(db, login, password, "en", role=Role.ANALYST)


def test_a_session_opens_by_its_secret_until_it_ends(engine: Engine) -> None:
    with transaction(engine) as db:
        user = auth.sign_in(db, "olga", "correct horse")
        assert user is not None
        secret = auth.open_session(db, user, hours=1)
        found = auth.session_user(db, secret)
        assert found is not None
        seen, stale = found
        assert len(seen.csrf) > 20
        assert not stale
        assert db.scalars(select(SessionRow.token_hash)).one() != secret
        auth.close_session(db, secret)
        assert auth.session_user(db, secret) is None


def test_an_expired_session_is_no_session_and_is_forgotten(engine: Engine) -> None:
    with transaction(engine) as db:
        user = auth.sign_in(db, "olga", "correct horse")
        assert user is not None
        assert auth.session_user(db, auth.open_session(db, user, hours=-1)) is None
        auth.open_session(db, user, hours=1)
        db.flush()
        assert len(db.scalars(select(SessionRow)).all()) == 1


def test_a_new_password_ends_the_sessions(engine: Engine) -> None:
    with transaction(engine) as db:
        user = auth.sign_in(db, "olga", "correct horse")
        assert user is not None
        secret = auth.open_session(db, user, hours=1)
        db.flush()
        auth.set_password(db, "olga", "battery staple")
        assert auth.session_user(db, secret) is None
        assert auth.sign_in(db, "olga", "correct horse") is None
        assert auth.sign_in(db, "olga", "battery staple") is not None


def test_a_session_that_nobody_uses_ends(engine: Engine) -> None:
    with transaction(engine) as db:
        user = auth.sign_in(db, "olga", "correct horse")
        assert user is not None
        secret = auth.open_session(db, user, hours=12)
        an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
        db.execute(update(SessionRow).values(seen_at=an_hour_ago))
        found = auth.session_user(db, secret, idle=timedelta(hours=2))
        assert found is not None
        assert found[1], "its use is to be noted"
        assert auth.session_user(db, secret, idle=timedelta(minutes=59)) is None
        auth.note_seen(db, secret)
        db.expire_all()
        assert auth.session_user(db, secret, idle=timedelta(minutes=59)) is not None


def test_a_new_password_ends_the_tokens(engine: Engine) -> None:
    """They outlived it, and nobody could take one back."""
    with transaction(engine) as db:
        token = auth.create_token(db, "olga", "export")
        db.flush()
        auth.set_password(db, "olga", "battery staple")
        assert auth.token_user(db, token) is None


def test_a_token_ends(engine: Engine) -> None:
    with transaction(engine) as db:
        token = auth.create_token(db, "olga", "export", days=1)
        assert auth.token_user(db, token) is not None
        db.execute(update(TokenRow).values(expires_at=datetime.now(UTC)))
        db.expire_all()
        assert auth.token_user(db, token) is None
        for days in (0, -1, 36600):
            with pytest.raises(ValueError, match="ten years"):
                auth.create_token(db, "olga", "export", days=days)


def test_a_token_may_no_more_than_its_scopes_and_its_owner(engine: Engine) -> None:
    with transaction(engine) as db:
        auth.create_user(db, "ann", "correct horse", "ru", role=Role.SUPERVISOR)
        reads = auth.token_user(db, auth.create_token(db, "ann", "report", scopes=["read"]))
        hears = auth.token_user(db, auth.create_token(db, "ann", "sound", scopes=["originals", "write"]))
        assert reads is not None
        assert hears is not None
        assert {p for p in Permission if reads[0].may(p)} == {Permission.CALLS}
        assert {p for p in Permission if hears[0].may(p)} == {Permission.CALLS, Permission.ORIGINALS}
        assert (reads[0].writes, hears[0].writes) == (False, True)
        for scope, why in (("privacy", "may not"), ("everything", "no scope")):
            with pytest.raises(ValueError, match=why):
                auth.create_token(db, "ann", "more", scopes=[scope])
        key = auth.create_token(db, "ann", "sound", scopes=["originals"])
        auth.set_role(db, "ann", Role.ANALYST)
        less = auth.token_user(db, key)
        assert less is not None
        assert not less[0].may(Permission.ORIGINALS)


def test_who_is_switched_off_is_out_at_once_and_comes_back_by_the_password_alone(engine: Engine) -> None:
    with transaction(engine) as db:
        user = auth.create_user(db, "ann", "correct horse", "ru", role=Role.ANALYST)
        secret, token = auth.open_session(db, user, hours=1), auth.create_token(db, "ann", "export")
        db.flush()
        assert members.switch_off(db, "ann")
        assert not members.switch_off(db, "ann")
        assert auth.session_user(db, secret) is None
        assert auth.token_user(db, token) is None
        assert auth.sign_in(db, "ann", "correct horse") is None
        with pytest.raises(ValueError, match="switched off"):
            auth.create_token(db, "ann", "export")
        assert members.switch_on(db, "ann")
        assert auth.sign_in(db, "ann", "correct horse") is not None
        assert auth.session_user(db, secret) is None
        assert auth.token_user(db, token) is None


def test_a_removed_name_is_nobody_elses(engine: Engine) -> None:
    with transaction(engine) as db:
        user = auth.create_user(db, "ann", "correct horse", "ru", role=Role.ANALYST)
        secret, token = auth.open_session(db, user, hours=1), auth.create_token(db, "ann", "export")
        second_factor.begin(db, user.id)
        members.remove(db, "ann")
        db.flush()
        for left in (SessionRow, TokenRow, SecondFactorRow, RecoveryCodeRow):
            assert db.scalars(select(left)).all() == []
        assert auth.session_user(db, secret) is None
        assert auth.token_user(db, token) is None
        assert auth.sign_in(db, "ann", "") is None
        assert [member.login for member in members.members(db)] == ["olga"]
        for gone in (members.switch_on, members.switch_off, members.remove):
            with pytest.raises(ValueError, match="no user"):
                gone(db, "ann")
        with pytest.raises(ValueError, match="taken"):
            auth.create_user(db, "ann", "another horse", "ru", role=Role.ADMIN)


def test_the_last_administrator_stays(engine: Engine) -> None:
    with transaction(engine) as db:
        auth.create_user(db, "root", "correct horse", "ru", role=Role.ADMIN)
        members.switch_off(db, "root")
        for end in (members.switch_off, members.remove):
            with pytest.raises(ValueError, match="only administrator"):
                end(db, "olga")
        with pytest.raises(ValueError, match="only administrator"):
            auth.set_role(db, "olga", Role.ANALYST)
        members.remove(db, "root")


def test_calls_of_a_phone_that_was_somebody_elses_are_theirs(engine: Engine) -> None:
    """Who was given the phone of a colleague who had left read what was said of the colleague's calls."""
    with transaction(engine) as db:
        first = auth.create_user(db, "petr", "correct horse", "ru", role=Role.AGENT, agent="PJSIP/7")
        assert first.agent_since is None
        members.remove(db, "petr")
        second = auth.create_user(db, "ivan", "correct horse", "ru", role=Role.AGENT, agent="PJSIP/7")
        assert second.agent_since is not None
        auth.set_role(db, "ivan", Role.AGENT, agent="PJSIP/8")
        third = auth.create_user(db, "kate", "correct horse", "ru", role=Role.AGENT, agent="PJSIP/8")
        assert third.agent_since is not None
        assert third.shares == ("ivan",)


def test_a_token_names_its_user_and_is_kept_as_a_hash(engine: Engine) -> None:
    with transaction(engine) as db:
        token = auth.create_token(db, "olga", "export")
        found = auth.token_user(db, token)
        assert found is not None
        user, stale = found
        assert (user.login, user.csrf, stale) == ("olga", "", True)
        auth.note_use(db, token)
        db.expire_all()
        again = auth.token_user(db, token)
        assert again is not None
        assert again[1] is False
        assert token not in db.scalars(select(TokenRow.token_hash)).all()
        assert auth.token_user(db, token + "x") is None
        with pytest.raises(ValueError, match="nobody"):
            auth.create_token(db, "nobody", "export")
