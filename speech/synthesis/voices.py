"""Which voice speaks a language."""

from __future__ import annotations

from collections.abc import Callable

from speech.errors import EngineError
from speech.settings import SpeechSettings
from speech.synthesis.synthesizer import Voice
from speech.text.language import pack


def _festival(voice: str) -> Voice:
    from speech.synthesis.festival import FestivalVoice

    return FestivalVoice(voice)


def _pyttsx3(voice: str) -> Voice:
    from speech.synthesis.pyttsx3 import Pyttsx3Voice

    return Pyttsx3Voice(voice)


ENGINES: dict[str, Callable[[str], Voice]] = {"festival": _festival, "pyttsx3": _pyttsx3}


def open_voice(language: str, settings: SpeechSettings) -> Voice:
    """The voice of a language: the one of the settings, else the one of its language pack.

    Raises:
        EngineError: the voice's engine is not known or not installed.
        ValueError: the language is not known.
    """
    name = settings.voices.get(language) or pack(language).voice
    engine, _, voice = name.partition("/")
    if engine not in ENGINES or not voice:
        raise EngineError(f"no voice is called {name!r}; want {' or '.join(f'{known}/NAME' for known in ENGINES)}")
    return ENGINES[engine](voice)
