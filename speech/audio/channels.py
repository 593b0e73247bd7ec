"""Whether the channels of a stereo sound are two voices, or one sound that a recorder wrote on both sides.

Asked here alone: by who measures, transcribes, names speakers or puts private parts out. If they did not agree, words
of one channel would be lost, or put out on one side and heard on the other.
"""

from __future__ import annotations

import numpy as np

from speech.audio.audio import Sound

BLOCK = 1.0
"""Seconds compared at a time, each by itself: one short remark in an hour makes two channels."""
SAME = 1e-3
"""Share of the power by which two channels may differ and still be one sound: lossy codecs change it by less."""
FAINT = 24.0
"""RMS, of 32767, up to which a difference is the hiss of a line: nobody is heard in it."""


def is_one_sound(sound: Sound) -> bool:
    """Whether both channels of a stereo sound hold the same to its end; never of a mono or a silent sound.

    Memory does not grow with the sound, and two voices are told by their first words.
    """
    if sound.channels != 2:
        return False
    block = max(1, round(BLOCK * sound.rate))
    heard = False
    for first in range(0, sound.samples.shape[1], block):
        left, right = sound.samples[:, first : first + block].astype(np.float32)
        power = max(float(np.mean(left**2)), float(np.mean(right**2)))
        if float(np.mean((left - right) ** 2)) > max(SAME * power, FAINT**2):
            return False
        heard = heard or power > 0
    return heard


def distinct_channels(sound: Sound) -> Sound:
    """The sound with each voice's channel once: one sound on both sides is one channel, not two speakers at once."""
    return sound.channel(0) if is_one_sound(sound) else sound
