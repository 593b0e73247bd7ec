"""``python -m tests.fuzz TARGET --runs N --seed S``: attack a reader; what fails is kept as a seed of the suite.

``python -m tests.fuzz site --runs N --seed S`` attacks the whole web application.
"""

from __future__ import annotations

import argparse
import logging
import random
import sys
import tempfile
import time
from pathlib import Path

from api.kit.roles import Role
from recordings.database import migrate
from tests.fuzz.operations import attack
from tests.fuzz.run import Tally, keep, run
from tests.fuzz.site import STRANGER, routes, site
from tests.fuzz.targets import TARGETS
from tests.fuzz.walk import walk

SITE = "site"


def main() -> int:
    arguments = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    arguments.add_argument("target", choices=[*TARGETS, "all", SITE])
    arguments.add_argument("--runs", type=int, default=200_000)
    arguments.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    arguments.add_argument("--seconds", type=float, default=540, help="at most, for each target")
    wanted = arguments.parse_args()
    logging.disable()
    if wanted.target == SITE:
        return _attack_site(wanted.runs, wanted.seed, wanted.seconds)
    failed = False
    for name in TARGETS if wanted.target == "all" else [wanted.target]:
        began = time.monotonic()
        tally = run(TARGETS[name], seed=wanted.seed, runs=wanted.runs, most_seconds=wanted.seconds)
        _tell(name, tally, wanted.seed, began)
        for fault in tally.faults.values():
            failed = True
            print(f"kept as {keep(name, fault.input)}")  # noqa: T201
    return int(failed)


def _attack_site(runs: int, seed: int, seconds: float) -> int:
    """The web application: a half of the requests at random, a half by its description, as everybody in turn."""
    failed, everybody = False, (*Role, STRANGER)
    with tempfile.TemporaryDirectory(prefix="otklik-fuzz-") as name:
        url = f"sqlite:///{name}/otklik.db"
        migrate(url)
        with site(url, Path(name)) as app:
            began = time.monotonic()
            tally = walk(app, seed=seed, runs=runs // 2, most_seconds=seconds / 3)
            _tell("walk", tally, seed, began)
            failed |= bool(tally.faults)
            each = max(runs // 2 // len(everybody) // len(routes(app)), 2)
            for who in everybody:
                began = time.monotonic()
                most = seconds * 2 / 3 / len(everybody)
                tally = attack(app, who, drawn=seed, examples=each, most_seconds=most)
                _tell(f"operations as {who}", tally, seed, began)
                failed |= bool(tally.faults)
    return int(failed)


def _tell(name: str, tally: Tally, seed: int, began: float) -> None:
    seconds = time.monotonic() - began
    print(  # noqa: T201
        f"{name}: seed {seed}, {tally.runs} runs in {seconds:.0f} s, {tally.refused} refused, "
        f"{len(tally.faults)} kinds of faults",
        flush=True,
    )
    for fault in tally.faults.values():
        print(f"--- {fault.what}\n{repr(fault.input)[:1000]}\n{fault.trace[-1500:]}")  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
