"""A SIP telephone for programs: it registers, dials, answers, refuses, speaks, listens, presses keys, hangs up.

It is the caller and the agent of ``make demo``, of the tests and of the benches. The telephone itself runs in a
process of its own, ``ivr.simulation.softphone_process``; this end talks to it.
"""

from __future__ import annotations

import asyncio
import base64
import importlib.util
import json
import sys
import time
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from ivr.errors import CallEnded, PhoneError, PhoneTimeout
from speech.audio.audio import TELEPHONE_RATE, Sound, resample

EXPOSED_HEADERS = ("X-Call-Context", "User-to-User")
"""Headers of an incoming INVITE that are worth knowing."""
START_SECONDS = 20.0
STOP_SECONDS = 8.0
NOT_INSTALLED = "the SIP telephone of scripted calls is not installed: `make demo` or docker/setup.sh demo brings it"
LAST_WORDS = 20
"""Lines of the process' log kept to explain its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who the telephone is and where it belongs."""

    user: str
    """SIP user: a number for calls over the trunk, ``phone`` or ``agent`` with a password."""
    server: str
    """``address:port`` of the exchange."""
    password: str = field(default="", repr=False)
    transport: Literal["udp", "tls"] = "udp"
    """Over TLS the sound must be SRTP too."""
    certificate: str = ""
    """Path of the certificate that the exchange must show over TLS."""
    register: bool = False
    address: str = "127.0.0.1"
    """Own address."""
    headers: tuple[str, ...] = EXPOSED_HEADERS


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneEvent:
    """Something that happened at the telephone.

    ``ready``, ``ringing`` (peer, headers), ``ringback``, ``established`` (cipher), ``speech_started``,
    ``speech_ended``, ``said`` (start), ``pressed`` (keys), ``key`` (digit: pressed by the far end),
    ``closed`` (reason, recording), ``failed`` (reason).
    """

    kind: str
    at: float
    """Seconds since the call was answered; 0 outside a call."""
    clock: float
    """The machine's monotonic clock, to compare two telephones."""
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardSpeech:
    """What the far end said in one go, pauses shorter than asked for included. Seconds of the call."""

    start: float
    end: float


