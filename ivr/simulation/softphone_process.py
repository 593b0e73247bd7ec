"""The process behind one softphone: baresip's SIP stack, driven by JSON lines.

``python -m ivr.simulation.softphone_process`` reads commands on standard input, the first of which sets the phone up,
and writes events on standard output. The stack allows one runtime a process, hence a process a
phone. It ends with its input.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import logging
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import baresip
from baresip.events import Event, StackEvent

from speech.audio.audio import TELEPHONE_RATE, AudioChunk, Sound, mono, stereo, write_wav
from speech.audio.vad import SpeechDetector

TICK = 0.01
"""Seconds between two looks at the call's sound."""
AHEAD = 0.12
"""Seconds of speech handed to the stack ahead of time: enough for a busy machine, little enough to stop at once."""
BLOCK = 320
"""Bytes of one 20 ms packet."""
LATE = 0.06
"""Seconds the far end may be late before silence is written down for it: Asterisk sends nothing while nobody speaks."""
SPEECH_AFTER = 0.1
"""Seconds of speech that begin an utterance."""
QUIET_AFTER = 0.25
"""Seconds without speech that end one."""
START, STOP = 0.5, 0.35
"""Likelihood of speech above which an utterance begins, and below which it ends."""
STACK_OPTIONS = "audio_jitter_buffer_type off\n"
"""The recording is to show when sound came, not when a buffer let it go; the network is this machine."""
LONGEST_COMMAND = 16 << 20
"""Bytes; some ten minutes of speech in one command."""

Report = Callable[..., None]


