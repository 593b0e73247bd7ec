"""The robot's threads, apart by what they wait for: a slow company delays no prompt, a hung database no call.

asyncio's own pool is used by nothing that a call needs: it is one for all, and what hangs in it hangs for everybody.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import ParamSpec, TypeVar

from recordings.bounded_threads import BoundedThreads

P = ParamSpec("P")
T = TypeVar("T")

PROMPT_SECONDS = 5.0
"""To read a prompt that was rendered before, from a disk that hesitates."""
VOICE_SECONDS = 8.0
"""To render one sentence, behind others that are rendered."""
MEANING_SECONDS = 5.0
"""To say what words mean: milliseconds, behind some others."""
DECODING_SECONDS = 12.0
"""To decode what is left of a turn. Later nobody waits for it: the robot asks again."""
HOME_SECONDS = 900.0
"""To bring one recording home: hours of sound, into a store that is far away."""
ANNOUNCE_SECONDS = 10.0
"""To wake a worker."""


def _of(name: str, *, threads: int, waiting: int) -> Callable[[], BoundedThreads]:
    return partial(BoundedThreads, name, threads=threads, waiting=waiting)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pools:
    """All of one robot's."""

    prompts: BoundedThreads = field(default_factory=_of("prompts", threads=4, waiting=200))
    """Reads sound that is on the disk already: nothing but the disk is waited for."""
    voice: BoundedThreads = field(default_factory=_of("voice", threads=4, waiting=100))
    """Has sentences rendered: a voice speaks one at a time."""
    business: BoundedThreads = field(default_factory=_of("business", threads=32, waiting=32))
    """Asks the company's system, which takes seconds and no processor."""
    knowledge: BoundedThreads = field(default_factory=_of("knowledge", threads=4, waiting=64))
    """Asks what we know ourselves: articles, the caller's history."""
    database: BoundedThreads = field(default_factory=_of("database", threads=4, waiting=64))
    """Looks up who is calling."""
    order: BoundedThreads = field(default_factory=_of("order", threads=2, waiting=16))
    """Puts in order what earlier robots left in the database."""
    home: BoundedThreads = field(default_factory=_of("home", threads=3, waiting=500))
    """Brings recordings home: disk, database, store."""
    meaning: BoundedThreads = field(default_factory=_of("meaning", threads=2, waiting=100))
    """Says what the caller's words mean."""


async def in_thread(
    threads: BoundedThreads, work: Callable[P, T], seconds: float | None, /, *args: P.args, **kwargs: P.kwargs
) -> T:
    """Do ``work`` in a thread of the pool; what it raises is raised here.

    Args:
        threads: Which.
        work: What may block.
        seconds: After which it is given up: its thread goes on alone. None where the work itself has a bound.
        args: Of ``work``.
        kwargs: Of ``work``.

    Raises:
        TimeoutError: it was not done in time.
        ThreadsBusy: the pool is full, told at once; a TimeoutError, too.
    """
    job = threads.submit(partial(work, *args, **kwargs))
    try:
        async with asyncio.timeout(seconds):
            return await asyncio.wrap_future(job.future)
    finally:  # out of time, or the call is over
        threads.give_up(job)
