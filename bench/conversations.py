"""Simulated callers: how many routine conversations are settled without a person, in writing and by voice."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from ivr.simulation.conversation_file import Conversation, read_all
from ivr.simulation.figures import Figures, figures, lines
from ivr.simulation.holding import Way, holders

FOLDER = Path(__file__).parents[1] / "tests" / "conversations"
SPOKEN_SECONDS = 300.0
"""Time for the conversations by voice of both languages together; those that do not fit are left out, and counted."""
WANTED_SETTLED, WANTED_REACHED = 80.0, 100.0
"""Percent."""


def run() -> None:
    """Print the figures of each language, and whether all are reached."""
    good = True
    for way, command in (("text", ""), ("audio", " --as audio")):
        for language in ("ru", "en"):
            conversations = read_all([FOLDER], language=language)
            if way == "audio":
                conversations = [one for one in _interleaved(conversations) if {"routine", "person"} & one.tags]
            found, left_out = _measure(conversations, "text" if way == "text" else "audio")
            print(f"\n{language}, {way}: otklik scenario test tests/conversations --language {language}{command}")
            for line in lines(found):
                print(f"  {line}")
            if left_out:
                print(f"  {left_out} conversations left out for lack of time")
            good &= found.settled_percent >= WANTED_SETTLED
            good &= found.reached_percent >= WANTED_REACHED and not found.loops
    verdict = "yes" if good else "NO"
    print(f"\nwanted: >= {WANTED_SETTLED:g} % settled, {WANTED_REACHED:g} % reached, 0 loops: {verdict}")


def _measure(conversations: Sequence[Conversation], way: Way) -> tuple[Figures, int]:
    held = []
    with holders(conversations, way=way, noise=None) as hold_one:
        began = time.monotonic()
        for conversation in conversations:
            if way == "audio" and time.monotonic() - began > SPOKEN_SECONDS / 2:
                break
            held.append(hold_one(conversation))
    return figures(held), len(conversations) - len(held)


def _interleaved(conversations: Sequence[Conversation]) -> list[Conversation]:
    """The first of every file, then the second: whatever fits the time holds every job."""
    places: dict[Path, int] = {}
    order = []
    for one in conversations:
        places[one.file] = places.get(one.file, -1) + 1
        order.append((places[one.file], one.file.name, one))
    return [one for _, _, one in sorted(order, key=lambda entry: entry[:2])]
