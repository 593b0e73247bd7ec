"""Hold music of our own making: four soft chords that loop without a seam, owed to nobody."""

from __future__ import annotations

import numpy as np

from speech.audio.audio import TELEPHONE_RATE, Sound

CHORDS = (
    (261.63, 329.63, 392.00, 493.88),  # C major 7
    (220.00, 261.63, 329.63, 392.00),  # A minor 7
    (174.61, 220.00, 261.63, 329.63),  # F major 7
    (196.00, 246.94, 293.66, 349.23),  # G 7
)
"""Hz."""
CHORD_SECONDS = 4.0
LEVEL_DBFS = -26.0
"""RMS: well below a voice, so that nobody starts when somebody speaks."""


def hold_music(rate: int = TELEPHONE_RATE) -> Sound:
    """Sixteen seconds of mono sound: each chord is strummed upwards and rings out over the next one."""
    length = int(len(CHORDS) * CHORD_SECONDS * rate)
    mix = np.zeros(length)
    ring = np.arange(int(1.5 * CHORD_SECONDS * rate)) / rate
    envelope = (1 - np.exp(-ring / 0.04)) * np.exp(-ring / 1.4) * np.linspace(1, 0, ring.size)
    for number, chord in enumerate(CHORDS):
        for string, pitch in enumerate((*chord, *reversed(chord[:-1]))):
            note = envelope * (np.sin(2 * np.pi * pitch * ring) + 0.25 * np.sin(4 * np.pi * pitch * ring))
            start = int((number * CHORD_SECONDS + string * CHORD_SECONDS / 8) * rate)
            mix[(start + np.arange(ring.size)) % length] += note  # what rings past the end is heard at the start
    mix *= 10 ** (LEVEL_DBFS / 20) / np.sqrt(np.mean(mix**2))
    return Sound(samples=np.round(mix * 32767).astype(np.int16)[np.newaxis], rate=rate)
