"""Speech to hear: human prompts with what they say, from Debian's Asterisk, and the line around them."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import numpy as np

from speech.audio.audio import TELEPHONE_RATE, Sound, read_sound

SOUNDS = {"ru": "ru_RU_f_IvrvoiceRU", "en": "en_US_f_Allison"}


def human_prompts(language: str, *, least_words: int = 4) -> list[tuple[Path, str]]:
    """WAV files at 8 kHz and their words, by name; those that are no plain sentence are left out."""
    script = Path(f"/usr/share/doc/asterisk-core-sounds-{language}/core-sounds-{language}.txt.gz")
    prompts = []
    for line in gzip.decompress(script.read_bytes()).decode().splitlines():
        name, _, text = line.partition(": ")
        file = Path("/usr/share/asterisk/sounds", SOUNDS[language], f"{name}.wav")
        if not re.search(r"[\[\](:/]", text) and len(text.split()) >= least_words and file.exists():
            prompts.append((file, text))
    return sorted(prompts)


def human_digit(language: str, digit: int) -> Sound:
    return read_sound(Path("/usr/share/asterisk/sounds", SOUNDS[language], "digits", f"{digit}.wav"))


def quiet(seconds: float) -> Sound:
    """The soft noise of an open line, the same each time."""
    noise = np.random.default_rng(1).normal(0, 12, round(seconds * TELEPHONE_RATE)).astype(np.int16)
    return Sound(samples=noise.reshape(1, -1), rate=TELEPHONE_RATE)


def in_a_row(*sounds: Sound) -> Sound:
    return Sound(samples=np.concatenate([sound.samples for sound in sounds], axis=1), rate=sounds[0].rate)
