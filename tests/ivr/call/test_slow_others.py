"""Others are slow, hang, fail or are full: calls go on, newcomers are answered, and nothing is lost."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from bench.rtp_caller import RtpCaller
from recordings.tables import RecordingRow
from tests.ivr.company import SECRET, odd_server
from tests.ivr.conftest import CallBook, until
from tests.ivr.faulty_store import REGISTER
from tests.services import ROOT
from tests.telephony import Exchange, Robot

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(300)]

KEYED = Path(__file__).parents[1] / "scenarios" / "keyed.yaml"
LOOKUP_SECONDS = 8.0
NOT_LATE = 2.5
"""Seconds by which a reply may come later than on a quiet line: far less than a company takes here."""


@pytest.fixture
def keyed_robot(robot: Robot, tmp_path: Path) -> Robot:
    """A robot with one small scenario in a language whose model loads soon; not started yet."""
    folder = tmp_path / "scenarios"
    folder.mkdir()
    shutil.copy(KEYED, folder)
    robot.environment |= {"OTKLIK_SCENARIOS": str(folder), "OTKLIK_LOOKUP_SECONDS": str(LOOKUP_SECONDS)}
    robot.environment |= {"OTKLIK_MOST_CALLS": "30", "OTKLIK_MOST_SPEECH_CALLS": "30"}
    return robot


class Lines:
    """Callers of one test; each has a number of its own."""

    def __init__(self, exchange: Exchange, stack: AsyncExitStack) -> None:
        self._exchange = exchange
        self._stack = stack
        self._numbers = iter(range(1000))

    async def ring(self, extension: str = "3200") -> RtpCaller:
        """A caller who has heard the robot."""
        number = f"+7916555{next(self._numbers):04}"
        line = RtpCaller(extension=extension, sip_port=self._exchange.settings.sip_port, number=number)
        caller = await self._stack.enter_async_context(line)
        await caller.wait_sound(after=caller.answered, within=30)
        return caller


@pytest.fixture
async def lines(asterisk: Exchange) -> AsyncIterator[Lines]:
    async with AsyncExitStack() as stack:
        yield Lines(asterisk, stack)


async def _asks_again(caller: RtpCaller) -> float:
    """Seconds from the key to the prompt, which was rendered long ago."""
    await caller.wait_quiet(seconds=0.5, within=30)
    pressed = await caller.press("2")
    return await caller.wait_sound(after=pressed, within=30) - pressed


@contextmanager
def _hung(database_url: str) -> Iterator[None]:
    """Everything of that database's server that could answer, stopped."""
    address = make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address) as admin:
        named = admin.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()").fetchall()
        data = Path(admin.execute("SHOW data_directory").fetchone()[0])  # type: ignore[index]
        postmaster = int((data / "postmaster.pid").read_text().split()[0])
        pids = [postmaster, *(pid for (pid,) in named if pid != admin.info.backend_pid)]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in reversed(pids):
            os.kill(pid, signal.SIGCONT)


async def test_a_slow_company_and_a_hung_database_keep_nobody_else_waiting(
    keyed_robot: Robot, lines: Lines, asterisk: Exchange, migrated_postgres_url: str, prompts_dir: Path
) -> None:
    robot = keyed_robot
    robot.environment["OTKLIK_DATABASE_URL"] = migrated_postgres_url
    with odd_server() as company:
        company.hangs()
        robot.environment |= {"OTKLIK_BUSINESS_URL": company.url, "OTKLIK_BUSINESS_SECRET": SECRET}
        await asyncio.to_thread(robot.start)
        other = await lines.ring()
        quiet = await _asks_again(other)
        waiting = [await lines.ring() for _ in range(7)]
        for caller in waiting:
            await caller.press("1")
        await until(lambda: len(company.heard) >= 5, seconds=10, what="the company to be asked by many")
        assert await _asks_again(other) < quiet + NOT_LATE
        with _hung(migrated_postgres_url):
            assert await _asks_again(other) < quiet + NOT_LATE
            for _ in range(3):
                await lines.ring()  # newcomers are answered
            asterisk.kill()
            await asyncio.to_thread(asterisk.start)
            await lines.ring()  # also after the robot has connected anew
    assert robot.running is not None
    assert robot.running.poll() is None


@pytest.fixture
def small_home(keyed_robot: Robot, prompts_dir: Path) -> Iterator[Path]:
    """The robot's whole home on a disk of its own: database, prompts, log, what was put aside."""
    folder = keyed_robot.folder
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", folder], capture_output=True)
    if mounted.returncode:
        pytest.skip("mounting a small disk needs root")
    keyed_robot.environment["OTKLIK_PROMPTS_DIR"] = str(folder / "prompts")
    yield folder
    keyed_robot.stop()
    subprocess.run(["umount", "--lazy", folder], check=True)


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass


async def test_a_full_disk_and_a_store_with_errors_of_its_own_lose_nothing(
    keyed_robot: Robot, small_home: Path, lines: Lines, book: CallBook, tmp_path: Path
) -> None:
    robot, store, known = keyed_robot, tmp_path / "store", tmp_path / "known"
    store.mkdir()
    known.mkdir()
    (known / "sitecustomize.py").write_text(REGISTER)
    robot.environment |= {"OTKLIK_AUDIO_URL": f"faulty://{store}", "PYTHONPATH": f"{known}:{ROOT}"}
    await asyncio.to_thread(robot.start)

    _fill(small_home / "filling")
    caller = await lines.ring()
    assert await _asks_again(caller) < 20
    await caller.press("1")  # the demonstration shop's own database is on that disk as well
    await until(lambda: caller.ended, seconds=30, what="the robot's good-bye")
    assert robot.running is not None
    assert robot.running.poll() is None
    (small_home / "filling").unlink()
    first = await until(book.ended, seconds=60, what="the call in the database, once there is room")

    (store / "fault").write_text("raises")
    caller = await lines.ring()
    await caller.press("1")
    await until(lambda: caller.ended, seconds=30, what="the robot's good-bye")
    await until(lambda: "waits with Asterisk" in book.calls()[0].failure, seconds=30, what="the reason in the row")
    second = book.calls()[0]
    assert second.id != first.id
    assert "EndpointConnectionError" in second.failure
    assert robot.running.poll() is None

    (store / "fault").write_text("hangs")
    assert await asyncio.to_thread(robot.stop) == 0
    await asyncio.to_thread(robot.start)  # meets the sound that waits at once, and the store that hangs
    caller = await lines.ring()
    assert await _asks_again(caller) < 20
    (store / "fault").unlink()
    assert await asyncio.to_thread(robot.stop) == 0
    await asyncio.to_thread(robot.start)
    await until(
        lambda: {first.id, second.id} <= {row.call_id for row in book.rows(RecordingRow)},
        seconds=60,
        what="both recordings brought home",
    )
    await until(lambda: not book.calls()[-1].failure, seconds=10, what="the reason to be taken back")
