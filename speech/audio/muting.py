"""Parts of a sound put out: a tone or silence in their place, so that nobody hears what was said there."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from speech.audio.audio import Sound
from speech.audio.channels import is_one_sound

TONE_HZ = 1000.0
TONE_DBFS = -20.0
"""RMS of the tone: about as loud as telephone speech, and no shock in a headset."""
EVERY = -1
"""Channel that stands for all of them."""
RAMP = 0.005
"""Seconds in which the sound fades out before a part and in after it: a jump would click."""
FULL_SCALE = 32767.0


def mute(sound: Sound, spans: Iterable[tuple[int, float, float]], *, tone: bool = True) -> Sound:
    """The sound with its parts put out; the sound itself stays as it is.

    Nothing of a part is left: the ramps lie outside it. ``EVERY``, and any channel that the sound does not have, stands
    for all of them, as a mono recording holds both speakers; so does each where a recorder wrote one sound on both
    sides. What reaches beyond the sound is cut off.

    Args:
        sound: Any rate, any number of channels.
        spans: Channel, start and end in seconds of each part, in any order; they may overlap.
        tone: A tone of 1 kHz at -20 dBFS, else silence.
    """
    samples = sound.samples.copy()
    ramp = max(1, round(RAMP * sound.rate))
    one_sound = is_one_sound(sound)
    for channel, start, end in spans:
        first = min(max(0, int(np.floor(start * sound.rate))), samples.shape[1])
        last = min(max(first, int(np.ceil(end * sound.rate))), samples.shape[1])
        if first == last:
            continue
        known = 0 <= channel < sound.channels and not one_sound
        for each in (channel,) if known else range(sound.channels):
            _put_out(samples[each], first, last, ramp, sound.rate, tone=tone)
    return Sound(samples=samples, rate=sound.rate)


def _put_out(samples: NDArray[np.int16], first: int, last: int, ramp: int, rate: int, *, tone: bool) -> None:
    """Fade the sound around ``first`` to before ``last`` and fill these."""
    before = samples[max(0, first - ramp) : first]
    before[:] = before * np.linspace(1.0, 0.0, before.size, endpoint=False)
    after = samples[last : last + ramp]
    after[:] = after * np.linspace(1.0, 0.0, after.size, endpoint=False)[::-1]
    samples[first:last] = _tone(first, last, ramp, rate) if tone else 0


def _tone(first: int, last: int, ramp: int, rate: int) -> NDArray[np.int16]:
    """Counted from the start of the sound, so that overlapping parts make one tone; with ramps of its own."""
    amplitude = FULL_SCALE * 10 ** (TONE_DBFS / 20) * np.sqrt(2)
    wave = amplitude * np.sin(2 * np.pi * TONE_HZ * np.arange(first, last) / rate)
    place = np.arange(last - first)
    edge = np.minimum(place + 1, (last - first) - place) / ramp
    shaped: NDArray[np.int16] = (wave * np.minimum(1.0, edge)).astype(np.int16)
    return shaped
