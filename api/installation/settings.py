"""How much of their output the parts keep, and how much memory they may take; read once a process."""

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
