"""Keeps some real Celery workers alive while a test kills them: forked from a process that has everything loaded, so
that the next one is there at once. Ends, with them, when its standard input does.

Arguments: number of workers, a language, and a sound file of it, on which all that is loaded late is loaded ahead.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import analytics.worker.tasks  # noqa: F401  loaded before the forks
from analytics.pipeline.acoustics import acoustics_of
from analytics.pipeline.dependencies import dependencies, recognizer, running_rules
from analytics.pipeline.examination import examine
from analytics.pipeline.pipeline import transcribe_sound
from analytics.rules.rule_input import RuleInput
from analytics.worker.app import app
from speech.audio.audio import read_sound

QUICK = ("--without-gossip", "--without-mingle", "--without-heartbeat")


def work(number: int) -> None:
    """One worker's life; it never comes back."""
    dependencies().engine.dispose(close=False)  # connections are the parent's
    app.worker_main(["worker", "--loglevel", "WARNING", "--concurrency", "1", f"--hostname=spare{number}@test", *QUICK])
    os._exit(0)


def main(wanted: int, language: str, sound: str) -> None:
    ahead = read_sound(Path(sound))
    words = transcribe_sound(ahead, recognizer(language))
    heard = RuleInput(transcript=words, acoustics=acoustics_of(ahead), meaning=None)
    examine(heard, running_rules(), now=datetime.now(UTC))
    alive: set[int] = set()
    over = threading.Event()

    def end() -> None:
        sys.stdin.read()
        over.set()
        for pid in list(alive):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    born = 0
    watcher = threading.Thread(target=end, daemon=True)
    while not over.is_set():
        while len(alive) < wanted:
            born += 1
            pid = os.fork()
            if pid == 0:
                work(born)
            alive.add(pid)
        if not watcher.is_alive():
            watcher.start()
        pid, _ = os.wait()
        alive.discard(pid)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3])
