"""What Asterisk says by itself while no robot answers, rendered by the robot's own voices.

Where a language has no voice here, the dialplan speaks Asterisk's own prompts, promises nothing and records nothing.
"""

from __future__ import annotations

import logging
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from speech.audio.audio import write_wav
from speech.errors import SpeechError
from speech.settings import SpeechSettings
from speech.synthesis.prompts import Prompts
from speech.synthesis.voices import open_voice
from speech.text.language import data, languages
from speech.yaml_source import read_table

log = logging.getLogger(__name__)


class Announcements(BaseModel):
    """Texts of a language, by the name of the dialplan's file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    newcomer: str
    """First words to a caller whom no robot has greeted; says that the call is recorded."""
    moved: str
    """First words to a caller whose robot is gone."""
    call_back: str
    """Nobody is there; the caller's number is known and will be called."""
    nobody: str
    """Nobody is there, and the number is withheld."""


def write_announcements(run: Path, settings: SpeechSettings) -> None:
    """Render what is new below ``run/sounds``; a language without a voice here is left out and told."""
    for language in languages():
        file = data(language, "announcements.yaml")
        if not file.is_file():
            continue
        texts = read_table(file, Announcements).model_dump()
        folder = run / "sounds" / language
        try:
            voice = open_voice(language, settings)
            try:
                prompts = Prompts({language: voice}, cache_dir=settings.prompts_dir, recorded_dir=settings.recorded_dir)
                for name, text in texts.items():
                    _write(folder / f"{name}.wav", prompts, text, language)
            finally:
                voice.close()
        except (SpeechError, OSError) as error:
            log.warning("Asterisk speaks by its own prompts in %s while no robot answers: %s", language, error)


def _write(path: Path, prompts: Prompts, text: str, language: str) -> None:
    """Render one, unless it is there in these words."""
    words = path.with_suffix(".txt")
    if path.is_file() and words.is_file() and words.read_text(encoding="utf-8") == text:
        return
    sound = prompts.sound(text, language)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_wav(path, sound)
    words.write_text(text, encoding="utf-8")
