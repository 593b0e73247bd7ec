"""How the workers work; read once a process."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from recordings.leases import BackOff
from speech.settings import Settings


class AnalyticsSettings(Settings):
    """Where the dictionaries are, and the pace of the workers."""

    dictionaries_dir: Path = Path(__file__).parent / "dictionaries"
    """Folder of the dictionaries that the first start registers, ``<language>/*.yaml``."""
    worker_threads: int = 2
    """Recordings one worker works on at the same time; they share its models."""
    lease_seconds: float = 60
    """Seconds without a sign of life after which a worker's recording goes to another one."""
    sweep_seconds: float = 30
    """Seconds between two looks for what was lost or put off, to send it again."""
    max_attempts: int = 5
    """Failures after which a recording is set aside as failed."""

    @property
    def back_off(self) -> BackOff:
        """Waits after faults that nobody foresaw."""
        return BackOff(first=10, longest=600, most_attempts=self.max_attempts)


@cache
def analytics_settings() -> AnalyticsSettings:
    """The process's own."""
    return AnalyticsSettings()
