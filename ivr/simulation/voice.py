"""What a robot hears of a simulated caller's phrase: spoken by a voice, put on a noisy telephone line, recognised."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from speech.audio.audio import TELEPHONE_RATE, AudioChunk, Sound, mono
from speech.recognition.recognizer import Recognizer
from speech.synthesis.synthesizer import Voice

AROUND = 0.4
"""Seconds of line noise before and after the words: what a turn's detector leaves of a pause."""
BAND = (300.0, 3400.0)
"""Hz a telephone carries."""
QUIET_DBFS = -40.0
"""Samples above this count as speech when its loudness is measured."""
LONGEST_SPOKEN = 400
"""Letters of a phrase that are spoken; nobody says more in one breath."""


class SpokenHearing:
    """Hears phrases. Each is rendered and recognised once; the sound is kept in memory alone.

    Args:
        voice: Speaks for the caller.
        recognizer: Hears for the robot.
        noise: Decibels the speech is louder than the noise on the line; None: a quiet line.
        seed: Of the noise.
    """

    def __init__(self, voice: Voice, recognizer: Recognizer, *, noise: float | None = None, seed: int = 1) -> None:
        self._voice = voice
        self._recognizer = recognizer
        self._noise = noise
        self._seed = seed
        self._heard: dict[str, tuple[str, float | None]] = {}

    def __call__(self, text: str) -> tuple[str, float | None]:
        """Text and confidence of what arrives, heard as free speech.

        Raises:
            SpeechError: the voice or the recogniser failed.
        """
        if text not in self._heard:
            self._heard[text] = self._recognise(text)
        return self._heard[text]

    def _recognise(self, text: str) -> tuple[str, float | None]:
        spoken = " ".join(word for word in text[:LONGEST_SPOKEN].split() if any(char.isalnum() for char in word))
        if not spoken:
            return "", None
        sound = on_the_line(self._voice.speak(spoken), noise=self._noise, seed=self._seed)
        live = self._recognizer.live()
        live.feed(AudioChunk(pcm=sound.pcm, rate=sound.rate, start=0.0))
        said = live.finish()
        return (said.text, said.confidence) if said else ("", None)


def on_the_line(sound: Sound, *, noise: float | None, seed: int = 1) -> Sound:
    """Speech with what a telephone line adds: a pause around it, and noise like many voices far away.

    Args:
        sound: Mono speech at the telephone rate.
        noise: Decibels the speech is louder than the noise; None: no noise.
        seed: Of the noise, so that a run can be repeated.
    """
    pause = np.zeros(round(AROUND * sound.rate), dtype=np.float64)
    speech = np.concatenate([pause, sound.samples[0].astype(np.float64), pause])
    if noise is not None:
        voiced = speech[np.abs(speech) > 32768 * 10 ** (QUIET_DBFS / 20)]
        loudness = float(np.sqrt(np.mean(np.square(voiced)))) if voiced.size else 0.0
        speech = speech + pink_noise(speech.size, sound.rate, seed=seed) * loudness / 10 ** (noise / 20)
    return mono(np.clip(speech, -32768, 32767).astype("<i2").tobytes(), sound.rate)


def pink_noise(frames: int, rate: int = TELEPHONE_RATE, *, seed: int = 1) -> NDArray[np.float64]:
    """Noise with the long-term slope of speech, in the band of a telephone; RMS 1.

    Source: power falls by 3 dB an octave, made by shaping white noise in the frequency domain.
    """
    shape = np.fft.rfftfreq(max(frames, 2), 1 / rate)
    inside = (shape >= BAND[0]) & (shape <= BAND[1])
    gains = np.where(inside, 1 / np.sqrt(np.maximum(shape, 1.0)), 0.0)
    drawn = np.random.default_rng(seed).standard_normal(gains.size * 2).view(np.complex128)
    made = np.fft.irfft(drawn * gains, n=max(frames, 2))[:frames]
    level = float(np.sqrt(np.mean(np.square(made)))) if frames else 1.0
    return np.asarray(made / (level or 1.0), dtype=np.float64)