class Softphone:
    """One running telephone; ``open_softphone`` makes it.

    Events of one kind are taken in their order; those of other kinds wait for whoever asks for them. A new call
    forgets what is left of the one before.
    """

    def __init__(self, account: Account, process: asyncio.subprocess.Process) -> None:
        self.account = account
        self._process = process
        self._events: list[PhoneEvent] = []
        self._news = asyncio.Condition()
        self._log: deque[str] = deque(maxlen=LAST_WORDS)
        self._ended = False
        self._answered_clock = 0.0

    @property
    def second(self) -> float:
        """Seconds since the call was answered."""
        return time.monotonic() - self._answered_clock

    async def dial(self, number: str, *, headers: Mapping[str, str] | None = None, timeout: float = 15.0) -> None:
        """Ring a number and wait until it is answered.

        Raises:
            CallEnded: busy, refused, no such number: the reason says which.
            PhoneTimeout: not answered in ``timeout`` seconds; the call is given up.
            PhoneError: the far end would have sound over TLS unencrypted.
        """
        self._events.clear()
        await self._send(do="dial", to=number, headers=dict(headers or {}))
        try:
            await self._established(timeout)
        except PhoneTimeout:
            await self._send(do="hang_up")
            raise

    async def ring(self, *, timeout: float) -> PhoneEvent:
        """Wait until somebody rings; ``values`` has ``peer`` and ``headers``."""
        return await self.next("ringing", timeout=timeout)

    async def answer(self, *, timeout: float = 5.0) -> None:
        await self._send(do="answer")
        await self._established(timeout)

    async def refuse(self) -> PhoneEvent:
        """Answer with 486 Busy Here."""
        await self._send(do="refuse")
        return await self.closed(timeout=5)

    async def hang_up(self) -> PhoneEvent:
        """End the call, also one that still rings."""
        await self._send(do="hang_up")
        return await self.closed(timeout=5)

    async def closed(self, *, timeout: float) -> PhoneEvent:
        """Wait until the call is over, whoever ended it.

        ``values["recording"]`` is the path of its sound: stereo, left what was said, right what was heard, both on
        the clock of the call; empty when nobody answered.
        """
        return await self.next("closed", timeout=timeout)

    async def press(self, keys: str) -> None:
        """Press keys one after another; returns when the last one has been sent."""
        await self._send(do="press", keys=keys)
        await self.next("pressed", timeout=2 + 0.3 * len(keys))

    async def say(self, sound: Sound) -> PhoneEvent:
        """Speak a mono sound in real time; returns when the last of it has left. ``values`` has its ``start``."""
        pcm = resample(sound, TELEPHONE_RATE).pcm
        await self._send(do="say", pcm=base64.b64encode(pcm).decode())
        return await self.next("said", timeout=sound.duration + 5)

    async def listen(self, *, pause: float = 1.0, timeout: float = 20.0, after: float = 0.0) -> HeardSpeech:
        """Wait until the far end has spoken and then been silent for ``pause`` seconds, or has hung up.

        Speech that began before is counted, unless an earlier ``listen`` returned it or it ended before the second
        ``after`` of the call.

        Raises:
            CallEnded: the call was over before anybody spoke.
            PhoneTimeout: nobody spoke, or did not stop, within ``timeout`` seconds.
        """
        limit = time.monotonic() + timeout
        start: float | None = None
        while True:
            began = (await self.next("speech_started", timeout=limit - time.monotonic())).at
            start = began if start is None else start
            end = (await self.next("speech_ended", timeout=limit - time.monotonic())).at
            if end <= after:
                start = None
                continue
            quiet_until = self._answered_clock + end + pause
            if not await self._comes("speech_started", quiet_until - time.monotonic()):
                return HeardSpeech(start=start, end=end)

    async def _comes(self, kind: str, seconds: float) -> bool:
        """Tell whether such an event is there or comes in the next ``seconds``; it is not taken."""
        try:
            self._events.insert(0, await self.next(kind, timeout=seconds))
        except (PhoneTimeout, CallEnded):
            return False
        return True

    async def next(self, kind: str, *, timeout: float) -> PhoneEvent:
        """Take the oldest event of a kind, waiting for it if there is none.

        Raises:
            CallEnded: the call is over and cannot bring one any more.
            PhoneTimeout: none came within ``timeout`` seconds.
            PhoneError: the telephone refused a command, or its process ended.
        """
        try:
            async with asyncio.timeout(max(timeout, 0)), self._news:
                while True:
                    for wanted in (kind, "failed"):
                        found = next((event for event in self._events if event.kind == wanted), None)
                        if found is not None:
                            self._events.remove(found)
                            if wanted == "failed":
                                raise PhoneError(f"{self.account.user}: {found.values['reason']}")
                            return found
                    over = next((event for event in self._events if event.kind == "closed"), None)
                    if over is not None and kind != "ringing":
                        raise CallEnded(f"{self.account.user}: call ended ({over.values['reason']}) before '{kind}'")
                    if self._ended:
                        raise PhoneError(
                            f"{self.account.user}: the telephone's process ended:\n" + "\n".join(self._log)
                        )
                    await self._news.wait()
        except TimeoutError:
            raise PhoneTimeout(f"{self.account.user}: no '{kind}' within {timeout:.1f} s") from None

    async def _established(self, timeout: float) -> None:
        event = await self.next("established", timeout=timeout)
        if self.account.transport == "tls" and not event.values["cipher"]:
            await self.hang_up()
            raise PhoneError(f"{self.account.user}: the far end took the call over TLS but its sound is not encrypted")

    async def _send(self, **command: object) -> None:
        assert self._process.stdin is not None  # noqa: S101  # started with pipes
        self._process.stdin.write(json.dumps(command).encode() + b"\n")
        try:
            await self._process.stdin.drain()
        except ConnectionError as error:
            raise PhoneError(f"{self.account.user}: the telephone's process ended") from error

    async def _follow_events(self, lines: asyncio.StreamReader) -> None:
        async for line in lines:
            body = json.loads(line)
            event = PhoneEvent(kind=body.pop("event"), at=body.pop("at"), clock=body.pop("clock"), values=body)
            async with self._news:
                if event.kind == "ringing":
                    self._events.clear()
                elif event.kind == "established":
                    self._answered_clock = event.clock
                self._events.append(event)
                self._news.notify_all()
        async with self._news:
            self._ended = True
            self._news.notify_all()

    async def _follow_log(self, lines: asyncio.StreamReader) -> None:
        async for line in lines:
            self._log.append(line.decode(errors="replace").rstrip())


def is_installed() -> bool:
    """Whether the telephone's SIP stack is here; installations for calls alone have none."""
    return importlib.util.find_spec("baresip") is not None


@asynccontextmanager
async def open_softphone(account: Account, folder: Path) -> AsyncIterator[Softphone]:
    """Start a telephone and end its process, and its call if there is one, on the way out.

    Args:
        account: Who it is; with ``register`` it is registered when this returns.
        folder: Where recordings of its calls go, ``call-1.wav`` and on; made when it is not there.

    Raises:
        PhoneError: the telephone did not start; says what was in the way, as a wrong password.
    """
    if not is_installed():
        raise PhoneError(NOT_INSTALLED)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ivr.simulation.softphone_process"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is ours to handle: the telephone ends when we close its input
    )
    assert process.stdin is not None  # noqa: S101  # started with pipes
    assert process.stdout is not None  # noqa: S101
    assert process.stderr is not None  # noqa: S101
    phone = Softphone(account, process)
    followers = asyncio.gather(phone._follow_events(process.stdout), phone._follow_log(process.stderr))
    try:
        await phone._send(**asdict(account), folder=str(folder))
        await phone.next("ready", timeout=START_SECONDS)
        yield phone
    finally:
        process.stdin.close()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
        await followers  # both end with the process
