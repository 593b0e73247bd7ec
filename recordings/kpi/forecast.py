"""How many calls are to be expected on a day, half-hour by half-hour, and the people they need."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import sqrt
from statistics import mean, stdev
from zoneinfo import ZoneInfo

import numpy as np

from recordings.kpi.kpi import Terms, behind
from recordings.kpi.rows import Mask, Traffic
from recordings.kpi.waiting_line import Staffing, WaitingLine, staff

T_975 = (0.0, 12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201)
"""Student's t at 97.5 % by degrees of freedom, from 1; R ``qt(0.975, 1:11)``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Terms people are planned by."""

    day: date
    """Day that is planned, in the reader's zone."""
    weeks: int = 4
    """How many of the same weekday before are looked at; at most 12."""
    handling: float | None = None
    """Seconds a person is busy with a call; None where nothing is known: then no people are planned."""
    patience: float | None = None
    """Mean seconds until a caller gives up; None: they never do."""
    shrinkage: float = 0.3
    """Share of paid time away from the phone."""
    wanted: float = 0.8
    within: float = 20.0
    """``wanted`` share of the calls answered within so many seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """Half an hour."""

    at: datetime
    expected: float
    """Calls that want a person."""
    low: float | None
    """95 % of single days lie between ``low`` and ``high``; None with fewer than two weeks."""
    high: float | None
    staffing: Staffing | None
    """None where the handling time is not known or nobody is expected."""


def forecast(calls: Traffic, plan: Plan, *, here: ZoneInfo) -> list[Slot]:
    """The 48 half-hours of the day from the mean of the same half-hours of the weeks before that had any call.

    ``calls`` are those of the weeks before, as ``read_traffic`` gives them; only those that wanted a person count.
    """
    moments = calls.at[wanted_person(calls)]
    counts: Counter[datetime] = Counter()
    for at in moments.tolist():
        counts[_slot(datetime.fromtimestamp(at, UTC).astimezone(here))] += 1
    days = [plan.day - timedelta(weeks=number) for number in range(1, plan.weeks + 1)]
    first = min((at.date() for at in counts), default=plan.day)
    days = [day for day in days if day >= first]  # weeks before the first call say nothing
    slots = []
    for number in range(48):
        at = time(number // 2, number % 2 * 30)
        seen = [counts[_local(day, at, here)] for day in days]
        slots.append(_planned(_local(plan.day, at, here), seen, plan))
    return slots


def wanted_person(calls: Traffic) -> Mask:
    """Calls somebody was needed for, answered or not."""
    return np.asarray((calls.transfer != "") | ~np.isnan(calls.waited) | ~np.isnan(calls.handling))


def mean_patience(calls: Traffic, terms: Terms) -> float | None:
    """Mean seconds until callers give up, estimated from those who did and those who were answered before.

    Waiting times of the answered are cut off, so the mean of an exponential patience is all seconds waited over the
    number that gave up (the maximum likelihood under censoring). None where nobody gave up.
    """
    gave_up = int(np.count_nonzero(behind("abandonment", calls, terms, hits=True)))
    waited = calls.waited[behind("abandonment", calls, terms)]
    return float(np.sum(waited)) / gave_up if gave_up and np.sum(waited) > 0 else None


def _planned(at: datetime, seen: list[int], plan: Plan) -> Slot:
    expected = mean(seen) if seen else 0.0
    low = high = None
    if len(seen) >= 2:
        # a single day to come differs from the mean of those seen: prediction interval, Poisson noise at the least
        spread = max(stdev(seen), sqrt(expected)) * sqrt(1 + 1 / len(seen)) * T_975[min(len(seen), len(T_975)) - 1]
        low, high = max(0.0, expected - spread), expected + spread
    line = None
    if plan.handling and expected > 0:
        line = WaitingLine(calls=expected, handling=plan.handling, patience=plan.patience, within=plan.within)
    staffing = staff(line, wanted=plan.wanted, shrinkage=plan.shrinkage) if line else None
    return Slot(at=at, expected=expected, low=low, high=high, staffing=staffing)


def _slot(at: datetime) -> datetime:
    return at.replace(minute=at.minute // 30 * 30, second=0, microsecond=0)


def _local(day: date, at: time, here: ZoneInfo) -> datetime:
    return datetime.combine(day, at, here)
