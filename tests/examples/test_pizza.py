"""The pizza line is sound, short, and held to its end by simulated callers."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.models

ROOT = Path(__file__).parents[2]
PIZZA = ROOT / "examples/pizza"
MOST_LINES = 45


def otklik(*words: str | Path, home: Path) -> subprocess.CompletedProcess[str]:
    """The command line in an installation of its own."""
    env = os.environ | {"OTKLIK_HOME": str(home), "OTKLIK_SCENARIOS": str(PIZZA)}
    command = [sys.executable, "-c", "from api.cli import app; app()", *map(str, words)]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=110, check=False)


def test_the_scenario_is_sound_and_short(tmp_path: Path) -> None:
    checked = otklik("scenario", "check", PIZZA / "pizza.yaml", home=tmp_path)
    assert (checked.returncode, checked.stdout) == (0, "")
    assert len((PIZZA / "pizza.yaml").read_text(encoding="utf-8").splitlines()) <= MOST_LINES


def test_simulated_callers_get_their_pizza(tmp_path: Path) -> None:
    held = otklik("scenario", "test", PIZZA / "conversations", home=tmp_path)
    assert held.returncode == 0, held.stdout + held.stderr
    assert held.stdout.count("ok  ") == 3
