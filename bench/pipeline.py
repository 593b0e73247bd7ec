"""Pipeline time over the bare engine's time on the same speech: what store, queue, rules and database add.

One stereo call of human prompts goes through a real Redis and a real Celery worker, from registration to analysis.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from sqlalchemy import Engine

from bench import report
from bench.engines import bare_whisper
from recordings.announce import announce_recording
from recordings.audio_store import AudioStore
from recordings.call import RecordingState
from recordings.database import connect, migrate, reading
from recordings.intake import register
from recordings.queries import contact_detail
from speech.audio import Sound, read_sound, write_wav
from speech.settings import SpeechSettings, home
from tests.services import free_port, process, wait_until
from tests.speech.human import human_prompts

LANGUAGE = "en"
PROMPTS = 12
REPEATS = 3


def run() -> None:
    settings = SpeechSettings(engine="whisper")
    with tempfile.TemporaryDirectory(prefix="otklik-bench-") as name:
        folder = Path(name)
        sounds = [_conversation(number) for number in range(REPEATS + 1)]
        bare = bare_whisper(LANGUAGE, settings, [sounds[0].channel(0), sounds[0].channel(1)])
        bare()
        pipeline, alone = _measure(folder, sounds, bare)
    seconds = sounds[0].duration
    report.write(
        "pipeline",
        {
            "speech_seconds": round(seconds, 1),
            "pipeline_s": round(pipeline, 2),
            "bare_engine_s": round(alone, 2),
            "pipeline_over_bare": round(pipeline / alone, 3),
            "pipeline_over_speech": round(pipeline / seconds, 3),
            "engine": "faster-whisper base, both channels",
            "repeats": REPEATS,
        },
    )


def _measure(folder: Path, sounds: list[Sound], bare: Callable[[], None]) -> tuple[float, float]:
    """Median seconds of pipeline and bare engine, run in turn; the first call only warms the worker up."""
    url, port = f"sqlite:///{folder / 'otklik.db'}", free_port()
    env = os.environ | {
        "OTKLIK_HOME": str(folder),
        "OTKLIK_MODELS_DIR": str(home() / "models"),
        "OTKLIK_DATABASE_URL": url,
        "OTKLIK_AUDIO_URL": f"file://{folder / 'recordings'}",
        "OTKLIK_REDIS_URL": f"redis://127.0.0.1:{port}/0",
        "OTKLIK_ENGINE": "whisper",
    }
    migrate(url)
    engine, store = connect(url), AudioStore(env["OTKLIK_AUDIO_URL"])
    redis_server = ("redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", "")
    worker = (sys.executable, "-m", "celery", "-A", "analytics.app", "worker", "--loglevel", "INFO")
    took: tuple[list[float], list[float]] = ([], [])
    log = folder / "worker.log"
    with process(*redis_server, log=folder / "redis.log"), process(*worker, env=env, log=log):
        wait_until(lambda: " ready." in log.read_text(), seconds=60, what="the worker to be ready")
        for number, sound in enumerate(sounds):
            path = folder / f"{number}.wav"
            write_wav(path, sound)
            started = time.perf_counter()
            recording, _ = register(engine, store, path, filename=path.name, language=LANGUAGE)
            announce_recording(env["OTKLIK_REDIS_URL"], recording.id)
            wait_until(lambda ident=recording.id: _analysed(engine, ident), seconds=300, what="the analysis")
            through = time.perf_counter() - started
            started = time.perf_counter()
            bare()
            if number:
                took[0].append(through)
                took[1].append(time.perf_counter() - started)
    engine.dispose()
    return float(np.median(took[0])), float(np.median(took[1]))


def _analysed(engine: Engine, recording_id: str) -> bool:
    with reading(engine) as db:
        detail = contact_detail(db, recording_id)
    return detail is not None and detail.contact.state is RecordingState.ANALYSED


def _conversation(number: int) -> Sound:
    """Prompts left and right in turn. The same speech each time, in other bytes: the same bytes are taken once."""
    pieces: tuple[list[np.ndarray], list[np.ndarray]] = ([], [])
    sounds = [read_sound(file) for file, _ in human_prompts(LANGUAGE)[:PROMPTS]]
    for turn, sound in enumerate(sounds):
        pieces[turn % 2].append(sound.samples[0])
        pieces[1 - turn % 2].append(np.zeros_like(sound.samples[0]))
    samples = np.stack([np.concatenate(side) for side in pieces])
    samples[0, 0] = number
    return Sound(samples=samples, rate=8000)
