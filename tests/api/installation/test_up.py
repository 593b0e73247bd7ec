"""`otklik up`: one part dies, the others live; whoever looks on may die, too; the end leaves nothing."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import psutil
import pytest
from sqlalchemy import Engine, select

from api.installation import supervision
from api.installation.leftovers import find_left, lives
from bench.chaos import SILENT, Call, hold_call
from recordings.database import connect, reading
from recordings.tables import CallRow, RecordingRow
from tests.services import ROOT, wait_until

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(300)]

OTKLIK = Path(sys.executable).with_name("otklik")
LOG_BYTES, BACKUPS = 20_000, 2
KNOCKS = 3_000


@contextmanager
def console(env: dict[str, str], name: str) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """`otklik up` of its own; what it says goes to a file."""
    said = Path(env["OTKLIK_HOME"]).parent / name
    with said.open("wb") as out:
        running = subprocess.Popen([OTKLIK, "up"], env=env, cwd=ROOT, stdout=out, stderr=out)
    try:
        yield running, said
    finally:
        running.terminate()
        running.wait(60)


def parts(env: dict[str, str]) -> dict[str, psutil.Process]:
    """Part → its process; those of its own children are left out."""
    left = find_left(Path(env["OTKLIK_HOME"]))
    pids = {process.pid for process in left}
    return {part: process for process, part in left.items() if process.ppid() not in pids}


def says(said: Path, *words: str, seconds: float = 20) -> None:
    wait_until(
        lambda: all(word in said.read_text() for word in words), seconds=seconds, what=f"{words} in {said.read_text()}"
    )


def knock(port: int) -> None:
    """What scanners send: REGISTER after REGISTER of users nobody knows."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as scanner:
        scanner.connect(("127.0.0.1", port))
        own = scanner.getsockname()[1]
        for number in range(KNOCKS):
            lines = (
                "REGISTER sip:127.0.0.1 SIP/2.0",
                f"Via: SIP/2.0/UDP 127.0.0.1:{own};branch=z9hG4bK{number};rport",
                f"From: <sip:{number}@127.0.0.1>;tag={number}",
                f"To: <sip:{number}@127.0.0.1>",
                f"Call-ID: {number}",
                "CSeq: 1 REGISTER",
                f"Contact: <sip:{number}@127.0.0.1:{own}>",
                "Max-Forwards: 70",
                "Content-Length: 0\r\n\r\n",
            )
            scanner.send("\r\n".join(lines).encode())


def drained(env: dict[str, str]) -> None:
    """While the robot holds a call, new ones go to people; afterwards to the robot again."""
    done = subprocess.run([OTKLIK, "drain", "--seconds", "1"], env=env, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, "still holds 1" in done.stderr) == (1, True), done.stderr
    other = Call(number="79990000002")
    asyncio.run(hold_call(other, int(env["OTKLIK_SIP_PORT"]), 2))
    again = subprocess.run([OTKLIK, "drain", "--seconds", "0"], env=env, cwd=ROOT, capture_output=True, text=True)
    assert "still holds 1" in again.stderr
    subprocess.run([OTKLIK, "drain", "--off"], env=env, cwd=ROOT, check=True)


def analysed(engine: Engine, number: str) -> list[bool]:
    """Of each recording of a caller, whether the workers are done with it."""
    with reading(engine) as db:
        of_caller = select(RecordingRow).join(CallRow, CallRow.id == RecordingRow.call_id)
        rows = db.scalars(of_caller.where(CallRow.caller_number.endswith(number))).all()
        return [row.state == "analysed" for row in rows]


def stranger(line: str) -> str:
    """Whom the filter for fail2ban shipped with Otklik would shut out."""
    text = (ROOT / "docker" / "fail2ban" / "filter.d" / "otklik.conf").read_text()
    rule = text.split("failregex = ")[1].splitlines()[0].replace("<HOST>", r"(?P<host>[\d.:a-f]+)")
    found = re.search(rule, re.sub(r"^\[[^]]*\]", "", line))  # fail2ban takes the time out first
    return found["host"] if found else ""


