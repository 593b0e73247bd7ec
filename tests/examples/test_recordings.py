"""The example of a folder of recordings: words, findings, and a file that is no sound."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from speech.audio.audio import Sound, read_sound, write_wav

pytestmark = pytest.mark.models

ROOT = Path(__file__).parents[2]
PROMPTS = Path("/usr/share/asterisk/sounds/en")
"""Human speech of a Debian package."""


def test_a_folder_is_looked_at(tmp_path: Path) -> None:
    samples = np.zeros((2, 20 * 8000), np.int16)
    for name, channel, start in (("agent-pass", 0, 0), ("all-circuits-busy-now", 1, 15)):
        prompt = read_sound(PROMPTS / f"{name}.wav").samples[0]
        samples[channel, start * 8000 : start * 8000 + prompt.size] = prompt
    write_wav(tmp_path / "call.wav", Sound(samples=samples, rate=8000))
    (tmp_path / "notes.wav").write_text("no sound at all")
    looked = subprocess.run(
        [sys.executable, ROOT / "examples/recordings/look.py", tmp_path, "--language", "en"],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=110, check=False,
    )  # fmt: skip
    assert looked.returncode == 1
    assert "notes.wav: " in looked.stderr
    assert "password" in looked.stdout.lower()
    assert "silence" in looked.stdout
