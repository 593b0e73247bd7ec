"""Several wishes in one phrase: where it may be cut."""

from __future__ import annotations

import re

MOST = 6
"""Parts that are looked at: each costs as much as a phrase."""
SHORTEST = 2
"""Words a part has to have to be a wish."""

_CUT = re.compile(
    r"[.!?;…\n]+|,|\s[-–—]\s"
    r"|\b(?:and then|and also|and|also|plus|as well as|but|then"
    r"|а также|а потом|а ещё|а еще|и ещё|и еще|и также|и|ещё|еще|также|плюс|заодно|кроме того|но|потом)\b",
    re.IGNORECASE,
)


def parts(text: str) -> list[str]:
    """Parts of a phrase between conjunctions and marks; none where it has only one.

    A cut is only a proposal: "haircut and styling" is cut too. What a part means decides.
    """
    found = [part.strip() for part in _CUT.split(text)]
    long = [part for part in found if len(part.split()) >= SHORTEST]
    return long[:MOST] if len(long) > 1 else []
