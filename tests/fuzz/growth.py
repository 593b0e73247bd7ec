"""Whether work grows with its input or with the square of it, in CPU time of the thread, by the best of some tries."""

from __future__ import annotations

import time
from collections.abc import Callable

QUICK = 2e-7
"""Seconds a character below which nobody is held up: 4 ms for the longest message."""
HOPELESS = 5e-5
"""Seconds a character above which nothing need be doubled: 1 ms for twenty."""
STEEP = 2.9
"""Of doubled input: twice is linear, four times is the square. Between them lies what a busy machine adds."""
TRIES = 4


def seconds(work: Callable[[str], object], text: str, tries: int = 1) -> float:
    best = float("inf")
    for _ in range(tries):
        began = time.thread_time()
        work(text)
        best = min(best, time.thread_time() - began)
    return best


def is_steep(
    work: Callable[[str], object],
    text_of: Callable[[int], str],
    *,
    short: int,
    long: int,
    quick: float = QUICK,
    hopeless: float = HOPELESS,
) -> str:
    """What grows too fast, in words; empty where nothing does.

    Args:
        work: Takes a text.
        text_of: Text of so many characters.
        short: Length of the first look: what is quick there is let go.
        long: Length up to which the growth is followed; each step doubles.
        quick: Seconds a character that are no matter.
        hopeless: Seconds a character that are too much at any length.
    """
    for size in (20, 100, short):
        spent = seconds(work, text_of(size))
        if spent > hopeless * size and (spent := seconds(work, text_of(size), 2)) > hopeless * size:
            return f"{text_of(40)!r}: {spent:.4f} s for {size} characters"
    if spent < quick * short:
        return ""
    size, steps = short, []
    while size < long:
        before, size = size, size * 2
        for tries in (2, TRIES, 2 * TRIES):
            ratio = seconds(work, text_of(size), tries) / max(seconds(work, text_of(before), tries), 1e-9)
            if ratio < STEEP:
                break
        steps.append(ratio)
        if ratio < STEEP:
            return ""
    return f"{text_of(40)!r}: {spent:.4f} s for {short} characters, and each doubling takes {', '.join(f'{one:.1f}' for one in steps)} times as long"  # fmt: skip  # noqa: E501
