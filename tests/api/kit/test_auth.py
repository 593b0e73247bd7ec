"""Passwords, sessions, tokens: on a real database, no sockets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from api.kit import auth
from recordings.database import connect, migrate, transaction
from recordings.tables import SessionRow, TokenRow, UserRow

pytestmark = pytest.mark.unit


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    url = f"sqlite:///{tmp_path / 'users.db'}"
    migrate(url)
    engine = connect(url)
    with transaction(engine) as db:
        auth.create_user(db, "olga", "correct horse", "ru")
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
        auth.create_user(db, login, password, "en")


def test_a_session_opens_by_its_secret_until_it_ends(engine: Engine) -> None:
    with transaction(engine) as db:
        user = auth.sign_in(db, "olga", "correct horse")
        assert user is not None
        secret = auth.open_session(db, user, hours=1)
        seen = auth.session_user(db, secret)
        assert seen is not None
        assert len(seen.csrf) > 20
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
