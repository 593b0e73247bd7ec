"""Parts are killed and stopped at random while callers talk and workers examine: what is lost, and who hears silence.

``KILLS=100 SEED=7 make bench ARGS=chaos``. All parts run under ``otklik up`` in a home of their own. Callers ring all
the time, answer the robot by keys as soon as it is quiet, and note each packet they hear; a person takes over where it
comes to that. Whoever's Asterisk is killed is cut off, which is no silence; their recordings count like all others.
"""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import func, select

from api.installation.drawn_secrets import read_secrets
from api.installation.leftovers import end, find_left
from bench import report
from bench.rtp_caller import RtpCaller
from ivr.errors import PhoneError
from ivr.simulation.rehearsal import open_caller_voice
from ivr.simulation.softphone import Account, open_softphone
from recordings.database import connect, reading
from recordings.tables import CallRow, RecordingRow
from speech.audio.audio import TELEPHONE_RATE, Sound, resample
from speech.settings import home
from tests.services import ROOT, free_port
from tests.telephony import exchange_settings

KILLS, CALLERS = 10, 2
QUIET = 0.8
"""Seconds of quiet after which a caller presses keys."""
PATIENCE = 12.0
"""Seconds a caller waits for an answer before pressing again."""
SILENT = 5.0
"""Seconds of silence that nobody should hear."""
AUDIBLE = 30.0
"""Mean absolute sample of a packet that is more than nothing: hold music is soft."""
STOPPED_SHARE = 0.25
"""Of the blows that only stop a process for a while."""
SETTLE_SECONDS = 150.0
"""For the workers to catch up at the end."""
LEAST_SECONDS = 3.0
"""Calls shorter than this may have no recording: Asterisk writes sound to the disk every two seconds."""
NOTICE_SECONDS = 7.0
"""That a caller whom no robot takes is told first that the call is recorded; the recording begins then."""


@dataclass(slots=True, kw_only=True)
class Call:
    """What one caller met."""

    number: str
    answered: float = 0.0
    ended: float = 0.0
    loud: list[float] = field(default_factory=list)
    """Monotonic seconds of each packet with sound."""
    acts: list[float] = field(default_factory=list)
    """When the caller had pressed keys: it is the other side's turn."""
    failure: str = ""
    """Why it was not answered."""

    def silences(self) -> Iterator[tuple[float, float]]:
        """(begin, length) of each stretch in which it was the other side's turn and nothing came."""
        edges = [self.answered, *self.loud, self.ended]
        for begin, until in pairwise(edges):
            acted = next((act for act in self.acts if begin < act < until), begin)
            yield acted, until - acted


@dataclass(slots=True, kw_only=True)
class Blow:
    """One process that was killed or stopped."""

    at: float
    part: str
    kind: str
    seconds: float = 0.0
    """How long it was stopped."""


@contextmanager
def all_parts(folder: Path, **settings: str) -> Iterator[dict[str, str]]:
    """``otklik up`` in a home of its own; what it says goes to ``up.log``."""
    own = folder / "home"
    own.mkdir()
    (own / "asterisk").symlink_to(home() / "asterisk")
    ports = exchange_settings()
    env = {name: value for name, value in os.environ.items() if not name.startswith("OTKLIK_")} | {
        "OTKLIK_HOME": str(own),
        "OTKLIK_MODELS_DIR": str(home() / "models"),
        "OTKLIK_SIP_PORT": str(ports.sip_port),
        "OTKLIK_SIP_TLS_PORT": str(ports.sip_tls_port),
        "OTKLIK_ARI_PORT": str(ports.ari_port),
        "OTKLIK_RTP_FIRST": str(ports.rtp_first),
        "OTKLIK_RTP_LAST": str(ports.rtp_last),
        "OTKLIK_WEB_PORT": str(free_port()),
        "OTKLIK_REDIS_URL": f"redis://:for-this-run-alone@127.0.0.1:{free_port()}/0",
        "OTKLIK_LEASE_SECONDS": "20",
        "OTKLIK_SWEEP_SECONDS": "5",
        "PYTHONPATH": str(ROOT),
        **settings,
    }
    with (folder / "up.log").open("wb") as said:
        up = subprocess.Popen(
            [Path(sys.executable).with_name("otklik"), "up"], env=env, cwd=ROOT, stdout=said, stderr=said
        )
    try:
        _until(lambda: "Ctrl-C ends" in (folder / "up.log").read_text(), 150, "all parts")
        yield env
    finally:
        up.terminate()
        try:
            up.wait(90)
        finally:
            if left := find_left(own):
                print(f"left running: {sorted(left.values())}")
                end(left)


