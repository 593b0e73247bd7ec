"""Many callers in the same second: what they hear, what those who talk already notice, and what is left behind.

A real Asterisk, a real robot, callers who note when each packet comes. Two of them talk all the time, alone first and
then beside each flood: their figures stand side by side, from one run on one machine. The last flood is held by a robot
without bounds, as it was before there were any.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from bench import report
from bench.rtp_caller import LOUD, RtpCaller
from ivr.simulation.rehearsal import open_caller_voice
from recordings.database import connect, reading
from recordings.tables import CallRow, RecordingRow
from tests.services import ROOT
from tests.telephony import Exchange, Robot, exchange_settings

FLOODS = (10, 20, 40)
LIVE = 2
"""Callers who talk all the time."""
ALONE_SECONDS = 30.0
PATIENCE = 60.0
"""Seconds a caller waits for the first word, or a reply."""
ORDER = "4127"
SPOKEN = "Номер моего заказа четыре один два семь."
UNBOUNDED = {"OTKLIK_MOST_CALLS": "1000", "OTKLIK_MOST_SPEECH_CALLS": "1000", "OTKLIK_MOST_CALLS_OF_NUMBER": "0"}


@dataclass(slots=True)
class Heard:
    """What some callers met."""

    first_voice: list[float] = field(default_factory=list)
    """Seconds from dialling to the first sound."""
    replies: list[float] = field(default_factory=list)
    """Seconds from the last key, or the last sound, to the reply."""
    refused: int = 0
    silent: int = 0
    """Answered, and heard nothing."""

    def figures(self) -> dict[str, Any]:
        return {
            "first_voice_s": report.spread(self.first_voice),
            "reply_s": report.spread(self.replies),
            "refused": self.refused,
            "silent": self.silent,
        }


NUMBERS = (f"+7917{number:07}" for number in count(1))


def run() -> None:
    bounded = {way: asyncio.run(_flooded(way, FLOODS, {})) for way in ("keys", "speech")}
    without = {way: asyncio.run(_flooded(way, FLOODS[-1:], UNBOUNDED)) for way in ("keys", "speech")}
    report.write("flood", {"bounded": bounded, "without_bounds": without})


async def _flooded(way: str, floods: tuple[int, ...], environment: dict[str, str]) -> dict[str, Any]:
    hold: Callable[[Exchange, Heard], Coroutine[Any, Any, None]] = _keys if way == "keys" else _speech()
    figures: dict[str, Any] = {}
    async with telephony(environment) as (exchange, robot):
        alone = Heard()
        await _talk_on(exchange, hold, alone, until=_after(ALONE_SECONDS))
        figures["live, alone"] = alone.figures()
        for callers in floods:
            live, flood, over = Heard(), Heard(), asyncio.Event()
            talking = asyncio.create_task(_talk_on(exchange, hold, live, until=over.wait()))
            await asyncio.sleep(3)
            await asyncio.gather(*(hold(exchange, flood) for _ in range(callers)))
            over.set()
            await talking
            figures[f"{callers} at once"] = {
                "live": live.figures(),
                "flood": flood.figures(),
                "left": await asyncio.to_thread(left, exchange, robot),
            }
    return figures


async def _after(seconds: float) -> None:
    await asyncio.sleep(seconds)


async def _talk_on(
    exchange: Exchange, hold: Callable[[Exchange, Heard], Coroutine[Any, Any, None]], heard: Heard, *, until: Any
) -> None:
    """``LIVE`` callers, each ringing again when a call is over; calls that have begun are held to their end."""
    over = asyncio.ensure_future(until)

    async def ring() -> None:
        while not over.done():
            await hold(exchange, heard)

    await asyncio.gather(*(ring() for _ in range(LIVE)))


async def _keys(exchange: Exchange, heard: Heard) -> None:
    """Dial, key in an order over the greeting, hear its state, hang up."""

    async def hold(caller: RtpCaller) -> None:
        pressed = await caller.press(f"{ORDER}#")
        heard.replies.append(await caller.wait_sound(after=pressed, within=PATIENCE) - pressed)
        await asyncio.sleep(1)

    await _call(exchange, heard, hold)


def _speech() -> Callable[[Exchange, Heard], Coroutine[Any, Any, None]]:
    """Dial, hear the greeting out, say an order's number, hear its state."""
    voice = open_caller_voice("ru")
    try:
        samples: NDArray[np.int16] = voice.speak(SPOKEN).samples[0]
    finally:
        voice.close()
    samples = samples[: np.flatnonzero(np.abs(samples) > 300)[-1] + 1]

    async def call(exchange: Exchange, heard: Heard) -> None:
        async def hold(caller: RtpCaller) -> None:
            await caller.wait_quiet(seconds=1.0, within=PATIENCE)
            if caller.ended:
                return
            said = await caller.say(samples)
            heard.replies.append(await caller.wait_sound(after=said, within=PATIENCE) - said)

        await _call(exchange, heard, hold)

    return call


