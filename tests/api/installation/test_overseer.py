"""A part that is frozen or hangs is started again; one that loads, or holds callers, is left alone."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import redis
from kombu.exceptions import OperationalError

from analytics.worker.app import app
from api.installation import parts, supervision
from api.installation.leftovers import find_left
from api.installation.overseer import Judge, Rounds, Sign
from api.installation.processes import OVERSEER, QUEUE, Process
from api.installation.settings import InstallationSettings
from ivr.telephony.beat import Beat
from tests.services import ROOT, free_port, process, wait_until

pytestmark = [pytest.mark.services, pytest.mark.timeout(300)]

LIVES, SILENT, HOLDS, UNKNOWN = Sign.LIVES, Sign.SILENT, Sign.HOLDS_CALLS, Sign.UNKNOWN
HUNG = 30


def ended_at(*signs: Sign, stopped: bool = False, every: int = 5) -> int | None:
    """Seconds after which a part that told this, look after look, is ended."""
    judge = Judge(HUNG)
    for number, sign in enumerate(signs):
        if judge.look(100 + number * every, {7: sign}, frozenset({7} if stopped else ())):
            return number * every
    return None


@pytest.mark.parametrize(
    ("signs", "stopped", "ended"),
    [
        ((LIVES, *[SILENT] * 20), False, HUNG),
        ([SILENT] * 20, False, None),  # it loads
        ((LIVES, *[SILENT, LIVES] * 20), False, None),
        ((LIVES, *[UNKNOWN] * 20), False, None),
        ([UNKNOWN] * 20, True, HUNG),
        ((LIVES, *[HOLDS] * 40), False, 4 * HUNG),
        ((LIVES, *[HOLDS] * 10, *[SILENT] * 10), False, 11 * 5),
    ],
)
def test_who_is_ended_and_when(signs: tuple[Sign, ...], stopped: bool, ended: int | None) -> None:
    assert ended_at(*signs, stopped=stopped) == ended


def test_who_was_frozen_itself_blames_nobody() -> None:
    judge = Judge(HUNG)
    assert judge.look(100, {7: LIVES}, frozenset()) == []
    assert judge.look(100 + 10 * HUNG, {7: SILENT}, frozenset({7}), slept=True) == []
    assert judge.look(105 + 10 * HUNG, {7: SILENT}, frozenset()) == []


def test_a_robot_lives_by_its_own_beat() -> None:
    rounds = Rounds()

    def robot(*serials: str) -> Sign:
        return rounds._robot(71, {n: Beat(epoch=1, calls=1, serial=serial) for n, serial in enumerate(serials, 1)})

    assert robot("7.a.1", "71.b.1") is LIVES
    assert robot("7.a.2", "71.b.2") is LIVES
    assert robot("7.a.3", "71.b.2") is HOLDS
    assert robot("7.a.4") is SILENT  # the watchdog has taken it back


@pytest.mark.parametrize("lost", [redis.ConnectionError("gone"), ConnectionResetError(), OperationalError("away")])
def test_a_queue_that_goes_in_the_middle_of_the_question_is_no_answer(
    lost: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Failed before: the overseer ended with a traceback, to be started again, when the queue was killed."""

    def ask(**_whom: object) -> None:
        raise lost

    monkeypatch.setattr(app.control, "ping", ask)
    assert not parts.workers_answer()
    assert not parts.worker_answers("bulk")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    port = free_port()
    for name, value in (("HOME", tmp_path), ("REDIS_URL", f"redis://127.0.0.1:{port}/0"), ("HUNG_SECONDS", 3)):
        monkeypatch.setenv(f"OTKLIK_{name}", str(value))
    monkeypatch.setenv("OTKLIK_ARI_PORT", str(free_port()))
    command = (
        *("redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)),
        *("--set-proc-title", "no"),  # as in an installation; else its environment, by which parts are known, is gone
    )
    queue = Process(name="redis", about="queue", command=command, stage=QUEUE, start_seconds=1, stop_seconds=5)
    for folder in ("run", "logs"):
        (tmp_path / folder).mkdir()
    file = tmp_path / "run" / "supervisord.conf"
    file.write_text(supervision.configuration([queue, OVERSEER], tmp_path, InstallationSettings()))
    words = (sys.executable, "-m", "supervisor.supervisord", "-c", str(file))
    with process(*words, env={**os.environ, "PYTHONPATH": str(ROOT)}, log=tmp_path / "supervisord.log"):
        yield tmp_path
    assert not find_left(tmp_path)


def queue_of(home: Path, *, but: psutil.Process | None = None) -> psutil.Process:
    found: list[psutil.Process] = []

    def there() -> bool:
        found[:] = [one for one, part in find_left(home).items() if part == "redis" and one != but]
        return bool(found)

    wait_until(there, seconds=100, what=f"the queue to be started (again), see {home / 'logs'}")
    return found[0]


def test_a_part_that_is_stopped_or_hangs_is_started_again(home: Path) -> None:
    """It stood for ever: supervisord restarts what ends, and nothing had ended."""
    first = queue_of(home)
    first.suspend()
    second = queue_of(home, but=first)
    wait_until(lambda: "redis (pid" in log_of(home), seconds=30, what="word of it")
    client = redis.Redis.from_url(os.environ["OTKLIK_REDIS_URL"])
    wait_until(lambda: answers(client), seconds=30, what="the queue to answer")
    seen = client.info("stats")["total_connections_received"]
    wait_until(
        lambda: client.info("stats")["total_connections_received"] > seen, seconds=60, what="the overseer to have asked"
    )
    client.client_pause(100_000)  # it runs, and answers nobody
    client.close()
    assert queue_of(home, but=second) != second
    assert log_of(home).count("does not answer") == 1


def log_of(home: Path) -> str:
    return (home / "logs" / "overseer.log").read_text()


def answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False
