"""What the pipeline adds to the bare engine, and how it stands beside the tools one would take instead.

``queue``: one stereo call of human prompts goes through a real Redis and a real Celery worker, from registration to
analysis, beside plain faster-whisper on the same two channels. ``stages``: what the workers do of a call (recognise,
measure, understand, redact, rules), in this process, beside the bare engine; with Vosk also beside its own program
``vosk-transcriber``, whose start loads the model anew for each file and is told apart.

Seconds are of the processor, summed over cores, so that other work on the machine does not count; ``times_real_time``
is seconds of the call over them.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from sqlalchemy import Engine

from analytics.dictionary import load_rule_set
from analytics.pipeline.acoustics import acoustics_of
from analytics.pipeline.pipeline import transcribe_sound
from analytics.rules.rule_input import RuleInput
from analytics.rules.run import apply
from analytics.settings import AnalyticsSettings
from analytics.understanding.understanding import understand
from bench import report
from bench.engines import KOREAN, bare_vosk, bare_whisper
from recordings.announce import announce_recording
from recordings.audio.intake import register
from recordings.audio_store import AudioStore
from recordings.calls.detail import contact_detail
from recordings.contacts.call import RecordingState
from recordings.database import connect, migrate, reading
from recordings.redaction.redaction import redact_transcript
from speech.audio.audio import Sound, read_sound, write_wav
from speech.models import models
from speech.recognition.engines import open_recognizer
from speech.settings import SpeechSettings, home
from speech.synthesis.voices import open_voice
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
                "queue": {
                    "engine": "faster-whisper base, both channels",
                    "call_seconds": round(seconds, 1),
                    "pipeline_cpu_s": round(pipeline, 2),
                    "plain_faster_whisper_cpu_s": round(alone, 2),
                    "pipeline_over_bare": round(pipeline / alone, 3),
                    "times_real_time": round(seconds / pipeline, 1),
                    "repeats": REPEATS,
                },
                "stages": {
                    "whisper": _stages("en", settings, sounds[0], bare),
                    "vosk": _vosk(folder),
                },
            },
        )


def _vosk(folder: Path) -> dict[str, Any]:
    """On the one Vosk model that is always to be had, with espeak-ng's speech."""
    settings = SpeechSettings(engine="vosk")
    sound = _korean(settings)
    bare = bare_vosk("ko", settings, [sound.channel(0), sound.channel(1)])
    figures = _stages("ko", settings, sound, bare)
    paths = []
    for channel in range(2):  # it takes one channel at a time, too
        paths.append(folder / f"ko-{channel}.wav")
        write_wav(paths[-1], sound.channel(channel))
    blank = folder / "blank.wav"
    write_wav(blank, Sound(samples=np.zeros((1, 1600), np.int16), rate=8000))
    start = _program(blank, settings)
    return figures | {
        "vosk_transcriber_cpu_s": round(sum(_program(path, settings) for path in paths), 2),
        "vosk_transcriber_of_it_start_s": round(2 * start, 2),
    }


def _program(path: Path, settings: SpeechSettings) -> float:
    model = models.locate(settings.models_dir, "ko", "vosk")
    tool = Path(sys.executable).with_name("vosk-transcriber")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [tool, "-m", model, "-i", path, "-t", "txt", "-o", path.with_suffix(".txt")], check=True, capture_output=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _stages(language: str, settings: SpeechSettings, sound: Sound, bare: Callable[[], None]) -> dict[str, Any]:
    """Medians of processor seconds of each stage, run in turn with the bare engine after a warm-up."""
    recognizer = open_recognizer(language, settings)
    rules = load_rule_set(AnalyticsSettings().dictionaries_dir)
    took: dict[str, list[float]] = {}
    for number in range(REPEATS + 1):
        marks = [("", time.process_time())]
        transcript = transcribe_sound(sound, recognizer)
        marks.append(("recognise", time.process_time()))
        acoustics = acoustics_of(sound)
        marks.append(("measure", time.process_time()))
        meaning = understand(transcript, now=datetime.now(UTC))
        marks.append(("understand", time.process_time()))
        redact_transcript(transcript)
        marks.append(("redact", time.process_time()))
        apply(RuleInput(transcript=transcript, acoustics=acoustics, meaning=meaning), rules)
        marks.append(("rules", time.process_time()))
        bare()
        marks.append(("bare_engine", time.process_time()))
        for (_, begun), (stage, ended) in pairwise(marks):
            if number:
                took.setdefault(stage, []).append(ended - begun)
    medians = {stage: float(np.median(seconds)) for stage, seconds in took.items()}
    ours = sum(medians.values()) - medians["bare_engine"]
    return {
        "engine": recognizer.engine,
        "call_seconds": round(sound.duration, 1),
        "cpu_s": {stage: round(seconds, 3) for stage, seconds in medians.items()},
        "pipeline_over_bare": round(ours / medians["bare_engine"], 3),
        "times_real_time": round(sound.duration / ours, 1),
    }


def _korean(settings: SpeechSettings) -> Sound:
    voice = open_voice("ko", settings)
    try:
        said = [voice.speak(word) for word in KOREAN * 4]
    finally:
        voice.close()
    return _in_turn(said)


def _measure(folder: Path, sounds: list[Sound], bare: Callable[[], None]) -> tuple[float, float]:
    """Median processor seconds of worker and bare engine, in turn; the first call only warms the worker up."""
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
    worker = (sys.executable, "-m", "celery", "-A", "analytics.worker.app", "worker", "--loglevel", "INFO")
    took: tuple[list[float], list[float]] = ([], [])
    log = folder / "worker.log"
    with process(*redis_server, log=folder / "redis.log"), process(*worker, env=env, log=log) as working:
        wait_until(lambda: " ready." in log.read_text(), seconds=60, what="the worker to be ready")
        for number, sound in enumerate(sounds):
            path = folder / f"{number}.wav"
            write_wav(path, sound)
            started = _cpu_of(working.pid)
            recording, _ = register(engine, store, path, filename=path.name, language=LANGUAGE)
            announce_recording(env["OTKLIK_REDIS_URL"], recording.id)
            wait_until(lambda ident=recording.id: _analysed(engine, ident), seconds=300, what="the analysis")
            through = _cpu_of(working.pid) - started
            started = time.process_time()
            bare()
            if number:
                took[0].append(through)
                took[1].append(time.process_time() - started)
    engine.dispose()
    return float(np.median(took[0])), float(np.median(took[1]))


def _analysed(engine: Engine, recording_id: str) -> bool:
    with reading(engine) as db:
        detail = contact_detail(db, recording_id)
    return detail is not None and detail.contact.state is RecordingState.ANALYSED


def _cpu_of(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def _conversation(number: int) -> Sound:
    """Prompts left and right in turn. The same speech each time, in other bytes: the same bytes are taken once."""
    sound = _in_turn([read_sound(file) for file, _ in human_prompts(LANGUAGE)[:PROMPTS]])
    sound.samples[0, 0] = number
    return sound


def _in_turn(sounds: list[Sound]) -> Sound:
    """One left, the next one right, half a second between them."""
    pieces: tuple[list[np.ndarray], list[np.ndarray]] = ([], [])
    for turn, sound in enumerate(sounds):
        said = np.pad(sound.samples[0], (0, sound.rate // 2))
        pieces[turn % 2].append(said)
        pieces[1 - turn % 2].append(np.zeros_like(said))
    return Sound(samples=np.stack([np.concatenate(side) for side in pieces]), rate=sounds[0].rate)
