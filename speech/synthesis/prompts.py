"""What the robot says, as sound: recorded by a person, or rendered once by a voice and kept."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from speech.audio.audio import TELEPHONE_RATE, Sound, read_sound, resample, write_wav
from speech.errors import AudioFormatError
from speech.synthesis.synthesizer import Voice

logger = logging.getLogger(__name__)

VERSION = "1"
"""Changes when rendered prompts should sound different."""
LOUDNESS = -20.0
"""dBFS of the speech in every prompt."""
COMPLAIN_AGAIN = 600.0
"""Seconds between two warnings that prompts cannot be kept."""
HIGHEST_PEAK = 10 ** (-1 / 20)
"""Share of full scale, -1 dBFS: no prompt is made louder than this allows."""


class Prompts:
    """Thread-safe; may be shared by processes."""

    def __init__(self, voices: Mapping[str, Voice], *, cache_dir: Path, recorded_dir: Path) -> None:
        """Keep the voices by language.

        Args:
            voices: Language → voice.
            cache_dir: Rendered prompts.
            recorded_dir: Prompts recorded by people, ``<language>/<name>.wav``; these win.
        """
        self._voices = voices
        self._cache = cache_dir
        self._recorded = recorded_dir
        self._complained: float | None = None

    def sound(self, text: str, language: str, name: str = "") -> Sound:
        """Mono sound of a prompt at the telephone rate, all at one loudness. A disk that is full costs time, no prompt.

        Args:
            text: What to say.
            language: Code of a language that has a voice here.
            name: Name under which a person may have recorded it.

        Raises:
            EngineError: the voice gave no sound.
            AudioFormatError: the recorded file cannot be decoded.
            KeyError: the language has no voice here.
            ValueError: the name is a path.
        """
        if kept := self.kept(text, language, name):
            return kept
        sound = _normalised(self._voices[language].speak(text))
        path = self._file(text, language)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_wav(path, sound)
        except OSError as error:
            now = time.monotonic()
            if self._complained is None or now - self._complained >= COMPLAIN_AGAIN:
                self._complained = now
                logger.warning("prompts cannot be kept, each is rendered anew, which takes time: %s", error)
        return sound

    def kept(self, text: str, language: str, name: str = "") -> Sound | None:
        """The sound of a prompt that is there already; None where it must be rendered. Waits for the disk alone.

        Args and errors as of ``sound``.
        """
        if name and Path(name).name != name:
            raise ValueError(f"a prompt's name is no path: {name!r}")
        recorded = self._recorded / language / f"{name}.wav"
        if name and recorded.is_file():
            return _normalised(_telephone(read_sound(recorded)))
        path = self._file(text, language)
        try:
            return read_sound(path) if path.is_file() else None
        except (AudioFormatError, OSError) as error:
            logger.warning("%s; rendered anew", error)
            return None

    def _file(self, text: str, language: str) -> Path:
        key = hashlib.sha256("\0".join([self._voices[language].name, text, VERSION]).encode()).hexdigest()
        return self._cache / language / f"{key}.wav"


def _telephone(sound: Sound) -> Sound:
    """One channel at the telephone rate."""
    mixed = sound.samples.astype(np.int32).mean(axis=0, keepdims=True).astype(np.int16)
    return resample(Sound(samples=mixed, rate=sound.rate), TELEPHONE_RATE)


def _normalised(sound: Sound) -> Sound:
    """The sound with its speech at ``LOUDNESS``, unless its peaks stand against it."""
    samples = sound.samples.astype(np.float32) / 32768
    frames = samples[0, : samples.shape[1] // 160 * 160].reshape(-1, 160)
    power = (frames**2).mean(axis=1)
    speech = power[power > power.max(initial=0.0) / 1000]  # 30 dB below the loudest is a pause
    if not speech.size or not speech.max():
        return sound
    gain = 10 ** (LOUDNESS / 20) / float(np.sqrt(speech.mean()))
    gain = min(gain, HIGHEST_PEAK / float(np.abs(samples).max()))
    return Sound(samples=(samples * gain * 32767).astype(np.int16), rate=sound.rate)
