"""Long lists a part at a time: which lines are shown, and where the ones before and after are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

PAGE_SIZE = 50
"""Lines of a list shown at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """Which part of a list is shown."""

    start: int
    """Lines before the first one shown."""
    total: int
    """Lines of the whole list."""
    size: int = PAGE_SIZE

    @property
    def last(self) -> int:
        """Number of the last line shown, counted from 1."""
        return min(self.start + self.size, self.total)

    @property
    def newer(self) -> int | None:
        """``start`` of the part before; None at the beginning."""
        return max(0, self.start - self.size) if self.start > 0 else None

    @property
    def older(self) -> int | None:
        """``start`` of the part after; None at the end."""
        return self.start + self.size if self.start + self.size < self.total else None


def offset_of(asked: Mapping[str, str]) -> int:
    """Lines that an address passes over; what is no number is none."""
    text = asked.get("offset", "")
    return int(text) if text.isdecimal() and len(text) < 9 else 0
