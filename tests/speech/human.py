"""Human speech from a telephone, with what it says: Debian's prompts of Asterisk."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

SOUNDS = {"ru": "ru_RU_f_IvrvoiceRU", "en": "en_US_f_Allison"}


def human_prompts(language: str, *, least_words: int = 4) -> list[tuple[Path, str]]:
    """WAV files at 8 kHz and their words, by name; those that are no plain sentence are left out."""
    script = Path(f"/usr/share/doc/asterisk-core-sounds-{language}/core-sounds-{language}.txt.gz")
    prompts = []
    for line in gzip.decompress(script.read_bytes()).decode().splitlines():
        name, _, text = line.partition(": ")
        file = Path("/usr/share/asterisk/sounds", SOUNDS[language], f"{name}.wav")
        if not re.search(r"[\[\](:/]", text) and len(text.split()) >= least_words and file.exists():
            prompts.append((file, text))
    return sorted(prompts)
