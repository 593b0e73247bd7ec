"""Softphones call each other through a real Asterisk; the robot is away, so every call goes on to the agent."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from ivr.errors import CallEnded, PhoneError, PhoneTimeout
from ivr.simulation.softphone import Account, Softphone, open_softphone
from speech.audio.audio import TELEPHONE_RATE, Sound, read_sound
from tests.telephony import Exchange, OpenPhone, exchange_settings

pytestmark = pytest.mark.asterisk

SPEECH = Path("/usr/share/asterisk/sounds/en_US_f_Allison/queue-periodic-announce.wav")
"""A human voice, 6 s in two sentences."""


def tone(pitch: float, seconds: float = 1.0) -> Sound:
    """Mono, ``pitch`` in Hz."""
    time = np.arange(int(seconds * TELEPHONE_RATE)) / TELEPHONE_RATE
    return Sound(samples=(9000 * np.sin(2 * np.pi * pitch * time)).astype(np.int16)[np.newaxis], rate=TELEPHONE_RATE)


def loudest_pitch(sound: Sound) -> float:
    """Hz, to 10."""
    samples = sound.samples[0].astype(float)
    strongest = int(np.argmax(np.abs(np.fft.rfft(samples))))
    return round(float(strongest * sound.rate / samples.size), -1)


async def connect(caller: Softphone, agent: Softphone, number: str = "1000") -> None:
    """Have ``caller`` ring and ``agent`` answer."""
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(caller.dial(number))
        await agent.ring(timeout=10)
        await agent.answer()


@pytest.mark.parametrize("transport", ["udp", "tls"])
async def test_two_telephones_hear_each_other(softphones: OpenPhone, transport: Literal["udp", "tls"]) -> None:
    agent = await softphones("agent", transport=transport)
    caller = await softphones("phone", transport=transport)
    await connect(caller, agent)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(caller.say(tone(440)))
        tasks.create_task(agent.say(tone(620)))
    await caller.press("1#")
    assert [(await agent.next("key", timeout=5)).values["digit"] for _ in range(2)] == ["1", "#"]
    ended = await caller.hang_up()
    other = await agent.closed(timeout=5)
    for event, said, heard in ((ended, 440, 620), (other, 620, 440)):
        sound = read_sound(Path(event.values["recording"]))
        assert loudest_pitch(sound.channel(0)) == said
        assert loudest_pitch(sound.channel(1)) == heard


async def test_trunk_caller_needs_no_password(softphones: OpenPhone) -> None:
    agent = await softphones("agent")
    caller = await softphones("+79161234567")
    await connect(caller, agent)
    ended = await agent.hang_up()
    assert ended.at > 0
    assert (await caller.closed(timeout=5)).values["recording"]


async def test_agent_sees_who_rings(softphones: OpenPhone) -> None:
    agent = await softphones("agent")
    caller = await softphones("+79161234567")
    dialling = asyncio.create_task(caller.dial("1000"))
    ringing = await agent.ring(timeout=10)
    assert "+79161234567" in ringing.values["peer"]
    await dialling  # Asterisk itself has answered
    await caller.hang_up()
    assert (await agent.closed(timeout=5)).values["recording"] == ""


async def test_headers_arrive_with_the_call(softphones: OpenPhone, asterisk: Exchange) -> None:
    agent = await softphones("agent")
    wanted = asyncio.create_task(agent.ring(timeout=10))
    await asyncio.to_thread(
        asterisk.ari,
        "channels?endpoint=PJSIP/agent&extension=1000&context=callers",
        "POST",
        {"variables": {"PJSIP_HEADER(add,X-Call-Context)": "%7B%22call%22%3A1%7D"}},
    )
    assert (await wanted).values["headers"] == {"X-Call-Context": "%7B%22call%22%3A1%7D"}
    await agent.refuse()


async def test_refused_call_ends_in_the_apology(softphones: OpenPhone) -> None:
    agent = await softphones("agent")
    caller = await softphones("phone")
    async with asyncio.TaskGroup() as tasks:
        dialling = tasks.create_task(caller.dial("2000"))
        await agent.ring(timeout=10)
        await agent.refuse()
    assert dialling.done()
    apology = await caller.listen(pause=0.8)
    assert apology.end - apology.start > 1
    await caller.closed(timeout=15)


async def test_a_voice_is_heard_from_its_start_to_its_end(softphones: OpenPhone) -> None:
    agent = await softphones("agent")
    caller = await softphones("phone")
    await connect(caller, agent)
    speech = read_sound(SPEECH)
    listening = asyncio.create_task(caller.listen(pause=1.5, after=caller.second))
    said = await agent.say(speech)
    heard = await listening
    assert heard.end - heard.start == pytest.approx(speech.duration, abs=1.0)
    assert said.at - said.values["start"] == pytest.approx(speech.duration, abs=0.3)
    with pytest.raises(PhoneTimeout):
        await caller.listen(timeout=0.5)
    await caller.hang_up()
    with pytest.raises(CallEnded):
        await agent.listen()


@pytest.mark.parametrize("transport", ["udp", "tls"])
async def test_wrong_password_is_named(softphones: OpenPhone, transport: Literal["udp", "tls"]) -> None:
    with pytest.raises(PhoneError, match="agent: registration failed: 401"):
        await softphones("agent", password="not the password", transport=transport)


async def test_another_certificate_is_not_trusted(softphones: OpenPhone, asterisk: Exchange) -> None:
    caller = await softphones("phone", transport="tls", certificate=Path("/etc/ssl/certs/ca-certificates.crt"))
    with pytest.raises((CallEnded, PhoneTimeout)):
        await caller.dial("1000", timeout=5)
    assert asterisk.channels() == []


async def test_asterisk_restarts_on_the_same_ports(softphones: OpenPhone, asterisk: Exchange) -> None:
    await asyncio.to_thread(asterisk.kill)
    await asyncio.to_thread(asterisk.start)
    await softphones("agent")
    assert await asyncio.to_thread(asterisk.channels) == []


async def test_an_unanswered_call_is_given_up(softphones: OpenPhone, asterisk: Exchange) -> None:
    caller = await softphones("phone")
    assert asterisk.running
    asterisk.running.send_signal(signal.SIGSTOP)  # whoever it passes calls on to: they are answered at once
    try:
        with pytest.raises(PhoneTimeout):
            await caller.dial("1000", timeout=2)
    finally:
        asterisk.running.send_signal(signal.SIGCONT)
    await asyncio.to_thread(asterisk.wait_idle)


async def test_hanging_up_both_at_once_is_no_error(softphones: OpenPhone) -> None:
    agent = await softphones("agent")
    caller = await softphones("phone")
    await connect(caller, agent)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(caller.hang_up())
        tasks.create_task(agent.hang_up())
    await connect(caller, agent)


async def test_a_call_over_a_dead_process_fails_at_once_and_says_so(softphones: OpenPhone) -> None:
    caller = await softphones("phone")
    caller._process.kill()
    with pytest.raises(PhoneError, match="process ended"):
        await caller.next("ringing", timeout=10)


async def test_a_telephone_ends_with_whoever_opened_it(softphones: OpenPhone, asterisk: Exchange) -> None:
    agent = await softphones("agent")
    caller = await softphones("phone")
    await connect(caller, agent)
    assert caller._process.stdin is not None
    caller._process.stdin.close()
    await agent.closed(timeout=5)
    assert await asyncio.wait_for(caller._process.wait(), 5) == 0


@pytest.mark.parametrize("user", ["trunk", "+79161234567"])
async def test_a_name_makes_nobody_the_trunk(tmp_path: Path, user: str) -> None:
    exchange = Exchange(settings=exchange_settings(trunk_match="10.0.0.0/8"), folder=tmp_path / "ast")
    exchange.folder.mkdir()
    await asyncio.to_thread(exchange.start)
    try:
        async with open_softphone(Account(user=user, server=exchange.server), tmp_path / "phone") as phone:
            with pytest.raises(CallEnded, match=r"401|[Aa]uth"):
                await phone.dial("1000", timeout=10)
    finally:
        await asyncio.to_thread(exchange.stop)
