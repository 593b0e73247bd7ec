"""``python -m tests.fuzz TARGET --runs N --seed S``: attack a reader; what fails is kept as a seed of the suite."""

from __future__ import annotations

import argparse
import logging
import random
import sys
import time

from tests.fuzz.run import keep, run
from tests.fuzz.targets import TARGETS


def main() -> int:
    arguments = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    arguments.add_argument("target", choices=[*TARGETS, "all"])
    arguments.add_argument("--runs", type=int, default=200_000)
    arguments.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    arguments.add_argument("--seconds", type=float, default=540, help="at most, for each target")
    wanted = arguments.parse_args()
    logging.disable()
    failed = False
    for name in TARGETS if wanted.target == "all" else [wanted.target]:
        began = time.monotonic()
        tally = run(TARGETS[name], seed=wanted.seed, runs=wanted.runs, most_seconds=wanted.seconds)
        seconds = time.monotonic() - began
        print(  # noqa: T201
            f"{name}: seed {wanted.seed}, {tally.runs} runs in {seconds:.0f} s, {tally.refused} refused, "
            f"{len(tally.faults)} kinds of faults",
            flush=True,
        )
        for fault in tally.faults.values():
            failed = True
            print(  # noqa: T201
                f"--- {fault.what}, kept as {keep(name, fault.input)}\n{repr(fault.input)[:300]}\n{fault.trace[-1500:]}"
            )
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
