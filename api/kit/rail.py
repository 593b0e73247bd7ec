"""The sections of the site, and which of them a user sees: one line a section."""

from __future__ import annotations

from api.kit.auth import User
from api.kit.roles import Permission

OWN_PAGE = "/quality/mine"
"""First page of an agent: what was said of their calls."""

SECTIONS: tuple[tuple[str, str, frozenset[Permission]], ...] = (
    ("calls", "calls", frozenset({Permission.CALLS})),
    ("callbacks", "back_call", frozenset({Permission.CALLS, Permission.CALLBACKS})),
    ("customers", "people", frozenset({Permission.CALLS})),
    ("figures", "figures", frozenset({Permission.CALLS})),
    ("topics", "chat", frozenset({Permission.CALLS})),
    ("quality", "check", frozenset()),
    ("rules", "text", frozenset({Permission.RULES})),
    ("alerts", "alert", frozenset({Permission.ALERTS})),
    ("work", "work", frozenset({Permission.WORK})),
    ("privacy", "lock", frozenset({Permission.PRIVACY})),
    ("users", "key", frozenset({Permission.USERS})),
)
"""Address and text key, sign, and what one must be allowed, one of these; none: everybody has something there."""


def sections_of(user: User | None) -> list[tuple[str, str]]:
    """Address and sign of each section that a user may open; nobody who is not logged in sees any."""
    return [(name, sign) for name, sign, wants in SECTIONS if user and (not wants or any(map(user.may, wants)))]


def first_page(user: User) -> str:
    """Where a user begins: the list of calls; of an agent, their own evaluations."""
    return "/calls" if user.may(Permission.CALLS) else OWN_PAGE
