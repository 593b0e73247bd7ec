"""What one visitor may hold of a process: turns in its threads."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter

import pytest

from api.kit.rate_limit import Turns

pytestmark = pytest.mark.unit


def test_who_waits_for_their_turn_holds_no_thread() -> None:
    """Twenty sockets of one visitor held half of the threads that pages and programs need."""
    inside: Counter[str] = Counter()
    most: Counter[str] = Counter()
    counting, go_on = threading.Lock(), threading.Event()

    def work(key: str) -> str:
        with counting:
            inside[key] += 1
            inside["all"] += 1
            for name in (key, "all"):
                most[name] = max(most[name], inside[name])
        go_on.wait(10)
        with counting:
            inside[key] -= 1
            inside["all"] -= 1
        return key

    async def visit() -> list[str]:
        turns = Turns(3)
        greedy = [asyncio.create_task(turns.run("greedy", work, "greedy")) for _ in range(20)]
        others = [asyncio.create_task(turns.run(key, work, key)) for key in ("a", "b", "c", "d")]
        while most["all"] < 3:  # noqa: ASYNC110  # threads tell no event
            await asyncio.sleep(0)
        go_on.set()
        done = await asyncio.gather(*greedy, *others)
        assert not turns._locks, "nothing is kept of who is gone"
        return list(done)

    assert Counter(asyncio.run(visit())) == {"greedy": 20, "a": 1, "b": 1, "c": 1, "d": 1}
    assert (most["greedy"], most["all"]) == (1, 3)


def test_a_failure_and_a_visitor_who_leaves_give_the_turn_on() -> None:
    async def visit() -> None:
        turns = Turns(1)

        def broken() -> None:
            raise LookupError

        with pytest.raises(LookupError):
            await turns.run("a", broken)
        gone = asyncio.create_task(turns.run("a", threading.Event().wait, 0.2))
        waiting = asyncio.create_task(turns.run("a", str))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(gone, waiting, return_exceptions=True)
        assert await turns.run("a", int) == 0
        assert not turns._locks

    asyncio.run(visit())
