"""The processes of an installation: one list, for ``otklik up`` and for the units of systemd alike."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

QUICK, LOADS = 1.0, 30.0
"""Seconds a part has to live before it counts as started: models are loaded meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One part and how it is started and ended."""

    name: str
    about: str
    """What it is, in a few words."""
    command: tuple[str, ...]
    """Program and arguments; ``{home}`` in them is the folder of the installation."""
    stage: int
    """Parts start in the order of their stages and end in the reverse one; those of one stage together."""
    start_seconds: float = LOADS
    """Seconds to live before a further end is none of its start."""
    stop_seconds: float = 10
    """Seconds from SIGTERM to SIGKILL."""
    memory: str = "2G"
    """What it may take as a service, as systemd writes it."""
    oom: int = 0
    """-1000…1000: the less, the later the kernel ends it when memory runs out."""

    def argv(self, home: Path) -> list[str]:
        """The command of an installation, its program with the full path where it is Python's."""
        words = [word.replace("{home}", str(home)) for word in self.command]
        program = Path(sys.executable).parent / words[0]
        return [str(program) if program.exists() else words[0], *words[1:]]


def _worker(name: str, queues: str, *more: str) -> tuple[str, ...]:
    return (
        *("celery", "-A", "analytics.worker.app", "worker", "--loglevel", "INFO"),
        *("--hostname", f"{name}@%h", "--queues", queues, *more),
    )


CALLS, QUEUE, REST = 1, 2, 3
"""Stages. Asterisk is first and last: whatever becomes of the others, people who talk, talk on."""

PROCESSES = (
    Process(
        name="asterisk",
        about="telephone exchange",
        command=("python", "-m", "api.installation.asterisk_process"),
        stage=CALLS,
        start_seconds=2,
        memory="1G",
        oom=-800,
    ),
    Process(
        name="redis",
        about="queue of the workers",
        command=("redis-server", "{home}/redis/redis.conf"),
        stage=QUEUE,
        start_seconds=QUICK,
        stop_seconds=5,
        memory="1G",
        oom=-300,
    ),
    Process(
        name="robot",
        about="robot that holds the conversations",
        command=("python", "-m", "ivr"),
        stage=REST,
        stop_seconds=20,
        memory="6G",
        oom=-500,
    ),
    Process(
        name="watchdog",
        about="moves callers to people when their robot dies",
        command=("python", "-m", "ivr.watchdog"),
        stage=REST,
        start_seconds=QUICK,
        stop_seconds=5,
        memory="512M",
        oom=-700,
    ),
    Process(
        name="transcriber",
        about="worker that writes down recordings",
        command=_worker("transcriber", "transcription,transcription.imports"),
        stage=REST,
        memory="6G",
        oom=500,
    ),
    Process(
        name="analyst",
        about="worker that examines what was said",
        command=_worker("analyst", "analysis,analysis.imports"),
        stage=REST,
        memory="4G",
        oom=300,
    ),
    Process(
        name="bulk",
        about="worker of jobs over the archive",
        command=_worker("bulk", "bulk", "--concurrency", "1"),
        stage=REST,
        memory="4G",
        oom=700,
    ),
    Process(
        name="beat",
        about="clock of the workers",
        command=(
            *("celery", "-A", "analytics.worker.app", "beat", "--loglevel", "INFO"),
            *("--schedule", "{home}/beat-schedule"),
        ),
        stage=REST,
        memory="1G",
    ),
    Process(
        name="web",
        about="pages, JSON and chat",
        command=("python", "-m", "api"),
        stage=REST,
        memory="4G",
    ),
)

OVERSEER = Process(
    name="overseer",
    about="ends parts that hang, so that they are started again",
    command=("python", "-m", "api.installation.overseer"),
    stage=REST,
    start_seconds=QUICK,
    stop_seconds=5,
)
"""Beside them under ``otklik up`` alone: it knows the parts by what supervisord writes into their environment."""