async def _call(exchange: Exchange, heard: Heard, hold: Callable[[RtpCaller], Coroutine[Any, Any, None]]) -> None:
    dialled = time.monotonic()
    caller = RtpCaller(extension="1000", sip_port=exchange.settings.sip_port, number=next(NUMBERS))
    try:
        async with caller:
            heard.first_voice.append(await caller.wait_sound(after=dialled, within=PATIENCE) - dialled)
            talk = asyncio.create_task(hold(caller))
            try:
                while not talk.done() and not caller.ended:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
                if talk.done():
                    await talk
            finally:
                talk.cancel()
    except ConnectionRefusedError:
        heard.refused += 1
    except TimeoutError:
        heard.silent += not any(level > LOUD for _, level in caller.heard)


def left(exchange: Exchange, robot: Robot) -> dict[str, Any]:
    """What remains of all calls so far, half a minute after they ended at the latest."""
    end = time.monotonic() + 40
    engine = connect(robot.database_url)
    while True:
        stored = exchange.ari("recordings/stored")
        with reading(engine) as db:
            calls = list(db.scalars(select(CallRow)))
            recorded = {row.call_id: row.duration for row in db.scalars(select(RecordingRow))}
        remaining = {
            "channels": len(exchange.channels()),
            "bridges": len(exchange.bridges()),
            "recordings": len(stored),
        }
        if (not any(remaining.values()) and all(call.ended_at for call in calls)) or time.monotonic() > end:
            break
        time.sleep(0.5)
    engine.dispose()
    codes = Counter(failure["code"] for call in calls for failure in call.failures or ())
    return {
        **remaining,
        "calls": len(calls),
        "not_closed": sum(call.ended_at is None for call in calls),
        "recorded": len(recorded),
        "neither_recorded_nor_told_why": [
            f"{call.outcome} after {(call.ended_at - call.started_at).total_seconds():.1f} s"
            for call in calls
            if call.id not in recorded and not call.failures and call.ended_at
        ],
        "failures": dict(codes),
        "texts": sorted({call.failure for call in calls if call.failure and "busy" not in call.failure})[:5],
    }


@asynccontextmanager
async def telephony(environment: dict[str, str]) -> AsyncIterator[tuple[Exchange, Robot]]:
    with tempfile.TemporaryDirectory(prefix="otklik-bench-") as name:
        folder = Path(name)
        (folder / "ast").mkdir()
        (folder / "robot").mkdir()
        scenarios = folder / "scenarios"
        scenarios.mkdir()
        (scenarios / "support.ru.yaml").symlink_to(ROOT / "ivr" / "scenarios" / "support.ru.yaml")
        (scenarios / "jobs").symlink_to(ROOT / "ivr" / "scenarios" / "jobs")
        settings = exchange_settings(rtp_first=14000, rtp_last=14599)
        exchange = Exchange(settings=settings, folder=folder / "ast")
        robot = Robot(exchange=exchange, folder=folder / "robot", environment=environment)
        robot.environment["OTKLIK_SCENARIOS"] = str(scenarios)
        try:
            exchange.start()
            robot.start()
            yield exchange, robot
        finally:
            robot.stop()
            exchange.stop()
