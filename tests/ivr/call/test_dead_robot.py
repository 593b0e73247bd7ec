"""The robot is killed or stands still with callers on the line: nobody hears silence, no call lacks its record."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import pytest

from ivr.simulation.softphone import Softphone
from recordings.tables import RecordingRow
from speech.audio.audio import read_sound
from speech.synthesis.synthesizer import Voice
from tests.ivr.conftest import CallBook, until
from tests.services import process
from tests.telephony import Exchange, OpenPhone, Robot

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(240)]

ANNA, BORIS = "+79161234567", "+79031112233"
LONGEST_SILENCE = 5.0
"""Seconds that the issue allows."""


@pytest.fixture
def watchdog(asterisk: Exchange, tmp_path: Path) -> Iterator[int]:
    """Its process, by id."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OTKLIK_")}
    environment = {**kept, **asterisk.environment, "OTKLIK_HOME": str(tmp_path)}
    with process(sys.executable, "-m", "ivr.watchdog", env=environment, log=tmp_path / "watchdog.log") as running:
        yield running.pid


def longest_silence(recording: str, start: float, end: float) -> float:
    """Seconds in which a caller heard nothing, between two seconds of the call; what began before counts whole."""
    sound = read_sound(Path(recording))
    frame = sound.rate // 10
    heard = sound.samples[1].astype(float) / 32768
    frames = heard[: heard.size // frame * frame].reshape(-1, frame)
    loud = np.flatnonzero((frames**2).mean(axis=1) > 1e-6) / 10  # -60 dBFS
    sounds = [0.0, *(float(second) for second in loud if second < end), end]
    gaps = [(after - before) for before, after in pairwise(sounds) if after > start]
    silence = max(gaps)
    if told := os.environ.get("OTKLIK_TEST_SILENCES"):  # figures over many runs
        with Path(told).open("a") as figures:
            figures.write(f"{os.environ['PYTEST_CURRENT_TEST'].split('::')[-1]} {silence:.1f}\n")
    return silence


async def begin(caller: Softphone) -> None:
    """Ring the robot and be greeted."""
    await caller.dial("1000")
    await caller.next("speech_started", timeout=15)


def asked(book: CallBook, node: str) -> bool:
    return any(turn.node == node and turn.speaker == "robot" for turn in book.turns())


def ended(book: CallBook, number: int) -> list[Any] | None:
    """So many calls, newest first, once all are over."""
    calls = book.calls()
    return calls if len(calls) == number and all(call.ended_at for call in calls) else None


def recorded(book: CallBook, number: int) -> set[str | None] | None:
    """Calls of so many recordings, once all are there."""
    rows = book.rows(RecordingRow)
    return {row.call_id for row in rows} if len(rows) == number else None


@pytest.mark.usefixtures("watchdog")
async def test_killed_in_mid_call_and_away_for_the_next_one(
    russian_robot: Robot, softphones: OpenPhone, book: CallBook, russian: Voice
) -> None:
    agent, caller, newcomer = await softphones("agent"), await softphones(ANNA), await softphones(BORIS)
    await begin(caller)
    await caller.press("4127#")
    await until(lambda: asked(book, "tell"), seconds=30, what="the order's state told")
    killed = caller.second
    await asyncio.to_thread(russian_robot.kill)
    ringing = await agent.ring(timeout=20)
    context = json.loads(unquote(ringing.values["headers"]["X-Call-Context"]))
    assert (context["order"], context["number"]) == ("4127", ANNA)
    await agent.answer()
    joined = caller.second
    await agent.say(russian.speak("Здравствуйте, слушаю вас."))
    closed = await caller.hang_up()
    assert longest_silence(closed.values["recording"], killed, joined) <= LONGEST_SILENCE
    await agent.closed(timeout=10)

    await newcomer.dial("1000", timeout=LONGEST_SILENCE)
    await agent.ring(timeout=20)
    await agent.answer()
    joined = newcomer.second
    await agent.say(russian.speak("Здравствуйте, слушаю вас."))
    closed = await newcomer.hang_up()
    assert longest_silence(closed.values["recording"], 0, joined) <= LONGEST_SILENCE
    await agent.closed(timeout=10)

    await asyncio.to_thread(russian_robot.start)
    second, first = await until(partial(ended, book, 2), seconds=20, what="the rows of both calls")
    assert (first.outcome, first.agent, second.outcome, second.agent) == ("handed_over", "PJSIP/agent") * 2
    assert (first.caller_number, second.caller_number, second.language) == (ANNA, BORIS, "ru")
    assert [failure["code"] for failure in [*first.failures, *second.failures]] == ["restarted", "no_robot"]
    assert await until(partial(recorded, book, 2), seconds=20, what="both recordings") == {first.id, second.id}
    lengths = [(call.ended_at - call.answered_at).total_seconds() for call in (first, second)]
    assert lengths[0] > lengths[1] > 1
    assert len(book.agent_legs()) == 2
    await until(lambda: not russian_robot.exchange.ari("recordings/stored"), seconds=10, what="nothing left there")


async def test_killed_and_asterisk_with_it_while_a_newcomer_waits(
    russian_robot: Robot, softphones: OpenPhone, book: CallBook, asterisk: Exchange
) -> None:
    """Failed before: nothing was known of the call, and its sound stayed with Asterisk until it was deleted."""
    agent, newcomer = await softphones("agent"), await softphones(BORIS)
    await asyncio.to_thread(russian_robot.kill)
    await newcomer.dial("1000", timeout=LONGEST_SILENCE)
    await agent.ring(timeout=20)
    spool = asterisk.folder / "run" / "spool" / "recording"
    sound = partial(spool.glob, "call-*-in.wav")
    await until(lambda: any(side.stat().st_size > 2**16 for side in sound()), seconds=20, what="sound on the disk")
    await asyncio.to_thread(asterisk.kill)
    await asyncio.to_thread(asterisk.start)
    await asyncio.to_thread(russian_robot.start)
    (call,) = await until(partial(ended, book, 1), seconds=20, what="the row of the call")
    assert (call.outcome, call.caller_number, call.language) == ("failed", BORIS, "ru")
    assert [failure["code"] for failure in call.failures] == ["restarted"]
    assert await until(partial(recorded, book, 1), seconds=20, what="the recording") == {call.id}
    await until(lambda: not asterisk.ari("recordings/stored"), seconds=10, what="nothing left there")


@pytest.mark.usefixtures("watchdog")
async def test_frozen_while_a_caller_talks_and_another_rings(
    russian_robot: Robot, softphones: OpenPhone, book: CallBook, russian: Voice
) -> None:
    agent, caller, newcomer = await softphones("agent"), await softphones(ANNA), await softphones(BORIS)
    await begin(caller)
    frozen = caller.second
    assert russian_robot.running
    russian_robot.running.send_signal(signal.SIGSTOP)
    await agent.ring(timeout=20)
    await agent.answer()
    joined = caller.second
    await agent.say(russian.speak("Здравствуйте, слушаю вас."))
    await newcomer.dial("1000", timeout=LONGEST_SILENCE)
    closed = await newcomer.closed(timeout=40)  # the person is busy: an apology, a promise
    assert longest_silence(closed.values["recording"], 0, newcomer.second) <= LONGEST_SILENCE
    russian_robot.running.send_signal(signal.SIGCONT)
    await until(lambda: "stood still" in russian_robot.log.read_text(), seconds=20, what="the robot to notice")
    await caller.press("5")
    assert (await agent.next("key", timeout=5)).values["digit"] == "5"  # it lets them talk
    closed = await caller.hang_up()
    assert longest_silence(closed.values["recording"], frozen, joined) <= LONGEST_SILENCE
    await agent.closed(timeout=10)

    second, first = await until(partial(ended, book, 2), seconds=20, what="the rows of both calls")
    assert (first.outcome, first.agent) == ("handed_over", "PJSIP/agent")
    assert (second.outcome, second.caller_number) == ("callback", BORIS)
    (callback,) = book.callbacks()
    assert (callback.call_id, callback.phone) == (second.id, BORIS)
    assert await until(partial(recorded, book, 2), seconds=20, what="both recordings") == {first.id, second.id}
    await asyncio.to_thread(russian_robot.exchange.wait_idle)


@pytest.mark.usefixtures("watchdog")
async def test_killed_while_two_people_talk_and_one_hangs_up(
    russian_robot: Robot, softphones: OpenPhone, book: CallBook, russian: Voice
) -> None:
    agent, caller = await softphones("agent"), await softphones(ANNA)
    await begin(caller)
    await caller.press("0")
    await agent.ring(timeout=20)
    await agent.answer()
    await until(book.agent_legs, seconds=20, what="caller and agent joined")
    killed = caller.second
    await asyncio.to_thread(russian_robot.kill)
    for _ in range(3):  # longer than it takes to notice the death
        await agent.say(russian.speak("Одну минуту, пожалуйста, я смотрю ваш заказ."))
    await agent.hang_up()
    closed = await caller.closed(timeout=LONGEST_SILENCE)
    assert longest_silence(closed.values["recording"], killed, caller.second) <= LONGEST_SILENCE
    hung_up = datetime.now(UTC)
    await asyncio.to_thread(russian_robot.start)
    (call,) = await until(partial(ended, book, 1), seconds=20, what="the row of the call")
    assert (call.outcome, call.failure) == ("handed_over", "")
    assert abs((hung_up - call.ended_at).total_seconds()) < 3
    assert await until(partial(recorded, book, 1), seconds=20, what="the recording") == {call.id}


@pytest.mark.usefixtures("watchdog")
async def test_killed_with_a_promise_while_the_database_is_away(
    russian_robot: Robot, softphones: OpenPhone, book: CallBook
) -> None:
    caller = await softphones(ANNA)
    unwritten = russian_robot.folder / "unwritten"

    def promised() -> bool:
        return any('"promised"' in path.read_text() for path in unwritten.glob("*.live"))

    with closing(sqlite3.connect(russian_robot.folder / "otklik.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        await begin(caller)
        await caller.press("0")
        await until(lambda: "could not be reached" in russian_robot.log.read_text(), seconds=40, what="nobody there")
        await caller.listen(after=caller.second, timeout=30)  # the offer
        await caller.press("1")
        await until(promised, seconds=20, what="the promise in the journal")
        killed = caller.second
        await asyncio.to_thread(russian_robot.kill)
        closed = await caller.closed(timeout=30)
        assert longest_silence(closed.values["recording"], killed, caller.second) <= LONGEST_SILENCE
    await asyncio.to_thread(russian_robot.start)
    (call,) = await until(partial(ended, book, 1), seconds=20, what="the row of the call")
    (callback,) = book.callbacks()
    assert (call.outcome, callback.call_id, callback.phone) == ("callback", call.id, ANNA)
    assert book.turns()
    assert not list(unwritten.iterdir())


@pytest.mark.usefixtures("watchdog")
async def test_two_robots_share_callers_and_one_dies(
    russian_robot: Robot, softphones: OpenPhone, book: CallBook, tmp_path: Path
) -> None:
    folder = tmp_path / "second"
    folder.mkdir()
    second = Robot(
        exchange=russian_robot.exchange,
        folder=folder,
        environment={**russian_robot.environment, "OTKLIK_DATABASE_URL": russian_robot.database_url},
    )
    try:
        await asyncio.to_thread(second.start)
        assert "as otklik-2: taking calls" in second.log.read_text()
        agent, anna, boris = await softphones("agent"), await softphones(ANNA), await softphones(BORIS)
        await begin(anna)
        await begin(boris)
        held = {
            channel["dialplan"]["app_data"].split(",")[0]: channel["caller"]["number"]
            for channel in russian_robot.exchange.ari("channels")
            if channel["name"].startswith("PJSIP/trunk")
        }
        assert held == {"otklik": ANNA, "otklik-2": BORIS}
        killed = anna.second
        await asyncio.to_thread(russian_robot.kill)
        await agent.ring(timeout=20)
        await agent.answer()
        joined = anna.second
        await boris.press("4127#")
        await until(lambda: asked(book, "tell"), seconds=30, what="the other robot to go on")
        closed = await anna.hang_up()
        assert longest_silence(closed.values["recording"], killed, joined) <= LONGEST_SILENCE
        await boris.hang_up()
        later, first = await until(partial(ended, book, 2), seconds=20, what="the rows of both calls")
        assert (first.outcome, first.agent, later.outcome) == ("handed_over", "PJSIP/agent", "settled")
        assert await until(partial(recorded, book, 2), seconds=20, what="both recordings") == {first.id, later.id}
    finally:
        second.stop()
