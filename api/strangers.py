"""What the business system tells somebody who may have typed anybody's telephone number."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ivr.business import Reply
from ivr.errors import BusinessRefused
from ivr.written_talk import Ask

BY_NUMBER = {"customers.find": "missing", "orders.recent": "missing", "history.recent": "none"}
"""Requests that tell what belongs to a telephone number, and what they come to for who may have typed anybody's."""


@dataclass(slots=True, kw_only=True)
class Proof:
    """That a booking is the visitor's own: anybody's telephone number is typed easily, a booking's number is known to
    who booked. One that was named in this conversation, by either side, is theirs to see."""

    texts: tuple[str, ...] = ()
    """All that was written."""
    wanting: bool = False
    """A booking was found and not shown."""

    def holds(self, reply: Reply) -> bool:
        found = [reply.facts, *(option.facts for option in reply.options)]
        numbers = {facts["booking.number"] for facts in found if "booking.number" in facts}
        named = set(re.findall(r"\d+", " ".join(self.texts)))
        self.wanting = self.wanting or not numbers <= named
        return numbers <= named

    def guard(self, ask: Ask) -> Ask:
        """The same, for a stranger."""

        def guarded(request: str, facts: Mapping[str, str], language: str) -> Reply:
            if request in BY_NUMBER:
                return Reply(outcome=BY_NUMBER[request])
            reply = ask(request, facts, language)
            if request == "bookings.find" and not self.holds(reply):
                raise BusinessRefused("bookings.find: the visitor has not named the number of the booking")
            return reply

        return guarded
