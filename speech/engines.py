"""Which recogniser hears a language."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from speech import models
from speech.errors import ModelMissing
from speech.recognizer import Recognizer
from speech.settings import SpeechSettings


def _vosk(path: Path, language: str, settings: SpeechSettings) -> Recognizer:  # noqa: ARG001  one shape for all
    from speech.vosk_stt import VoskRecognizer

    return VoskRecognizer(path, language=language)


def _whisper(path: Path, language: str, settings: SpeechSettings) -> Recognizer:
    from speech.whisper_stt import WhisperRecognizer

    return WhisperRecognizer(path, language=language, threads=settings.decoding_threads)


ENGINES: dict[str, Callable[[Path, str, SpeechSettings], Recognizer]] = {"vosk": _vosk, "whisper": _whisper}
"""In order of preference."""
DISTRIBUTIONS = {"vosk": "vosk", "whisper": "faster-whisper"}


def open_recognizer(language: str, settings: SpeechSettings) -> Recognizer:
    """Load the recogniser of a language after checking its model: Vosk where it has one, else Whisper.

    Raises:
        ModelMissing: no engine has a model of the language; says how to get one.
        ModelDamaged: the model's files are not what was verified.
        EngineError: the engine does not load the model; an engine that is not known was asked for.
    """
    engine, _ = _choose(language, settings)
    return ENGINES[engine](models.locate(settings.models_dir, language, engine), language, settings)


def describe(language: str, settings: SpeechSettings) -> str:
    """Engine and model that would hear a language, without loading them, as ``vosk-0.3.45/vosk-model-small-ru-0.22``.

    Raises:
        ModelMissing: no engine has a model of the language; says how to get one.
    """
    engine, model = _choose(language, settings)
    distribution = DISTRIBUTIONS[engine]
    return f"{distribution}-{version(distribution)}/{model.name}"


def _choose(language: str, settings: SpeechSettings) -> tuple[str, models.Model]:
    if settings.engine and settings.engine not in ENGINES:
        raise ModelMissing(f"no engine is called {settings.engine!r}; OTKLIK_ENGINE takes: {', '.join(ENGINES)}")
    for engine in [settings.engine] if settings.engine else ENGINES:
        if model := models.find(settings.models_dir, language, engine):
            return engine, model
    wanted = [
        model.name
        for model in models.catalogue()
        if language in model.languages and settings.engine in ("", model.engine) and not model.test_only
    ]
    how = f"otklik models pull {wanted[-1]}" if wanted else f"otklik models add PATH --language {language}"
    raise ModelMissing(f"no recognition model for language {language!r} in {settings.models_dir}; get one with: {how}")
