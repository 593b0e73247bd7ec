"""Holds every answer of a business system to ``REQUESTS``: what is let through here can be said, shown and stored."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date

from ivr.business.protocol import LONGEST_CHOICE, LONGEST_FACT, REQUESTS, Option, Reply, Request
from ivr.errors import BusinessError

LONGEST_NAME = 100
"""Letters of one way to name an option."""
MOST_WAYS = 20
MAY_BE_EMPTY = frozenset(
    {
        "customer.name",
        "customer.segment",
        "customer.language",
        "order.phone",
        "product.why",
        "answer.title",
        "answer.follow_up",
    }
)
"""Facts a system may honestly not have. They come out empty, which texts take for unknown: no earlier answer's value
is said in their place."""
MAY_BE_EMPTY_IN_OPTIONS = MAY_BE_EMPTY | {"order.state"}
"""Systems that were written before options had a state go on: their several orders are asked for by number."""
NUMBER = re.compile(r"[0-9A-Za-zА-Яа-яЁё/-]{1,32}")
FORMATS: Mapping[str, re.Pattern[str]] = {
    "booking.day": re.compile(r"\d{4}-\d{2}-\d{2}"),
    "booking.time": re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d"),
    "booking.number": NUMBER,
    "order.number": NUMBER,
    "reservation.number": NUMBER,
    "ticket.number": NUMBER,
    "reservation.until": re.compile(r"\d{4}-\d{2}-\d{2}"),
    "product.price": re.compile(r"\d{1,9}(?:\.\d{1,2})? [A-Z]{3}"),
    "order.sum": re.compile(r"\d{1,9}(?:\.\d{1,2})? [A-Z]{3}"),
    "customer.phone": re.compile(r"\+\d{5,15}"),
    "order.phone": re.compile(r"\+\d{5,15}"),
    "customer.language": re.compile(r"[a-z]{2}"),
}
"""How facts are written that texts put into words."""
DAYS = ("booking.day", "reservation.until")
UNSEEN = {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}
BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Marks that turn the order of what is written around them."""


def clean(text: str) -> str:
    """The text without control characters, halves of characters and marks that turn it round; blanks in a row are one.

    Emoji, accents and other scripts stay.
    """
    seen = "".join(" " if unicodedata.category(char) in UNSEEN else char for char in BIDI.sub("", text))
    return " ".join(seen.split())


def checked(request: str, reply: Reply) -> Reply:
    """The reply as scenarios may use it: its outcome's facts and no others, clean.

    Raises:
        BusinessError: the outcome is unknown, a fact is missing, too long or wrongly written, or there are no options
            where there must be some, or more than anybody can keep in mind.
    """
    known = REQUESTS[request]
    brings = known.outcomes.get(reply.outcome)
    if brings is None:
        raise BusinessError(
            f"{request}: no such outcome {reply.outcome[:40]!r}, want one of {', '.join(known.outcomes)}"
        )
    return Reply(
        outcome=reply.outcome,
        facts=_facts(request, reply.facts, brings),
        options=_options(request, reply.options, known) if _offers(known, reply.outcome) else (),
    )


def _offers(request: Request, outcome: str) -> bool:
    """Whether the outcome is a choice. Those with facts of their own, and ``missing``, are none."""
    return bool(request.options) and not request.outcomes[outcome] and outcome != "missing"


def _options(request: str, options: tuple[Option, ...], known: Request) -> tuple[Option, ...]:
    if not 1 <= len(options) <= LONGEST_CHOICE:
        raise BusinessError(f"{request}: want 1 to {LONGEST_CHOICE} options, got {len(options)}")
    return tuple(
        Option(
            facts=_facts(request, option.facts, known.options, MAY_BE_EMPTY_IN_OPTIONS),
            ways=tuple(filter(None, (clean(way[:LONGEST_NAME]) for way in option.ways[:MOST_WAYS]))),
        )
        for option in options
    )


def _facts(
    request: str, facts: Mapping[str, str], wanted: tuple[str, ...], may_be_empty: frozenset[str] = MAY_BE_EMPTY
) -> Mapping[str, str]:
    found = {name: _fact(request, name, facts[name]) for name in wanted if name in facts}
    if missing := [name for name in wanted if not found.get(name) and name not in may_be_empty]:
        raise BusinessError(f"{request}: the answer lacks {', '.join(missing)}")
    return {name: found.get(name, "") for name in wanted}


def _fact(request: str, name: str, value: str) -> str:
    if len(value) > LONGEST_FACT:
        raise BusinessError(f"{request}: {name} has {len(value)} letters, {LONGEST_FACT} are allowed")
    text = clean(value)
    if text and not is_well_written(name, text):
        raise BusinessError(f"{request}: {name} is wrongly written: {text[:40]!r}")
    return text


def is_well_written(name: str, value: str) -> bool:
    """Whether a fact is written as its kind is, as a day in ISO 8601; true of facts that are free text."""
    pattern = FORMATS.get(name)
    if pattern is not None and not pattern.fullmatch(value):
        return False
    if name in DAYS:
        try:
            date.fromisoformat(value)
        except ValueError:
            return False
    return True
