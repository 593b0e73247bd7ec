"""How many people a waiting line needs: Erlang C (nobody hangs up) and Erlang A (callers have a patience).

Load is in erlangs: calls a second times seconds a call. Arrivals are Poisson, handling times and patience exponential.
The figures of Erlang C agree with pyworkforce 0.5.1 (MIT), which is not used itself because it brings OR-tools and
pandas along; tests/recordings/kpi/test_waiting_line.py holds the comparison.

Sources: A. K. Erlang 1917; recursion of the loss formula in its inverse, as in pyworkforce ``queuing/erlang.py``;
S. Zeltyn, A. Mandelbaum, "Call centers with impatient customers: many-server asymptotics of the M/M/n+G queue",
Queueing Systems 51 (2005), section 4, for Erlang A.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, exp, inf, log

import numpy as np

MOST_PEOPLE = 5000
"""Above this nobody plans by these formulas."""
NEGLIGIBLE = 45.0
"""Natural logarithm of the share of an integral that is left out."""
NODES, WEIGHTS = np.polynomial.legendre.leggauss(96)
PIECES = 8
"""Pieces of an integral; each has as many nodes as ``NODES``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingLine:
    """What a waiting line is planned for."""

    calls: float
    """Expected calls in ``interval``; not negative."""
    interval: float = 1800.0
    """Seconds."""
    handling: float
    """Mean seconds a person is busy with a call; positive."""
    patience: float | None = None
    """Mean seconds after which a caller gives up; None: never, which is Erlang C."""
    within: float = 20.0
    """Seconds in which the wanted share is to be answered."""

    def __post_init__(self) -> None:
        if self.calls < 0 or self.interval <= 0 or self.handling <= 0 or self.within < 0:
            raise ValueError(f"want calls, within >= 0 and interval, handling > 0, got {self}")
        if self.patience is not None and self.patience <= 0:
            raise ValueError(f"want a positive patience, got {self.patience} s")

    @property
    def load(self) -> float:
        """Erlangs."""
        return self.calls / self.interval * self.handling


@dataclass(frozen=True, slots=True, kw_only=True)
class Staffing:
    """What so many people come to."""

    people: int
    """At the phones at the same time."""
    scheduled: int
    """On the rota, so that so many are at the phones."""
    service_level: float
    """Share of calls answered in time, of all that come."""
    occupancy: float
    """Share of their time in which people talk; 1 where they cannot keep up."""
    waiting: float
    """Mean seconds a call waits, those that give up included; infinite where the line only grows."""
    abandoned: float
    """Share of calls given up; 0 by Erlang C."""


def staff(line: WaitingLine, *, wanted: float = 0.8, shrinkage: float = 0.3) -> Staffing:
    """The fewest people that answer the ``wanted`` share in time.

    Args:
        line: What comes.
        wanted: Share 0..1 that is to be answered within ``line.within``; below 1.
        shrinkage: Share 0..1 of paid time in which people are not at the phone: breaks, training, illness.

    Raises:
        ValueError: a share is outside of its bounds, or more people than ``MOST_PEOPLE`` would be needed.
    """
    if not 0 <= wanted < 1 or not 0 <= shrinkage < 1:
        raise ValueError(f"want shares in [0, 1), got {wanted} and {shrinkage}")
    if line.calls == 0:
        return Staffing(people=0, scheduled=0, service_level=1.0, occupancy=0.0, waiting=0.0, abandoned=0.0)
    low, high = 0, max(1, ceil(line.load) + 1)
    while outcome(line, high).service_level < wanted:
        low, high = high, high * 2
        if low > MOST_PEOPLE:
            raise ValueError(f"{line.load:.0f} erlangs are more than these formulas are for")
    while high - low > 1:  # the level rises with every person
        middle = (low + high) // 2
        low, high = (middle, high) if outcome(line, middle).service_level < wanted else (low, middle)
    return outcome(line, high, shrinkage=shrinkage)


