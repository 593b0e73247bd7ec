"""Figures by day, hour, team, scenario, reason, language, queue; and the hours at which people call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from recordings.kpi.kpi import Figure, Terms, figures
from recordings.kpi.rows import GROUPS, Mask, Names, Numbers, Traffic

BREAKDOWNS = ("day", "hour", *GROUPS)
MOST_GROUPS = 62
"""Lines of a breakdown; what is left over is counted together in none of them."""
HOUR = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The figures of one line of a breakdown."""

    name: str
    """ISO day, hour as ``09``, or the name of the team and so on; empty where a call has none."""
    figures: dict[str, Figure]


def groups(calls: Traffic, terms: Terms, *, by: str, here: ZoneInfo) -> list[Group]:
    """The figures by one of ``BREAKDOWNS``: days and hours in order, all else with the most calls first.

    Raises:
        ValueError: there is no such breakdown.
    """
    names = group_names(calls, by=by, here=here).tolist()
    sizes = Counter(names)
    ordered = sorted(sizes, key=lambda name: name if by in ("day", "hour") else (-sizes[name], name))
    codes = {name: code for code, name in enumerate(ordered)}
    by_code = np.argsort(np.array([codes[name] for name in names], dtype=np.int64), kind="stable")
    ends = np.cumsum([sizes[name] for name in ordered])
    shown = ordered[-MOST_GROUPS:] if by == "day" else ordered[:MOST_GROUPS]
    return [
        Group(
            name=name, figures=figures(calls.where(by_code[ends[codes[name]] - sizes[name] : ends[codes[name]]]), terms)
        )
        for name in shown
    ]


def group_names(calls: Traffic, *, by: str, here: ZoneInfo) -> Names:
    """What line of the breakdown each call is in."""
    if by == "day":
        return _named(calls.at, here, lambda at: at.date().isoformat())
    if by == "hour":
        return _named(calls.at, here, lambda at: f"{at.hour:02}")
    if by not in GROUPS:
        raise ValueError(f"want one of {', '.join(BREAKDOWNS)}, got {by!r}")
    found: Names = getattr(calls, by)
    return found


def of_group(calls: Traffic, *, by: str, name: str, here: ZoneInfo) -> Mask:
    return np.asarray(group_names(calls, by=by, here=here) == name, dtype=np.bool_)


def of_cell(calls: Traffic, *, weekday: int, hour: int, here: ZoneInfo) -> Mask:
    """Calls that began in an hour of the week; 0 is Monday."""
    cells = _named(calls.at, here, lambda at: at.weekday() * 24 + at.hour)
    return np.asarray(cells == weekday * 24 + hour, dtype=np.bool_)


def heat(calls: Traffic, *, here: ZoneInfo) -> NDArray[np.int64]:
    """How many calls began in each hour of the week, shape (7 days from Monday, 24 hours) of the zone."""
    cells = np.zeros((7, 24), dtype=np.int64)
    at = _named(calls.at, here, lambda at: (at.weekday(), at.hour))
    for (day, hour), count in Counter(at.tolist()).items():
        cells[day, hour] += count
    return cells


def transfers(calls: Traffic) -> list[tuple[str, int]]:
    """Why the robot handed over, and how often; the most frequent reason first."""
    counted = Counter(calls.transfer[calls.transfer != ""].tolist())
    return sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))


def _named(at: Numbers, here: ZoneInfo, name: Callable[[datetime], Any]) -> NDArray[Any]:
    """``name`` of each moment's local time. Each quarter of an hour is asked once: no clock turns within."""
    quarters, places = np.unique((at // (HOUR / 4)).astype(np.int64), return_inverse=True)
    names = np.empty(len(quarters), dtype=np.object_)
    for number, quarter in enumerate(quarters.tolist()):
        names[number] = name(datetime.fromtimestamp(quarter * HOUR / 4, UTC).astimezone(here))
    return names[places]
