"""How a recording sounds: who speaks when, how loud and how high. Functions over sound and stretches of speech."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from speech.audio.audio import TELEPHONE_RATE, Sound, as_float, resample
from speech.audio.vad import Span, speech_spans

MEASURING = "1"
"""Version of what ``measure_sound`` does: raised when the same sound gives other figures."""

LOWEST_PITCH, HIGHEST_PITCH = 65.0, 400.0
"""Hz; voices from a low man's to a child's."""
PITCH_FRAME_SECONDS = 0.064
"""Long enough for four periods of the lowest voice."""
ENOUGH_SPEECH_SECONDS = 60.0
"""More does not change the median, and YIN takes 250 MB a minute."""
VOICED_POWER = 0.1
"""Share of the mean power of the speech from which a frame is voiced: vowels, not breath."""

LEVEL_SECONDS = 0.1
"""Seconds of sound for each level."""
SILENT_DBFS = -100
"""Level that stands for no sound at all."""
PIECE_SECONDS = 60.0
"""Sound that is in memory as float at a time."""
LOUDNESS_SECONDS = 600.0
"""From the start; more tells no more of how loud a line is, and takes memory."""
LOUDNESS_BLOCK_SECONDS = 0.4
"""Seconds of a gating block of BS.1770: shorter sound has no integrated loudness."""
FULL_SCALE = 32_000
"""Amplitude of 32767: from here a sample is clipped. G.711 reaches 32124 (µ-law) and 32256 (A-law)."""
DEAD_PEAK = 24
"""Amplitude of 32767: a channel that never exceeds it carries nothing. A line with a telephone on it hisses
louder than that, and the silence of A-law is 8."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One sound, measured. The first index is the channel."""

    speech: tuple[tuple[Span, ...], ...]
    levels: tuple[tuple[int, ...], ...]
    """RMS of each ``LEVEL_SECONDS``, whole dBFS."""
    lufs: tuple[float | None, ...]
    """Integrated loudness; None where there is none."""
    pitch: tuple[float | None, ...]
    """Hz; None where it was not asked for or nobody speaks."""
    clipped: tuple[float, ...]
    """Share of samples at full scale, 0..1."""
    dead: tuple[int, ...]
    """Channels that carry nothing."""


def measure_sound(sound: Sound, *, pitched: Collection[int] = ()) -> Measured:
    """Everything the rules will ever ask of a sound; ``pitched`` are the channels whose voice's pitch is wanted."""
    speech, levels, lufs, pitch, clipped, dead = [], [], [], [], [], []
    for number in range(sound.channels):
        channel = sound.channel(number)
        dead += [number] if _peak(channel) <= DEAD_PEAK else []
        spans = () if number in dead else speech_spans(channel, min_silence=0.3, before=0.0, after=0.0)
        speech.append(spans)
        levels.append(levels_dbfs(channel))
        lufs.append(loudness_lufs(channel))
        pitch.append(pitch_hz(channel, spans) if number in pitched else None)
        clipped.append(round(_clipped(channel), 6))
    return Measured(
        speech=tuple(speech),
        levels=tuple(levels),
        lufs=tuple(lufs),
        pitch=tuple(pitch),
        clipped=tuple(clipped),
        dead=tuple(dead),
    )


def levels_dbfs(sound: Sound) -> tuple[int, ...]:
    """RMS level of each tenth of a second of a mono sound, whole dBFS; the last one may be of less."""
    step = round(LEVEL_SECONDS * sound.rate)
    levels: list[int] = []
    for piece in _pieces(sound, step):
        powers = np.square(piece, dtype=np.float32)
        starts = np.arange(0, piece.size, step)
        means = np.add.reduceat(powers, starts) / np.diff([*starts, piece.size])
        decibels = 10 * np.log10(np.maximum(means, 10 ** (SILENT_DBFS / 10)))
        levels += np.rint(decibels).astype(int).tolist()
    return tuple(levels)


def loudness_lufs(sound: Sound) -> float | None:
    """Integrated loudness of a mono sound, LUFS, by its first ten minutes; None where it is too short or too quiet.

    Source: ITU-R BS.1770-4 as pyloudnorm has it.
    """
    import pyloudnorm

    samples = as_float(sound.cut(0, LOUDNESS_SECONDS))
    if samples.size < LOUDNESS_BLOCK_SECONDS * sound.rate or not samples.any():
        return None
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of sound that is all below the gate: its mean is of nothing
        loudness = float(pyloudnorm.Meter(sound.rate).integrated_loudness(samples))
    return round(loudness, 1) if np.isfinite(loudness) else None


def _peak(sound: Sound) -> int:
    samples = sound.samples[0]
    return max(abs(int(samples.max())), abs(int(samples.min()))) if samples.size else 0


def _clipped(sound: Sound) -> float:
    samples = sound.samples[0]
    return float(np.mean((samples >= FULL_SCALE) | (samples <= -FULL_SCALE))) if samples.size else 0.0


def _pieces(sound: Sound, step: int) -> Iterator[NDArray[np.float32]]:
    """A mono sound as floats, some whole steps at a time."""
    length = max(step, round(PIECE_SECONDS * sound.rate) // step * step)
    for first in range(0, sound.samples.shape[1], length):
        yield np.divide(sound.samples[0, first : first + length], 32768, dtype=np.float32)


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
