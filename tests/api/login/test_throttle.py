"""Who guesses passwords has to wait, and its owner does not."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from api.login.throttle import Throttle

pytestmark = pytest.mark.unit


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def test_guessing_one_login_has_to_wait_and_its_owner_elsewhere_does_not() -> None:
    clock = Clock()
    throttle = Throttle(clock=clock)
    assert [throttle.admit("10.0.0.1", "olga") for _ in range(Throttle.PAIR)] == [0] * Throttle.PAIR
    assert throttle.admit("10.0.0.1", "Olga ") == pytest.approx(900)
    assert throttle.admit("10.0.0.2", "olga") == 0
    clock.now += 901
    assert throttle.admit("10.0.0.1", "olga") == 0


def test_one_address_trying_many_logins_has_to_wait() -> None:
    throttle = Throttle(clock=Clock())
    for number in range(Throttle.ADDRESS):
        assert throttle.admit("10.0.0.1", f"user{number}") == 0
    assert throttle.admit("10.0.0.1", "another") > 0


def test_a_right_password_forgets_the_wrong_ones() -> None:
    throttle = Throttle(clock=Clock())
    for _ in range(20):
        throttle.admit("10.0.0.1", "olga")
        throttle.passed("10.0.0.1", "olga")
    assert throttle.admit("10.0.0.1", "olga") == 0
