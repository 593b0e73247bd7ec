"""Silence, overlap, loudness and pitch, on hand-made stretches."""

from __future__ import annotations

import numpy as np
import pytest

from speech.audio.acoustics import gaps, loudness_dbfs, overlaps, pitch_hz, union
from speech.audio.audio import Sound
from speech.audio.vad import Span

pytestmark = pytest.mark.models


def spans(*times: tuple[float, float]) -> list[Span]:
    return [Span(start=start, end=end) for start, end in times]


def test_union_joins_what_touches() -> None:
    assert union([spans((0, 2), (5, 6)), spans((1, 3), (3, 4))]) == spans((0, 4), (5, 6))


def test_gaps_are_where_nobody_speaks() -> None:
    assert list(gaps([spans((1, 2)), spans((1.5, 4))], 5.0)) == spans((0, 1), (4, 5))
    assert list(gaps([[], []], 3.0)) == spans((0, 3))
    assert list(gaps([spans((0, 3))], 3.0)) == []


def test_overlaps_are_where_both_speak() -> None:
    assert list(overlaps(spans((0, 4), (6, 9)), spans((1, 2), (3, 7)))) == spans((1, 2), (3, 4), (6, 7))
    assert list(overlaps(spans((0, 1)), spans((1, 2)))) == []


def test_loudness_of_a_sine_is_three_db_below_its_peak() -> None:
    times = np.arange(8000) / 8000
    half = (np.sin(2 * np.pi * 400 * times) * 16384).astype(np.int16)
    sound = Sound(samples=np.concatenate([half, np.zeros(8000, np.int16)]).reshape(1, -1), rate=8000)
    assert loudness_dbfs(sound, spans((0, 1))) == pytest.approx(-9.03, abs=0.02)
    assert loudness_dbfs(sound, spans((1, 2))) is None
    assert loudness_dbfs(sound, []) is None


@pytest.mark.timeout(300)  # librosa compiles on its first call
@pytest.mark.parametrize("hertz", [90.0, 210.0, 330.0])
def test_pitch_is_the_fundamental_and_not_an_overtone(hertz: float) -> None:
    times = np.arange(16000) / 8000
    voice = sum(np.sin(2 * np.pi * hertz * overtone * times) / overtone for overtone in range(1, 6))
    samples = (np.asarray(voice) * 8000).astype(np.int16)
    sound = Sound(samples=np.concatenate([samples, np.zeros(8000, np.int16)]).reshape(1, -1), rate=8000)
    assert pitch_hz(sound, spans((0, 2))) == pytest.approx(hertz, rel=0.02)
    assert pitch_hz(sound, spans((2, 3))) is None
    assert pitch_hz(sound, []) is None
