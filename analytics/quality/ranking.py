"""Who does better, said only where the figures prove it.

Each person gets the mean (or share) of their sample with a 95 % interval. Below the smallest sample nobody is ranked.
From the best downwards, whoever's interval overlaps that of the first of a band shares the band: a difference inside of
a band is not proven. Overlapping intervals are a cautious test: some differences that a test for two people would prove
stay unproven.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from recordings.quality.ranking import Sample

CONFIDENCE = 0.95
MINIMUM = 10
"""Sample below which nobody is ranked, unless the setting says otherwise."""
FEW_ENOUGH = 200
"""Sample up to which times are resampled: beyond it the mean is normal enough for Student's t."""
RESAMPLES = 2000
SATISFIED = 4
"""Rating from which a caller counts as satisfied: the usual top two boxes of five."""

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One person among all."""

    agent: str
    n: int
    """Size of the sample."""
    figure: float
    interval: Interval | None
    """Where the true figure lies with 95 % confidence; None for fewer than two values."""
    band: int | None
    """1 is best; None: the sample is too small. The same for several: no difference is proven."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A figure and its interval."""

    figure: float
    interval: Interval | None


def mean_score(values: Sequence[float]) -> Measured:
    """Mean 0..100 with Student's t interval."""
    return _t(values, lowest=0.0, highest=100.0)


def mean_time(values: Sequence[float]) -> Measured:
    """Mean seconds. Times are skewed: a small sample is resampled, always alike (percentile bootstrap, Efron 1979)."""
    if not 2 <= len(values) <= FEW_ENOUGH or len(set(values)) == 1:
        return _t(values, lowest=0.0, highest=math.inf)
    found = stats.bootstrap(
        (np.asarray(values, dtype=float),),
        np.mean,
        n_resamples=RESAMPLES,
        confidence_level=CONFIDENCE,
        method="percentile",
        rng=np.random.default_rng(0),
    ).confidence_interval
    return Measured(figure=float(np.mean(values)), interval=(float(found.low), float(found.high)))


def share_satisfied(values: Sequence[float]) -> Measured:
    """Share 0..1 of ratings of 4 and 5 with Wilson's score interval (Wilson 1927)."""
    satisfied = sum(value >= SATISFIED for value in values)
    found = stats.binomtest(satisfied, len(values)).proportion_ci(confidence_level=CONFIDENCE, method="wilson")
    return Measured(figure=satisfied / len(values), interval=(float(found.low), float(found.high)))


def rank(
    samples: Iterable[Sample],
    measured: Callable[[Sequence[float]], Measured],
    *,
    minimum: int = MINIMUM,
    less_is_better: bool = False,
) -> tuple[Standing, ...]:
    """Everybody with at least one value, best first; who has too few comes last, by name."""
    values: defaultdict[str, list[float]] = defaultdict(list)
    for sample in samples:
        values[sample.agent].append(sample.value)
    figures = {agent: measured(some) for agent, some in values.items()}
    sign = 1 if less_is_better else -1
    ranked = sorted(
        (agent for agent in values if len(values[agent]) >= minimum and figures[agent].interval),
        key=lambda agent: (sign * figures[agent].figure, agent),
    )
    bands = _bands([(agent, figures[agent].interval or (0.0, 0.0)) for agent in ranked])
    others = sorted(values.keys() - bands.keys())
    return tuple(
        Standing(
            agent=agent,
            n=len(values[agent]),
            figure=figures[agent].figure,
            interval=figures[agent].interval,
            band=bands.get(agent),
        )
        for agent in (*ranked, *others)
    )


def _bands(ranked: Sequence[tuple[str, Interval]]) -> Mapping[str, int]:
    bands: dict[str, int] = {}
    first: Interval | None = None
    for agent, interval in ranked:
        if first is None or interval[1] < first[0] or first[1] < interval[0]:
            first = interval
            bands[agent] = len(bands) + 1
        else:
            bands[agent] = max(bands.values())
    return bands


def _t(values: Sequence[float], *, lowest: float, highest: float) -> Measured:
    mean = math.fsum(values) / len(values)
    if len(values) < 2:
        return Measured(figure=mean, interval=None)
    spread = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1))
    reach = float(stats.t.ppf((1 + CONFIDENCE) / 2, len(values) - 1)) * spread / math.sqrt(len(values))
    return Measured(figure=mean, interval=(max(lowest, mean - reach), min(highest, mean + reach)))
