"""Start every part of an installation on this machine and tell what becomes of them, until Ctrl-C ends them all.

supervisord runs them: it starts a part again that has ended, the others live on. This process only looks on. Killed, it
leaves the parts running, and the next ``otklik up`` takes them over.
"""

from __future__ import annotations

import fcntl
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from rich.console import Console
from sqlalchemy import select

from api.installation import supervision
from api.installation.asterisk_process import PROGRAM
from api.installation.drawn_secrets import draw_secrets
from api.installation.installation import open_database, write_redis_configuration
from api.installation.leftovers import lives
from api.installation.news import Tail, Watched
from api.installation.parts import ANSWERS, asterisk_answers, starts_redis, wanted_ports
from api.installation.ports import complaint, is_free
from api.installation.processes import OVERSEER, PROCESSES, Process
from api.installation.settings import InstallationSettings
from api.kit.auth import create_user, draw_password
from api.kit.roles import Role
from api.settings import WebSettings
from docker.asterisk.announcements import write_announcements
from docker.asterisk.render import render
from docker.asterisk.settings import ExchangeSettings
from ivr.errors import IvrError
from recordings.audio_store import AudioStore
from recordings.database import transaction
from recordings.settings import store_settings
from recordings.tables import UserRow
from speech.errors import SpeechError
from speech.settings import SpeechSettings, home

START_SECONDS = 90.0
"""A cold machine loads models in some 10 s; past this a part is told to be missing."""
LOOK_SECONDS = 0.3
"""Between looks at the parts."""
LAST_LINES = 25

console = Console(stderr=True, highlight=False, soft_wrap=True)


class NotStarted(Exception):
    """A part did not come up; ``str()`` says which and why."""


