"""What the business system tells somebody who may have typed anybody's telephone number."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from ivr.business.protocol import Reply
from ivr.call.text_session import Ask
from ivr.errors import BusinessRefused

BY_NUMBER = {"customers.find": "missing", "orders.recent": "missing", "history.recent": "none"}
"""Requests that tell what belongs to a telephone number, and what they come to for who may have typed anybody's."""


@dataclass(slots=True, kw_only=True)
class Verification:
    """That a booking is the visitor's own: anybody's telephone number is typed easily, a booking's number is known to
    who booked. One that was named in this conversation, by either side, is theirs to see."""

    texts: tuple[str, ...] = ()
    """All that was written."""
    wanting: bool = False
    """A booking was found and not shown."""

    def shown(self, reply: Reply) -> Reply:
        """What may be shown of the bookings that were found.

        Raises:
            BusinessRefused: there are some, and none was named.
        """
        found = [facts for facts in (reply.facts, *(o.facts for o in reply.options)) if facts.get("booking.number")]
        named = set(re.findall(r"\d+", " ".join(self.texts)))
        own = [facts for facts in found if facts["booking.number"] in named]
        if found and not own:
            self.wanting = True
            raise BusinessRefused("bookings.find: the visitor has not named the number of a booking")
        if len(own) == 1:
            return Reply(outcome="one", facts=own[0])
        return replace(reply, options=tuple(o for o in reply.options if o.facts in own))

    def guard(self, ask: Ask) -> Ask:
        """The same, for a visitor nobody has verified."""

        def guarded(request: str, facts: Mapping[str, str], language: str) -> Reply:
            if request in BY_NUMBER:
                return Reply(outcome=BY_NUMBER[request])
            reply = ask(request, facts, language)
            return self.shown(reply) if request == "bookings.find" else reply

        return guarded