def _until(holds: Callable[[], object], seconds: float, what: str) -> bool:
    limit = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > limit:
            print(f"waited {seconds:.0f} s in vain for {what}")
            return False
        time.sleep(0.2)
    return True


def running(own: Path) -> dict[str, psutil.Process]:
    """Part → its process, without children of its own."""
    left = find_left(own)
    pids = {process.pid for process in left}
    return {part: process for process, part in left.items() if process.ppid() not in pids}


async def hold_call(call: Call, port: int, seconds: float) -> None:
    """Ring, press keys whenever it is quiet, hang up after ``seconds``."""
    caller = RtpCaller(extension="1000", sip_port=port, number=call.number, answer_seconds=30)
    try:
        async with caller:
            call.answered = caller.answered
            limit = time.monotonic() + seconds
            while time.monotonic() < limit and not caller.ended:
                loud = [at for at, level in caller.heard if level > AUDIBLE]
                last = max([call.answered, *loud[-1:]])
                waited = time.monotonic() - max([last, *call.acts[-1:]])
                if waited > (QUIET if not call.acts or last > call.acts[-1] else PATIENCE):
                    call.acts.append(await caller.press("4127#"))
                await asyncio.sleep(0.1)
            call.loud = [at for at, level in caller.heard if level > AUDIBLE]
            call.ended = time.monotonic()
    except (OSError, TimeoutError) as error:
        call.failure = f"{type(error).__name__}: {error}"


async def take_over(env: dict[str, str], folder: Path, speech: Sound) -> None:
    """The person: answers after a second and talks on until the caller hangs up."""
    server = f"127.0.0.1:{env['OTKLIK_SIP_PORT']}"
    password = read_secrets()["OTKLIK_AGENT_PASSWORD"]
    account = Account(user="agent", server=server, password=password, register=True)
    for number in range(10_000):
        with suppress(PhoneError):  # whatever befell the telephone: another one
            async with open_softphone(account, folder / f"agent-{number}") as phone:
                while True:
                    with suppress(PhoneError):
                        await phone.ring(timeout=3600)
                        await asyncio.sleep(1)
                        await phone.answer()
                        while True:
                            await phone.say(speech)
        await asyncio.sleep(1)


async def play(env: dict[str, str], folder: Path, *, blows: int, draw: random.Random) -> tuple[list[Call], list[Blow]]:
    """Ring and strike; what callers met and what was struck."""
    own, port = Path(env["OTKLIK_HOME"]), int(env["OTKLIK_SIP_PORT"])
    calls: list[Call] = []
    struck: list[Blow] = []
    over = asyncio.Event()

    async def ring_on() -> None:
        while not over.is_set():
            call = Call(number=f"7999{draw.randrange(10**7):07d}")
            calls.append(call)
            await hold_call(call, port, draw.uniform(15, 40))
            await asyncio.sleep(draw.uniform(0.5, 2))

    async def strike() -> None:
        for _ in range(blows):
            await asyncio.sleep(draw.uniform(2, 8))
            parts = await asyncio.to_thread(running, own)
            if not parts:
                continue
            part = draw.choice(sorted(parts))
            blow = Blow(at=time.monotonic(), part=part, kind="STOP" if draw.random() < STOPPED_SHARE else "KILL")
            with suppress(psutil.NoSuchProcess):
                if blow.kind == "KILL":
                    parts[part].kill()
                else:
                    blow.seconds = draw.uniform(1, 15)
                    parts[part].send_signal(signal.SIGSTOP)
                    await asyncio.sleep(blow.seconds)
                    parts[part].send_signal(signal.SIGCONT)
                struck.append(blow)
        over.set()

    voice = open_caller_voice("ru")
    try:
        spoken = await asyncio.to_thread(voice.speak, "Здравствуйте, меня зовут Анна, чем я могу вам помочь? " * 4)
    finally:
        voice.close()
    person = asyncio.create_task(take_over(env, folder, resample(spoken, TELEPHONE_RATE)))
    await asyncio.sleep(2)
    await asyncio.gather(strike(), *(ring_on() for _ in range(CALLERS)))
    person.cancel()
    await asyncio.gather(person, return_exceptions=True)
    return calls, struck


