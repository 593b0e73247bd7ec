"""supervisord over the parts: its configuration, its start, its end, and what it is asked meanwhile.

It is a process of its own and listens on a socket in the installation's home, for its owner alone. Whoever looks on, as
``otklik up`` does, may end or be killed: it goes on, and the parts with it.
"""

from __future__ import annotations

import os
import pwd
import shlex
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Callable, Iterable
from http.client import HTTPException
from itertools import groupby
from pathlib import Path
from typing import Any

import psutil
from supervisor.xmlrpc import SupervisorTransport

from api.installation.leftovers import end, find_left, socket_of
from api.installation.processes import Process
from api.installation.settings import InstallationSettings
from speech.settings import PROJECT, home

LONGEST_SOCKET = 100
"""Bytes; the system takes 107 for the address of a socket, and supervisord adds some for a moment."""
FOR_EVER = 1_000_000
"""Starts of a part that fails each time, each a second later than the one before."""
ANSWER_SECONDS = 10.0
"""supervisord listens some tenths of a second after its start."""
MARGIN_SECONDS = 5.0


class NotSupervised(Exception):
    """The supervisor cannot be started; ``str()`` says why."""


def log_file() -> Path:
    """Where starts and ends of the parts are written; each part's own output lies beside it."""
    return home() / "logs" / "otklik.log"


def part_log(name: str) -> Path:
    """What one part says."""
    return home() / "logs" / f"{name}.log"


def configuration(processes: Iterable[Process], folder: Path, bounds: InstallationSettings) -> str:
    """supervisord.conf for these parts; one group a stage, so that stages end one after the other."""
    owner = f"user={pwd.getpwuid(0).pw_name}\n" if os.geteuid() == 0 else ""
    rotated = f"maxbytes={bounds.log_bytes}\n", f"backups={bounds.log_backups}\n"
    head = (
        f"[supervisord]\nnodaemon=true\nsilent=true\nnocleanup=true\numask=077\n{owner}"
        f"directory={_plain(PROJECT)}\npidfile={_plain(folder / 'run' / 'supervisord.pid')}\n"
        f"logfile={_plain(folder / 'logs' / 'otklik.log')}\nloglevel=info\n"
        + "".join(f"logfile_{line}" for line in rotated)
        + f"\n[unix_http_server]\nfile={_plain(socket_of(folder))}\nchmod=0600\n"
        "\n[rpcinterface:supervisor]\n"
        "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n"
    )
    text = [head]
    for stage, members in groupby(sorted(processes, key=lambda process: process.stage), lambda one: one.stage):
        parts = list(members)
        text.append(
            f"\n[group:stage{stage}]\npriority={stage}\nprograms={','.join(process.name for process in parts)}\n"
        )
        text += [
            f"\n[program:{process.name}]\ncommand={_plain(shlex.join(process.argv(folder)))}\n"
            "autorestart=true\nredirect_stderr=true\nkillasgroup=true\n"
            f"startsecs={process.start_seconds:.0f}\nstartretries={FOR_EVER}\nstopwaitsecs={process.stop_seconds:.0f}\n"
            # supervisord expands this one twice
            f"stdout_logfile={_plain(_plain(folder / 'logs' / f'{process.name}.log'))}\n"
            + "".join(f"stdout_logfile_{line}" for line in rotated)
            for process in parts
        ]
    return "".join(text)


def _plain(value: object) -> str:
    """The value as text that means itself in supervisord's file, where ``%`` expands and `` ;`` opens a comment."""
    text = str(value)
    if not text.isprintable() or " ;" in text or " #" in text:
        raise NotSupervised(f"{text}: no line breaks and no ' ;' or ' #' can stand in a path of the installation")
    return text.replace("%", "%%")


def start(processes: Iterable[Process]) -> psutil.Process:
    """Start the supervisor and with it all parts.

    Raises:
        NotSupervised: it does not answer within ``ANSWER_SECONDS``.
    """
    if len(os.fsencode(socket_of(home()))) > LONGEST_SOCKET:
        raise NotSupervised(f"{home()}: the path is too long for a socket; move the installation with OTKLIK_HOME")
    bounds = InstallationSettings()
    for folder in ("run", "logs"):
        (home() / folder).mkdir(exist_ok=True, mode=0o700)
    _trim(bounds.log_bytes)
    file = home() / "run" / "supervisord.conf"
    file.write_text(configuration(processes, home(), bounds), encoding="utf-8")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("SUPERVISOR_")},
        "OTKLIK_HOME": str(home()),
        "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', os.defpath)}",
        "PYTHONUNBUFFERED": "1",
    }
    started = subprocess.Popen(
        [sys.executable, "-m", "supervisor.supervisord", "-c", str(file)],
        env=environment,
        cwd=PROJECT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,  # never a pipe: it would break with whoever looks on
        start_new_session=True,  # Ctrl-C is for whoever looks on
    )
    limit = time.monotonic() + ANSWER_SECONDS
    while (process := find()) is None:
        if started.poll() is not None or time.monotonic() > limit:
            started.kill()
            started.wait()
            raise NotSupervised(f"the supervisor of the parts did not start, see {log_file()}")
        time.sleep(0.05)
    return process


def _trim(most: int) -> None:
    """Of what an earlier Otklik wrote without a bound, the end is enough."""
    for path in (home() / "logs").glob("*.log*"):
        if path.stat().st_size > 2 * most:
            with path.open("rb") as file:
                file.seek(-most, os.SEEK_END)
                kept = file.read()
            path.write_bytes(kept.partition(b"\n")[2])


def ask(call: Callable[[Any], Any]) -> Any:
    """What supervisord answers to ``call(its interface)``; None where none answers.

    Raises:
        xmlrpc.client.Fault: it refuses, as a part that is no part.
    """
    transport = SupervisorTransport(None, None, f"unix://{socket_of(home())}")
    try:
        return call(xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport).supervisor)
    except (OSError, HTTPException, xmlrpc.client.ProtocolError):
        return None
    finally:
        transport.close()


def find() -> psutil.Process | None:
    """The supervisor of this installation where one answers."""
    pid = ask(lambda supervisor: supervisor.getPID()) if socket_of(home()).exists() else None
    try:
        return psutil.Process(pid) if pid else None
    except psutil.NoSuchProcess:
        return None


def stop(supervisor: psutil.Process | None, processes: Iterable[Process]) -> None:
    """End all parts, Asterisk last; bounded, and nothing is left afterwards: no process, no socket."""
    waits: dict[int, float] = {}
    for process in processes:
        waits[process.stage] = max(process.stop_seconds, waits.get(process.stage, 0))
    if supervisor is not None and supervisor.is_running():
        supervisor.terminate()
        supervisor.resume()
        gone, _ = psutil.wait_procs([supervisor], timeout=sum(waits.values()) + MARGIN_SECONDS)
        if not gone:
            end([supervisor])
    clear(keep=())


def clear(*, keep: Iterable[str]) -> dict[psutil.Process, str]:
    """End what an earlier supervisor left, but for the parts named; those that stay are returned."""
    left = find_left(home())
    stay = {process: part for process, part in left.items() if part in set(keep)}
    end(left.keys() - stay.keys())
    socket_of(home()).unlink(missing_ok=True)
    return stay
