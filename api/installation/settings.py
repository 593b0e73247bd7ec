"""How much of their output the parts keep, what memory they may take, how long they may hang; read once a process."""

from __future__ import annotations

from pydantic import Field

from speech.settings import Settings


class InstallationSettings(Settings):
    """Bounds of an installation on this machine."""

    log_bytes: int = Field(default=10_000_000, ge=10_000)
    """Bytes after which the log of a part is put aside and a new one begun."""
    log_backups: int = Field(default=5, ge=1, le=100)
    """Logs of a part that are kept besides the present one; the oldest goes."""
    memory_max: dict[str, str] = Field(default_factory=dict)
    """Part → memory it may take as a service of systemd, as ``{"robot": "6G"}``; past it the part alone is ended."""
    hung_seconds: float = Field(default=60, ge=0, le=86_400)
    """Seconds for which a part may be stopped or leave questions unanswered before ``otklik up`` kills it and starts it
    again; 0 for as long as it likes. A robot that holds callers has four times as long."""
