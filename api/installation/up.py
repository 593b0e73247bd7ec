"""Start every part of an installation on this machine and keep them running until Ctrl-C.

honcho runs the processes of the Procfile; when one ends, all end, and the reason is shown.
"""

from __future__ import annotations

import os
import secrets
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from honcho.environ import parse_procfile
from honcho.manager import Manager
from honcho.printer import Printer
from rich.console import Console
from sqlalchemy import select

from api.installation.drawn_secrets import draw_secrets
from api.installation.installation import open_database, write_redis_configuration
from api.installation.parts import ANSWERS, starts_redis, wanted_ports
from api.installation.ports import complaint, is_free
from api.kit.auth import create_user
from api.settings import WebSettings
from docker.asterisk.announcements import write_announcements
from docker.asterisk.render import render
from docker.asterisk.settings import ExchangeSettings
from recordings.database import transaction
from recordings.tables import UserRow
from speech.errors import SpeechError
from speech.settings import PROJECT, SpeechSettings, home

START_SECONDS = 90.0
"""A cold machine loads models in some 10 s; past this a part is considered stuck."""

console = Console(stderr=True, highlight=False, soft_wrap=True)


class NotStarted(Exception):
    """A part did not come up; ``str()`` says which and why."""


def run_parts(then: Callable[[], int] | None = None) -> int:
    """Run all parts until Ctrl-C; returns the exit code.

    Args:
        then: What to do in a thread of its own once every part answers; its result ends the run.
    """
    draw_secrets()
    taken = [complaint(port) for port in wanted_ports() if not is_free(port)]
    if taken:
        console.print("\n".join(taken), style="red", markup=False)
        return 1
    prepare()
    log_path = home() / "logs" / "otklik.log"
    log_path.parent.mkdir(exist_ok=True)
    result: list[int] = []
    with log_path.open("a", encoding="utf-8") as log:
        manager = _manager(log)

        def accompany() -> None:
            code = 1
            try:
                _wait_until_ready(manager)
                announce()
                if then is None:
                    return
                code = then()
            except (NotStarted, SpeechError) as error:
                console.print(f"{error}\n{_last_lines(log_path)}", style="red", markup=False)
            result.append(code)
            manager.terminate()

        signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))  # a closed terminal ends all
        threading.Thread(target=accompany, name="accompany", daemon=True).start()
        manager.loop()
    if result:
        return result[0]
    if manager.returncode in (128 + signal.SIGINT, 128 + signal.SIGTERM):
        return 0
    console.print(f"All parts were ended because one ended.\n{_last_lines(log_path)}", style="red", markup=False)
    return 1


def prepare() -> None:
    """Bring the installation's state up to date; tell the password of the first user when it is made now."""
    if starts_redis():
        write_redis_configuration()
    render(ExchangeSettings(), home() / "asterisk-run", home() / "asterisk" / "root")
    write_announcements(home() / "asterisk-run", SpeechSettings())
    with transaction(open_database()) as db:
        if db.scalar(select(UserRow.id).limit(1)) is not None:
            return
        password = secrets.token_urlsafe(9)
        create_user(db, "admin", password, language="ru")
    console.print(f"The pages' first user: log in as [b]admin[/b] with [b]{password}[/b] (shown only this once)")


def announce() -> None:
    """Say where to ring, where to look and who hears."""
    from ivr.settings import RobotSettings
    from speech.recognition.engines import describe
    from speech.settings import SpeechSettings

    exchange, web = ExchangeSettings(), WebSettings()
    address = f"{exchange.sip_bind}:{exchange.sip_port}"
    console.rule("Otklik answers")
    for scenario in RobotSettings().load_scenarios().values():
        hears = describe(scenario.language, SpeechSettings(), live=True)
        console.print(
            f"  ring   sip:{scenario.extension}@{address}  {scenario.name}, {scenario.language}, heard by {hears}"
        )
    console.print(
        f"  phones register at {address} as `phone`, the agent as `agent`; passwords: {home() / 'otklik.env'}"
    )
    console.print(f"  pages  http://{web.web_bind}:{web.web_port}/")
    console.print("  log in as admin; a new password: .venv/bin/otklik users password admin")
    console.print(f"  log    {home() / 'logs' / 'otklik.log'}")
    console.rule("Ctrl-C ends")


def _manager(log: TextIO) -> Manager:
    manager = Manager(Printer(output=log, colour=False, time_format="%Y-%m-%d %H:%M:%S"))
    environment = {
        **os.environ,
        "OTKLIK_HOME": str(home()),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONUNBUFFERED": "1",
    }
    procfile = parse_procfile((PROJECT / "Procfile").read_text(encoding="utf-8"))
    for name, command in procfile.processes.items():
        if name != "redis" or starts_redis():
            manager.add_process(name, command, env=environment, cwd=str(PROJECT))
    return manager


def _wait_until_ready(manager: Manager) -> None:
    """Wait for every part to answer.

    Raises:
        NotStarted: one did not within ``START_SECONDS``, or a process ended.
    """
    deadline = time.monotonic() + START_SECONDS
    started = time.monotonic()
    for part, answers in ANSWERS.items():
        while not answers():
            if any(process.get("returncode") is not None for process in manager._processes.values()):
                raise NotStarted(f"A process ended while {part} was starting.")
            if time.monotonic() > deadline:
                raise NotStarted(f"{part}: no answer within {START_SECONDS:.0f} s.")
            time.sleep(0.2)
        console.print(f"  {part}: up after {time.monotonic() - started:.1f} s", style="dim")


def _last_lines(log_path: Path) -> str:
    lines = log_path.read_text(encoding="utf-8").splitlines()
    return "\n".join([f"The last lines of {log_path}:", *lines[-25:]])
