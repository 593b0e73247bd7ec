"""What a set of simulated conversations comes to: the figures a first line is judged by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ivr.simulation.conversations import REACHED, Held


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Of one run over some conversations."""

    conversations: int
    as_expected: int
    routine: int
    """Conversations about routine matters."""
    routine_settled: int
    """Those of them that were settled without a person."""
    wished: int
    """Conversations in which the caller wanted a person."""
    reached: int
    """Those of them that reached one within two turns."""
    loops: int
    median_ms: float
    """Median milliseconds of understanding and one step of the dialogue."""
    p95_ms: float

    @property
    def settled_percent(self) -> float:
        return 100 * self.routine_settled / self.routine if self.routine else 100.0

    @property
    def reached_percent(self) -> float:
        return 100 * self.reached / self.wished if self.wished else 100.0


def figures(held: Sequence[Held]) -> Figures:
    """Count what happened. Conversations with a broken shop are no routine matter."""
    routine = [one for one in held if "routine" in one.conversation.tags]
    wished = [one.person_turns for one in held if one.person_turns is not None]
    seconds = [second for one in held for second in one.seconds] or [0.0]
    median, p95 = np.percentile(seconds, [50, 95]) * 1000
    return Figures(
        conversations=len(held),
        as_expected=sum(not one.differences for one in held),
        routine=len(routine),
        routine_settled=sum(one.settled for one in routine),
        wished=len(wished),
        reached=sum(1 <= turns <= REACHED for turns in wished),
        loops=sum(one.loops for one in held),
        median_ms=round(float(median), 1),
        p95_ms=round(float(p95), 1),
    )


def lines(found: Figures) -> tuple[str, ...]:
    """The figures as people read them."""
    return (
        f"{found.as_expected} of {found.conversations} conversations as expected",
        f"routine settled without a person: {found.settled_percent:.1f} % ({found.routine_settled} of {found.routine})",
        f"a person reached within two turns: {found.reached_percent:.1f} % ({found.reached} of {found.wished})",
        f"loops: {found.loops}",
        f"understanding and step: median {found.median_ms:.1f} ms, p95 {found.p95_ms:.1f} ms",
    )
