"""What the robot says, as sound: recorded by a person, or rendered once by a voice and kept.

On disk are only texts that are the same in every call. What has a name, a number or a sum in it is kept in memory for a
while: it is somebody's, and nobody would ever ask a file for it again.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

import numpy as np

from speech.audio.audio import TELEPHONE_RATE, Sound, read_sound, resample, write_wav
from speech.errors import AudioFormatError
from speech.synthesis.synthesizer import Voice

logger = logging.getLogger(__name__)

VERSION = "2"
"""Changes when rendered prompts should sound different; also the folder, what is beside it is of an earlier Otklik."""
MOST_BYTES = 256 * 1024 * 1024
"""Of prompts on disk; above it those used longest ago are deleted."""
MOST_IN_MEMORY = 32 * 1024 * 1024
"""Bytes of prompts that are somebody's: some 400 of 5 s."""
RENDERED = re.compile(r"[0-9a-f]{64}\.wav")
"""Name of a rendered prompt's file."""
TRIM_EVERY = 100
"""Prompts written between two looks at how many there are."""
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
        self._lock = threading.Lock()
        self._somebodys: OrderedDict[str, Sound] = OrderedDict()
        """Prompts that no file may hold, those used longest ago first."""
        self._bytes = self._written = 0

    def sound(self, text: str, language: str, name: str = "", *, keep: bool = False) -> Sound:
        """Mono sound of a prompt at the telephone rate, all at one loudness. A disk that is full costs time, no prompt.

        Args:
            text: What to say.
            language: Code of a language that has a voice here.
            name: Name under which a person may have recorded it.
            keep: It is the same in every call, so a file may hold it.

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
        if keep:
            self._keep(path, sound)
        else:
            self._remember(path.stem, sound)
        return sound

    def tidy(self, used: Iterable[tuple[str, str]] = ()) -> None:
        """Delete what an earlier Otklik left, which may be somebody's, and what is too much.

        Args:
            used: Text and language of prompts that stay longest.
        """
        now = time.time()
        for text, language in used:
            with suppress(OSError):
                os.utime(self._file(text, language), (now, now))
        with suppress(OSError):
            for left in [*self._cache.rglob("*.wav")]:
                if RENDERED.fullmatch(left.name) and VERSION not in left.relative_to(self._cache).parts:
                    left.unlink(missing_ok=True)
            self._trim()

    def _remembered(self, key: str) -> Sound | None:
        with self._lock:
            if key in self._somebodys:
                self._somebodys.move_to_end(key)
            return self._somebodys.get(key)

    def _remember(self, key: str, sound: Sound) -> None:
        with self._lock:
            if key not in self._somebodys:
                self._somebodys[key] = sound
                self._bytes += sound.samples.nbytes
            while self._bytes > MOST_IN_MEMORY:
                self._bytes -= self._somebodys.popitem(last=False)[1].samples.nbytes

    def _trim(self) -> None:
        """Keep the bound of the disk."""
        files = sorted(((file.stat(), file) for file in self._cache.rglob("*.wav")), key=lambda pair: pair[0].st_mtime)
        over = sum(stat.st_size for stat, _ in files) - MOST_BYTES
        for stat, file in files:
            if over <= 0:
                break
            file.unlink(missing_ok=True)
            over -= stat.st_size

    def _keep(self, kept: Path, sound: Sound) -> None:
        try:
            kept.parent.mkdir(parents=True, exist_ok=True)
            write_wav(kept, sound)
            self._written += 1
            if self._written % TRIM_EVERY == 0:
                self._trim()
        except OSError as error:
            now = time.monotonic()
            if self._complained is None or now - self._complained >= COMPLAIN_AGAIN:
                self._complained = now
                logger.warning("prompts cannot be kept, each is rendered anew, which takes time: %s", error)

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
        if (known := self._remembered(path.stem)) is not None:
            return known
        try:
            return read_sound(path) if path.is_file() else None
        except (AudioFormatError, OSError) as error:
            logger.warning("%s; rendered anew", error)
            return None

    def _file(self, text: str, language: str) -> Path:
        key = hashlib.sha256("\0".join([self._voices[language].name, text, VERSION]).encode()).hexdigest()
        return self._cache / VERSION / language / f"{key}.wav"


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
