"""Where a company's own system is; read once a process by whoever asks it: robot, chat, console."""

from __future__ import annotations

from pydantic import Field, SecretStr

from speech.settings import Settings, home


class BusinessSettings(Settings):
    """Without an address the demonstration shop stands in."""

    business_url: str = ""
    """The system over REST, as ``https://crm.example.com/otklik``; empty: the demonstration shop."""
    business_secret: SecretStr = SecretStr("")
    """Shared with that system: requests are signed with it."""
    lookup_seconds: float = Field(default=5.0, gt=0)
    """Longest time a caller waits for an answer from anywhere."""
    shop_url: str = Field(default_factory=lambda: f"sqlite:///{home() / 'demo_shop.db'}")
    """Database of the demonstration shop."""

    @property
    def business_seconds(self) -> float:
        """Time the system has for an answer. The rest of the caller's is for keeping a wish that it could not take."""
        return 0.8 * self.lookup_seconds
