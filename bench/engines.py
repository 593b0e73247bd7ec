"""How fast the engines hear, and what our adapters add to the bare engine, on the same speech in the same run.

Real-time factor: seconds of decoding over seconds of sound. Below 1 is faster than speech.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import vosk
from faster_whisper import WhisperModel

from bench import report
from speech.audio.audio import Sound, as_float, chunks, read_sound, resample
from speech.models import models
from speech.recognition.engines import open_recognizer
from speech.recognition.word_error_rate import corpus_error_rate
from speech.recognition.words import Speaker
from speech.settings import SpeechSettings
from speech.synthesis.voices import open_voice
from speech.text.language import pack
from tests.speech.human import human_prompts

PROMPTS = 12
KOREAN = ("네", "아니요", "네", "아니요", "네", "네", "아니요", "네")


def run() -> None:
    settings = SpeechSettings()
    figures: dict[str, Any] = {}
    for language in ("ru", "en"):
        samples = [(read_sound(file), text) for file, text in human_prompts(language)[:PROMPTS]]
        figures[language] = _recognizer(language, settings, samples)
    figures["ko"] = _korean(settings)
    report.write("engines", {"real_time_factor": figures})


def _recognizer(language: str, settings: SpeechSettings, samples: list[tuple[Sound, str]]) -> dict[str, Any]:
    recognizer = open_recognizer(language, settings)
    seconds = sum(sound.duration for sound, _ in samples)
    heard: list[str] = []

    def ours() -> None:
        heard.clear()
        for sound, _ in samples:
            said = recognizer.recognize(sound, speaker=Speaker.UNKNOWN, channel=0)
            heard.append(" ".join(utterance.text for utterance in said))

    bare = bare_whisper if recognizer.engine.startswith("faster-whisper") else bare_vosk
    with_us, alone = _pair(ours, bare(language, settings, [sound for sound, _ in samples]))
    errors = corpus_error_rate([(text, words) for (_, text), words in zip(samples, heard, strict=True)], language)
    return {
        "engine": recognizer.engine,
        "speech_seconds": round(seconds, 1),
        "ours": round(with_us / seconds, 4),
        "bare_engine": round(alone / seconds, 4),
        "ours_over_bare": round(with_us / alone, 3),
        "word_error_rate": round(errors, 3),
    }


def _korean(settings: SpeechSettings) -> dict[str, Any]:
    """Vosk itself, on the one Vosk model that is always to be had; espeak-ng's speech, so no word error rate."""
    recognizer = open_recognizer("ko", settings)
    voice = open_voice("ko", settings)
    try:
        sounds = [voice.speak(word) for word in KOREAN]
    finally:
        voice.close()
    whole = Sound(samples=np.concatenate([_padded(sound) for sound in sounds], axis=1), rate=sounds[0].rate)
    closed = tuple(pack("ko").agree + pack("ko").disagree)

    def turn(phrases: tuple[str, ...]) -> Callable[[], None]:
        def decode() -> None:
            listener = recognizer.live(phrases=phrases)
            for chunk in chunks(whole):
                listener.feed(chunk)
            listener.finish()

        return decode

    free, alone = _pair(turn(()), bare_vosk("ko", settings, [whole]))
    grammar, _ = _pair(turn(closed), turn(()))
    return {
        "engine": recognizer.engine,
        "speech_seconds": round(whole.duration, 1),
        "ours": round(free / whole.duration, 4),
        "bare_engine": round(alone / whole.duration, 4),
        "ours_over_bare": round(free / alone, 3),
        "with_phrase_list": round(grammar / whole.duration, 4),
    }


def _padded(sound: Sound) -> Any:
    return np.pad(sound.samples, ((0, 0), (0, sound.rate // 2)))


def bare_whisper(language: str, settings: SpeechSettings, sounds: list[Sound]) -> Callable[[], None]:
    path = models.locate(settings.models_dir, language, "whisper")
    model = WhisperModel(str(path), device="cpu", compute_type="int8", cpu_threads=settings.decoding_threads)
    waves = [as_float(resample(sound, 16_000)) for sound in sounds]

    def decode() -> None:
        for wave in waves:
            list(model.transcribe(wave, language=language, beam_size=1, temperature=0.0, word_timestamps=True)[0])

    return decode


def bare_vosk(language: str, settings: SpeechSettings, sounds: list[Sound]) -> Callable[[], None]:
    model = vosk.Model(str(models.locate(settings.models_dir, language, "vosk")))

    def decode() -> None:
        for sound in sounds:
            recognizer = vosk.KaldiRecognizer(model, sound.rate)
            recognizer.SetWords(True)
            for chunk in chunks(sound):
                recognizer.AcceptWaveform(chunk.pcm)
            recognizer.FinalResult()

    return decode


def _pair(first: Callable[[], None], second: Callable[[], None], times: int = 3) -> tuple[float, float]:
    """Median seconds of each, run in turn after a warm-up: a slow moment of the machine meets both."""
    took: tuple[list[float], list[float]] = ([], [])
    for number in range(times + 1):
        for work, seconds in zip((first, second), took, strict=True):
            started = time.perf_counter()
            work()
            if number:
                seconds.append(time.perf_counter() - started)
    return float(np.median(took[0])), float(np.median(took[1]))
