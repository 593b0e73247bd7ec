"""Whether a stereo sound is two voices or one sound written twice: to its very end."""

from __future__ import annotations

import io

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from speech.audio.audio import Sound, read_sound
from speech.audio.channels import distinct_channels, is_one_sound
from speech.audio.muting import mute

pytestmark = pytest.mark.unit

RATE = 1_000
"""Hz: enough to be compared, and quick."""


def noise(seconds: float, *, rate: int = RATE, loud: float = 3_000, seed: int = 5) -> NDArray[np.int16]:
    """Noise that comes and goes as speech does."""
    frames = round(seconds * rate)
    shape = np.clip(np.sin(np.arange(frames) / rate * 2), 0, None)
    wave = np.random.default_rng(seed).normal(0, loud, frames) * shape
    samples: NDArray[np.int16] = wave.clip(-32_000, 32_000).astype(np.int16)
    return samples


def twice(one: NDArray[np.int16], *, rate: int = RATE) -> Sound:
    return Sound(samples=np.stack([one, one]), rate=rate)


def test_one_sound_written_twice_is_one_channel() -> None:
    sound = twice(noise(60))
    assert is_one_sound(sound)
    assert distinct_channels(sound).channels == 1


def test_what_differs_after_eleven_minutes_makes_two_channels() -> None:
    sound = twice(noise(11 * 60))
    sound.samples[1, 660 * RATE - RATE :] = noise(1, seed=6)
    assert not is_one_sound(sound)
    assert distinct_channels(sound) is sound


@pytest.mark.parametrize("loud", [3_000, 60])
def test_one_short_remark_in_an_hour_is_enough(loud: float) -> None:
    sound = twice(noise(3_600))
    at = 3_000 * RATE
    sound.samples[:, at : at + 2 * RATE] = 0  # the other one is silent meanwhile
    sound.samples[1, at : at + 2 * RATE] = noise(2, loud=loud, seed=7)
    assert not is_one_sound(sound)


def test_hiss_in_a_pause_is_no_second_voice() -> None:
    sound = twice(noise(60))
    sound.samples[1] += np.random.default_rng(8).integers(-8, 9, sound.samples.shape[1], dtype=np.int16)
    assert is_one_sound(sound)


def test_sounds_of_one_channel_and_silent_ones() -> None:
    assert not is_one_sound(Sound(samples=noise(5).reshape(1, -1), rate=RATE))
    assert not is_one_sound(twice(np.zeros(5 * RATE, dtype=np.int16)))
    silent_right = twice(noise(5))
    silent_right.samples[1] = 0
    assert not is_one_sound(silent_right)


@pytest.mark.parametrize(("kind", "codec"), [("mp3", "libmp3lame"), ("ogg", "libopus")])
def test_lossy_codecs_leave_one_sound_one(kind: str, codec: str) -> None:
    rate, file = 48_000, io.BytesIO()
    with av.open(file, "w", format=kind) as box:
        stream = box.add_stream(codec, rate=rate, bit_rate=48_000, layout="stereo")
        both = twice(noise(20, rate=rate), rate=rate).samples
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(both.T).reshape(1, -1), format="s16", layout="stereo")
        frame.sample_rate = rate
        for out in av.AudioResampler(format=stream.format, layout="stereo", rate=rate, frame_size=1024).resample(frame):
            box.mux(stream.encode(out))
        box.mux(stream.encode(None))
    file.seek(0)
    assert is_one_sound(read_sound(file))


def test_private_parts_are_put_out_on_both_sides_of_one_sound_alone() -> None:
    one, two = twice(noise(60)), twice(noise(60))
    two.samples[1, 50 * RATE :] = noise(10, seed=9)
    span = [(0, 20.0, 21.0)]
    for sound, both in ((one, True), (two, False)):
        right = mute(sound, span, tone=False).samples[1, 20 * RATE : 21 * RATE]
        assert bool(right.any()) is not both
