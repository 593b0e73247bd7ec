"""What the robot may ask of a company's own systems, and what may come back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Protocol


class Level(IntEnum):
    """How sure it must be that the caller is who they say, before a request is put or a fact is told."""

    OPEN = 0
    """Nobody's secret: the catalogue, free slots, an article, something new that the caller asks for."""
    GREETING = 1
    """A name to greet by: ``OTKLIK_CALLER_ID_OPENS`` and a number of a trusted trunk."""
    ORDERS = 2
    """How far the caller's own orders have come: the same."""
    PROOF = 3
    """Whatever else belongs to one person, and every change: a number only they know, or a code. See ``proof``."""


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
    proven: frozenset[str] = frozenset()
    """What the answer has proved about the caller. Only ``ivr.business.proof`` says so, never a company's system."""

    @property
    def body(self) -> dict[str, Any]:
        """The reply as a company's system sends it."""
        options = [{"facts": dict(option.facts), "ways": list(option.ways)} for option in self.options]
        return {"outcome": self.outcome, "facts": dict(self.facts), "options": options}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One question scenarios may put; ``scenario.check`` holds them to it."""

    level: Level
    """What it takes to be asked. It has no default: who adds a request decides."""
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
    waits: bool = True
    """Of a request that writes: worth doing later, too. A code that comes tomorrow helps nobody."""
    tells: Mapping[str, Level] = field(default_factory=dict)
    """Facts it brings that take more than ``level``: empty for a caller who has not shown as much."""
    besides: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Outcomes that come of the caller and not of the system, with the facts they bring. Scenarios need not name
    them: ``INSTEAD`` says what stands for one."""


LONGEST_CHOICE = 3
LONGEST_FACT = 2000
"""Letters of one fact, in either direction."""
STORED = "stored"
"""Outcome of a request that writes, when the system could not take it now: it will be sent later."""

UNPROVEN = "unproven"
"""Outcome: the caller has not shown yet that it is theirs. The system was not asked."""
LOCKED = "locked"
"""Outcome: what the caller named was wrong too often; for a while nothing more is tried."""
STATES = "states"
"""Outcome: of several orders of a caller who has shown no more than a number, how far each has come."""
REFUSED, TOO_MANY = "refused", "too_many"
"""Outcomes: no call-back to such a number; enough call-backs for today."""
INSTEAD: Mapping[str, tuple[str, ...]] = {
    UNPROVEN: ("missing", "none"),
    LOCKED: ("failed",),
    STATES: ("missing",),
    TOO_MANY: (REFUSED,),
}
"""Outcomes that stand for one a scenario does not name, the first that it does."""
_GUARDED: Mapping[str, tuple[str, ...]] = {UNPROVEN: (), LOCKED: ()}

_BOOKING = ("booking.number", "booking.service", "booking.day", "booking.time")
_ORDER = ("order.number", "order.state", "order.items", "order.sum")
_PRODUCT = ("product.id", "product.name", "product.price", "product.why")

REQUESTS: Mapping[str, Request] = {
    "customers.find": Request(
        level=Level.GREETING,
        needs=("caller.number",),
        outcomes={
            "found": ("customer.name", "customer.phone", "customer.segment", "customer.language"),
            "missing": (),
        },
        tells={"customer.phone": Level.PROOF},
    ),
    "orders.status": Request(
        level=Level.OPEN,
        needs=("order.number",),
        outcomes={"found": (*_ORDER, "order.phone"), "missing": ()},
        tells={"order.items": Level.PROOF, "order.sum": Level.PROOF, "order.phone": Level.PROOF},
        besides={LOCKED: ()},
    ),
    "orders.recent": Request(  # of the customer who calls; one is told at once
        level=Level.ORDERS,
        needs=("caller.number",),
        outcomes={
            "one": _ORDER,
            "several": (),
            "missing": (),
        },
        options=("order.number", "order.items", "order.state"),
        tells=dict.fromkeys(("order.number", "order.items", "order.sum"), Level.PROOF),  # a number proves: not told
        besides={STATES: ("orders.first", "orders.second", "orders.third")},
    ),
    "catalogue.find": Request(
        level=Level.OPEN,
        needs=("product.category",),
        may_use=("product.purpose", "product.budget"),
        outcomes={"found": (), "missing": ()},
        options=_PRODUCT,
    ),
    "catalogue.reserve": Request(
        level=Level.OPEN,
        needs=("product.id", "contact.phone"),
        outcomes={"reserved": ("reservation.number", "reservation.until"), "gone": ()},
        writes=True,
    ),
    "bookings.free": Request(  # `found`: on that day, nearest to that time; `other_day`: the day is full or over
        level=Level.OPEN,
        needs=("booking.service", "booking.day"),
        may_use=("booking.time",),
        outcomes={"exact": _BOOKING[1:], "found": (), "other_day": (), "missing": ()},
        options=_BOOKING[1:],
    ),
    "bookings.create": Request(
        level=Level.OPEN,
        needs=("booking.service", "booking.day", "booking.time", "contact.phone"),
        may_use=("customer.name",),
        outcomes={"booked": _BOOKING, "taken": ()},
        writes=True,
    ),
    "bookings.find": Request(
        level=Level.PROOF,
        needs=("contact.phone",),
        may_use=("booking.number",),
        outcomes={"one": _BOOKING, "several": (), "missing": ()},
        options=_BOOKING,
        besides=_GUARDED,
    ),
    "bookings.move": Request(
        level=Level.PROOF,
        needs=("booking.number", "booking.day", "booking.time"),
        outcomes={"moved": _BOOKING, "taken": (), "missing": ()},
        writes=True,
        besides=_GUARDED,
    ),
    "bookings.cancel": Request(
        level=Level.PROOF,
        needs=("booking.number",),
        outcomes={"cancelled": (), "missing": ()},
        writes=True,
        besides=_GUARDED,
    ),
    "tickets.create": Request(
        level=Level.OPEN,
        needs=("ticket.problem", "ticket.since", "ticket.urgency", "contact.phone"),
        may_use=("order.number", "customer.name"),
        outcomes={"created": ("ticket.number",)},
        writes=True,
    ),
    "knowledge.search": Request(
        level=Level.OPEN,
        needs=("question.text",),
        outcomes={"found": ("answer.title", "answer.text", "answer.follow_up"), "missing": ()},
    ),
    "knowledge.follow": Request(  # the caller says yes to an answer's follow-up question
        level=Level.OPEN,
        needs=("answer.follow_up",),
        outcomes={"found": ("answer.title", "answer.text", "answer.follow_up"), "missing": ()},
    ),
    "history.recent": Request(  # what this customer wrote or rang about today, in any channel
        level=Level.PROOF,
        needs=("caller.number",),
        outcomes={"order": ("order.number", "history.channel"), "other": ("history.channel",), "none": ()},
        besides=_GUARDED,
    ),
    "codes.send": Request(  # to the address the company knows for that number; `sent` also where it knows none
        level=Level.OPEN,
        needs=("contact.phone",),
        outcomes={"sent": (), "unavailable": ()},
        writes=True,
        waits=False,
        besides={LOCKED: ()},
    ),
    "codes.check": Request(
        level=Level.OPEN,
        needs=("contact.phone", "code.number"),
        outcomes={"right": (), "wrong": ()},
        besides={LOCKED: ()},
    ),
    "callbacks.allow": Request(  # whether somebody may be rung back there
        level=Level.OPEN,
        needs=(),
        may_use=("callback.number", "caller.number"),
        outcomes={"allowed": (), REFUSED: (), TOO_MANY: ()},
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