def test_nobody_can_have_somebody_else_shut_out() -> None:
    line = (
        ' SECURITY[7]: x: SecurityEvent="InvalidPassword",EventTV="",SessionID="{}"'
        ',LocalAddress="IPV4/UDP/10.0.0.1/5060"'
        ',RemoteAddress="IPV4/UDP/192.0.2.7/5060"'
    )
    assert stranger(line.format("call")) == "192.0.2.7"
    assert not stranger(line.format('a",RemoteAddress="IPV4/UDP/8.8.8.8/1"'))


def test_whoever_dies_the_others_live(parts_env: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    home = Path(parts_env["OTKLIK_HOME"])
    parts_env |= {"OTKLIK_LOG_BYTES": str(LOG_BYTES), "OTKLIK_LOG_BACKUPS": str(BACKUPS), "OTKLIK_SWEEP_SECONDS": "5"}
    monkeypatch.setenv("OTKLIK_HOME", str(home))
    with console(parts_env, "first") as (first, said):
        says(said, "Ctrl-C ends", seconds=120)
        assert set(parts(parts_env)) == {
            *("asterisk", "redis", "robot", "watchdog", "transcriber", "analyst", "bulk", "beat", "web", "overseer")
        }
        assert (home / "run" / "up.sock").stat().st_mode & 0o077 == 0
        before = parts(parts_env)
        call = Call(number="79990000001")
        talking = Thread(target=lambda: asyncio.run(hold_call(call, int(parts_env["OTKLIK_SIP_PORT"]), 20)))
        talking.start()
        wait_until(lambda: call.answered, seconds=20, what="the robot to answer")
        for name in ("redis", "web", "transcriber"):
            before[name].kill()
            says(said, f"{name}: ended (terminated by SIGKILL)", f"{name}: started again")
        drained(parts_env)
        talking.join()
        assert max(length for _, length in call.silences()) < SILENT
        before["robot"].kill()
        says(said, "robot: ended (terminated by SIGKILL)", "robot: started again")
        after = parts(parts_env)
        assert {name for name, process in after.items() if process != before[name]} == {
            *("redis", "web", "transcriber", "robot")
        }

        knock(int(parts_env["OTKLIK_SIP_PORT"]))
        rotated = home / "logs" / "asterisk.log.2"
        wait_until(rotated.exists, seconds=20, what="a log so often put aside")
        heard = sum(path.stat().st_size for path in home.glob("logs/asterisk.log*"))
        kept = [path for path in (home / "asterisk-run" / "log").rglob("*") if path.is_file()]
        assert heard < (BACKUPS + 1) * (LOG_BYTES + 150_000)  # it is cut after what came in one reading
        assert not kept
        shut_out = [line for line in (home / "logs" / "asterisk.log.1").read_text().splitlines() if stranger(line)]
        assert {stranger(line) for line in shut_out} == {"127.0.0.1"}

        engine = connect(f"sqlite:///{home / 'otklik.db'}")
        wait_until(lambda: analysed(engine, call.number) == [True], seconds=90, what="one recording, analysed")
        engine.dispose()

        second = subprocess.run([OTKLIK, "up"], env=parts_env, cwd=ROOT, capture_output=True, text=True, check=False)
        assert (second.returncode, "runs already" in second.stderr) == (1, True)
        first.kill()
        first.wait()
    assert parts(parts_env)["asterisk"] == before["asterisk"]

    with console(parts_env, "second") as (second_console, said):
        says(said, "here it is again")
        assert parts(parts_env)["redis"] == after["redis"]
        supervisor = supervision.find()
        assert supervisor is not None
        supervisor.kill()
        says(said, "it is started again", f"Asterisk of an earlier start (pid {before['asterisk'].pid}) goes on")
        wait_until(supervision.find, seconds=30, what="another supervisor")
        assert before["asterisk"].is_running()
        second_console.send_signal(signal.SIGHUP)
        assert second_console.wait(60) == 0
    assert not find_left(home)
    assert not (home / "run" / "up.sock").exists()
    assert not lives(before["asterisk"])


def test_a_part_that_never_starts_is_told_and_the_rest_lives_on(parts_env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "faulty.yaml").write_text("name: [")
    parts_env["OTKLIK_SCENARIOS"] = str(tmp_path)
    with console(parts_env, "said") as (running, said):
        says(said, "robot: ended 3 times", "faulty.yaml", "pages: up after", "what else is up goes on", seconds=120)
        assert {"asterisk", "web", "analyst"} <= set(parts(parts_env))
        os.kill(running.pid, signal.SIGINT)
        assert running.wait(60) == 0
