"""What is measured of a sound: of known tones, of silence, of what is clipped, and of music."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from analytics.pipeline.acoustics import acoustics_of
from recordings.results.acoustics import Acoustics
from speech.audio.acoustics import levels_dbfs, loudness_lufs, measure_sound
from speech.audio.audio import Sound, read_sound

pytestmark = pytest.mark.models

RATE = 8000
VOICE = Path("/usr/share/asterisk/sounds/en/agent-pass.wav")


def sound(*channels: NDArray[np.float64], rate: int = RATE) -> Sound:
    samples = np.clip(np.array(channels) * 32768, -32768, 32767)
    return Sound(samples=samples.astype(np.int16), rate=rate)


def tone(hertz: float, seconds: float, *, rate: int = RATE, amplitude: float = 0.5) -> NDArray[np.float64]:
    return amplitude * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)


def test_levels_are_of_each_tenth_of_a_second_and_whole() -> None:
    quiet = np.zeros(RATE // 2)
    levels = levels_dbfs(sound(np.concatenate([tone(500, 0.5), quiet, tone(500, 0.05)])))
    assert levels == (-9,) * 5 + (-100,) * 5 + (-9,)


def test_levels_of_a_long_sound_are_those_of_its_pieces() -> None:
    loud, soft = tone(500, 70), tone(500, 70, amplitude=0.05)
    levels = levels_dbfs(sound(np.concatenate([loud, soft])))
    assert levels == (-9,) * 700 + (-29,) * 700


@pytest.mark.parametrize(("rate", "off"), [(8000, 0.3), (48_000, 0.15)])
def test_loudness_of_a_tone_is_as_the_recommendation_has_it(rate: int, off: float) -> None:
    # BS.1770: a 997 Hz sine of 0 dBFS peak in one channel is -3.01 LUFS; near half the rate its filter bends
    assert loudness_lufs(sound(tone(997, 3, rate=rate, amplitude=0.999), rate=rate)) == pytest.approx(-3.0, abs=off)
    assert loudness_lufs(sound(tone(997, 3, rate=rate, amplitude=0.1), rate=rate)) == pytest.approx(-23.0, abs=off)


def test_what_has_no_loudness_says_so() -> None:
    assert loudness_lufs(sound(np.zeros(RATE * 2))) is None
    assert loudness_lufs(sound(tone(500, 0.2))) is None
    assert loudness_lufs(sound(tone(500, 2, amplitude=0.0002))) is None  # below the gate of -70 LUFS


def test_dead_channel_and_clipped_one_are_told() -> None:
    clipped = np.clip(4 * tone(300, 2), -1, 1)
    hum = np.full(2 * RATE, 8 / 32768)  # the silence of A-law
    measured = measure_sound(sound(clipped, hum))
    assert measured.dead == (1,)
    assert measured.speech[1] == ()
    assert measured.clipped[0] > 0.5
    assert measured.clipped[1] == 0


def test_caller_s_voice_has_a_pitch_and_the_employee_s_is_not_measured() -> None:
    voice = read_sound(VOICE).samples[0]
    both = Sound(samples=np.stack([voice, np.roll(voice, RATE)]), rate=RATE)
    acoustics = acoustics_of(both)
    assert acoustics.pitch[0]
    assert 120 < acoustics.pitch[0] < 300
    assert acoustics.pitch[1] is None
    assert sum(end - start for start, end in acoustics.speech[0]) > 0.5 * acoustics.duration
    assert Acoustics.from_json(acoustics.to_json()) == acoustics


def test_the_same_on_both_sides_is_one_channel() -> None:
    voice = read_sound(VOICE).samples[0]
    acoustics = acoustics_of(Sound(samples=np.stack([voice, voice]), rate=RATE))
    assert (len(acoustics.speech), acoustics.pitch) == (1, (None,))


def test_stereo_music_at_48_khz_is_measured_and_is_no_speech() -> None:
    beat = np.repeat(np.tile([1.0, 0.2, 0.6, 0.2], 10), 12_000)
    chord = sum(tone(hertz, 10, rate=48_000, amplitude=0.1) for hertz in (220, 277.2, 329.6, 880)) * beat
    strings = sum(tone(hertz, 10, rate=48_000, amplitude=0.1) for hertz in (110, 440, 659.3)) * np.roll(beat, 6000)
    acoustics = acoustics_of(sound(chord, strings, rate=48_000))
    assert (acoustics.duration, acoustics.dead) == (10.0, ())
    assert all(len(levels) == 100 for levels in acoustics.levels)
    assert all(loudness is not None and -30 < loudness < -5 for loudness in acoustics.lufs)
    assert sum(end - start for channel in acoustics.speech for start, end in channel) < 5
