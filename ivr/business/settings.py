"""Where conversations get their answers; read once a process by whoever holds some: robot, chat, console."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

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

    caller_id_opens: Literal["nothing", "greeting", "orders"] = "orders"
    """What a number of a trusted trunk is enough for: nothing, a greeting by name, or the state of own orders, too."""
    proof_tries: int = Field(default=3, ge=1)
    """Wrong numbers of orders and bookings, or wrong codes, in one conversation; then a person is offered."""
    proof_tries_day: int = Field(default=6, ge=1)
    """The same in 24 hours of one telephone number or visitor, over all conversations."""
    proof_tries_number: int = Field(default=10, ge=1)
    """The same in 24 hours about one customer's number, whoever tries; who calls from that number is counted apart."""
    proof_codes_day: int = Field(default=3, ge=1)
    """Codes that are sent in 24 hours to one customer."""

    @property
    def business_seconds(self) -> float:
        """Time the system has for an answer. The rest of the caller's is for keeping what it could not take."""
        return 0.8 * self.lookup_seconds
