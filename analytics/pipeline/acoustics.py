"""A recording's sound, measured once; what is kept of it is all the rules ever need."""

from __future__ import annotations

from recordings.results.acoustics import STEP, Acoustics
from speech.audio.acoustics import LEVEL_SECONDS, MEASURING, measure_sound
from speech.audio.audio import Sound
from speech.audio.channels import distinct_channels

VERSION = MEASURING

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
