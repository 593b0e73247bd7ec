"""The robot is killed or stands still with callers on the line: nobody hears silence, no call lacks its record."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
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
    await until(lambda: len(book.calls()) == 2 and all(call.ended_at for call in book.calls()), seconds=20, what="rows")
    second, first = book.calls()
    assert (first.outcome, first.agent, second.outcome, second.agent) == ("handed_over", "PJSIP/agent") * 2
    assert (first.caller_number, second.caller_number, second.language) == (ANNA, BORIS, "ru")
    assert [failure["code"] for failure in [*first.failures, *second.failures]] == ["restarted", "no_robot"]
    rows = await until(lambda: len(book.rows(RecordingRow)) == 2 and book.rows(RecordingRow), seconds=20, what="sound")
    assert {row.call_id for row in rows} == {first.id, second.id}
    assert all(call.ended_at - call.answered_at > 2 * (call.ended_at - call.ended_at) for call in book.calls())
    assert len(book.agent_legs()) == 2
    await until(lambda: not russian_robot.exchange.ari("recordings/stored"), seconds=10, what="nothing left there")
