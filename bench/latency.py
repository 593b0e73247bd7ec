"""Seconds from the caller's last sound to the robot's first one, read from the RTP packets, by engine.

A real Asterisk, a real robot with real engines, one call at a time: what a caller meets on a quiet line.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench import report
from bench.rtp_caller import RtpCaller
from ivr.simulation.rehearsal import SCRIPTS, open_caller_voice
from speech.recognition.engines import describe
from speech.settings import SpeechSettings
from tests.services import ROOT
from tests.telephony import Exchange, Robot, exchange_settings

CALLS = 4
TURNS = {
    "ru": (SCRIPTS["ru"].question, SCRIPTS["ru"].number, "Нет, спасибо."),
    "en": (SCRIPTS["en"].question, SCRIPTS["en"].number, "No, thank you."),
    "ko": ("네.", "아니요."),
}
EXTENSIONS = {"ru": "1000", "en": "2000", "ko": "3000"}
REPLY_SECONDS = 20.0


def run() -> None:
    with tempfile.TemporaryDirectory(prefix="otklik-bench-") as name:
        folder = Path(name)
        (folder / "robot").mkdir()
        exchange = Exchange(settings=exchange_settings(), folder=folder / "ast")
        exchange.folder.mkdir()
        scenarios = f"{ROOT / 'ivr' / 'scenarios'}:{ROOT / 'tests' / 'ivr' / 'scenarios'}"
        robot = Robot(exchange=exchange, folder=folder / "robot", environment={"OTKLIK_SCENARIOS": scenarios})
        try:
            exchange.start()
            robot.start()
            figures: dict[str, dict[str, float | str | int]] = {}
            for language, lines in TURNS.items():
                sounds = _spoken(language, lines)
                replies = [asyncio.run(_call(exchange, EXTENSIONS[language], sounds)) for _ in range(CALLS)]
                figures[f"{describe(language, SpeechSettings())} ({language})"] = {
                    **report.spread([reply for call in replies for reply in call]),
                    "unanswered": len(lines) * CALLS - sum(len(call) for call in replies),
                }
        finally:
            robot.stop()
            exchange.stop()
    report.write("latency", {"reply_latency_s": figures})


async def _call(exchange: Exchange, extension: str, sounds: Sequence[NDArray[np.int16]]) -> list[float]:
    """Reply times of one call; a turn that got no reply ends it."""
    replies: list[float] = []
    async with RtpCaller(extension=extension, sip_port=exchange.settings.sip_port) as caller:
        for sound in sounds:
            try:
                await caller.wait_quiet(seconds=1.0, within=40)
                said = await caller.say(sound)
                replies.append(await caller.wait_sound(after=said, within=REPLY_SECONDS) - said)
            except TimeoutError:
                break
    return replies


def _spoken(language: str, lines: Sequence[str]) -> list[NDArray[np.int16]]:
    """Each line as samples that end with its last sound: the silence a voice adds would count as latency."""
    voice = open_caller_voice(language)
    try:
        sounds = [voice.speak(line).samples[0] for line in lines]
    finally:
        voice.close()
    return [sound[: np.flatnonzero(np.abs(sound) > 300)[-1] + 1] for sound in sounds]
