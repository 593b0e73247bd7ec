"""Work beside the calls: whatever goes wrong in it, the calls go on."""

from __future__ import annotations

import asyncio

import pytest

from ivr import background
from ivr.background import keep_running

pytestmark = pytest.mark.unit


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "AGAIN_SECONDS", 0.0)


async def test_a_fault_is_told_and_the_work_begins_anew_while_a_call_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    well = asyncio.Event()
    begun = 0

    async def work() -> None:
        nonlocal begun
        begun += 1
        if begun < 3:
            raise ValueError("day is out of range for month")
        well.set()
        await asyncio.Event().wait()

    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        call = tasks.create_task(asyncio.Event().wait(), name="call")
        beside = tasks.create_task(keep_running("registry", work))
        await well.wait()
        assert not call.done()
        call.cancel()
        beside.cancel()
    assert begun == 3
    assert caplog.text.count("registry has ended") == 2
    assert "day is out of range" in caplog.text


async def test_cancelling_waits_until_the_work_has_cleaned_up() -> None:
    begun, cleaned = asyncio.Event(), False

    async def work() -> None:
        nonlocal cleaned
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            cleaned = True

    task = asyncio.create_task(keep_running("outbox", work))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert cleaned
