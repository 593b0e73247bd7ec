"""Verified models that `make test` has pulled, and speech to hear."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from speech.settings import SpeechSettings, home
from speech.synthesis.synthesizer import Voice
from speech.synthesis.voices import open_voice


@pytest.fixture(scope="session")
def models_dir() -> Path:
    return home() / "models"


@pytest.fixture(scope="session")
def settings(models_dir: Path) -> SpeechSettings:
    return SpeechSettings(models_dir=models_dir)


@pytest.fixture(scope="session")
def korean_voice(settings: SpeechSettings) -> Iterator[Voice]:
    voice = open_voice("ko", settings)
    yield voice
    voice.close()


@pytest.fixture(scope="session")
def russian_voice(settings: SpeechSettings) -> Iterator[Voice]:
    voice = open_voice("ru", settings)
    yield voice
    voice.close()


@pytest.fixture(scope="session")
def english_voice(settings: SpeechSettings) -> Iterator[Voice]:
    voice = open_voice("en", settings)
    yield voice
    voice.close()
