"""``python -m api.installation.asterisk_process``: becomes Asterisk, or goes along with the one that runs already.

A supervisor that was killed leaves Asterisk and its calls running. The next one's Asterisk is this process: it ends
when the running one ends, and hands its signals on, so that nobody is cut off by a restart of what supervises them.
"""

from __future__ import annotations

import os
import select
import signal
import sys

import psutil

from api.installation.leftovers import find_left
from speech.settings import home

PROGRAM = "asterisk"


def left_running() -> psutil.Process | None:
    """The Asterisk of an earlier start; the first of its processes where it has several."""
    ours = {os.getpid(), os.getppid()}
    found = [
        process
        for process, part in find_left(home()).items()
        if part == PROGRAM and process.pid not in ours and "api.installation.asterisk_process" not in process.cmdline()
    ]
    return min(found, key=lambda process: process.create_time(), default=None)


def _go_along(process: psutil.Process) -> int:
    """Wait for its end; 0 when a signal of ours ended it."""
    try:
        handle = os.pidfd_open(process.pid)
    except ProcessLookupError:
        return 1
    asked = False

    def hand_on(number: int, _: object) -> None:
        nonlocal asked
        asked = True
        signal.pidfd_send_signal(handle, number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, hand_on)
    select.select([handle], [], [])
    return 0 if asked else 1


def main() -> int:
    launcher, configuration = home() / "asterisk" / "asterisk", home() / "asterisk-run" / "etc" / "asterisk.conf"
    if running := left_running():
        sys.stderr.write(f"Asterisk runs already, pid {running.pid}: its calls go on\n")
        return _go_along(running)
    return os.execv(launcher, [str(launcher), "-f", "-n", "-C", str(configuration)])  # noqa: S606  # becomes Asterisk


if __name__ == "__main__":
    sys.exit(main())
