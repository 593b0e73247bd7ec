"""When to try again after failures: pure arithmetic."""

from __future__ import annotations

import math
import random

import pytest

from recordings.alerts import alerts
from recordings.calls import outbox
from recordings.leases import BackOff

pytestmark = pytest.mark.unit

SEEDS = range(40)


@pytest.mark.parametrize("seed", SEEDS)
def test_waits_never_shrink_and_stay_within_bounds(seed: int) -> None:
    draw = random.Random(seed)
    first = draw.uniform(0.001, 1000)
    back_off = BackOff(first=first, longest=first * draw.uniform(1, 1000))
    failures = draw.choice([draw.randint(1, 12), draw.randint(1, 10**9)])
    wait, next_wait = back_off.wait(failures), back_off.wait(failures + 1)
    assert first <= wait <= next_wait <= back_off.longest
    assert next_wait in (2 * wait, back_off.longest)


@pytest.mark.parametrize("seed", SEEDS)
def test_it_is_over_at_the_first_of_both_bounds(seed: int) -> None:
    draw = random.Random(seed)
    most, failures, keep, age = draw.randint(1, 9), draw.randint(0, 12), draw.uniform(1, 9), draw.uniform(0, 12)
    back_off = BackOff(first=1, longest=2, keep_trying=keep, most_attempts=most)
    assert back_off.is_over(failures=failures, age=age) == (failures >= most or age >= keep)


@pytest.mark.parametrize("failures", [-5, 0, 1])
def test_the_first_wait_is_the_shortest_one(failures: int) -> None:
    assert BackOff(first=5, longest=50).wait(failures) == 5


def test_without_bounds_it_is_never_over() -> None:
    assert not BackOff(first=1, longest=1).is_over(failures=10**9, age=1e12)


@pytest.mark.parametrize(("first", "longest"), [(0.0, 1.0), (-1.0, 1.0), (2.0, 1.0), (math.nan, 1.0)])
def test_waits_that_make_no_sense_are_refused(first: float, longest: float) -> None:
    with pytest.raises(ValueError, match="want 0 < first <= longest"):
        BackOff(first=first, longest=longest)


@pytest.mark.parametrize(
    ("back_off", "waits"),
    [
        (outbox.BACK_OFF, [15, 30, 60, 120, 240, 480, 900, 900]),
        (alerts.BACK_OFF, [15, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600]),
    ],
)
def test_waits_in_use(back_off: BackOff, waits: list[float]) -> None:
    assert [back_off.wait(failures) for failures in range(1, len(waits) + 1)] == waits
    assert back_off.wait(10_000) == back_off.longest
