"""English: slots, self-corrections and written numbers. See ``speech.meaning.slots`` for what it offers."""

from __future__ import annotations

from datetime import datetime

from speech.meaning.slots import NOTHING, Slot


def find(text: str, kind: str, now: datetime, region: str) -> Slot:
    """The value of a kind in an English text."""
    return NOTHING


def corrected(text: str) -> str:
    """What stands after a self-correction."""
    return text


def written(text: str) -> str:
    """The text with its numbers in digits."""
    return text
