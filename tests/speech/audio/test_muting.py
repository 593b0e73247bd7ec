"""Parts of sound put out: nothing of them is left, the rest stays as it was."""

from __future__ import annotations

import numpy as np
import pytest

from speech.audio.audio import Sound
from speech.audio.muting import RAMP, mute

pytestmark = pytest.mark.unit


def noise(channels: int, rate: int, seconds: float = 2.0) -> Sound:
    dice = np.random.default_rng(5)
    samples = dice.integers(-12_000, 12_000, size=(channels, round(seconds * rate))).astype(np.int16)
    return Sound(samples=samples, rate=rate)


@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000])
@pytest.mark.parametrize("tone", [True, False])
def test_nothing_of_a_part_is_left_and_the_rest_is_as_it_was(rate: int, tone: bool) -> None:
    sound = noise(2, rate)
    muted = mute(sound, [(1, 0.5, 1.25)], tone=tone)
    first, last, ramp = round(0.5 * rate), round(1.25 * rate), round(RAMP * rate) + 1
    assert np.array_equal(muted.samples[0], sound.samples[0])
    assert np.array_equal(muted.samples[1, : first - ramp], sound.samples[1, : first - ramp])
    assert np.array_equal(muted.samples[1, last + ramp :], sound.samples[1, last + ramp :])
    part = muted.samples[1, first:last].astype(float)
    if not tone:
        assert not part.any()
        return
    assert abs(np.corrcoef(part, sound.samples[1, first:last])[0, 1]) < 0.05
    level = 20 * np.log10(np.sqrt(np.mean(part[ramp:-ramp] ** 2)) / 32767)
    assert level == pytest.approx(-20, abs=0.2)
    spectrum = np.abs(np.fft.rfft(part))
    assert np.argmax(spectrum) * rate / part.size == pytest.approx(1000, abs=3)


def test_there_is_no_click_at_the_borders() -> None:
    hum = (8_000 * np.sin(2 * np.pi * 50 * np.arange(16_000) / 8_000 + 1.2)).astype(np.int16).reshape(1, -1)
    quiet = mute(Sound(samples=hum, rate=8_000), [(0, 0.503, 1.011)], tone=False)
    assert np.abs(np.diff(quiet.samples[0].astype(int))).max() < 700


def test_the_sound_itself_is_not_changed() -> None:
    sound = noise(1, 8_000)
    before = sound.samples.copy()
    mute(sound, [(0, 0.0, 2.0)])
    assert np.array_equal(sound.samples, before)


def test_parts_may_overlap_and_reach_beyond_the_sound() -> None:
    sound = noise(1, 8_000)
    muted = mute(sound, [(0, 1.5, 9.0), (0, 1.0, 1.6), (0, 5.0, 6.0), (0, -1.0, 0.1)], tone=False)
    assert not muted.samples[0, 8_000:].any()
    assert not muted.samples[0, :800].any()
    assert muted.samples[0, 1_600:7_000].any()
    assert muted.samples.shape == sound.samples.shape


@pytest.mark.parametrize("channel", [-1, 1])
def test_a_channel_that_is_not_there_stands_for_all(channel: int) -> None:
    assert not mute(noise(1, 8_000), [(channel, 0.0, 2.0)], tone=False).samples.any()


def test_mono_on_both_sides_is_put_out_on_both() -> None:
    one = noise(1, 8_000)
    both = Sound(samples=np.repeat(one.samples, 2, axis=0), rate=8_000)
    assert not mute(both, [(0, 0.0, 2.0)], tone=False).samples.any()
    assert mute(noise(2, 8_000), [(0, 0.0, 2.0)], tone=False).samples[1].any()


def test_nothing_to_put_out_changes_nothing() -> None:
    sound = noise(2, 8_000)
    assert np.array_equal(mute(sound, []).samples, sound.samples)