class CallSound:
    """What one call said and heard, both on the clock of the call."""

    def __init__(self) -> None:
        self._said = bytearray()
        self._heard = bytearray()

    def received(self, now: float, pcm: bytes) -> AudioChunk:
        """Add what has arrived by ``now``, after silence for the time nothing came; returns all that was added."""
        start = len(self._heard) // 2
        missing = int((now - LATE) * TELEPHONE_RATE) - start - len(pcm) // 2
        added = bytes(2 * max(missing, 0)) + pcm
        self._heard += added
        return AudioChunk(pcm=added, rate=TELEPHONE_RATE, start=start / TELEPHONE_RATE)

    def sent(self, start: float, pcm: bytes) -> None:
        """Add what leaves from ``start`` on, seconds of the call."""
        self._said += bytes(2 * max(int(start * TELEPHONE_RATE) - len(self._said) // 2, 0)) + pcm

    def stereo(self) -> Sound:
        """Left: said. Right: heard."""
        return stereo(mono(bytes(self._said), TELEPHONE_RATE), mono(bytes(self._heard), TELEPHONE_RATE))


class VoiceActivity:
    """Tells when the far end begins and stops to speak."""

    def __init__(self) -> None:
        self._detector = SpeechDetector()
        self.speaking = False
        self._since: float | None = None

    def changes(self, chunk: AudioChunk) -> list[tuple[str, float]]:
        """``speech_started`` and ``speech_ended``, each with the second of the call it happened at."""
        changes = []
        for frame in self._detector.detect(chunk):
            if (frame.probability >= (STOP if self.speaking else START)) == self.speaking:
                self._since = None
                continue
            self._since = frame.start if self._since is None else self._since
            if frame.end - self._since >= (QUIET_AFTER if self.speaking else SPEECH_AFTER):
                self.speaking = not self.speaking
                changes.append(("speech_started" if self.speaking else "speech_ended", self._since))
                self._since = None
        return changes


class PhoneCall:
    """One call, from the first ring to the recording of what it said and heard."""

    def __init__(self, call: Any, report: Report) -> None:
        self.call = call
        self._report = report
        self._changed = asyncio.Event()
        self._closed: str | None = None
        self._cipher = ""
        self._answered: float | None = None
        self._to_say = b""
        self._saying_since: float | None = None
        call.on(self._note)
        call.on_dtmf(lambda key: self.tell("key", digit=key.digit))

    @property
    def now(self) -> float:
        """Seconds since the call was answered."""
        return 0.0 if self._answered is None else time.monotonic() - self._answered

    def tell(self, kind: str, at: float | None = None, **values: object) -> None:
        self._report(kind, at=self.now if at is None else at, **values)

    def say(self, pcm: bytes) -> None:
        self._to_say += pcm

    async def hold(self, recording: Path) -> None:
        """Carry sound both ways until either side hangs up, then write ``recording`` if anybody answered."""
        await self._changed.wait()
        sound, far_end = CallSound(), VoiceActivity()
        while self._closed is None:
            self._speak(sound)
            heard = b""
            with contextlib.suppress(baresip.AudioNotActive, baresip.AudioRestarted):
                heard = self.call.audio.read(1 << 16)
            for kind, at in far_end.changes(sound.received(self.now, heard)):
                self.tell(kind, at)
            await asyncio.sleep(TICK)
        if far_end.speaking:
            self.tell("speech_ended")
        if self._answered is not None:
            write_wav(recording, sound.stereo())
        self.tell("closed", reason=self._closed, recording=str(recording) if self._answered is not None else "")

    def _speak(self, sound: CallSound) -> None:
        """Keep a little speech ahead in the stack, and tell when the last of it has left."""
        if not self._to_say and self._saying_since is None:
            return
        with contextlib.suppress(baresip.AudioNotActive, baresip.AudioRestarted):
            waiting = self.call.audio.info().tx_buffered
            while self._to_say and waiting < AHEAD * 2 * TELEPHONE_RATE:
                start = self.now + waiting / 2 / TELEPHONE_RATE
                taken = self.call.audio.write(self._to_say[:BLOCK])
                if taken == 0:
                    break
                sound.sent(start, self._to_say[:taken])
                self._saying_since = start if self._saying_since is None else self._saying_since
                self._to_say = self._to_say[taken:]
                waiting += taken
            if not self._to_say and waiting == 0:
                self.tell("said", start=self._saying_since)
                self._saying_since = None

    def _note(self, event: StackEvent) -> None:
        if event.event is Event.CALL_RINGING:
            self.tell("ringback")
        elif event.event is Event.CALL_MENC and event.text:
            self._cipher = event.text.rpartition(",")[2]
        elif event.event is Event.CALL_ESTABLISHED:
            self._answered = time.monotonic()
            self.tell("established", cipher=self._cipher)
            self._changed.set()
        elif event.event is Event.CALL_CLOSED:
            self._closed = event.text or "hung up"
            self._changed.set()


class Phone:
    """One account and at most one call at a time; the stack answers a second one with 486."""

    def __init__(self, setup: dict[str, Any], report: Report) -> None:
        self._setup = setup
        self._report = report
        self._folder = Path(setup["folder"])
        self._folder.mkdir(parents=True, exist_ok=True)
        self._runtime = baresip.Runtime()
        self._agent: Any = None
        self._line: PhoneCall | None = None
        self._holding: asyncio.Task[None] | None = None
        self._calls = 0

    async def open(self) -> None:
        setup = self._setup
        tls = setup["transport"] == "tls"
        await self._runtime.start(
            baresip.Config(
                net_interface=setup["address"],
                expose_headers=tuple(setup["headers"]),
                max_concurrent_calls=1,
                extra_config_text=STACK_OPTIONS
                + (f"sip_verify_server yes\nsip_cafile {setup['certificate']}\n" if tls else ""),
            )
        )
        account = baresip.Account(
            user=setup["user"],
            domain=setup["server"],
            password=setup["password"],
            reg_interval=60 if setup["register"] else 0,
            transport=setup["transport"],
            audio_codecs=("pcmu",),
            extra_params=("mediaenc=srtp",) if tls else (),  # offered; whoever dials checks that it is in force
        )
        self._agent = await baresip.UserAgent.create(self._runtime, account)
        self._agent.on_incoming(self._ring)
        if setup["register"]:
            await self._agent.register()

    async def close(self) -> None:
        """Hang up, take the registration back, end the stack."""
        with contextlib.suppress(baresip.BaresipError):
            if self._line is not None:
                await self._line.call.hangup()
        if self._holding is not None:
            await asyncio.wait([self._holding], timeout=2)
        with contextlib.suppress(baresip.BaresipError):
            if self._setup["register"] and self._agent is not None:
                await self._agent.unregister(timeout=2)
        with contextlib.suppress(baresip.BaresipError):
            await self._runtime.close()

    async def obey(self, command: dict[str, Any]) -> None:
        """Carry out one command.

        Raises:
            baresip.BaresipError: there is no call to do that with, or the stack refused.
        """
        match command:
            case {"do": "dial", "to": str(number), "headers": dict(headers)}:
                await self._dial(f"sip:{number}@{self._setup['server']};transport={self._setup['transport']}", headers)
                return
        if self._line is None:
            if command["do"] in ("hang_up", "refuse"):
                return  # the far end was quicker; `closed` has told
            raise baresip.BaresipError(f"no call to {command['do']}")
        match command:
            case {"do": "answer"}:
                await self._line.call.answer()
            case {"do": "refuse"}:
                await self._line.call.reject()
            case {"do": "hang_up"}:
                await self._line.call.hangup()
            case {"do": "press", "keys": str(keys)}:
                await self._line.call.send_dtmf(keys)
                self._line.tell("pressed", keys=keys)
            case {"do": "say", "pcm": str(pcm)}:
                self._line.say(base64.b64decode(pcm))
            case _:
                raise baresip.BaresipError(f"unknown command {command['do']}")

    async def _dial(self, uri: str, headers: dict[str, str]) -> None:
        # An answer quicker than the stack's own reply finds no call that listens: it is told again.
        early: list[StackEvent] = []
        remember = early.append
        self._runtime.subscribe(remember)
        try:
            call = await self._agent.dial(uri, headers=headers)
        finally:
            self._runtime.unsubscribe(remember)
        self._take(call)
        for event in early:
            call._on_stack_event(event)  # the library offers no other way to tell it

    def _ring(self, call: Any) -> None:
        self._take(call)
        self._report("ringing", peer=call.peer, headers=dict(call.headers))

    def _take(self, call: Any) -> None:
        self._calls += 1
        self._line = line = PhoneCall(call, self._report)
        self._holding = asyncio.create_task(line.hold(self._folder / f"call-{self._calls}.wav"))
        self._holding.add_done_callback(lambda _: self._put_down(line))

    def _put_down(self, line: PhoneCall) -> None:
        if self._line is line:
            self._line = None


async def main() -> None:
    # The stack's own prints must not get between our events.
    events = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def report(kind: str, *, at: float = 0.0, **values: object) -> None:
        events.write(json.dumps({"event": kind, "at": at, "clock": time.monotonic(), **values}) + "\n")

    commands = asyncio.StreamReader(limit=LONGEST_COMMAND)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    phone = Phone(json.loads(await commands.readline()), report)
    try:
        await phone.open()
        report("ready")
        while line := await commands.readline():
            try:
                await phone.obey(json.loads(line))
            except baresip.StaleHandleError:
                continue  # the call ended meanwhile; `closed` tells
            except baresip.BaresipError as error:
                report("failed", reason=str(error))
    except baresip.BaresipError as error:
        report("failed", reason=str(error))
    finally:
        await phone.close()


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s", stream=sys.stderr)
    asyncio.run(main())
