"""Verified models that `make test` has pulled."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from speech.settings import SpeechSettings, home
from speech.synthesizer import Voice
from speech.voices import open_voice


@pytest.fixture(scope="session")
def models_dir() -> Path:
    return home() / "models"


@pytest.fixture(scope="session")
def settings(models_dir: Path) -> SpeechSettings:
    return SpeechSettings(models_dir=models_dir)


@pytest.fixture(scope="module")
def korean_voice(settings: SpeechSettings) -> Iterator[Voice]:
    voice = open_voice("ko", settings)
    yield voice
    voice.close()
