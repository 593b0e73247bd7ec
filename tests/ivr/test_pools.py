"""The robot's threads: what hangs in one pool delays nothing in another, and asyncio's own pool is used by nobody."""

from __future__ import annotations

import ast
import asyncio
import threading
from pathlib import Path

import pytest

import ivr
from ivr.pools import Pools, in_thread
from recordings.errors import ThreadsBusy
from tests.services import wait_until

pytestmark = pytest.mark.unit

SOURCES = sorted(Path(ivr.__file__).parent.rglob("*.py"))


def _shared_pool(tree: ast.AST) -> list[int]:
    """Lines that would wait in asyncio's own pool."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "to_thread":
            found.append(node.lineno)
        if isinstance(node, ast.ImportFrom) and any(alias.name == "to_thread" for alias in node.names):
            found.append(node.lineno)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "run_in_executor":
            first = node.args[0] if node.args else None
            if first is None or (isinstance(first, ast.Constant) and first.value is None):
                found.append(node.lineno)
    return found


def test_nothing_waits_in_the_pool_of_everybody() -> None:
    assert len(SOURCES) > 50
    shared = {str(path): lines for path in SOURCES if (lines := _shared_pool(ast.parse(path.read_text("utf-8"))))}
    assert shared == {}


@pytest.mark.parametrize(
    "line",
    [
        "await asyncio.to_thread(work)",
        "from asyncio import to_thread",
        "await loop.run_in_executor(None, work)",
        "partial(asyncio.to_thread, work)",
    ],
)
def test_the_look_finds_each_way(line: str) -> None:
    assert _shared_pool(ast.parse(line))


async def test_what_hangs_in_one_pool_delays_nothing_in_another() -> None:
    pools, gate = Pools(), threading.Event()
    hung = [asyncio.create_task(in_thread(pools.business, gate.wait, 30)) for _ in range(40)]
    await asyncio.sleep(0)
    try:
        for pool in (pools.prompts, pools.voice, pools.knowledge, pools.database, pools.home, pools.meaning):
            assert await in_thread(pool, threading.current_thread, 10)
    finally:
        gate.set()
        await asyncio.gather(*hung)


async def test_a_full_pool_says_so_at_once_and_a_hung_one_in_time() -> None:
    pools, gate = Pools(), threading.Event()
    try:
        with pytest.raises(TimeoutError):
            await in_thread(pools.database, gate.wait, 0.05)
        waiting = [asyncio.create_task(in_thread(pools.database, gate.wait, 30)) for _ in range(68)]
        await asyncio.sleep(0)
        with pytest.raises(ThreadsBusy):
            await in_thread(pools.database, gate.wait, 30)
        for task in waiting:
            task.cancel()  # the calls are over
        await asyncio.gather(*waiting, return_exceptions=True)
        assert pools.database.queue_age == 0
    finally:
        gate.set()
    wait_until(lambda: pools.database.hanging == 0, seconds=10, what="the threads to come back")
    assert await in_thread(pools.database, lambda: "back", 10) == "back"
