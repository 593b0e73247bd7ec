"""How a recording sounds: who speaks when, how loud and how high. Functions over sound and stretches of speech."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from speech.audio import TELEPHONE_RATE, Sound, as_float, resample
from speech.vad import Span

LOWEST_PITCH, HIGHEST_PITCH = 65.0, 400.0
"""Hz; voices from a low man's to a child's."""
PITCH_FRAME_SECONDS = 0.064
"""Long enough for four periods of the lowest voice."""
ENOUGH_SPEECH_SECONDS = 60.0
"""More does not change the median, and YIN takes 250 MB a minute."""
VOICED_POWER = 0.1
"""Share of the mean power of the speech from which a frame is voiced: vowels, not breath."""


def union(channels: Iterable[Sequence[Span]]) -> list[Span]:
    """Stretches in which anybody speaks, by time, none touching the next."""
    joined: list[Span] = []
    for span in sorted((span for spans in channels for span in spans), key=lambda span: span.start):
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(start=joined[-1].start, end=max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return joined


def gaps(channels: Iterable[Sequence[Span]], duration: float) -> Iterator[Span]:
    """Stretches in which nobody speaks, from 0 to ``duration`` seconds, by time."""
    quiet_from = 0.0
    for span in union(channels):
        if span.start > quiet_from:
            yield Span(start=quiet_from, end=span.start)
        quiet_from = span.end
    if duration > quiet_from:
        yield Span(start=quiet_from, end=duration)


def overlaps(left: Sequence[Span], right: Sequence[Span]) -> Iterator[Span]:
    """Stretches in which both speak, by time; each side's own are in order and do not overlap."""
    at_left, at_right = 0, 0
    while at_left < len(left) and at_right < len(right):
        one, other = left[at_left], right[at_right]
        start, end = max(one.start, other.start), min(one.end, other.end)
        if start < end:
            yield Span(start=start, end=end)
        if one.end <= other.end:
            at_left += 1
        else:
            at_right += 1


def loudness_dbfs(sound: Sound, spans: Iterable[Span]) -> float | None:
    """RMS level of the stretches of a mono sound, dBFS; None where there is no sound in them."""
    parts = [as_float(sound.cut(span.start, span.end)) for span in spans]
    samples = np.concatenate(parts) if parts else np.zeros(0, np.float32)
    power = float(np.mean(np.square(samples, dtype=np.float64))) if samples.size else 0.0
    return 10 * float(np.log10(power)) if power > 0 else None


def pitch_hz(sound: Sound, spans: Iterable[Span]) -> float | None:
    """Median fundamental frequency of the voice in the stretches of a mono sound, Hz; None without voiced speech.

    Source: YIN (de Cheveigné, Kawahara 2002) as librosa has it. The first call on a machine compiles for half a minute;
    set-up does that ahead.
    """
    import librosa

    sound = resample(sound, TELEPHONE_RATE)
    parts = [as_float(sound.cut(span.start, span.end)) for span in spans]
    length = int(PITCH_FRAME_SECONDS * sound.rate)
    speech = np.concatenate(parts) if parts else np.zeros(0, np.float32)
    speech = speech[: int(ENOUGH_SPEECH_SECONDS * sound.rate)]
    if speech.size < length or not speech.any():
        return None
    pitch = librosa.yin(speech, fmin=LOWEST_PITCH, fmax=HIGHEST_PITCH, sr=sound.rate, frame_length=length)
    power = librosa.feature.rms(y=speech, frame_length=length, hop_length=length // 4)[0][: pitch.size] ** 2
    voiced = pitch[power >= VOICED_POWER * power.mean()]
    return float(np.median(voiced)) if voiced.size else None


if __name__ == "__main__":  # set-up runs it: numba keeps what it compiles, and the first call of a day is quick
    noise = np.random.default_rng(0).normal(0, 1000, (1, 8000)).astype(np.int16)
    pitch_hz(Sound(samples=noise, rate=8000), [Span(start=0.0, end=1.0)])
