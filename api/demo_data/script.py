"""Conversations as they are written in ``scripts/<language>.yaml``, and one of them held with words at their times."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

from pydantic import BaseModel, ConfigDict

from speech.recognition.words import Speaker, Utterance, Word
from speech.yaml_source import read_table

FOLDER = Path(__file__).parent / "scripts"
LINE = re.compile(r"(?P<who>[RCA])(?P<only>[+-]?)(?: (?P<pause>-?\d+(?:\.\d+)?))?: (?P<text>\S.*)")
WHO = {"R": Speaker.ROBOT, "C": Speaker.CALLER, "A": Speaker.AGENT}
USUAL_PAUSE = (0.3, 0.9)
"""Seconds between two turns."""
LETTER_SECONDS = {"R": 0.062, "C": 0.068, "A": 0.064}
"""Speech rate: two and a half words a second."""


class _ScriptFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    weight: int
    intent: str
    outcome: str
    queue: str = ""
    transfer: str = ""
    ratings: list[int]
    theme: bool = False
    lines: list[str]


class _StockFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    slots: dict[str, list[str]]
    scripts: list[_ScriptFile]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    who: str
    """R, C or A."""
    only: str
    """``+``: said by good agents, ``-``: by poor ones; empty: by all."""
    pause: float | None
    """Seconds before it, negative for an interruption; None: a usual one."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    name: str
    weight: int
    """How often it comes, beside the others."""
    intent: str
    """What the robot takes the caller for; empty where it understands nothing."""
    outcome: str
    queue: str
    transfer: str
    """Why the robot hands over."""
    ratings: tuple[int, ...]
    theme: bool
    """Something no intent knows: it grows towards the end of the month."""
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """All conversations of a language."""

    slots: Mapping[str, tuple[str, ...]]
    scripts: tuple[Script, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One conversation that was held."""

    utterances: tuple[Utterance, ...]
    """By time."""
    duration: float
    joined: float | None
    """Seconds at which an agent came; None where none did."""
    queued: float | None
    """Seconds at which the robot put the caller into the line; None where it did not."""
    intents: tuple[str, ...]
    """What the robot took each utterance for; of its own and an agent's words empty."""


@cache
def stock(language: str) -> Stock:
    """Read the conversations of a language, once.

    Raises:
        ValueError: the file is not in order.
    """
    body = read_table(FOLDER / f"{language}.yaml", _StockFile)
    return Stock(
        slots={name: tuple(values) for name, values in body.slots.items()},
        scripts=tuple(
            Script(**script.model_dump(exclude={"lines", "ratings"}), ratings=tuple(script.ratings),
                   lines=tuple(map(_line, script.lines)))
            for script in body.scripts
        ),
    )  # fmt: skip


def hold(script: Script, known: Stock, draw: Random, *, good: bool, wait: float, gives_up: bool = False) -> Held:
    """Hold a conversation: slots filled, each word at its time, ``wait`` seconds in the line.

    ``gives_up``: the caller hangs up in the line, before the agent of the script speaks.
    """
    slots = {name: draw.choice(values) for name, values in known.slots.items()}
    rate = {who: seconds * draw.uniform(0.9, 1.15) for who, seconds in LETTER_SECONDS.items()}
    lines = [line for line in script.lines if line.only in ("", "+" if good else "-")]
    # the line is waited in after the robot's last words before an agent, or before the caller gives up
    person = next((n for n, line in enumerate(lines) if line.who == "A"), None)
    if gives_up and person is not None:
        lines, person = lines[:person], None
    waits = person if person is not None else len(lines) - 1 if script.queue and script.outcome == "abandoned" else None
    at, said, intents = 0.4, [], []
    joined = queued = None
    for number, line in enumerate(lines):
        pause = draw.uniform(*USUAL_PAUSE) if line.pause is None else line.pause
        if number == waits or (queued is None and script.outcome == "callback" and line.pause and line.pause > 20):
            queued, pause = at, wait
        start = round(max(at + pause, 0.1), 2)
        if line.who == "A" and joined is None:
            joined = max(start - 0.3, 0.0)
        text = line.text.format(**slots)
        end = round(start + max(0.35, rate[line.who] * len(text)), 2)
        said.append(_utterance(line.who, text, start, end, draw))
        intents.append(script.intent if line.who == "C" else "")
        at = max(at, end)
    if gives_up and queued is None:
        queued, at = at, at + wait
    by_time = sorted(range(len(said)), key=lambda n: said[n].start)
    return Held(
        utterances=tuple(said[n] for n in by_time),
        duration=round(at + 0.6, 2),
        joined=joined,
        queued=queued,
        intents=tuple(intents[n] for n in by_time),
    )


def _utterance(who: str, text: str, start: float, end: float, draw: Random) -> Utterance:
    pieces = text.split()
    letters = sum(len(piece) + 1 for piece in pieces)
    words, at = [], start
    for piece in pieces:
        until = at + (end - start) * (len(piece) + 1) / letters
        sure = round(min(1.0, draw.triangular(0.55, 1.0, 0.97)), 2)
        words.append(Word(text=piece, start=round(at, 2), end=round(max(at, until - 0.03), 2), confidence=sure))
        at = until
    mean = round(sum(word.confidence or 0 for word in words) / len(words), 2)
    return Utterance(
        speaker=WHO[who],
        start=start,
        end=end,
        text=text,
        words=tuple(words),
        confidence=mean,
        channel=0 if who == "C" else 1,
    )


def _line(text: str) -> Line:
    found = LINE.fullmatch(text)
    if found is None:
        raise ValueError(f"want R, C or A, a pause, a colon and words, got {text!r}")
    pause = float(found["pause"]) if found["pause"] else None
    return Line(who=found["who"], only=found["only"], pause=pause, text=found["text"])