def figures(calls: list[Call], struck: list[Blow], url: str) -> dict[str, Any]:
    """Lost and doubled recordings, and who heard silence; waits until the workers have caught up."""
    engine = connect(url)
    ends = [blow.at for blow in struck if (blow.part, blow.kind) == ("asterisk", "KILL")]

    def length(call: Call) -> float:
        return min([call.ended, *(at for at in ends if call.answered < at)]) - call.answered

    held = [call for call in calls if call.answered and length(call) >= LEAST_SECONDS]

    def rows() -> tuple[list[CallRow], list[RecordingRow]]:
        with reading(engine) as db:
            return list(db.scalars(select(CallRow))), list(db.scalars(select(RecordingRow)))

    known, kept = rows()

    def settled() -> bool:
        known, kept = rows()
        return all(call.ended_at for call in known) and all(one.state in {"analysed", "parked"} for one in kept)

    def found(call: Call) -> list[CallRow]:
        return [row for row in known if row.caller_number.lstrip("+") == call.number]

    def lost() -> list[Call]:
        with_sound = {one.call_id for one in kept}
        return [
            call
            for call in held
            if not any(
                row.id in with_sound or (not row.scenario and length(call) < NOTICE_SECONDS + LEAST_SECONDS)
                for row in found(call)
            )
        ]

    def complete() -> bool:
        nonlocal known, kept
        known, kept = rows()
        return settled() and not lost()

    _until(complete, SETTLE_SECONDS, "every call to have its analysed recording")
    with_sound = Counter(one.call_id for one in kept)
    with reading(engine) as db:
        doubled = db.scalar(select(func.count()).select_from(RecordingRow).where(RecordingRow.call_id.is_(None))) or 0
    doubled += sum(count - 1 for count in with_sound.values() if count > 1)
    doubled += sum(len(found(call)) > 1 and sum(with_sound[row.id] for row in found(call)) > 1 for call in held)
    cut = [(blow.at - 1, blow.at + blow.seconds + 8) for blow in struck if blow.part == "asterisk"]
    silent = [
        (call, begin, length)
        for call in held
        for begin, length in call.silences()
        if length > SILENT and not any(since < begin + length and begin < until for since, until in cut)
    ]
    engine.dispose()
    return {
        "calls": len(calls),
        "held": len(held),
        "not answered": len([call for call in calls if call.failure]),
        "blows": dict(Counter(f"{blow.kind} {blow.part}" for blow in struck)),
        "recordings": len(kept),
        "analysed": sum(one.state == "analysed" for one in kept),
        "without a row": sum(not found(call) for call in held),
        "lost": [
            {"number": c.number, "seconds": round(length(c), 1), "records": [(row.id, row.failure) for row in found(c)]}
            for c in lost()
        ],
        "doubled": doubled,
        "callers silent > 5 s": len({call.number for call, _, _ in silent}),
        "silences": [
            {
                "number": call.number,
                "seconds": round(length, 1),
                "blows before": [
                    f"{blow.kind} {blow.part} {begin - blow.at:.0f} s"
                    for blow in struck
                    if begin - 60 < blow.at < begin + length
                ],
            }
            for call, begin, length in silent
        ],
        "longest silence": round(max((length for call in held for _, length in call.silences()), default=0), 1),
    }


def run() -> None:
    seed = int(os.environ.get("SEED", random.randrange(10**6)))
    blows = int(os.environ.get("KILLS", KILLS))
    print(f"seed {seed}", flush=True)
    kept = os.environ.get("KEEP", "")
    folder = Path(tempfile.mkdtemp(prefix="otklik-chaos-"))
    try:
        with all_parts(folder) as env:
            os.environ["OTKLIK_HOME"] = env["OTKLIK_HOME"]
            calls, struck = asyncio.run(play(env, folder, blows=blows, draw=random.Random(seed)))
            result = figures(calls, struck, f"sqlite:///{env['OTKLIK_HOME']}/otklik.db")
        report.write("chaos", {"seed": seed, **result})
    finally:
        if kept:
            print(folder)
        else:
            shutil.rmtree(folder)
