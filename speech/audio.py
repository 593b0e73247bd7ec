"""Sound in memory: a chunk of a live leg, and a whole piece."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TELEPHONE_RATE = 8000
"""Hz, the rate of a narrow-band telephone leg."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioChunk:
    """A few milliseconds of one leg: signed 16-bit little-endian mono PCM."""

    pcm: bytes
    rate: int
    """Hz."""
    start: float
    """Seconds from the start of the leg."""

    @property
    def end(self) -> float:
        """Seconds from the start of the leg."""
        return self.start + len(self.pcm) / 2 / self.rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """A whole piece of sound."""

    samples: NDArray[np.int16]
    """Shape (channels, frames)."""
    rate: int
    """Hz."""

    @property
    def duration(self) -> float:
        """Seconds."""
        return float(self.samples.shape[1] / self.rate)

    @property
    def channels(self) -> int:
        return int(self.samples.shape[0])

    def channel(self, index: int) -> Sound:
        """One channel alone, as mono sound."""
        return Sound(samples=self.samples[index : index + 1], rate=self.rate)
