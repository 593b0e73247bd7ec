"""What erasures and retention need to know of an installation; read once a process."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import Field, SecretStr

from speech.settings import Settings, home


class PrivacySettings(Settings):
    """The key of the receipts, the policy, and the folders where something of a person may lie beside the tables."""

    erasure_secret: SecretStr = SecretStr("")
    """Key of the digests by which a receipt can be told to be somebody's; drawn once and never changed."""
    retention_file: Path = Field(default_factory=lambda: home() / "retention.yaml")
    """How long what is kept; without the file all is kept for ever."""
    notes_dir: Path = Field(default_factory=lambda: home() / "unwritten")
    """Notes of calls that the database would not take."""
    prompts_dir: Path = Field(default_factory=lambda: home() / "prompts")
    """The robot's rendered phrases; some address a customer by name."""
    logs_dir: Path = Field(default_factory=lambda: home() / "logs")
    """Output of the parts, each its own; ``otklik.log`` tells which was started and ended when."""
    models_dir: Path = Field(default_factory=lambda: home() / "models")
    """Models; those trained here hold words of the phrases they learned."""
    spool_dir: Path = Field(default_factory=lambda: home() / "asterisk-run" / "spool" / "recording")
    """Where Asterisk leaves its notes of calls, with the caller's number, where it runs on this machine."""
    searched_dir: Path = Field(default_factory=home)
    """Folder in which every file is searched for traces of a person."""
    unknown_sound_days: float = Field(default=7, gt=0, le=3650)
    """Days after which sound is deleted that lies with Asterisk of a call that nobody knows."""


@cache
def privacy_settings() -> PrivacySettings:
    """The process's own."""
    return PrivacySettings()
