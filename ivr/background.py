"""Work that goes on beside the calls: its faults are told, and never end a call."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine

log = logging.getLogger(__name__)

AGAIN_SECONDS = 30.0
"""After a fault, until the work begins anew."""


async def keep_running(name: str, work: Callable[[], Coroutine[object, object, None]]) -> None:
    """Run ``work`` until cancelled; whatever ends it is logged, and it begins anew.

    It is a task of its own, not one of the group that the calls belong to: a group that loses one task ends all.
    """
    while True:
        task = asyncio.create_task(work(), name=name)
        try:
            await asyncio.wait([task])
        finally:
            if task.cancel():
                await asyncio.wait([task])
        error = None if task.cancelled() else task.exception()
        log.error("%s has ended and begins anew in %g s", name, AGAIN_SECONDS, exc_info=error)
        await asyncio.sleep(AGAIN_SECONDS)
