"""A thousand callers who hear the robot and hang up: what is left in Asterisk, on the disk and in memory afterwards."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path
from typing import Any

from bench import report
from bench.flood import NUMBERS, left, telephony
from bench.rtp_caller import RtpCaller
from tests.telephony import Exchange, Robot

CALLS = 1000
WARM = 50
"""Calls after which memory is first looked at: models are loaded, pools have their threads."""
AT_ONCE = 4
LONGEST = 520.0
"""Seconds after which no further call begins; how many there were is told."""
WANTED_MB = 50.0


def run() -> None:
    report.write("short_calls", asyncio.run(_measured()))


async def _measured() -> dict[str, Any]:
    async with telephony({}) as (exchange, robot):
        failed = await _calls(exchange, WARM, until=time.monotonic() + LONGEST)
        warm = _resident_mb(robot, exchange)
        files = _files(exchange)
        began = time.monotonic()
        failed += await _calls(exchange, CALLS - WARM, until=began + LONGEST)
        remaining = await asyncio.to_thread(left, exchange, robot)
        after = _resident_mb(robot, exchange)
    grown = {name: round(after[name] - warm[name], 1) for name in warm}
    return {
        "calls": remaining["calls"],
        "failed": failed,
        "seconds": round(time.monotonic() - began, 1),
        "left": remaining,
        "files_more_with_asterisk": len(_files(exchange) - files),
        "resident_mb": {"warm": warm, "after": after, "grown": grown},
        "reached": max(grown.values()) <= WANTED_MB and not any(remaining[what] for what in ("channels", "bridges")),
    }


async def _calls(exchange: Exchange, calls: int, *, until: float) -> int:
    """Hold them, some at a time; how many heard nothing or were refused."""
    waiting, failed = iter(range(calls)), 0

    async def ring() -> None:
        nonlocal failed
        for _ in waiting:
            if time.monotonic() > until:
                return
            caller = RtpCaller(extension="1000", sip_port=exchange.settings.sip_port, number=next(NUMBERS))
            try:
                async with caller:
                    await caller.wait_sound(after=caller.answered, within=20)
            except (ConnectionRefusedError, TimeoutError):
                failed += 1

    await asyncio.gather(*(ring() for _ in range(AT_ONCE)))
    return failed


def _resident_mb(robot: Robot, exchange: Exchange) -> dict[str, float]:
    running = {"robot": robot.running, "asterisk": exchange.running}
    return {name: _memory(process.pid) for name, process in running.items() if process}


def _memory(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)


def _files(exchange: Exchange) -> set[Path]:
    return {path for path in (exchange.folder / "run" / "spool").rglob("*") if path.is_file()}
