"""Memory of one `otklik analyse` over a thousand files: what the first hundred need, the last one needs, too."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from bench import report
from speech.audio.audio import Sound, write_wav
from speech.settings import SpeechSettings, home
from speech.synthesis.voices import open_voice

FILES = 1000
LANGUAGE, WORD = "ko", "아니요"
"""The one Vosk model that is always to be had, and a word it knows."""
MARKS = (100, 250, 500, 750, 1000)


def run() -> None:
    with tempfile.TemporaryDirectory(prefix="otklik-bench-") as name:
        folder = Path(name)
        files = _files(folder)
        command = [
            Path(sys.executable).with_name("otklik"),
            "analyse",
            *map(str, files),
            "--language",
            LANGUAGE,
            "--json",
        ]
        env = os.environ | {"OTKLIK_MODELS_DIR": str(home() / "models"), "OTKLIK_HOME": str(folder)}
        resident: dict[int, float] = {}
        with (
            (folder / "log").open("w", encoding="utf-8") as log,
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, env=env, text=True) as running,
        ):
            assert running.stdout
            for number, _ in enumerate(running.stdout, start=1):
                if number in MARKS:
                    resident[number] = _resident_mb(running.pid)
        if running.returncode or max(resident, default=0) < FILES:
            raise SystemExit((folder / "log").read_text(encoding="utf-8")[-2000:])
    first, last = resident[MARKS[0]], resident[MARKS[-1]]
    growth = {"grown_mb": round(last - first, 1), "kb_a_file": round(1000 * (last - first) / (FILES - MARKS[0]), 1)}
    report.write("memory", {"files": FILES, "resident_mb": resident, **growth})


def _files(folder: Path) -> list[Path]:
    """A word left, the same word later right, each file a little other."""
    voice = open_voice(LANGUAGE, SpeechSettings())
    try:
        said = voice.speak(WORD)
    finally:
        voice.close()
    word = said.samples[0]
    files = []
    for number in range(FILES):
        samples = np.zeros((2, 3 * word.size), np.int16)
        samples[0, : word.size] = word
        samples[1, word.size + number : 2 * word.size + number] = word
        files.append(folder / f"{number}.wav")
        write_wav(files[-1], Sound(samples=samples, rate=said.rate))
    return files


def _resident_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)
