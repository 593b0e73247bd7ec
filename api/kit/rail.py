"""The sections of the site, and which of them a user sees: one line a section."""

from __future__ import annotations

from api.kit.auth import User
from api.kit.roles import Permission

OWN_PAGE = "/quality/mine"
"""First page of an agent: what was said of their calls."""

SECTIONS: tuple[tuple[str, str, Permission | None], ...] = (
    ("calls", "calls", Permission.CALLS),
    ("callbacks", "back_call", Permission.CALLS),
    ("customers", "people", Permission.CALLS),
    ("figures", "figures", Permission.CALLS),
    ("topics", "chat", Permission.CALLS),
    ("quality", "check", None),
    ("rules", "text", Permission.RULES),
    ("alerts", "alert", Permission.ALERTS),
    ("work", "work", Permission.WORK),
    ("privacy", "lock", Permission.PRIVACY),
    ("users", "agent", Permission.USERS),
)
"""Address and text key, sign, and what one must be allowed; None: everybody has something there."""


def sections_of(user: User | None) -> list[tuple[str, str]]:
    """Address and sign of each section that a user may open; nobody who is not logged in sees any."""
    return [(name, sign) for name, sign, wants in SECTIONS if user and (wants is None or user.may(wants))]


def first_page(user: User) -> str:
    """Where a user begins: the list of calls; of an agent, their own evaluations."""
    return "/calls" if user.may(Permission.CALLS) else OWN_PAGE