def outcome(line: WaitingLine, people: int, *, shrinkage: float = 0.0) -> Staffing:
    """What ``people`` at the phones come to; at least one."""
    if people < 1:
        raise ValueError(f"want at least one person, got {people}")
    if line.calls == 0:
        return Staffing(people=people, scheduled=people, service_level=1.0, occupancy=0.0, waiting=0.0, abandoned=0.0)
    level, occupancy, waiting, abandoned = (
        _patient(line, people) if line.patience is None else _impatient(line, people, line.patience)
    )
    return Staffing(
        people=people,
        scheduled=ceil(round(people / (1 - shrinkage), 9)),
        service_level=level,
        occupancy=occupancy,
        waiting=waiting,
        abandoned=abandoned,
    )


def blocking(load: float, people: int) -> float:
    """Erlang B: share of calls that find everybody busy and go away. 1 for nobody."""
    return 1 / _inverse_blocking(load, people)


def delayed(load: float, people: int) -> float:
    """Erlang C: share of calls that have to wait; 1 where people cannot keep up."""
    if people <= load:
        return 1.0
    lost = blocking(load, people)
    return people * lost / (people - load * (1 - lost))


def _inverse_blocking(load: float, people: int) -> float:
    """The inverse grows instead of running out of digits; infinite where nobody is ever turned away."""
    inverse = 1.0
    for number in range(1, people + 1):
        inverse = 1 + inverse * number / load
    return inverse


def _patient(line: WaitingLine, people: int) -> tuple[float, float, float, float]:
    if people <= line.load:
        return 0.0, 1.0, inf, 0.0
    waits = delayed(line.load, people)
    spare = people - line.load
    level = 1 - waits * exp(-spare * line.within / line.handling)
    return level, line.load / people, waits * line.handling / spare, 0.0


def _impatient(line: WaitingLine, people: int, patience: float) -> tuple[float, float, float, float]:
    """Zeltyn and Mandelbaum 2005: J is the integral of exp(arrivals * H(x) - capacity * x)."""
    arrivals, capacity = line.calls / line.interval, people / line.handling

    def power(x: np.ndarray) -> np.ndarray:
        return np.asarray(-arrivals * patience * np.expm1(-x / patience) - capacity * x)

    top = max(0.0, patience * log(arrivals / capacity))
    highest = float(power(np.array([top]))[0])
    end = _where_gone(power, top, highest)

    def integral(start: float, stop: float, *, willing: bool = False) -> float:
        """From ``start`` to ``stop``, divided by exp(highest); ``willing``: of those whose patience lasts so long."""
        if stop <= start:
            return 0.0
        edges = np.linspace(start, stop, PIECES + 1)
        half = np.diff(edges)[:, None] / 2
        x = edges[:-1, None] + half * (1 + NODES)
        weight = np.exp(power(x) - highest - (x / patience if willing else 0))
        return float(np.sum(half * WEIGHTS * weight))

    free = _inverse_blocking(line.load, people - 1) * exp(-highest)
    whole = integral(0, top) + integral(top, end)
    total = free + arrivals * whole
    # people who serve are people who stay: those lost are what comes beyond what is served
    late = integral(line.within, top, willing=True) + integral(max(line.within, top), end, willing=True)
    served_waiting = integral(0, top, willing=True) + integral(top, end, willing=True)
    abandoned = max(0.0, arrivals * (whole - served_waiting) / total)
    level = 1 - abandoned - arrivals * late / total
    return min(1.0, max(0.0, level)), line.load * (1 - abandoned) / people, abandoned * patience, abandoned


def _where_gone(power: Callable[[np.ndarray], np.ndarray], top: float, highest: float) -> float:
    """Beyond this x the integrand, which only falls after ``top``, adds nothing."""
    step = 1.0
    while float(power(np.array([top + step]))[0]) > highest - NEGLIGIBLE:
        step *= 2
    return top + step
