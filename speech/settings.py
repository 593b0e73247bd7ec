"""Where an installation keeps its files and which engines it prefers; read once a process."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT = Path(__file__).resolve().parents[1]


def home() -> Path:
    """Folder of the installation's state: database, models, recordings, secrets, logs; ``var`` of the project."""
    return Path(os.environ.get("OTKLIK_HOME", PROJECT / "var")).absolute()


class Settings(BaseSettings):
    """Every folder has its own settings over the same two sources.

    The environment (``OTKLIK_…``) comes first, then ``otklik.env`` in the home, which holds the generated secrets.
    """

    model_config = SettingsConfigDict(env_prefix="OTKLIK_", extra="ignore", frozen=True)

    def __init__(self, **values: object) -> None:
        super().__init__(_env_file=home() / "otklik.env", **values)  # type: ignore[arg-type]


class SpeechSettings(Settings):
    """Engines, voices and where their files are."""

    models_dir: Path = Field(default_factory=lambda: home() / "models")
    """Verified models, one folder each."""
    prompts_dir: Path = Field(default_factory=lambda: home() / "prompts")
    """Cache of rendered prompts."""
    recorded_dir: Path = Field(default_factory=lambda: home() / "recorded")
    """Prompts recorded by people, ``<language>/<name>.wav``."""
    engine: str = ""
    """Recogniser wanted: ``vosk`` or ``whisper``; empty takes Vosk where its model is there."""
    voices: dict[str, str] = Field(default_factory=dict)
    """Language → voice, as ``{"en": "festival/voice_kal_diphone"}``; others speak as their language pack says."""
    decoding_threads: int = 2
    """Turns decoded at the same time."""
    country: str = Field(default="", pattern=r"^([A-Za-z]{2})?$")
    """Country (ISO 3166, as ``RU``) in which telephone numbers without a country's code are read; empty: that of the
    line's language, Russia for Russian and the United States for English."""


@cache
def speech_settings() -> SpeechSettings:
    """The process's own."""
    return SpeechSettings()
