"""Who rings, as far as the exchange knows it.

The dialplan hands over, after the dialled number, whether the call came by a trunk whose numbers are the network's
(``docker/asterisk/pjsip.conf.j2`` sets it, nobody who rings can) and how the number may be shown. What does not say so
is a claim: a telephone of our own, a neighbour on the same machine, an older dialplan.
"""

from __future__ import annotations

from dataclasses import dataclass

from ivr.telephony.ari import AriEvent

NETWORK = "network"
"""Argument of calls whose number the network gives."""
SHOWN = frozenset({"allowed", "allowed_not_screened", "allowed_passed_screen"})
"""Presentations by which a number is its owner's to show; ``prohib…`` is one that was withheld (CLIR)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerId:
    """The number somebody rings with."""

    number: str
    """As it came, also an account's name; empty where it is withheld."""
    trusted: bool
    """Whether the network says so and not only the caller."""

    @property
    def digits(self) -> str:
        """The number, empty for what is none, as ``anonymous`` or the name of a telephone's account."""
        return self.number if any(char.isdecimal() for char in self.number) else ""


def caller_id(arrival: AriEvent) -> CallerId:
    """The number of a call that has just come in."""
    number: str = arrival.body["channel"]["caller"]["number"]
    handed_over: list[str] = [*arrival.body.get("args", ()), "", "", ""]
    came_by, presentation = handed_over[1:3]
    if presentation.startswith(("prohib", "unavailable")):
        return CallerId(number="", trusted=False)
    found = CallerId(number=number, trusted=False)
    return CallerId(number=number, trusted=bool(found.digits) and came_by == NETWORK and presentation in SHOWN)
