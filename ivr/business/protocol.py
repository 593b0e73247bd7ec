"""What the robot may ask of a company's own systems, and what may come back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One of several things a caller may choose from."""

    facts: Mapping[str, str]
    """What choosing it makes known, as ``product.id``. Dates and times in ISO 8601, money as ``1990.00 RUB``."""
    ways: tuple[str, ...] = ()
    """How callers may name it, besides its place in the list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """Answer of the business system to one request."""

    outcome: str
    """One of the request's outcomes."""
    facts: Mapping[str, str] = field(default_factory=dict)
    options: tuple[Option, ...] = ()
    """At most ``LONGEST_CHOICE``: nobody keeps more in mind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One question scenarios may put; ``scenario.check`` holds them to it."""

    needs: tuple[str, ...]
    """Facts that must be known before."""
    outcomes: Mapping[str, tuple[str, ...]]
    """Outcome → facts it brings. ``failed`` (no answer in time, or one that makes no sense) is always possible and
    brings none."""
    may_use: tuple[str, ...] = ()
    """Facts that make the answer better where they are known."""
    options: tuple[str, ...] = ()
    """Facts of each option, where an outcome brings options."""
    writes: bool = False
    """Changes something: sent under an idempotency key, and kept in the outbox (outcome ``stored``) while the system
    is away."""


LONGEST_CHOICE = 3
LONGEST_FACT = 2000
"""Letters of one fact, in either direction."""
STORED = "stored"
"""Outcome of a request that writes, when the system could not take it now: it will be sent later."""

_BOOKING = ("booking.number", "booking.service", "booking.day", "booking.time")
_PRODUCT = ("product.id", "product.name", "product.price", "product.why")

REQUESTS: Mapping[str, Request] = {
    "customers.find": Request(
        needs=("caller.number",),
        outcomes={
            "found": ("customer.name", "customer.phone", "customer.segment", "customer.language"),
            "missing": (),
        },
    ),
    "orders.status": Request(
        needs=("order.number",),
        outcomes={"found": ("order.number", "order.state", "order.items", "order.sum"), "missing": ()},
    ),
    "orders.recent": Request(  # of the customer who calls; one is told at once
        needs=("caller.number",),
        outcomes={
            "one": ("order.number", "order.state", "order.items", "order.sum"),
            "several": (),
            "missing": (),
        },
        options=("order.number", "order.items"),
    ),
    "catalogue.find": Request(
        needs=("product.category",),
        may_use=("product.purpose", "product.budget"),
        outcomes={"found": (), "missing": ()},
        options=_PRODUCT,
    ),
    "catalogue.reserve": Request(
        needs=("product.id", "contact.phone"),
        outcomes={"reserved": ("reservation.number", "reservation.until"), "gone": ()},
        writes=True,
    ),
    "bookings.free": Request(  # `found`: on that day, nearest to that time; `other_day`: the day is full or over
        needs=("booking.service", "booking.day"),
        may_use=("booking.time",),
        outcomes={"exact": _BOOKING[1:], "found": (), "other_day": (), "missing": ()},
        options=_BOOKING[1:],
    ),
    "bookings.create": Request(
        needs=("booking.service", "booking.day", "booking.time", "contact.phone"),
        may_use=("customer.name",),
        outcomes={"booked": _BOOKING, "taken": ()},
        writes=True,
    ),
    "bookings.find": Request(
        needs=("contact.phone",),
        outcomes={"one": _BOOKING, "several": (), "missing": ()},
        options=_BOOKING,
    ),
    "bookings.move": Request(
        needs=("booking.number", "booking.day", "booking.time"),
        outcomes={"moved": _BOOKING, "taken": (), "missing": ()},
        writes=True,
    ),
    "bookings.cancel": Request(
        needs=("booking.number",),
        outcomes={"cancelled": (), "missing": ()},
        writes=True,
    ),
    "tickets.create": Request(
        needs=("ticket.problem", "ticket.since", "ticket.urgency", "contact.phone"),
        may_use=("order.number", "customer.name"),
        outcomes={"created": ("ticket.number",)},
        writes=True,
    ),
    "knowledge.search": Request(
        needs=("question.text",),
        outcomes={"found": ("answer.title", "answer.text", "answer.follow_up"), "missing": ()},
    ),
    "knowledge.follow": Request(  # the caller says yes to an answer's follow-up question
        needs=("answer.follow_up",),
        outcomes={"found": ("answer.title", "answer.text", "answer.follow_up"), "missing": ()},
    ),
    "history.recent": Request(  # what this customer wrote or rang about today, in any channel
        needs=("caller.number",),
        outcomes={"order": ("order.number", "history.channel"), "other": ("history.channel",), "none": ()},
    ),
}


class Business(Protocol):
    """A company's system. Plain blocking code: the robot calls it in a thread, with a time limit."""

    def ask(self, request: str, facts: Mapping[str, str], language: str, *, key: str = "") -> Reply:
        """Answer one of ``REQUESTS``.

        Args:
            request: Its name.
            facts: What it needs and may use.
            language: In which names and states are wanted, as ``ru``.
            key: Idempotency key of a request that writes: the same key again changes nothing and brings the same reply.

        Raises:
            BusinessError: the system did not answer, or its answer makes no sense.
            BusinessRefused: it will never take this request, however often it is sent.
        """
        ...

    def close(self) -> None: ...
