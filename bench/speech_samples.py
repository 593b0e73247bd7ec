"""Human telephone speech with exact words: Debian's prompts of Asterisk, 8 kHz, and their scripts."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

from speech.audio import Sound, read_sound

SOUNDS = Path("/usr/share/asterisk/sounds")
FOLDERS = {"ru": "ru_RU_f_IvrvoiceRU", "en": "en_US_f_Allison"}
DOCUMENTS = Path("/usr/share/doc")


def human_prompts(language: str, *, count: int, shortest: float = 2.0) -> Iterator[tuple[Sound, str]]:
    """Prompts of at least ``shortest`` seconds with what they say, in the order of the script."""
    found = 0
    for name, text in script(language):
        path = SOUNDS / FOLDERS[language] / f"{name}.wav"
        if found == count or not path.exists():
            continue
        sound = read_sound(path)
        if sound.duration >= shortest and not re.search(r"\d", text):
            found += 1
            yield sound, text


def script(language: str) -> list[tuple[str, str]]:
    """Name and words of every prompt of the package."""
    file = DOCUMENTS / f"asterisk-core-sounds-{language}" / f"core-sounds-{language}.txt.gz"
    if not file.exists():
        raise SystemExit(f"{file} is missing: apt-get install asterisk-core-sounds-{language}")
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        rows = [line.split(":", 1) for line in lines if ":" in line and not line.startswith(";")]
    return [(name.strip(), text.strip()) for name, text in rows if text.strip() and not text.strip().startswith("[")]
