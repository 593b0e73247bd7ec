"""Figures of a call centre over the calls of a period: pure arithmetic over columns.

Every figure names the calls it is a share or a mean *of* (``base``) and those that count in it (``hits``): the page
opens exactly those. Where there is nothing to divide by the value is None, never 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import hypot, sqrt
from statistics import NormalDist

import numpy as np

from recordings.contacts.call import Outcome
from recordings.kpi.rows import Mask, Numbers, Traffic, with_outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the definitions leave to the company."""

    now: datetime
    """Until when repeats are known."""
    repeat_days: float = 7.0
    """Another contact of the same customer within so many days makes the one before unresolved."""
    short_seconds: float = 5.0
    """Who leaves the line sooner dialled by mistake and counts nowhere in it."""
    service_share: float = 0.8
    service_seconds: float = 20.0
    """Wanted: ``service_share`` of the calls answered within ``service_seconds``."""
    confidence: float = 0.95
    """Level of the intervals of shares."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number with what it is worth."""

    name: str
    value: float | None
    """Share 0..1, or seconds, or a count; None where nothing can be told."""
    n: int
    """Calls it is taken over."""
    hits: int | None = None
    """Calls that count, of a share."""
    low: float | None = None
    """Ends of the Wilson interval, of a share."""
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Definition of a share: which calls it is of, which of those count."""

    base: Callable[[Traffic, Terms], Mask]
    hits: Callable[[Traffic, Terms], Mask]
    """May be true outside of the base; only calls in both count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """Definition of a time: which calls, what of them, which statistic."""

    base: Callable[[Traffic, Terms], Mask]
    seconds: Callable[[Traffic], Numbers]
    statistic: Callable[[Numbers], float]


def _ended(calls: Traffic, _: Terms) -> Mask:
    return np.ones(len(calls), dtype=np.bool_)


def _settled(calls: Traffic, _: Terms) -> Mask:
    return _outcome(calls, Outcome.SETTLED)


def _followed(calls: Traffic, terms: Terms) -> Mask:
    """Of whom it is known by now whether they came back."""
    days_over = calls.at + terms.repeat_days * 86400 <= terms.now.timestamp()
    return np.asarray(calls.known & days_over)


def _no_repeat(calls: Traffic, terms: Terms) -> Mask:
    return ~(calls.after <= terms.repeat_days * 86400)


def _repeat(calls: Traffic, terms: Terms) -> Mask:
    return np.asarray(calls.before <= terms.repeat_days * 86400)


def _handed_over(calls: Traffic, _: Terms) -> Mask:
    return np.asarray(calls.transfer != "", dtype=np.bool_)


def _queued(calls: Traffic, terms: Terms) -> Mask:
    """Joined a waiting line and did not leave it at once."""
    in_line = ~np.isnan(calls.waited)
    return np.asarray(in_line & (calls.answered | (calls.waited >= terms.short_seconds)))


def _gave_up(calls: Traffic, terms: Terms) -> Mask:
    """Left the line without an answer and without the promise of a call-back."""
    return _queued(calls, terms) & ~calls.answered & ~_outcome(calls, Outcome.CALLBACK)


def _in_time(calls: Traffic, terms: Terms) -> Mask:
    return calls.answered & (calls.waited <= terms.service_seconds)


SHARES: Mapping[str, Share] = {
    "containment": Share(base=_ended, hits=_settled),
    "contained_resolution": Share(base=_followed, hits=lambda c, t: _settled(c, t) & _no_repeat(c, t)),
    "first_contact": Share(
        base=lambda c, t: _followed(c, t) & ~_repeat(c, t),
        hits=lambda c, t: _outcome(c, Outcome.SETTLED, Outcome.HANDED_OVER) & _no_repeat(c, t),
    ),
    "repeats": Share(base=lambda c, _: c.known, hits=_repeat),
    "transfers": Share(base=_ended, hits=_handed_over),
    "abandonment": Share(base=_queued, hits=_gave_up),
    "service_level": Share(base=_queued, hits=_in_time),
    "csat": Share(base=lambda c, _: ~np.isnan(c.rating), hits=lambda c, _: c.rating >= 4),
    "response_rate": Share(base=lambda c, _: c.asked, hits=lambda c, _: ~np.isnan(c.rating)),
}

