"""Where conversations get their answers; read once a process by whoever holds some: robot, chat, console."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr

from speech.settings import Settings, home


class BusinessSettings(Settings):
    """The company's own system, its articles, and how long they may take."""

    business_url: str = ""
    """The system over REST, as ``https://crm.example.com/otklik``; empty: the demonstration shop."""
    business_secret: SecretStr = SecretStr("")
    """Shared with that system: requests are signed with it."""
    lookup_seconds: float = Field(default=5.0, gt=0)
    """Seconds a caller waits at most for an answer from anywhere."""
    shop_url: str = Field(default_factory=lambda: f"sqlite:///{home() / 'demo_shop.db'}")
    """Database of the demonstration shop."""
    knowledge: str = str(Path(__file__).parents[1] / "knowledge")
    """Folder of articles, ``<language>/<name>.md``, that answer what people ask."""

    @property
    def business_seconds(self) -> float:
        """Time the system has for an answer. The rest of the caller's is for keeping what it could not take."""
        return 0.8 * self.lookup_seconds
