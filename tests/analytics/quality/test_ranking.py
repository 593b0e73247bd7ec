"""Intervals and bands, each figure computed by hand or taken from the source it names."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from analytics.quality.ranking import Standing, mean_score, mean_time, rank, share_satisfied
from recordings.quality.ranking import Sample

pytestmark = pytest.mark.unit

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def samples(**by_agent: list[float]) -> list[Sample]:
    return [
        Sample(agent=agent, value=value, contact_id=f"{agent}{n}", at=NOW)
        for agent, values in by_agent.items()
        for n, value in enumerate(values)
    ]


def bands(standings: tuple[Standing, ...]) -> list[tuple[str, int | None]]:
    return [(standing.agent, standing.band) for standing in standings]


def test_student_interval() -> None:
    # mean 50, spread 10, t(0.975, 2) = 4.3027: 4.3027 · 10 / √3 = 24.84
    found = mean_score([40, 50, 60])
    assert found.figure == 50
    assert found.interval == pytest.approx((25.16, 74.84), abs=0.01)
    assert mean_score([70, 80, 90]).interval == pytest.approx((55.16, 100), abs=0.01)  # no score lies above 100
    assert mean_score([70]).interval is None
    assert mean_score([70, 70, 70]).interval == (70, 70)


def test_wilson_interval() -> None:
    # 8 of 10: (0.8 + 1.92/10 ± 1.96·√(0.16/10 + 0.9604/100)) / (1 + 3.8415/10)
    found = share_satisfied([5, 5, 4, 4, 4, 4, 5, 5, 3, 1])
    assert found.figure == 0.8
    assert found.interval == pytest.approx((0.4902, 0.9433), abs=1e-4)
    everybody = share_satisfied([5, 5, 5])
    assert everybody.interval == pytest.approx((0.4385, 1.0), abs=1e-4)  # three content callers prove little


def test_times_are_resampled_always_alike() -> None:
    times = [60.0, 70, 80, 90, 600]
    found = mean_time(times)
    assert found == mean_time(times)
    assert found.figure == 180
    assert found.interval is not None
    low, high = found.interval
    assert 66 <= low < 100 < 300 < high <= 500  # no mean below 60, as Student's interval of (-112, 472) would have it


def test_nobody_is_ranked_on_three_calls() -> None:
    ranking = rank(samples(ivan=[100, 100, 99], olga=[80, 81] * 5), mean_score)
    assert bands(ranking) == [("olga", 1), ("ivan", None)]
    assert [standing.n for standing in ranking] == [10, 3]
    assert bands(rank(samples(ivan=[100, 100, 99]), mean_score, minimum=3)) == [("ivan", 1)]
    assert bands(rank(samples(ivan=[100]), mean_score, minimum=1)) == [("ivan", None)]  # no interval, no rank
    assert rank([], mean_score) == ()


def test_what_is_not_proven_shares_a_band() -> None:
    ranking = rank(
        samples(anna=[95, 96] * 5, boris=[90, 100] * 5, vera=[70, 71] * 5, gleb=[69, 72] * 5, dina=[40, 42] * 5),
        mean_score,
    )
    assert bands(ranking) == [("anna", 1), ("boris", 1), ("gleb", 3), ("vera", 3), ("dina", 5)]


def test_quicker_is_better() -> None:
    ranking = rank(samples(slow=[300, 310] * 6, quick=[100, 110] * 6), mean_time, less_is_better=True)
    assert bands(ranking) == [("quick", 1), ("slow", 2)]
