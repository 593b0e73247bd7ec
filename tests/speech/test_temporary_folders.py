"""What a killed process leaves in a temporary folder is deleted by the next one; what a living one has is not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from speech.temporary_folders import forget_left_folders, left_folders, temporary_folder
from tests.services import ROOT

pytestmark = pytest.mark.unit

KILLED = """
import os, signal
from speech.temporary_folders import temporary_folder
with temporary_folder("person") as folder:
    (folder / "person.zip").write_bytes(b"all of it")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTKLIK_HOME", str(tmp_path))


def test_an_archive_left_by_a_kill_goes_with_the_next_folder(tmp_path: Path) -> None:
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    killed = subprocess.run([sys.executable, "-c", KILLED], env=env, cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    (left,) = left_folders()
    assert (left.parent, (left / "person.zip").exists()) == (tmp_path / "tmp", True)
    assert left.parent.stat().st_mode & 0o777 == 0o700
    with temporary_folder("other") as mine:
        (mine / "file").touch()
        assert [path.name for path in (tmp_path / "tmp").iterdir()] == [mine.name]
        assert (left_folders(), forget_left_folders()) == ([], 0)
        assert (mine / "file").exists()
    assert list((tmp_path / "tmp").iterdir()) == []
