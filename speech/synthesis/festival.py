"""Festival: the Russian voice, kept running.

It runs as ``festival --pipe``, not ``--server``: the server listens on every address of the machine and evaluates what
it is sent, while a pipe has no address at all. Loading the voice takes seconds, a sentence then tenths of one.
"""

from __future__ import annotations

import re
import shutil

import numpy as np

from speech.audio.audio import TELEPHONE_RATE, Sound, read_sound, resample
from speech.errors import AudioFormatError, EngineError
from speech.synthesis.child_process import ChildProcess, sound_file

DONE = "@@spoken@@"
PAUSE = 0.25
"""Seconds between two sentences."""
WORDS = {"№": " номер ", "%": " процентов ", "&": " и ", "+": " плюс "}


class FestivalVoice:
    """One voice of Festival, by the name of the function that selects it."""

    def __init__(self, voice: str) -> None:
        """Start nothing yet.

        Raises:
            EngineError: Festival is not installed.
        """
        if not shutil.which("festival"):
            raise EngineError("festival is not installed; get it with: apt-get install festival festvox-ru")
        self.name = f"festival/{voice}"
        self._worker = ChildProcess(["festival", "--pipe"], opening=f"({voice})")

    def speak(self, text: str) -> Sound:
        sentences = [self._sentence(part) for part in re.split(r"(?<=[.!?…])\s+", text.strip()) if _speakable(part)]
        if not sentences:
            raise EngineError(f"{self.name}: nothing to say in {len(text)} letters")
        pause = np.zeros((1, round(PAUSE * TELEPHONE_RATE)), dtype=np.int16)
        parts = [part for sentence in sentences for part in (sentence.samples, pause)]
        return Sound(samples=np.concatenate(parts[:-1], axis=1), rate=TELEPHONE_RATE)

    def close(self) -> None:
        self._worker.close()

    def _sentence(self, text: str) -> Sound:
        with sound_file() as file:
            said = self._worker.ask(
                f'(utt.save.wave (utt.synth (Utterance Text "{_speakable(text)}")) "{file}" \'riff)\n'
                f'(begin (format t "\\n{DONE}\\n") (fflush nil))',
                until=DONE,
            )
            try:
                return resample(read_sound(file), TELEPHONE_RATE)
            except (FileNotFoundError, AudioFormatError) as error:
                reason = next((line for line in said if line.strip()), str(error))
                raise EngineError(f"{self.name} gave no sound for {len(text)} letters: {reason}") from error


def _marks(found: re.Match[str]) -> str:
    """Of marks at the end of a word the first; inside of one they are spaces."""
    if found[3] is not None:
        return found[1] + found[3]
    return " " + re.sub(r"[.,!?;:]", " ", found[2])


def _speakable(text: str) -> str:
    """The text in characters that the voice knows and that mean nothing to Festival; empty where no word is left."""
    for sign, words in WORDS.items():
        text = text.replace(sign, words)
    text = re.sub(r"\s[—–-]+\s", ", ", text).replace("…", ".")
    text = " ".join(re.sub(r"[^А-Яа-яЁёA-Za-z0-9 .,!?;:-]", " ", text).split())
    text = re.sub(r" (?=[.,!?;:])", "", text)  # a mark stands right after its word, or the voice gives up
    text = re.sub(r"([.,!?;:])([.,!?;:-]*+)( |$)?", _marks, text)
    text = re.sub(r"(?<![А-Яа-яЁёA-Za-z])-|-(?![А-Яа-яЁёA-Za-z])", " ", text)
    text = " ".join(text.split()).lstrip(".,!?;: ")
    return text if re.search(r"\w", text) else ""