DURATIONS: Mapping[str, Duration] = {
    "handling": Duration(
        base=lambda c, _: ~np.isnan(c.handling), seconds=lambda c: c.handling, statistic=lambda x: float(np.mean(x))
    ),
    "robot": Duration(
        base=lambda c, _: ~np.isnan(c.robot), seconds=lambda c: c.robot, statistic=lambda x: float(np.mean(x))
    ),
    **{
        name: Duration(
            base=lambda c, _: c.answered & ~np.isnan(c.waited), seconds=lambda c: c.waited, statistic=statistic
        )
        for name, statistic in (
            ("waiting", lambda x: float(np.mean(x))),
            ("waiting_median", lambda x: float(np.median(x))),
            ("waiting_p90", lambda x: float(np.percentile(x, 90))),
        )
    },
}

NAMES = ("calls", *SHARES, *DURATIONS)
"""Names of all figures, in the order they are shown."""


def figure(name: str, calls: Traffic, terms: Terms) -> Figure:
    """One figure over these calls.

    Raises:
        KeyError: no figure is called so.
    """
    if name == "calls":
        return Figure(name=name, value=float(len(calls)), n=len(calls))
    if name in SHARES:
        base = SHARES[name].base(calls, terms)
        hits = int(np.count_nonzero(base & SHARES[name].hits(calls, terms)))
        return share(name, hits, int(np.count_nonzero(base)), terms.confidence)
    base = DURATIONS[name].base(calls, terms)
    seconds = DURATIONS[name].seconds(calls)[base]
    value = DURATIONS[name].statistic(seconds) if len(seconds) else None
    return Figure(name=name, value=value, n=len(seconds))


def figures(calls: Traffic, terms: Terms) -> dict[str, Figure]:
    return {name: figure(name, calls, terms) for name in NAMES}


def behind(name: str, calls: Traffic, terms: Terms, *, hits: bool | None = None) -> Mask:
    """The calls a figure is made of: all of its base, or of a share those that count (True), or the others (False).

    Raises:
        KeyError: no figure is called so.
    """
    if name == "calls":
        return np.ones(len(calls), dtype=np.bool_)
    base = (SHARES[name] if name in SHARES else DURATIONS[name]).base(calls, terms)
    if hits is None or name not in SHARES:
        return base
    counted = SHARES[name].hits(calls, terms)
    return base & (counted if hits else ~counted)


def share(name: str, hits: int, n: int, confidence: float = 0.95) -> Figure:
    """A share with its Wilson score interval (Wilson 1927; as ``scipy.stats.binomtest(…).proportion_ci``).

    The closed form, because the test that scipy does beside it takes a second to import and a millisecond a figure.
    """
    if n == 0:
        return Figure(name=name, value=None, n=0, hits=0)
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    p = hits / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return Figure(name=name, value=p, n=n, hits=hits, low=max(0.0, middle - half), high=min(1.0, middle + half))


def differs(now: Figure, before: Figure) -> bool | None:
    """Tell whether two shares differ by more than chance; None where one of them is empty.

    Newcombe's score interval of the difference of two independent shares, method 10: Statistics in Medicine 17 (1998).
    """
    if now.value is None or before.value is None:
        return None
    difference = now.value - before.value
    below = hypot(now.value - (now.low or 0.0), (before.high or 0.0) - before.value)
    above = hypot((now.high or 0.0) - now.value, before.value - (before.low or 0.0))
    return not difference - below <= 0 <= difference + above


def _outcome(calls: Traffic, *outcomes: Outcome) -> Mask:
    return with_outcome(calls.outcome, *outcomes)
