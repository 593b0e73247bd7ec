"""Runs of a target: inputs from a seed, and what fell out."""

from __future__ import annotations

import hashlib
import json
import random
import time
import traceback
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fuzz.making import Dice
from tests.fuzz.targets import Target

SEEDS = Path(__file__).parent / "seeds"
LONGEST = (5, 10, 20, 60)
"""Bytes an input is made of, fewer than one of these: most are near to what is good."""
SLOW = 3.0
"""Seconds of the thread's time above which an input counts as one that freezes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One kind of what fell out."""

    what: str
    """Error and where it came from."""
    input: Any
    trace: str


@dataclass(slots=True)
class Tally:
    """What came of many runs."""

    runs: int = 0
    refused: int = 0
    faults: dict[str, Fault] = field(default_factory=dict)


def attacked(target: Target, body: Any) -> Fault | bool:
    """Whether an input was refused, or how the target failed on it."""
    began = time.thread_time()
    try:
        target.attack(body)
    except target.refusals:
        refused = True
    except (Exception, RecursionError) as error:  # noqa: BLE001 (what a target may not raise is what we look for)
        last = traceback.extract_tb(error.__traceback__)[-1]
        ours = [one for one in traceback.extract_tb(error.__traceback__) if "/.venv/" not in one.filename][-1]
        what = f"{type(error).__name__} at {Path(ours.filename).name}:{ours.lineno} ({Path(last.filename).name})"
        return Fault(what=what, input=body, trace="".join(traceback.format_exception(error)[-12:]))
    else:
        refused = False
    if time.thread_time() - began > SLOW:  # the first input of all pays for tables that are loaded: ask once more
        began = time.thread_time()
        with suppress(*target.refusals):
            target.attack(body)
        if (spent := time.thread_time() - began) > SLOW:
            return Fault(what="slow", input=body, trace=f"{spent:.1f} s")
    return refused


def run(target: Target, *, seed: int, runs: int, most_seconds: float) -> Tally:
    """So many runs from a seed, or as many as the time allows."""
    drawn, tally, until = random.Random(seed), Tally(), time.monotonic() + most_seconds
    while tally.runs < runs and time.monotonic() < until:
        body = target.make(Dice(drawn.randbytes(drawn.randrange(drawn.choice(LONGEST)))))
        tally.runs += 1
        came = attacked(target, body)
        if isinstance(came, Fault):
            tally.faults.setdefault(came.what, came)
        else:
            tally.refused += came
    return tally


def keep(name: str, body: Any) -> Path:
    """Make an input a seed of the suite."""
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    file = (
        SEEDS
        / name.replace(" ", "_")
        / (hashlib.sha256(text).hexdigest()[:12] + (".bin" if isinstance(body, bytes) else ".json"))
    )
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text)
    return file


def kept(name: str) -> Iterator[Any]:
    """Inputs that were faults once."""
    for file in sorted((SEEDS / name.replace(" ", "_")).glob("*.*")):
        yield file.read_bytes() if file.suffix == ".bin" else json.loads(file.read_bytes())
