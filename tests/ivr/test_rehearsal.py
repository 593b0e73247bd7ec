"""The call of ``make demo``: caller, robot and agent, with real voices and the recogniser the installation has."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ivr.rehearsal import SCRIPTS, rehearse
from ivr.settings import PhoneSettings
from speech.settings import SpeechSettings
from speech.voices import open_voice
from tests.telephony import Exchange, Robot

pytestmark = pytest.mark.asterisk


def phones(asterisk: Exchange) -> PhoneSettings:
    return PhoneSettings(sip_port=asterisk.settings.sip_port, agent_password=asterisk.settings.agent_password)


@pytest.mark.parametrize("language", sorted(SCRIPTS))
@pytest.mark.timeout(240)
async def test_order_is_told_and_a_person_takes_over(
    language: str, asterisk: Exchange, robot: Robot, tmp_path: Path
) -> None:
    await asyncio.to_thread(robot.start)
    voice = open_voice(language, SpeechSettings())
    try:
        held = await rehearse(phones(asterisk), language, voice=voice, folder=tmp_path / "phones")
    finally:
        voice.close()
    assert held.failure == "", robot.log.read_text()
    assert held.context["order"] == SCRIPTS[language].order
    assert held.context["language"] == language
    assert held.context["said"]
    assert len(held.reply_seconds) == 3
    assert held.call_id
    await asyncio.to_thread(asterisk.wait_idle)


async def test_without_a_robot_the_first_missing_thing_is_named(asterisk: Exchange, tmp_path: Path) -> None:
    voice = open_voice("en", SpeechSettings())
    try:
        held = await rehearse(phones(asterisk), "en", voice=voice, folder=tmp_path / "phones")
    finally:
        voice.close()
    assert held.failure == "the robot answers: the robot is away: Asterisk rang the agent"
    assert held.steps == ()
    await asyncio.to_thread(asterisk.wait_idle)
