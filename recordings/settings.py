"""Where the database, the sound and the queue are; read once a process."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import Field

from speech.settings import Settings, home


class StoreSettings(Settings):
    """One machine needs none of these; many machines share all three."""

    database_url: str = Field(default_factory=lambda: f"sqlite:///{home() / 'otklik.db'}")
    """SQLAlchemy address; ``postgresql+psycopg://…`` for many machines."""
    audio_url: str = Field(default_factory=lambda: f"file://{home() / 'recordings'}")
    """fsspec address of the folder of sound."""
    redis_url: str = "redis://127.0.0.1:6390/0"
    """Where live events go; the broker of the workers, too, unless ``broker_url`` names another one."""
    backup_dir: Path = Field(default_factory=lambda: home() / "backups")
    """Folder of the backups and of the journal of erasures beside them; on another disk it outlives this one."""
    broker_url: str = ""
    """``amqp://user:password@host//`` for RabbitMQ; empty: Redis."""

    @property
    def broker(self) -> str:
        """Address of the workers' broker."""
        return self.broker_url or self.redis_url


@cache
def store_settings() -> StoreSettings:
    """The process's own."""
    return StoreSettings()
