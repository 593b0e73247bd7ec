"""A recording's sound, measured once; what is kept of it is all the rules ever need."""

from __future__ import annotations

import numpy as np

from recordings.results.acoustics import STEP, Acoustics
from speech.audio.acoustics import LEVEL_SECONDS, MEASURING, measure_sound
from speech.audio.audio import Sound

VERSION = MEASURING
TOLD_BY = 600.0
"""Seconds from the start that are enough to compare channels."""
SAME = 1e-3
"""Share of the power by which two channels may differ and still be one sound: lossy codecs change it by less."""

if STEP != LEVEL_SECONDS:
    raise ValueError(f"levels are kept every {STEP} s and measured every {LEVEL_SECONDS} s")


def acoustics_of(sound: Sound) -> Acoustics:
    """Measure a recording: of two channels the left one is the caller, whose pitch alone is measured."""
    sound = distinct_channels(sound)
    measured = measure_sound(sound, pitched=(0,) if sound.channels == 2 else ())
    return Acoustics(
        version=VERSION,
        duration=sound.duration,
        speech=tuple(
            tuple((round(span.start, 3), round(span.end, 3)) for span in channel) for channel in measured.speech
        ),
        levels=measured.levels,
        lufs=measured.lufs,
        pitch=tuple(None if hertz is None else round(hertz) for hertz in measured.pitch),
        clipped=measured.clipped,
        dead=measured.dead,
    )


def distinct_channels(sound: Sound) -> Sound:
    """Many recorders write one and the same mono sound on both sides: that is one channel, not two speakers at once."""
    if sound.channels != 2:
        return sound
    left, right = sound.cut(0, TOLD_BY).samples.astype(np.float32)
    heard, differs = float(np.mean(left**2)), float(np.mean((left - right) ** 2))
    return sound.channel(0) if differs < SAME * heard else sound
