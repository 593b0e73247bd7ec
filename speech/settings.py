"""Where an installation keeps its files and which engines it prefers; read once a process."""

from __future__ import annotations

import os
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from tzlocal import get_localzone_name

PROJECT = Path(__file__).resolve().parents[1]


def home() -> Path:
    """Folder of the installation's state: database, models, recordings, secrets, logs; ``var`` of the project."""
    return Path(os.environ.get("OTKLIK_HOME", PROJECT / "var")).absolute()


class SettingsError(SystemExit):
    """A setting has a wrong value: the process that reads it ends here, with a line a fault instead of a traceback."""


def _told(error: ValidationError) -> str:
    """What is wrong, without the values: some are secrets."""
    faults = [f"OTKLIK_{'.'.join(map(str, fault['loc'])).upper()}: {fault['msg']}" for fault in error.errors()]
    return "\n".join([*faults, f"Put it right in the environment or in {home() / 'otklik.env'}"])


class Settings(BaseSettings):
    """Every folder has its own settings over the same two sources.

    The environment (``OTKLIK_…``) comes first, then ``otklik.env`` in the home, which holds the generated secrets.
    """

    model_config = SettingsConfigDict(env_prefix="OTKLIK_", extra="ignore", frozen=True)

    def __init__(self, **values: object) -> None:
        try:
            super().__init__(_env_file=home() / "otklik.env", **values)  # type: ignore[arg-type]
        except ValidationError as error:
            raise SettingsError(_told(error)) from None


class PlaceSettings(Settings):
    """Where the company works."""

    time_zone: str = ""
    """IANA name, as ``Europe/Moscow``, of the place whose "tomorrow", hours and days count; empty: the machine's."""

    @field_validator("time_zone")
    @classmethod
    def _known(cls, name: str) -> str:
        if name and name not in available_timezones():
            raise ValueError(f"want the IANA name of a time zone, as Europe/Moscow, got {name!r}")
        return name


@cache
def local_zone() -> ZoneInfo:
    """The company's time zone: that of the settings, else the machine's own; UTC where that has no name."""
    return ZoneInfo(PlaceSettings().time_zone or get_localzone_name() or "UTC")


def local_now() -> datetime:
    """What the clock shows where the company works."""
    return datetime.now(local_zone())


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
