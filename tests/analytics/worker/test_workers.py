"""Real workers over real Redis, SQLite and PostgreSQL: all is done once, nothing is lost, nothing goes on for ever."""

from __future__ import annotations

import os
import signal
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import func, select, update

from recordings.announce import announce_recording
from recordings.audio.intake import register
from recordings.calls.call_log import open_call
from recordings.contacts.call import Call, Recording, RecordingState
from recordings.database import reading, transaction
from recordings.tables import AnalysisRow, RecordingRow, TranscriptRow
from speech.audio.audio import Sound, read_sound, stereo, write_wav
from tests.services import Installation, wait_until

pytestmark = [pytest.mark.services, pytest.mark.timeout(240)]

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""Where the database makes no difference."""

PROMPTS = Path("/usr/share/asterisk/sounds")


def human(folder: Path, *, repeats: int = 1, language: str = "en") -> Path:
    """A stereo WAV of human speech, some 5 s for each repeat."""
    left, right = (read_sound(PROMPTS / language / f"{name}.wav") for name in ("agent-pass", "all-circuits-busy-now"))
    both = stereo(left, right)
    path = folder / f"human-{language}-{repeats}.wav"
    write_wav(path, Sound(samples=np.tile(both.samples, (1, repeats)), rate=both.rate))
    return path


def take_in(here: Installation, path: Path, *, language: str = "en") -> Recording:
    return register(here.engine, here.store, path, filename=path.name, language=language)[0]


def row(here: Installation, recording: Recording) -> RecordingRow:
    with reading(here.engine) as db:
        return db.get_one(RecordingRow, recording.id)


def state(here: Installation, recording: Recording) -> str:
    return row(here, recording).state


def make_due(here: Installation, recording: Recording) -> None:
    """As if the time its message had was over."""
    with transaction(here.engine) as db:
        db.execute(update(RecordingRow).where(RecordingRow.id == recording.id).values(due_at=datetime.now(UTC)))


def counts(here: Installation) -> tuple[int, int]:
    """Transcripts and analyses."""
    with reading(here.engine) as db:
        transcripts = db.scalar(select(func.count()).select_from(TranscriptRow)) or 0
        return transcripts, db.scalar(select(func.count()).select_from(AnalysisRow)) or 0


def wait_for(here: Installation, recording: Recording, wanted: RecordingState, seconds: float = 90) -> None:
    wait_until(
        lambda: state(here, recording) == wanted, seconds=seconds, what=f"{wanted}, see {here.folder}/worker.log"
    )


def test_announced_twice_is_done_once(installation: Installation, tmp_path: Path) -> None:
    here = installation
    recording = take_in(here, human(tmp_path))
    for _ in range(2):
        assert announce_recording(here.redis.url, recording.id)
    with here.worker() as running:
        wait_for(here, recording, RecordingState.ANALYSED)
        assert announce_recording(here.redis.url, recording.id)
        assert announce_recording(here.redis.url, recording.id, task="analyse")
        wait_until(lambda: here.redis.waiting() == 0, seconds=20, what="the queues to be empty")
        asked_to_end = time.monotonic()
        running.terminate()
        assert running.wait(10) == 0
        assert time.monotonic() - asked_to_end < 5
    assert counts(here) == (1, 1)
    assert (row(here, recording).attempts, row(here, recording).worker) == (0, "")
    with reading(here.engine) as db:
        said = db.scalars(select(TranscriptRow.text)).one().lower()
    assert "password" in said
    assert "busy" in said


def test_killed_worker_s_recording_goes_to_another_one(installation: Installation, tmp_path: Path) -> None:
    here = installation
    recording = take_in(here, human(tmp_path, repeats=5))
    announce_recording(here.redis.url, recording.id)
    with here.worker("first") as first:
        wait_until(lambda: row(here, recording).worker, seconds=60, what="a worker to begin")
        os.kill(first.pid, signal.SIGKILL)
        first.wait(10)
    assert state(here, recording) == RecordingState.REGISTERED
    assert counts(here) == (0, 0)
    with here.worker(), here.clock():
        wait_for(here, recording, RecordingState.ANALYSED)
    assert counts(here) == (1, 1)


@on_sqlite
def test_worker_told_to_end_in_the_middle_lets_go_at_once(installation: Installation, tmp_path: Path) -> None:
    here = installation
    recording = take_in(here, human(tmp_path, repeats=40))
    announce_recording(here.redis.url, recording.id)
    with here.worker() as running:
        wait_until(lambda: row(here, recording).worker, seconds=60, what="a worker to begin")
        asked_to_end = time.monotonic()
        running.terminate()
        running.wait(10)
        assert time.monotonic() - asked_to_end < 5
    left = row(here, recording)
    assert (left.state, left.worker, left.attempts) == (RecordingState.REGISTERED, "", 0)
    assert left.due_at <= datetime.now(UTC)


@on_sqlite
def test_without_redis_the_call_goes_on_and_the_sweep_finds_the_recording(
    installation: Installation, tmp_path: Path
) -> None:
    here = installation
    here.redis.stop()
    recording = take_in(here, human(tmp_path))
    begun = time.monotonic()
    assert not announce_recording(here.redis.url, recording.id)
    assert time.monotonic() - begun < 5
    make_due(here, recording)
    here.redis.start()
    with here.worker(), here.clock():
        wait_for(here, recording, RecordingState.ANALYSED)
    assert counts(here) == (1, 1)


@on_sqlite
def test_redis_restarted_under_a_worker_loses_nothing(installation: Installation, tmp_path: Path) -> None:
    here = installation
    recording = take_in(here, human(tmp_path))
    announce_recording(here.redis.url, recording.id)
    with here.worker(), here.clock():
        here.redis.stop()
        here.redis.start()  # empty: it keeps nothing on disk
        make_due(here, recording)
        wait_for(here, recording, RecordingState.ANALYSED)
    assert counts(here) == (1, 1)


@on_sqlite
def test_calls_go_before_imports(installation: Installation, tmp_path: Path) -> None:
    here = installation
    imports = [take_in(here, human(tmp_path, repeats=n)) for n in (1, 2, 3)]
    path = human(tmp_path, repeats=4)
    with transaction(here.engine) as db:
        open_call(
            db,
            Call(
                id="call-1",
                started_at=datetime.now(UTC),
                caller_number="",
                extension="2000",
                language="en",
                scenario="order_status",
                scenario_version="0",
                engine="whisper",
            ),
        )
    fresh = register(here.engine, here.store, path, filename=path.name, language="en", call_id="call-1")[0]
    for recording in imports:
        announce_recording(here.redis.url, recording.id, imported=True)
    announce_recording(here.redis.url, fresh.id)
    here.env["OTKLIK_WORKER_THREADS"] = "1"
    with here.worker():
        wait_for(here, fresh, RecordingState.ANALYSED)
        assert sum(state(here, recording) == RecordingState.ANALYSED for recording in imports) <= 1


@on_sqlite
def test_undecodable_recording_is_parked_with_its_reason_at_once(installation: Installation, tmp_path: Path) -> None:
    here = installation
    recording = take_in(here, human(tmp_path))
    (here.folder / "recordings" / recording.key).write_bytes(b"no sound at all")
    announce_recording(here.redis.url, recording.id)
    with here.worker():
        wait_for(here, recording, RecordingState.PARKED)
        make_due(here, recording)
        announce_recording(here.redis.url, recording.id)
        wait_until(lambda: here.redis.waiting() == 0, seconds=20, what="the queues to be empty")
    parked = row(here, recording)
    assert (parked.state, parked.failure_code, parked.attempts) == (RecordingState.PARKED, "audio_format", 1)
    assert "not a sound file" in parked.failure
    assert counts(here) == (0, 0)


@on_sqlite
def test_recording_without_a_model_waits_and_says_how_to_get_one(installation: Installation, tmp_path: Path) -> None:
    here = installation
    recording = take_in(here, human(tmp_path))
    announce_recording(here.redis.url, recording.id)
    here.env["OTKLIK_MODELS_DIR"] = str(tmp_path / "no-models")
    with here.worker():
        wait_until(lambda: row(here, recording).failure, seconds=60, what="the reason")
    waiting = row(here, recording)
    assert (waiting.state, waiting.failure_code) == (RecordingState.REGISTERED, "model_missing")
    assert (waiting.attempts, waiting.worker) == (0, "")
    assert "otklik models pull" in waiting.failure


@on_sqlite
def test_recording_that_kills_every_worker_is_parked(installation: Installation, tmp_path: Path) -> None:
    here = installation
    recording = take_in(here, human(tmp_path))
    with transaction(here.engine) as db:
        here_now = {"attempts": 5, "worker": "dead", "due_at": datetime.now(UTC)}
        db.execute(update(RecordingRow).where(RecordingRow.id == recording.id).values(**here_now))
    with here.worker(), here.clock():
        wait_for(here, recording, RecordingState.PARKED)
    assert row(here, recording).failure_code == "worker_lost"
    assert "5 attempts" in row(here, recording).failure
