"""The formulas of the staffing plan against figures computed by others and by the states one by one."""

from __future__ import annotations

from math import inf, log

import numpy as np
import pytest

from recordings.kpi.waiting_line import WaitingLine, delayed, outcome, staff

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("calls", "handling", "within", "interval", "wanted", "people", "level", "occupancy", "waits"),
    [
        (100, 180, 20, 1800, 0.80, 14, 0.8883500191794669, 0.7142857142857143, 0.1741319335950498),
        (10, 240, 20, 1800, 0.80, 3, 0.8426531569114775, 0.4444444444444444, 0.18079096045197737),
        (1000, 300, 20, 1800, 0.90, 180, 0.9090481003834322, 0.925925925925926, 0.22123371574311418),
        (3, 360, 20, 1800, 0.80, 2, 0.8718995388721874, 0.30000000000000004, 0.13846153846153847),
        (200, 120, 10, 900, 0.95, 35, 0.9575639489558581, 0.761904761904762, 0.08498227504737437),
        (5000, 240, 20, 1800, 0.80, 679, 0.811850581827303, 0.9818360333824251, 0.525849054253124),
    ],
)
def test_patient_callers_need_the_people_that_pyworkforce_names(
    calls: float, handling: float, within: float, interval: float,
    wanted: float, people: int, level: float, occupancy: float, waits: float,
) -> None:  # fmt: skip
    """Computed once by pyworkforce 0.5.1, ``ErlangC(…).required_positions``."""
    line = WaitingLine(calls=calls, interval=interval, handling=handling, within=within)
    found = staff(line, wanted=wanted, shrinkage=0.3)
    assert found.people == people
    assert found.scheduled * 0.7 >= people > (found.scheduled - 1) * 0.7
    assert (found.service_level, found.occupancy) == pytest.approx((level, occupancy))
    assert delayed(line.load, people) == pytest.approx(waits)
    assert outcome(line, people - 1).service_level < wanted


def by_states(line: WaitingLine, people: int, patience: float, states: int = 6000) -> tuple[float, float]:
    """Share given up and mean wait from the chances of every number of callers there may be."""
    logs = [0.0]
    for there in range(1, states):
        leaving = min(there, people) / line.handling + max(0, there - people) / patience
        logs.append(logs[-1] + log(line.calls / line.interval) - log(leaving))
    chances = np.exp(np.array(logs) - max(logs))
    queue = float(np.sum(np.maximum(np.arange(states) - people, 0) * chances) / np.sum(chances))
    return queue / patience / (line.calls / line.interval), queue / (line.calls / line.interval)


@pytest.mark.parametrize(
    ("calls", "handling", "patience", "people"),
    [(100, 180, 60, 8), (100, 180, 60, 14), (3, 360, 120, 1), (1000, 300, 90, 150), (5000, 240, 120, 600)],
)
def test_impatient_callers_as_their_states_have_it(calls: float, handling: float, patience: float, people: int) -> None:
    line = WaitingLine(calls=calls, handling=handling, patience=patience)
    found = outcome(line, people)
    assert (found.abandoned, found.waiting) == pytest.approx(by_states(line, people, patience), rel=1e-6)
    assert 0 < found.service_level < 1 - found.abandoned
    assert found.occupancy == pytest.approx(line.load * (1 - found.abandoned) / people)


def test_impatience_without_end_is_erlang_c() -> None:
    patient = outcome(WaitingLine(calls=50, handling=240), 9)
    nearly = outcome(WaitingLine(calls=50, handling=240, patience=1e8), 9)
    assert nearly.service_level == pytest.approx(patient.service_level, rel=1e-4)
    assert nearly.waiting == pytest.approx(patient.waiting, rel=1e-4)


def test_too_few_people_and_no_calls() -> None:
    drowned = outcome(WaitingLine(calls=100, handling=180), 10)
    assert (drowned.service_level, drowned.occupancy, drowned.waiting) == (0.0, 1.0, inf)
    assert outcome(WaitingLine(calls=100, handling=180, patience=60), 1).occupancy > 0.99
    assert staff(WaitingLine(calls=0, handling=180)).people == 0
    assert outcome(WaitingLine(calls=0, handling=180, patience=60), 2).waiting == 0
    # who is impatient asks for fewer people
    assert (
        staff(WaitingLine(calls=100, handling=180, patience=60)).people
        < staff(WaitingLine(calls=100, handling=180)).people
    )


@pytest.mark.parametrize("wanted", [1.0, -0.1])
def test_what_cannot_be_planned_is_refused(wanted: float) -> None:
    with pytest.raises(ValueError, match="want shares"):
        staff(WaitingLine(calls=10, handling=60), wanted=wanted)
    with pytest.raises(ValueError, match="handling > 0"):
        WaitingLine(calls=10, handling=0)
    with pytest.raises(ValueError, match="more than these formulas"):
        staff(WaitingLine(calls=1e6, handling=600))