def run_parts(then: Callable[[], int] | None = None) -> int:
    """Run all parts until Ctrl-C; returns the exit code.

    Args:
        then: What to do in a thread of its own once every part answers; its result ends the run.
    """
    draw_secrets()
    ended = threading.Event()
    with _alone() as first, _signals(ended):
        if not first:
            console.print("Otklik runs already, and its console is open elsewhere: Ctrl-C there ends it.", style="red")
            return 1
        try:
            supervisor, processes = _begin()
            return _look_on(supervisor, processes, ended, then)
        except (NotStarted, supervision.NotSupervised) as error:
            console.print(str(error), style="red", markup=False)
            return 1


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether no other console is open; none can be while this one is."""
    (home() / "run").mkdir(exist_ok=True, mode=0o700)
    with (home() / "run" / "up.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        try:
            yield True
        finally:
            file.truncate(0)


@contextmanager
def _signals(ended: threading.Event) -> Iterator[None]:
    """Ctrl-C, SIGTERM and a closed terminal ask for the end; a second one changes nothing: the end is bounded."""
    known = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    for number in known:
        signal.signal(number, lambda *_: ended.set())
    yield
    for number, handler in known.items():
        signal.signal(number, handler)


def wanted_processes() -> list[Process]:
    """The parts that are to run here: the queue only where it is not served from elsewhere."""
    overseers = [OVERSEER] if InstallationSettings().hung_seconds else []
    return [*(process for process in PROCESSES if process.name != "redis" or starts_redis()), *overseers]


def _begin() -> tuple[psutil.Process, list[Process]]:
    """The supervisor of a console that was killed, or a new one."""
    if supervisor := supervision.find():
        console.print(
            "Otklik was running without a console: here it is again, with the settings of its start.", style="yellow"
        )
        return supervisor, list(PROCESSES)
    return _start()


def _start() -> tuple[psutil.Process, list[Process]]:
    """Start all parts; an Asterisk that a killed supervisor left goes on with its calls, all else is started anew.

    Raises:
        NotStarted: a port is taken.
        NotSupervised: the supervisor does not start.
    """
    left = supervision.clear(keep={PROGRAM} if asterisk_answers() else ())
    if left:
        pids = ", ".join(str(process.pid) for process in left)
        console.print(f"Asterisk of an earlier start (pid {pids}) goes on with its calls.", style="yellow")
    ports = [port for port in wanted_ports() if not (left and port.of_asterisk)]
    if taken := [complaint(port) for port in ports if not is_free(port)]:
        raise NotStarted("\n".join(taken))
    prepare()
    processes = wanted_processes()
    return supervision.start(processes), processes


def _look_on(
    supervisor: psutil.Process,
    processes: list[Process],
    ended: threading.Event,
    then: Callable[[], int] | None,
) -> int:
    """Tell what happens until somebody ends it or ``then`` is done; then end all parts in their order."""
    result: list[int] = []
    watched, tail = Watched(), Tail(path=supervision.log_file())
    tail.to_end()

    def accompany() -> None:
        code = 1
        try:
            _wait_until_ready(watched, ended, patient=then is None)
            announce()
            if then is None:
                return
            code = then()
        except (NotStarted, SpeechError, IvrError) as error:
            console.print(str(error), style="red", markup=False)
            if then is None:
                return
        result.append(code)
        ended.set()

    threading.Thread(target=accompany, name="accompany", daemon=True).start()
    try:
        while not ended.wait(LOOK_SECONDS):
            _tell(watched, tail)
            if not lives(supervisor):
                console.print("What supervises the parts was ended; it is started again.", style="red")
                supervisor, processes = _start()
                tail.to_end()
    finally:
        console.print("  ending all parts", style="dim")
        supervision.stop(supervisor, processes)
    return result[0] if result else 0


def _tell(watched: Watched, tail: Tail) -> None:
    for line in tail.lines():
        if news := watched.tell(line):
            style = "red" if news.bad else "green"
            console.print(f"  {time.strftime('%H:%M:%S')} {news.part}: {news.text}", style=style, markup=False)
            if news.desperate:
                console.print(_last_lines(supervision.part_log(news.part)), style="red", markup=False)


def prepare() -> None:
    """Bring the installation's state up to date; tell the password of the first user when it is made now."""
    if starts_redis():
        write_redis_configuration()
    render(ExchangeSettings(), home() / "asterisk-run", home() / "asterisk" / "root")
    write_announcements(home() / "asterisk-run", SpeechSettings())
    AudioStore(store_settings().audio_url).close_to_others()
    with transaction(open_database()) as db:
        if db.scalar(select(UserRow.id).limit(1)) is not None:
            return
        password = draw_password()
        create_user(db, "admin", password, language="ru", role=Role.ADMIN, drawn=True)
    console.print(
        f"The pages' first user: log in as [b]admin[/b] with [b]{password}[/b] (shown only this once; you choose your "
        "own then)"
    )


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
    console.print(f"  logs   {home() / 'logs'}, one of each part")
    console.rule("Ctrl-C ends")


def _wait_until_ready(watched: Watched, ended: threading.Event, *, patient: bool) -> None:
    """Wait for every part to answer, and tell each that does; ``patient`` waits on after saying what is missing.

    Raises:
        NotStarted: not all do, and it is no use waiting.
    """
    started, told = time.monotonic(), False
    missing = list(ANSWERS)
    while missing:
        for part in [part for part in missing if ANSWERS[part]()]:
            missing.remove(part)
            console.print(f"  {part}: up after {time.monotonic() - started:.1f} s", style="dim")
        late = time.monotonic() - started > START_SECONDS
        if missing and not told and (late or watched.failing()):
            waited = f"no answer within {START_SECONDS:.0f} s" if late else "a part of it does not start"
            text = f"{', '.join(missing)}: {waited}, see {home() / 'logs'}"
            if not patient:
                raise NotStarted(text)
            told = True
            console.print(f"{text}; what else is up goes on, and it is tried again.", style="red", markup=False)
        if missing and ended.wait(0.2):
            raise NotStarted("ended before all parts were up")


def _last_lines(path: Path) -> str:
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []
    return "\n".join([f"The last lines of {path}:", *lines[-LAST_LINES:]])
