"""What the page of figures shows, worked out of its address: the same for people, programs and files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from api.kit.days import Days, day_of, days_of, start_of_day
from recordings.kpi.forecast import Plan, Slot, forecast, mean_patience
from recordings.kpi.groups import BREAKDOWNS, Group, groups, heat, of_cell, of_group, transfers
from recordings.kpi.kpi import NAMES, Figure, Terms, behind, differs, figures
from recordings.kpi.rows import GROUPS, Mask, Traffic, join, read_traffic

PERIOD = 28
"""Days shown when the address names none: four of each weekday."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The address, understood. What makes no sense in it counts as not given: an old link still opens."""

    days: Days
    by: str
    filters: Mapping[str, str]
    """Values by names of ``GROUPS``; only calls that have these."""
    terms: Terms
    day: date
    """That people are planned for."""
    weeks: int
    handling: float | None
    """Seconds; None: as measured."""
    patience: float | None
    """Seconds; None: as measured; 0: callers never give up."""
    shrinkage: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A figure beside that of the period before."""

    now: Figure
    before: Figure
    changed: bool | None
    """Whether a share differs by more than chance; None where that cannot be said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    figures: tuple[Compared, ...]
    groups: tuple[Group, ...]
    transfers: tuple[tuple[str, int], ...]
    heat: NDArray[np.int64]
    choices: Mapping[str, Sequence[str]]
    """Values that calls of the period can be filtered by, of each of ``GROUPS``."""
    plan: Plan
    slots: tuple[Slot, ...]


def asked_for(given: Mapping[str, str], here: ZoneInfo, now: datetime) -> Asked:
    """Understand the address."""
    by = given.get("by", "")
    usual = Terms(now=now)
    return Asked(
        days=days_of(given, here, now, usual=PERIOD),
        by=by if by in BREAKDOWNS else "day",
        filters={name: given[name][:128] for name in GROUPS if given.get(name)},
        terms=Terms(
            now=now,
            repeat_days=_bounded(given.get("repeat_days"), 0.01, 90) or usual.repeat_days,
            short_seconds=_or(_bounded(given.get("short"), 0, 600), usual.short_seconds),
            service_share=(_bounded(given.get("share"), 1, 99) or 100 * usual.service_share) / 100,
            service_seconds=_or(_bounded(given.get("seconds"), 0, 3600), usual.service_seconds),
        ),
        day=day_of(given.get("day")) or now.astimezone(here).date() + timedelta(days=1),
        weeks=int(_bounded(given.get("weeks"), 1, 12) or 4),
        handling=_bounded(given.get("handling"), 1, 7200),
        patience=_bounded(given.get("patience"), 0, 86_400),
        shrinkage=_or(_bounded(given.get("shrinkage"), 0, 90), 30.0) / 100,
    )


def report(db: Session, asked: Asked) -> Report:
    """Everything on the page: calls of both periods are read once, then counted."""
    both = read_traffic(db, asked.days.before, asked.days.until, repeat_days=asked.terms.repeat_days)
    split = asked.days.since.timestamp()
    choices = {name: sorted(set(getattr(both, name).tolist()) - {""}) for name in GROUPS}
    both = both.where(_fits(both, asked))
    calls = both.where(both.at >= split)
    then = figures(both.where(both.at < split), asked.terms)
    found = figures(calls, asked.terms)
    handling = asked.handling or found["handling"].value
    measured = mean_patience(calls, asked.terms) if asked.patience is None else asked.patience
    plan = Plan(
        day=asked.day,
        weeks=asked.weeks,
        handling=handling,
        patience=measured or None,
        shrinkage=asked.shrinkage,
        wanted=asked.terms.service_share,
        within=asked.terms.service_seconds,
    )
    return Report(
        figures=tuple(Compared(now=found[n], before=then[n], changed=differs(found[n], then[n])) for n in NAMES),
        groups=tuple(groups(calls, asked.terms, by=asked.by, here=asked.days.zone)),
        transfers=tuple(transfers(calls)),
        heat=heat(calls, here=asked.days.zone),
        choices=choices,
        plan=plan,
        slots=tuple(forecast(_same_weekdays(db, asked), plan, here=asked.days.zone)),
    )


def calls_behind(db: Session, asked: Asked, given: Mapping[str, str]) -> list[str]:
    """Ids of the calls a number of the page stands for, newest first.

    ``figure`` and ``part`` (hits, rest, or all of it) name the figure; ``name`` the line of the breakdown ``by``;
    ``transfer`` why a call was handed over; ``weekday`` (0 is Monday) and ``hour`` a cell of the week.
    """
    calls = read_traffic(db, asked.days.since, asked.days.until, repeat_days=asked.terms.repeat_days)
    mask = _fits(calls, asked)
    if "name" in given:
        mask &= of_group(calls, by=asked.by, name=given["name"], here=asked.days.zone)
    if "transfer" in given:
        mask &= np.asarray(calls.transfer == given["transfer"], dtype=np.bool_)
    weekday, hour = _bounded(given.get("weekday"), 0, 6), _bounded(given.get("hour"), 0, 23)
    if weekday is not None and hour is not None:
        mask &= of_cell(calls, weekday=int(weekday), hour=int(hour), here=asked.days.zone)
    if (name := given.get("figure", "")) in NAMES:
        part = {"hits": True, "rest": False}.get(given.get("part", ""))
        mask &= behind(name, calls, asked.terms, hits=part)
    return [str(found) for found in calls.id[mask][::-1]]


def _same_weekdays(db: Session, asked: Asked) -> Traffic:
    """Calls of the weeks before the planned day, of its weekday alone."""
    found = []
    for number in range(1, asked.weeks + 1):
        day = asked.day - timedelta(weeks=number)
        since = start_of_day(day, asked.days.zone)
        until = start_of_day(day + timedelta(days=1), asked.days.zone)
        calls = read_traffic(db, since, until, repeat_days=None)
        found.append(calls.where(_fits(calls, asked)))
    return join(found)


def _fits(calls: Traffic, asked: Asked) -> Mask:
    mask = np.ones(len(calls), dtype=np.bool_)
    for name, value in asked.filters.items():
        mask &= np.asarray(getattr(calls, name) == value, dtype=np.bool_)
    return mask


def _bounded(text: str | None, low: float, high: float) -> float | None:
    """A number of the address within its bounds; None where there is none."""
    try:
        value = float((text or "").replace(",", "."))
    except ValueError:
        return None
    return value if low <= value <= high else None


def _or(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else value
