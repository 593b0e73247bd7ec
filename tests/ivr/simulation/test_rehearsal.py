"""The call of ``make demo`` going wrong; that it goes right is proved by ``tests/api/cli/test_demo.py``."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ivr.settings import PhoneSettings
from ivr.simulation.rehearsal import open_caller_voice, rehearse
from tests.telephony import Exchange

pytestmark = pytest.mark.asterisk


def phones(asterisk: Exchange) -> PhoneSettings:
    return PhoneSettings(sip_port=asterisk.settings.sip_port, agent_password=asterisk.settings.agent_password)


async def test_without_a_robot_the_first_missing_thing_is_named(asterisk: Exchange, tmp_path: Path) -> None:
    voice = open_caller_voice("en")
    try:
        held = await rehearse(phones(asterisk), "en", voice=voice, folder=tmp_path / "phones")
    finally:
        voice.close()
    assert held.failure == "the robot greets the caller: the robot is away: Asterisk rang the agent"
    assert [step.name for step in held.steps] == ["the robot answers"]  # Asterisk did, by itself
    await asyncio.to_thread(asterisk.wait_idle)
