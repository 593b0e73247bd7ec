"""Spoken numbers ↔ digits."""

from __future__ import annotations

from dataclasses import dataclass

from speech.text.language import NumberWords, pack
from speech.text.tokens import tokens

LONGEST = 40
"""Typed digits beyond which nobody means a number; Python refuses to count thousands of them."""


def digits(text: str, language: str) -> str | None:
    """The digits that someone said, however they grouped them; None where there are none.

    ``четыре один два семь``, ``сорок один двадцать семь``, ``четыре тысячи сто двадцать семь`` and ``4127`` are all
    ``4127``. Of several numbers the longest counts, of equally long ones the last: people correct themselves.
    """
    spoken = [run.digits for run in _runs(_plain(tokens(text), language), pack(language).numbers)]
    return max(reversed(spoken), key=len, default=None)


def written(text: str, language: str) -> str:
    """The text in plain lower-case words with its numbers in digits."""
    words = tokens(text)
    for run in reversed(_runs(words, pack(language).numbers)):
        words[run.first : run.last] = [run.digits]
    return " ".join(words)


def spell_digits(number: str, language: str) -> str:
    """Each digit as a word, parted by commas, for a voice; other letters stay, signs are left out."""
    words = pack(language).numbers.spoken
    return ", ".join(words[int(char)] if char in "0123456789" else char for char in number if char.isalnum())


@dataclass(frozen=True, slots=True)
class _Run:
    """Words ``first`` to before ``last`` say one number after another."""

    first: int
    last: int
    digits: str


class _Reader:
    """Puts number words together as long as they can be one number, and the numbers behind one another."""

    def __init__(self) -> None:
        self._said: list[str] = []
        self._closed = 0  # what a thousand has already multiplied
        self._part = 0  # what a multiplier would multiply
        self._room = 0  # a word below this may still be added; 0 between numbers
        self._literal = ""  # as it was written, with its leading zeros

    def add(self, value: int, literal: str = "") -> None:
        """A word or digits that add."""
        if not 0 < value < self._room:
            self.close()
            self._literal = literal
            self._part = value
        else:
            self._literal = ""
            self._part += value
        ends_in_zeros = next((unit for unit in (100, 10) if value and value % unit == 0), 1)
        self._room = 1 if literal or 10 <= value < 20 else ends_in_zeros

    def multiply(self, value: int) -> None:
        """A hundred or a thousand."""
        if self._room and self._closed and value >= 1000:
            self.close()
        self._literal = ""
        self._part = (self._part or 1) * value
        self._room = value
        if value >= 1000:
            self._closed, self._part = self._part, 0

    def repeat(self, times: int, digit: str) -> None:
        self.close()
        self._said.append(digit * times)

    def close(self) -> None:
        """The number is over."""
        if self._room:
            self._said.append(self._literal or str(self._closed + self._part))
        self._closed = self._part = self._room = 0
        self._literal = ""

    def finish(self) -> str:
        self.close()
        return "".join(self._said)


def _runs(words: list[str], known: NumberWords) -> list[_Run]:
    """Stretches of number words, by place."""
    values = {word.replace("ё", "е"): value for word, value in known.values.items()}
    runs = []
    at = 0
    while at < len(words):
        reader, first = _Reader(), at
        while at < len(words):
            word, following = words[at], words[at + 1] if at + 1 < len(words) else ""
            inside = at > first
            if word in known.repeats and (digit := _digit(following, values)):
                reader.repeat(known.repeats[word], digit)
                at += 2
                continue
            if word.isdecimal():
                reader.add(int(word[:LONGEST]), word)
            elif word in values and (inside or word not in known.inside):
                reader.add(values[word])
            elif word in known.multipliers:
                reader.multiply(known.multipliers[word])
            elif not (inside and word in known.joining and (following.isdecimal() or following in values)):
                break
            at += 1
        if at > first:
            runs.append(_Run(first, at, reader.finish()))
        else:
            at += 1
    return runs


def _digit(word: str, values: dict[str, int]) -> str:
    """A single digit said or written; empty for anything else."""
    value = int(word) if word.isdecimal() and len(word) == 1 else values.get(word, -1)
    return str(value) if 0 <= value <= 9 else ""


def _plain(words: list[str], language: str) -> list[str]:
    """Without the words that people put between digits."""
    fillers = pack(language).fillers
    return [word for word in words if word not in fillers]
