"""`otklik rules …` over a database of its own: what scripts see on stdout, and what a fault ends in."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert

from recordings.database import connect, migrate, transaction
from recordings.tables import RecordingRow, TranscriptRow
from speech.recognition.words import Speaker, Transcript, Utterance
from tests.services import ROOT

pytestmark = pytest.mark.services

Otklik = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def otklik(tmp_path: Path) -> Otklik:
    url = f"sqlite:///{tmp_path / 'otklik.db'}"
    migrate(url)
    engine = connect(url)
    at = datetime(2026, 11, 1, tzinfo=UTC)
    said = Utterance(speaker=Speaker.CALLER, start=1, end=3, text="верните деньги и отмените заказ")
    body = Transcript(language="ru", engine="e-1", duration=4, utterances=(said,)).to_json()
    with transaction(engine) as db:
        db.execute(
            insert(RecordingRow).values(
                id="r1", sha256="r1", key="r1", filename="r1.wav", language="ru", duration=4.0, rate=8000, channels=1,
                size=1, created_at=at, state="analysed", due_at=at,
            )
        )  # fmt: skip
        db.execute(
            insert(TranscriptRow).values(
                id="t1", recording_id="r1", engine="e-1", language="ru", body=body, text="", created_at=at
            )
        )
    engine.dispose()
    env = os.environ | {"OTKLIK_HOME": str(tmp_path), "OTKLIK_DATABASE_URL": url, "PYTHONPATH": str(ROOT)}

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", "from api.cli import app; app()", "rules", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=env, timeout=100)

    return run


def test_a_version_is_added_tried_run_and_put_in_force(otklik: Otklik, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    (folder / "ru").mkdir(parents=True)
    file = folder / "ru" / "shop.yaml"
    file.write_text("возврат:\n  speaker: boss\n  phrases: [вернуть деньги]\n")
    refused = otklik("add", folder)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith(f"{file}:2: возврат.speaker")
    file.write_text("возврат: [вернуть деньги]\n")
    first = otklik("rerun", "--since", "2026-01-01", "--json")  # the packaged dictionaries, in force from the start on
    assert json.loads(first.stdout)["calls"] == 1, first.stderr
    version = otklik("add", folder, "--note", "mine").stdout.strip()
    tried = otklik("rerun", "--since", "2026-01-01", "--version", version, "--dry-run")
    assert "1 calls compared" in tried.stdout, tried.stderr
    assert "trying" in tried.stderr
    done = json.loads(otklik("rerun", "--since", "2026-01-01", "--version", version, "--json").stdout)
    changes = {c["label"]: (c["gained"], c["lost"]) for c in done["changes"] if c["kind"] == "keyword"}
    assert changes == {"возврат": (1, 0), "возврат денег": (0, 1), "отмена": (0, 1)}
    assert otklik("activate", version).returncode == 0
    assert otklik("show").stdout.startswith("# ru/shop.yaml\nвозврат: [вернуть деньги]\n")
    assert f"{version}  running" in otklik("list").stdout


def test_wrong_usage_is_told(otklik: Otklik) -> None:
    assert otklik("rerun", "--since", "вчера").returncode == 2
    unknown = otklik("activate", "ffff")
    assert (unknown.returncode, "no version 'ffff'" in unknown.stderr) == (1, True)
