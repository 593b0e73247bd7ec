"""What the robot may ask of a company's own systems, and what may come back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """Answer of the business system to one request."""

    outcome: str
    """One of the request's outcomes."""
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One question scenarios may put; ``scenario.check`` holds them to it."""

    needs: tuple[str, ...]
    """Facts that must be known before."""
    outcomes: Mapping[str, tuple[str, ...]]
    """Outcome → facts it brings. ``failed`` (no answer in time) is always possible and brings none."""


REQUESTS: Mapping[str, Request] = {
    "customers.find": Request(
        needs=("caller.number",),
        outcomes={"found": ("customer.name", "customer.phone"), "missing": ()},
    ),
    "orders.status": Request(
        needs=("order.number",),
        outcomes={"found": ("order.number", "order.state"), "missing": ()},
    ),
}


class Business(Protocol):
    """A company's system. Plain blocking code: the robot calls it in a thread, with a time limit."""

    def ask(self, request: str, facts: Mapping[str, str], language: str) -> Reply:
        """Answer one of ``REQUESTS``.

        Raises:
            BusinessError: the system did not answer.
        """
        ...

    def close(self) -> None: ...
