"""``python -m api.installation.overseer``: ends parts that are frozen or hang for good, so that they are started again.

supervisord sees only what ends. Here a part is asked for what it is there for: one that has answered and then does not
for ``OTKLIK_HUNG_SECONDS``, or is stopped for so long, is killed. What has not answered since its start may be loading
and is not judged. A robot keeps its calls until the watchdog has passed them on.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum

import psutil

from api.installation.leftovers import find_left
from api.installation.parts import pages_answer, redis_answers, worker_answers
from api.installation.settings import InstallationSettings
from ivr.errors import AriError, AriUnreachable
from ivr.telephony.ari import Ari
from ivr.telephony.beat import Beat, read_beats
from ivr.telephony.settings import AriSettings
from speech.settings import home

log = logging.getLogger("overseer")

LOOK_SECONDS = 5.0
"""Between two looks; a look itself may take as long for each worker that does not answer."""
WITH_CALLS = 4
"""Times as long a silent robot is left when it seems to hold callers: the watchdog may be gone as well."""
WORKERS = ("transcriber", "analyst", "bulk")


class Sign(Enum):
    """What a look at a part told."""

    LIVES = 1
    SILENT = 2
    HOLDS_CALLS = 3
    """Silent, but callers are still with it."""
    UNKNOWN = 4
    """It cannot be asked, or what it is asked through is away."""


@dataclass(slots=True, kw_only=True)
class _Seen:
    well: float
    """When it was last no worry."""
    judged: bool = False
    """It has answered once."""


class Judge:
    """Tells from what was seen which processes are to be ended."""

    def __init__(self, hung_seconds: float) -> None:
        self._hung = hung_seconds
        self._seen: dict[int, _Seen] = {}

    def look(self, now: float, signs: Mapping[int, Sign], stopped: frozenset[int], *, slept: bool = False) -> list[int]:
        """Take in one look.

        Args:
            now: When it began, in seconds, by a clock that is never set.
            signs: Pid of each part → what it told.
            stopped: Those of them that the system keeps from running.
            slept: We were stopped ourselves before it, or the machine was: nobody is blamed for that time.

        Returns:
            Pids to end; who was ended is told anew as long as it is there.
        """
        self._seen = {pid: self._seen.get(pid, _Seen(well=now)) for pid in signs}
        wanted = []
        for pid, sign in signs.items():
            seen = self._seen[pid]
            seen.judged |= sign is Sign.LIVES
            if slept or (pid not in stopped and (sign in {Sign.LIVES, Sign.UNKNOWN} or not seen.judged)):
                seen.well = now
            patience = self._hung * (WITH_CALLS if sign is Sign.HOLDS_CALLS else 1)
            if now - seen.well >= patience:
                wanted.append(pid)
        return wanted


class Rounds:
    """Asks the parts."""

    def __init__(self) -> None:
        self._beats: dict[int, str] = {}

    def signs(self, parts: Mapping[int, str]) -> dict[int, Sign]:
        """What each process, by its pid, tells; ``parts`` names the part it is."""
        beats = asyncio.run(_beats())
        queue = redis_answers()
        found = {}
        for pid, part in parts.items():
            match part:
                case "asterisk":
                    found[pid] = _sign(answers=beats is not None)
                case "robot":
                    found[pid] = Sign.UNKNOWN if beats is None else self._robot(pid, beats)
                case "redis":
                    found[pid] = _sign(answers=queue)
                case "web":
                    found[pid] = _sign(answers=pages_answer())
                case worker if worker in WORKERS and queue:
                    found[pid] = _sign(answers=worker_answers(worker))
                case _:
                    found[pid] = Sign.UNKNOWN
        return found

    def _robot(self, pid: int, beats: Mapping[int, Beat]) -> Sign:
        """Its beat changes all the time; the watchdog takes it back when all callers of a silent one are passed on."""
        last = next((beat.serial for beat in beats.values() if beat.serial.startswith(f"{pid}.")), "")
        before, self._beats[pid] = self._beats.get(pid), last
        if last and last != before:
            return Sign.LIVES
        return Sign.HOLDS_CALLS if last else Sign.SILENT


def _sign(*, answers: bool) -> Sign:
    return Sign.LIVES if answers else Sign.SILENT


async def _beats() -> Mapping[int, Beat] | None:
    """None where Asterisk does not answer; whatever it answers, it lives."""
    settings = AriSettings()
    user, password = settings.ari_user, settings.ari_password.get_secret_value()
    async with Ari(settings.ari_address, user=user, password=password, app=settings.stasis_app) as ari:
        try:
            return await read_beats(ari)
        except (AriUnreachable, TimeoutError):
            return None
        except AriError as error:
            log.warning("Asterisk does not tell of the robots: %s", error)
            return {}


def _parts() -> dict[int, tuple[str, bool]]:
    """Pid of each process that supervisord started → its part, and whether it is stopped."""
    left = find_left(home())
    pids = {process.pid for process in left}
    found = {}
    for process, part in left.items():
        with suppress(psutil.NoSuchProcess):
            if process.ppid() not in pids:
                found[process.pid] = part, process.status() == psutil.STATUS_STOPPED
    return found


def _end(pid: int) -> None:
    """At once, with its children: it does not listen any more."""
    with suppress(ProcessLookupError):
        if os.getpgid(pid) == pid:
            os.killpg(pid, signal.SIGKILL)
        else:
            os.kill(pid, signal.SIGKILL)


def run(hung_seconds: float) -> None:
    """Look until ended."""
    judge, rounds, slept = Judge(hung_seconds), Rounds(), False
    while True:
        began = time.monotonic()
        parts = _parts()
        signs = rounds.signs({pid: part for pid, (part, _) in parts.items()})
        stopped = frozenset(pid for pid, (_, is_stopped) in parts.items() if is_stopped)
        for pid in judge.look(began, signs, stopped, slept=slept):
            why = "is stopped" if pid in stopped else "does not answer"
            log.error("%s (pid %d) %s for %g s: killed, to be started again", parts[pid][0], pid, why, hung_seconds)
            _end(pid)
        ended = time.monotonic()
        time.sleep(LOOK_SECONDS)
        slept = time.monotonic() - ended > 3 * LOOK_SECONDS


def main() -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    run(InstallationSettings().hung_seconds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
