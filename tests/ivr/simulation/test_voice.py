"""Simulated callers with a voice: what the line does to their words, and that some are understood in spite of it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ivr.scenario.scenario import load
from ivr.simulation.conversation_file import read_all
from ivr.simulation.conversations import hold
from ivr.simulation.rehearsal import open_caller_voice
from ivr.simulation.shop import clock
from ivr.simulation.voice import AROUND, SpokenHearing, on_the_line, pink_noise
from ivr.understanding.intent_model import understanding
from speech.audio.audio import TELEPHONE_RATE, Sound
from speech.recognition.engines import open_recognizer
from speech.settings import SpeechSettings

pytestmark = pytest.mark.models

FOLDER = Path(__file__).parents[2] / "conversations"
SCENARIOS = Path(__file__).parents[3] / "ivr" / "scenarios"


def _tone(seconds: float) -> Sound:
    times = np.arange(round(seconds * TELEPHONE_RATE)) / TELEPHONE_RATE
    samples = (8000 * np.sin(2 * np.pi * 440 * times)).astype(np.int16)
    return Sound(samples=samples.reshape(1, -1), rate=TELEPHONE_RATE)


@pytest.mark.parametrize("noise", [0.0, 10.0, 20.0])
def test_noise_is_as_loud_as_asked_for(noise: float) -> None:
    tone = _tone(1.0)
    noisy = on_the_line(tone, noise=noise).samples[0].astype(float)
    before = noisy[: round(AROUND * TELEPHONE_RATE * 0.9)]
    loudness = np.sqrt(np.mean(np.square(tone.samples[0].astype(float))))
    measured = 20 * np.log10(loudness / np.sqrt(np.mean(np.square(before))))
    assert measured == pytest.approx(noise, abs=1.5)


def test_a_quiet_line_adds_only_pauses() -> None:
    tone = _tone(0.5)
    quiet = on_the_line(tone, noise=None)
    assert quiet.duration == pytest.approx(tone.duration + 2 * AROUND, abs=0.01)
    assert not quiet.cut(0, AROUND * 0.9).samples.any()
    assert np.array_equal(quiet.cut(AROUND, AROUND + 0.5).samples, tone.samples)


def test_noise_has_the_slope_of_speech_and_can_be_repeated() -> None:
    noise = pink_noise(8 * TELEPHONE_RATE)
    assert np.array_equal(noise, pink_noise(8 * TELEPHONE_RATE))
    assert not np.array_equal(noise, pink_noise(8 * TELEPHONE_RATE, seed=2))
    power = np.abs(np.fft.rfft(noise)) ** 2
    pitch = np.fft.rfftfreq(noise.size, 1 / TELEPHONE_RATE)

    def density(low: float, high: float) -> float:
        return float(power[(pitch >= low) & (pitch < high)].mean())

    assert density(400, 500) > 2.5 * density(1600, 2000)
    assert density(3500, 3900) < 0.01 * density(1600, 2000)


@pytest.mark.parametrize(
    ("language", "names"),
    [("ru", ("anna_picks_by_number", "at_order_number")), ("en", ("stranger_says_number", "operator"))],
)
def test_callers_are_understood_by_voice(language: str, names: tuple[str, ...]) -> None:
    scenario = load(SCENARIOS / f"support.{language}.yaml")
    mind = understanding(scenario)
    conversations = [one for one in read_all([FOLDER], language=language) if one.name in names]
    with closing(open_caller_voice(language)) as voice:
        hearing = SpokenHearing(voice, open_recognizer(language, SpeechSettings()))
        for conversation in conversations:
            held = hold(scenario, conversation, replace(mind, now=clock(conversation)), hearing=hearing)
            words = "\n".join(f"{who}: {text}" for who, text in held.exchange)
            assert held.outcome == conversation.outcome, words
            assert not held.loops, words
