"""Spoken numbers in running text → as people write them."""

from __future__ import annotations

from speech.slots.slots import rules


def written(text: str, language: str) -> str:
    """The text with its numbers, percents, times, dates, sums of money and phones in digits; all else as it was said.

    Raises:
        ValueError: the language is not known.
    """
    package = rules(language)
    result: str = package.written(text)
    return result
