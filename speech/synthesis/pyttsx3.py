"""pyttsx3 over espeak-ng, in a process of its own.

Used from several threads it raised "run loop already started" and left files out after reporting success, so: one
process, one request at a time, and the file is looked at. ``python -m speech.synthesis.pyttsx3 VOICE`` is that process.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path

from speech.audio.audio import TELEPHONE_RATE, Sound, read_sound, resample
from speech.errors import AudioFormatError, EngineError
from speech.synthesis.child_process import ChildProcess, sound_file

DONE = "@@spoken@@"
WORDS_A_MINUTE = 155
LONGEST_WAIT = 20.0
"""Seconds for one text."""
ATTEMPTS = 3
"""Once in some hundred texts pyttsx3 reports the end of a text before it has begun: the file is empty."""


class Pyttsx3Voice:
    """One voice of espeak-ng, by its name there."""

    def __init__(self, voice: str) -> None:
        """Start nothing yet."""
        self.name = f"pyttsx3/{voice}"
        project = str(Path(__file__).resolve().parents[2])
        paths = os.pathsep.join(filter(None, [project, os.environ.get("PYTHONPATH", "")]))
        self._worker = ChildProcess(
            [sys.executable, "-m", "speech.synthesis.pyttsx3", voice], environment={"PYTHONPATH": paths}
        )

    def speak(self, text: str) -> Sound:
        if not any(char.isalnum() for char in text):
            raise EngineError(f"{self.name}: nothing to say in {len(text)} letters")
        reason: object = ""
        for _ in range(ATTEMPTS):
            with sound_file() as file:
                said = self._worker.ask(json.dumps({"text": text, "file": str(file)}), until=DONE)
                try:
                    return resample(read_sound(file), TELEPHONE_RATE)
                except (FileNotFoundError, AudioFormatError) as error:
                    reason = (said[-1] if said else "") or error
        raise EngineError(f"{self.name} gave no sound for {len(text)} letters: {reason}")

    def close(self) -> None:
        self._worker.close()


def main(voice: str) -> None:
    """Speak each request of standard input into its file; ends when the input does."""
    import pyttsx3

    finished = threading.Event()
    engine = pyttsx3.init("espeak")
    engine.connect("error", _fail)
    engine.connect("finished-utterance", lambda **_: finished.set())
    engine.setProperty("voice", voice)
    engine.setProperty("rate", WORDS_A_MINUTE)
    for line in sys.stdin:
        request = json.loads(line)
        finished.clear()
        engine.save_to_file(request["text"], request["file"])
        engine.runAndWait()  # comes back while espeak-ng is still speaking, in a thread of its own
        finished.wait(LONGEST_WAIT)
        sys.stdout.write(f"\n{DONE}\n")
        sys.stdout.flush()


def _fail(name: str | None, exception: Exception) -> None:  # noqa: ARG001  pyttsx3 passes both by keyword
    """pyttsx3 would go on with another voice."""
    sys.exit(str(exception))


if __name__ == "__main__":
    main(sys.argv[1])
