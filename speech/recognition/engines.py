"""Which recogniser hears a language."""

from __future__ import annotations

import logging
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from speech.errors import ModelDamaged, ModelMissing
from speech.models import models
from speech.recognition.recognizer import Recognizer
from speech.settings import SpeechSettings

logger = logging.getLogger(__name__)


def _vosk(path: Path, language: str, settings: SpeechSettings) -> Recognizer:  # noqa: ARG001  one shape for all
    from speech.recognition.vosk import VoskRecognizer

    return VoskRecognizer(path, language=language)


def _whisper(path: Path, language: str, settings: SpeechSettings) -> Recognizer:
    from speech.recognition.whisper import WhisperRecognizer

    return WhisperRecognizer(path, language=language, threads=settings.decoding_threads)


ENGINES: dict[str, Callable[[Path, str, SpeechSettings], Recognizer]] = {"vosk": _vosk, "whisper": _whisper}
"""In order of preference."""
DISTRIBUTIONS = {"vosk": "vosk", "whisper": "faster-whisper"}


def open_recognizer(language: str, settings: SpeechSettings, *, live: bool = False) -> Recognizer:
    """Load the recogniser of a language with the first model whose check finds it sound.

    Calls (``live``) are heard by a quick model, Vosk's before Whisper's; recordings by the most accurate one.

    Raises:
        ModelMissing: no engine has a model of the language; says how to get one.
        ModelDamaged: the files of every model are not what was verified.
        EngineError: the engine does not load the model.
    """
    damaged: list[ModelDamaged] = []
    for engine, model in _candidates(language, settings, live=live):
        try:
            path = models.verify(settings.models_dir, model.name)
        except ModelDamaged as error:
            damaged.append(error)
            continue
        for damage in damaged:
            logger.error("%s; %s hears %r meanwhile", damage, model.name, language)
        return ENGINES[engine](path, language, settings)
    raise damaged[0]


def describe(language: str, settings: SpeechSettings, *, live: bool = False) -> str:
    """Engine and model that would hear a language's recordings, or its calls, as ``vosk-0.3.45/vosk-model-ru-0.42``.

    Nothing is loaded. A model is taken for damaged once a check has found it so.

    Raises:
        ModelMissing: no engine has a model of the language; says how to get one.
    """
    candidates = _candidates(language, settings, live=live)
    sound = (found for found in candidates if models.seems_sound(settings.models_dir, found[1].name))
    engine, model = next(sound, candidates[0])
    distribution = DISTRIBUTIONS[engine]
    return f"{distribution}-{version(distribution)}/{model.name}"


def _candidates(language: str, settings: SpeechSettings, *, live: bool) -> list[tuple[str, models.Model]]:
    """Engines and their installed models for a language, in order of preference, at least one.

    Raises:
        ModelMissing: no engine has a model of the language, or none is called as the settings say.
    """
    if settings.engine and settings.engine not in ENGINES:
        raise ModelMissing(f"no engine is called {settings.engine!r}; OTKLIK_ENGINE takes: {', '.join(ENGINES)}")
    engines = [settings.engine] if settings.engine else list(ENGINES)
    found = [(engine, model) for engine in engines for model in models.serving(settings.models_dir, language, engine)]
    if found and live:
        return [one for one in found if one[1].live] or found
    if found:
        return sorted(found, key=lambda one: -one[1].accuracy)
    wanted = [
        model.name
        for model in models.catalogue()
        if language in model.languages and settings.engine in ("", model.engine) and not model.test_only
    ]
    how = f"otklik models pull {wanted[-1]}" if wanted else f"otklik models add PATH --language {language}"
    raise ModelMissing(f"no recognition model for language {language!r} in {settings.models_dir}; get one with: {how}")
