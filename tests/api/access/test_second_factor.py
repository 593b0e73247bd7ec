"""Codes of an authenticator and for recovery: each counts once, and a copy of the database makes none."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import time
from xml.etree import ElementTree

import pyotp
import pytest
from sqlalchemy import Engine, select, update

from api.access import second_factor
from api.access.second_factor import Shown
from api.kit import auth
from api.kit.roles import Role
from recordings.database import connect, migrate, transaction
from recordings.tables import RecoveryCodeRow, SecondFactorRow, Table

pytestmark = pytest.mark.unit

SECRET = b"secret of this installation"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    url = f"sqlite:///{tmp_path / 'users.db'}"
    migrate(url)
    engine = connect(url)
    yield engine
    engine.dispose()


@pytest.fixture
def olga(engine: Engine) -> str:
    with transaction(engine) as db:
        return auth.create_user(db, "olga", "correct horse", "ru", role=Role.ADMIN).id


def enrol(engine: Engine, user: str) -> tuple[pyotp.TOTP, tuple[str, ...]]:
    """An authenticator, and recovery codes; the code of the half-minute before this one is used up."""
    with transaction(engine) as db:
        second_factor.begin(db, user)
        key = second_factor.waiting_key(db, user, SECRET)
        assert key is not None
        made = pyotp.TOTP(key)
        codes = second_factor.confirm(db, user, made.at(time() - 30), SECRET)
        assert codes is not None
    return made, codes


def check(engine: Engine, user: str, code: str) -> Shown:
    with transaction(engine) as db:
        return second_factor.check(db, user, code, SECRET)


def test_a_code_counts_once_and_no_earlier_one_after_it(engine: Engine, olga: str) -> None:
    made, _ = enrol(engine, olga)
    now = time()
    assert check(engine, olga, made.at(now - 30)) is Shown.NOTHING, "it was used to enrol"
    assert check(engine, olga, made.at(now)) is Shown.CODE
    assert check(engine, olga, made.at(now)) is Shown.NOTHING
    code = made.at(now + 30)
    assert check(engine, olga, f" {code[:3]} {code[3:]} ") is Shown.CODE
    assert check(engine, olga, made.at(now + 30)) is Shown.NOTHING


def test_of_the_same_code_at_once_one_counts(engine: Engine, olga: str) -> None:
    made, _ = enrol(engine, olga)
    code = made.at(time())
    with ThreadPoolExecutor(8) as threads:
        shown = list(threads.map(lambda _: check(engine, olga, code), range(16)))
    assert shown.count(Shown.CODE) == 1


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "१२३४५६", "٠١٢٣٤٥", "-12345", "1" * 32, "\x00" * 6])
def test_what_is_no_code_is_none(engine: Engine, olga: str, code: str) -> None:
    enrol(engine, olga)
    assert check(engine, olga, code) is Shown.NOTHING


def test_a_code_of_long_ago_or_to_come_is_none(engine: Engine, olga: str) -> None:
    made, _ = enrol(engine, olga)
    for away in (-300, -90, 90, 300):
        assert check(engine, olga, made.at(time() + away)) is Shown.NOTHING


def test_a_recovery_code_counts_once(engine: Engine, olga: str) -> None:
    _, codes = enrol(engine, olga)
    assert len(set(codes)) == second_factor.RECOVERY_CODES
    assert check(engine, olga, codes[0].upper().replace("-", " ")) is Shown.RECOVERY
    assert check(engine, olga, codes[0]) is Shown.NOTHING
    with transaction(engine) as db:
        assert second_factor.recovery_codes_left(db, olga) == second_factor.RECOVERY_CODES - 1
        fresh = second_factor.draw_recovery_codes(db, olga, SECRET)
    assert check(engine, olga, codes[1]) is Shown.NOTHING
    assert check(engine, olga, fresh[1]) is Shown.RECOVERY


def test_codes_of_one_user_are_none_of_another(engine: Engine, olga: str) -> None:
    made, codes = enrol(engine, olga)
    with transaction(engine) as db:
        anna = auth.create_user(db, "anna", "correct horse", "ru", role=Role.ANALYST).id
    enrol(engine, anna)
    assert check(engine, anna, made.at(time())) is Shown.NOTHING
    assert check(engine, anna, codes[0]) is Shown.NOTHING
    assert check(engine, olga, codes[0]) is Shown.RECOVERY


def test_nothing_is_asked_for_before_the_first_code(engine: Engine, olga: str) -> None:
    with transaction(engine) as db:
        second_factor.begin(db, olga)
        assert not second_factor.is_on(db, olga)
        assert second_factor.confirm(db, olga, "000000", SECRET) is None
        assert not second_factor.is_on(db, olga)
    enrol(engine, olga)
    with transaction(engine) as db:
        assert second_factor.is_on(db, olga)
        second_factor.begin(db, olga)
        assert second_factor.waiting_key(db, olga, SECRET) is None, "a key in use is not shown again"
        assert second_factor.reset(db, olga)
        assert not second_factor.is_on(db, olga)


def test_a_key_that_was_shown_long_ago_enrols_nobody(engine: Engine, olga: str) -> None:
    with transaction(engine) as db:
        second_factor.begin(db, olga)
        seen = second_factor.waiting_key(db, olga, SECRET)
        db.execute(update(SecondFactorRow).values(created_at=datetime.now(UTC) - timedelta(hours=2)))
        db.expire_all()
        second_factor.begin(db, olga)
        assert second_factor.waiting_key(db, olga, SECRET) != seen


def test_a_copy_of_the_database_makes_no_codes(engine: Engine, olga: str) -> None:
    """The key and the recovery codes stand in no row, and another secret gives others."""
    made, codes = enrol(engine, olga)
    with engine.connect() as connection:
        rows = [connection.execute(select(table)).all() for table in Table.metadata.sorted_tables]
    everything = json.dumps(rows, default=str)
    assert made.secret not in everything
    assert not any(code in everything for code in codes)
    with transaction(engine) as db:
        assert second_factor.check(db, olga, made.at(time()), b"another secret") is Shown.NOTHING
        assert second_factor.check(db, olga, codes[0], b"another secret") is Shown.NOTHING
        assert all(re.fullmatch("[0-9a-f]{64}", row) for row in db.scalars(select(RecoveryCodeRow.code_hash)))


def test_the_picture_keeps_to_the_policy_of_the_pages() -> None:
    """Inline style is refused by the browser, and a script would be."""
    picture = ElementTree.fromstring(second_factor.qr_of("JBSWY3DPEHPK3PXP" * 2, "ольга <b>&"))  # noqa: S314  # our own
    assert picture.tag == "svg"
    for element in picture.iter():
        assert element.tag in {"svg", "g", "path"}
        assert not {"style", "onload", "href"} & set(element.attrib)
