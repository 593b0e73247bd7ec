"""Two voices in one channel told apart by their sound: timbre (MFCC) and pitch of short windows, in two clusters.

Small on purpose: the kept diarization libraries bring a deep-learning framework of a gigabyte. Measured on mixes of two
human and three synthetic voices at 8 kHz: of ten pairs eight had all windows right, one 97 %, one (two women) was
refused; none of five single voices was taken for two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from speech.audio.audio import TELEPHONE_RATE, Sound, as_float, resample
from speech.audio.vad import Span

WINDOW, HOP = 1.5, 0.75
"""Seconds of speech that are one observation, and from one to the next."""
STEP = 0.01
"""Seconds from one frame to the next."""
FRAME, PITCH_FRAME = 256, 512
"""Samples at the telephone rate: 32 ms for the timbre, 64 ms for the pitch (four periods of the lowest voice)."""
COEFFICIENTS = 20
LEAST_VOICED = 30
"""Frames without which a window tells nothing."""
PITCH_WEIGHT = 8.0
"""Weight of an octave, in standard deviations of a coefficient."""
APART = 0.32
"""Silhouette from which there are two voices: single ones reached 0.28, pairs 0.39 and more."""
LEAST_SHARE = 0.12
"""Share of the windows that the second voice must have: below it is a noise, a laugh, an odd word of the first one."""
MOST_WINDOWS = 1500
"""That are clustered; the others go to the nearer centre."""
LONGEST = 30.0
"""Seconds of one stretch that are looked at at once: pitch takes memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voices:
    """Which of two voices speaks when."""

    times: NDArray[np.float64]
    """Middles of the windows, seconds, ascending."""
    labels: NDArray[np.int64]
    """0 or 1 for each; 0 is the voice that is heard first."""
    silhouette: float
    """How far apart they are, -1..1."""

    def at(self, time: float) -> int:
        """The voice at a time in seconds: that of the nearest window."""
        return int(self.labels[int(np.argmin(np.abs(self.times - time)))])


def two_voices(sound: Sound, stretches: Sequence[Span]) -> Voices | None:
    """Tell two voices of a mono sound apart; None where there is only one, or too little to tell.

    Args:
        sound: Mono.
        stretches: Where somebody speaks, by time, as the utterances of a transcript.
    """
    from sklearn.cluster import AgglomerativeClustering
    from sklearn.metrics import silhouette_score

    times, seen = _observations(resample(sound, TELEPHONE_RATE), stretches)
    if len(times) < 4:
        return None
    chosen = np.unique(np.linspace(0, len(times) - 1, min(len(times), MOST_WINDOWS)).round().astype(int))
    known = seen[chosen]
    groups = AgglomerativeClustering(2, linkage="ward").fit_predict(known)
    share = min(np.mean(groups == 0), np.mean(groups == 1))
    silhouette = float(silhouette_score(known, groups)) if share > 0 else -1.0
    if share < LEAST_SHARE or silhouette < APART:
        return None
    centres = np.stack([known[groups == group].mean(axis=0) for group in (0, 1)])
    labels = np.argmin(np.linalg.norm(seen[:, None, :] - centres[None], axis=2), axis=1)
    labels[chosen] = groups
    return Voices(times=times, labels=labels ^ labels[0], silhouette=silhouette)


def _observations(sound: Sound, stretches: Sequence[Span]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Middles of the windows in seconds, and a row each: standardised timbre, then pitch in octaves, weighted."""
    times: list[float] = []
    rows: list[NDArray[np.float64]] = []
    for stretch in stretches:
        start = stretch.start
        while start < stretch.end:
            end = min(stretch.end, start + LONGEST)
            for middle, row in _windows(as_float(sound.cut(start, end))):
                times.append(start + middle)
                rows.append(row)
            start = end
    if not rows:
        return np.zeros(0), np.zeros((0, COEFFICIENTS))
    seen = np.stack(rows)
    timbre, pitch = seen[:, :-1], seen[:, -1]
    timbre = (timbre - timbre.mean(axis=0)) / max(float(timbre.std(axis=0).mean()), 1e-9)
    return np.array(times), np.column_stack([timbre, (pitch - pitch.mean()) * PITCH_WEIGHT])


def _windows(samples: NDArray[np.float32]) -> list[tuple[float, NDArray[np.float64]]]:
    """Middle in seconds, and mean coefficients (without the loudness) and median pitch in octaves of each window."""
    import librosa

    if samples.size < PITCH_FRAME or not samples.any():
        return []
    hop = int(STEP * TELEPHONE_RATE)
    timbre = librosa.feature.mfcc(
        y=samples, sr=TELEPHONE_RATE, n_mfcc=COEFFICIENTS, n_fft=FRAME, hop_length=hop, n_mels=32
    )[1:]
    pitch = librosa.yin(samples, fmin=65, fmax=400, sr=TELEPHONE_RATE, frame_length=PITCH_FRAME, hop_length=hop)
    power = librosa.feature.rms(y=samples, frame_length=FRAME, hop_length=hop)[0]
    frames = min(timbre.shape[1], pitch.size, power.size)
    voiced = power[:frames] > 0.3 * np.median(power[:frames])
    width, shift = int(WINDOW / STEP), int(HOP / STEP)
    windows = []
    for first in range(0, max(1, frames - width // 2), shift):
        here = np.arange(first, min(first + width, frames))
        heard = here[voiced[here]]
        if heard.size >= LEAST_VOICED:
            row = np.append(timbre[:, heard].mean(axis=1), np.median(np.log2(pitch[heard])))
            windows.append((float(here[0] + here[-1]) / 2 * STEP, row.astype(np.float64)))
    return windows
