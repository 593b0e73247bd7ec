"""Who is taken, and how, when more people ring than the machine can talk with: a pure decision, and its count.

A call that is taken badly spoils all the others: above a bound that was measured (``bench/flood.py``) a newcomer is
told so at once, while those who talk already keep their quality.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

CALLS_A_CORE = 6
"""Calls that one core holds by keys: their first word comes within a second (``bench/flood.py``)."""
SPEECH_A_CORE = {"vosk": 5, "faster-whisper": 2}
"""Calls that one core hears, by engine: the reply comes as soon as on a quiet line, give or take half."""
LAG_SECONDS = 2.0
"""Sound that has waited so long for a decoder: nobody more is heard until it is less."""


class Way(StrEnum):
    """How a newcomer is taken."""

    SPEECH = "speech"
    KEYS = "keys"
    """The whole scenario, but heard are the keys of the telephone alone."""
    PERSON = "person"
    """Too many talk already, and this scenario takes words: a person is rung."""
    BUSY = "busy"
    """All lines are busy: that is said, a call-back is offered, the robot hangs up."""
    NUMBER = "number"
    """So many calls from this very number go on: that is said, the robot hangs up."""
    REFUSED = "refused"
    """Not even that can be said to more people: the network's busy tone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What the machine holds at once."""

    calls: int
    speech: int
    """Calls whose callers are heard."""
    of_number: int
    """Calls of one number; 0: any. Callers whose number is withheld are not one."""
    told: int
    """Callers who are told at once that all lines are busy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What goes on when somebody rings."""

    calls: int = 0
    speech: int = 0
    of_number: int = 0
    told: int = 0
    lag: float = 0.0
    """Seconds that sound has waited for a decoder."""


def admit(bounds: Bounds, load: Load, *, by_keys: bool) -> Way:
    """How a newcomer is taken; ``by_keys`` tells whether their scenario can be held so."""
    too_many_of_number = 0 < bounds.of_number <= load.of_number
    if load.calls >= bounds.calls or too_many_of_number:
        if load.told >= bounds.told:
            return Way.REFUSED
        return Way.NUMBER if too_many_of_number else Way.BUSY
    if load.speech >= bounds.speech or load.lag > LAG_SECONDS:
        return Way.KEYS if by_keys else Way.PERSON
    return Way.SPEECH


def bounds(*, calls: int, speech: int, of_number: int, engine: str) -> Bounds:
    """Bounds of this machine: what the settings say, and where they say nothing (0) what was measured.

    Args:
        calls: At once.
        speech: Of these, heard.
        of_number: Of one number.
        engine: That hears callers, as ``Recognizer.engine``.
    """
    cores = len(os.sched_getaffinity(0))
    each = next((count for name, count in SPEECH_A_CORE.items() if engine.startswith(name)), 1)
    most = calls or CALLS_A_CORE * cores
    return Bounds(calls=most, speech=min(speech or each * cores, most), of_number=of_number, told=most)


class Admission:
    """Counts the calls of one robot, by how they were taken."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self._ways: dict[str, Way] = {}
        self._numbers: dict[str, str] = {}

    @property
    def calls(self) -> int:
        """Conversations that go on."""
        return sum(way in {Way.SPEECH, Way.KEYS} for way in self._ways.values())

    @property
    def full(self) -> bool:
        """A newcomer would be turned away."""
        return self.calls >= self.bounds.calls

    def load(self, number: str, *, lag: float = 0.0) -> Load:
        """What goes on, for a newcomer with this number; empty when it is withheld."""
        ways = Counter(self._ways.values())
        same = sum(self._ways[call] in {Way.SPEECH, Way.KEYS} for call, of in self._numbers.items() if of == number)
        return Load(
            calls=ways[Way.SPEECH] + ways[Way.KEYS],
            speech=ways[Way.SPEECH],
            of_number=same if number else 0,
            told=ways[Way.BUSY] + ways[Way.NUMBER],
            lag=lag,
        )

    def take(self, call_id: str, number: str, *, by_keys: bool, lag: float = 0.0) -> Way:
        """Decide about a newcomer, and count them until ``leave``."""
        way = admit(self.bounds, self.load(number, lag=lag), by_keys=by_keys)
        self._ways[call_id], self._numbers[call_id] = way, number
        return way

    def leave(self, call_id: str) -> None:
        """The call is over, or is out of the robot's hands; may be told twice."""
        self._ways.pop(call_id, None)
        self._numbers.pop(call_id, None)
