"""Processes of an earlier start that still run: known by what supervisord writes into their environment."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path

import psutil

SERVER, NAME = "SUPERVISOR_SERVER_URL", "SUPERVISOR_PROCESS_NAME"
END_SECONDS = 10.0
"""From SIGTERM to SIGKILL."""


def socket_of(home: Path) -> Path:
    """Where the supervisor of an installation listens."""
    return home / "run" / "up.sock"


def find_left(home: Path) -> dict[psutil.Process, str]:
    """Processes that a supervisor of this installation started, and theirs → the part each belongs to."""
    server = f"unix://{socket_of(home)}"
    found: dict[psutil.Process, str] = {}
    for process in psutil.process_iter():
        try:
            environment = process.environ()
        except psutil.Error:  # gone, or another user's
            continue
        if environment.get(SERVER) == server and process.pid != os.getpid():
            found[process] = environment.get(NAME, "")
    return found


def end(processes: Iterable[psutil.Process]) -> None:
    """SIGTERM, then SIGKILL for those that are there yet after ``END_SECONDS``; a stopped process is woken for it."""
    wanted = list(processes)
    for process in wanted:
        try:
            process.terminate()
            process.resume()
        except psutil.NoSuchProcess:
            continue
    for process in _living(wanted, END_SECONDS):
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    _living(wanted, END_SECONDS)


def lives(process: psutil.Process) -> bool:
    """Whether it still runs: one that ended and that nobody has asked after yet does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _living(processes: Iterable[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Those that live yet after at most so many seconds."""
    limit = time.monotonic() + seconds
    left = [process for process in processes if lives(process)]
    while left and time.monotonic() < limit:
        time.sleep(0.05)
        left = [process for process in left if lives(process)]
    return left
