"""Who guesses passwords has to wait, and its owner does not; counted in one table for all processes."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from api.access import throttle
from api.access.throttle import LOGIN, NETWORK, PAIR, Place
from api.kit import auth
from api.kit.rate_limit import network_of
from api.kit.roles import Role
from recordings.database import connect, migrate, transaction
from recordings.tables import LoginFailureRow, LoginSourceRow, UserRow

pytestmark = pytest.mark.unit

HOME, OFFICE = Place(address="203.0.113.5", device="olga's browser"), Place(address="198.51.100.9")


@dataclass(slots=True)
class Gate:
    """Tries at moments that the test chooses."""

    engine: Engine
    now: datetime = datetime(2026, 11, 30, 12, tzinfo=UTC)

    def wrong(self, login: str, place: Place, *, what: str = "password") -> float:
        """Seconds to wait; 0: the try was looked at, and was wrong."""
        with transaction(self.engine) as db:
            return throttle.admit(db, what, login, place, now=self.now)

    def right(self, login: str, place: Place) -> float:
        if wait := self.wrong(login, place):
            return wait
        with transaction(self.engine) as db:
            throttle.passed(db, "password", login, place, now=self.now)
            user = db.scalars(select(UserRow.id).where(UserRow.login == login)).one()
            throttle.remember(db, user, place, now=self.now)
        return 0.0

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    url = f"sqlite:///{tmp_path / 'users.db'}"
    migrate(url)
    engine = connect(url)
    with transaction(engine) as db:
        auth.create_user(db, "olga", "correct horse", "ru", role=Role.ADMIN)
    yield Gate(engine)
    engine.dispose()


def elsewhere(number: int) -> Place:
    return Place(address=f"10.{number // 65536}.{number // 256 % 256}.{number % 256}")


def test_guessing_waits_longer_each_time_and_a_pause_is_over(gate: Gate) -> None:
    assert [gate.wrong("olga", OFFICE) for _ in range(PAIR)] == [0] * PAIR
    for pause in (30, 60, 120):
        assert gate.wrong("Olga ", OFFICE) == pause
        gate.later(seconds=pause)
        assert gate.wrong("olga", OFFICE) == 0
    gate.later(minutes=15)
    assert [gate.wrong("olga", OFFICE) for _ in range(PAIR)] == [0] * PAIR


def test_who_never_tires_guesses_some_hundred_passwords_a_day(gate: Gate) -> None:
    end, tried = gate.now + timedelta(days=1), 0
    while gate.now < end:
        wait = gate.wrong("olga", OFFICE)
        tried += not wait
        gate.later(seconds=wait)
    assert tried < 1000


def test_one_address_trying_many_logins_has_to_wait(gate: Gate) -> None:
    for number in range(NETWORK):
        assert gate.wrong(f"user{number}", OFFICE) == 0
    assert gate.wrong("another", OFFICE) > 0
    assert gate.wrong("another", HOME) == 0


def test_a_provider_of_ipv6_gives_a_stranger_no_more_tries(gate: Gate) -> None:
    """Each of the 2**64 addresses of one subscriber was a stranger of its own."""
    tries = [gate.wrong("olga", Place(address=f"2001:db8:1:2::{number:x}")) for number in range(1, 40)]
    assert tries.count(0) == PAIR
    assert gate.wrong("olga", Place(address="2001:db8:1:3::1")) == 0


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.5", "203.0.113.5"),
        ("::ffff:203.0.113.5", "203.0.113.5"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
        ("x" * 300, "x" * 64),
    ],
)
def test_by_what_strangers_are_counted(address: str, network: str) -> None:
    assert network_of(address) == network


def test_strangers_lock_nobody_out(gate: Gate) -> None:
    """Fifty failures from anywhere locked a login for everybody."""
    assert gate.right("olga", HOME) == 0
    for number in range(3 * LOGIN):
        gate.wrong("olga", elsewhere(number))
    assert gate.right("olga", HOME) == 0, "where she logged in before"
    assert gate.right("olga", Place(address="192.0.2.1", device=HOME.device)) == 0, "by the same browser elsewhere"
    assert gate.right("olga", Place(address="192.0.2.77")) == 0, "at a new place by a new browser: the first try counts"
    assert gate.wrong("olga", elsewhere(0)) > 0
    fresh = Place(address="192.0.2.200")
    assert gate.wrong("olga", fresh) == 0
    assert gate.wrong("olga", fresh) > 0, "after so many failures a new place has one try"


def test_neighbours_of_the_owner_do_not_make_her_wait(gate: Gate) -> None:
    assert gate.right("olga", HOME) == 0
    neighbour = Place(address=HOME.address)
    for number in range(NETWORK + 5):
        gate.wrong(f"user{number}", neighbour)
    for _ in range(2 * PAIR):
        gate.wrong("olga", neighbour)
    assert gate.wrong("olga", neighbour) > 0
    assert gate.right("olga", HOME) == 0, "her browser is known by its cookie"


def test_a_known_browser_guesses_no_faster(gate: Gate) -> None:
    assert gate.right("olga", HOME) == 0
    assert [gate.wrong("olga", HOME) for _ in range(PAIR)] == [0] * PAIR
    assert gate.wrong("olga", HOME) > 0
    assert gate.wrong("anna", HOME) == 0, "of another login it is a stranger's"


def test_a_right_password_forgets_the_wrong_ones(gate: Gate) -> None:
    for _ in range(20):
        assert gate.right("olga", OFFICE) == 0
        gate.wrong("olga", OFFICE)


def test_codes_are_counted_apart(gate: Gate) -> None:
    for _ in range(PAIR):
        gate.wrong("olga", OFFICE, what="code")
    assert gate.wrong("olga", OFFICE, what="code") > 0
    assert gate.wrong("olga", OFFICE) == 0


def test_tries_at_once_count_too(gate: Gate) -> None:
    with ThreadPoolExecutor(8) as threads:
        waits = list(threads.map(lambda _: gate.wrong("olga", OFFICE), range(24)))
    assert waits.count(0) == PAIR


def test_what_is_over_is_swept_and_places_are_bounded(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "MOST_FAILURES", 30)
    for number in range(40):
        gate.wrong("olga", elsewhere(number))
    with transaction(gate.engine) as db:
        assert db.scalar(select(func.count()).select_from(LoginFailureRow)) == 30
    gate.later(minutes=16)
    gate.wrong("olga", OFFICE)
    for number in range(30):
        gate.later(seconds=1)
        gate.right("olga", elsewhere(number))
    with transaction(gate.engine) as db:
        assert db.scalar(select(func.count()).select_from(LoginFailureRow)) == 1
        assert db.scalar(select(func.count()).select_from(LoginSourceRow)) == throttle.MOST_SOURCES
