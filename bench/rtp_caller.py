"""A caller with an exact clock: sends speech and keys in 20 ms packets, notes when each packet of the answer arrives.

A full SIP phone (``ivr.simulation.softphone``) has its own jitter buffer and sound clock in between; here is only
the wire's.
"""

from __future__ import annotations

import asyncio
import random
import re
import struct
import time
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

EVENTS = "0123456789*#"
"""Keys in the order of RFC 4733."""
FRAME = 160
"""Samples of 20 ms at 8 kHz."""
LOUD = 400.0
"""Mean absolute sample above which a packet counts as sound rather than comfort noise."""


def _decoded() -> NDArray[np.int16]:
    """G.711 µ-law byte → sample."""
    code = ~np.arange(256, dtype=np.int32) & 255
    value = ((((code & 15) << 3) + 132) << ((code >> 4) & 7)) - 132
    return np.where(code & 128, -value, value).astype(np.int16)


DECODED = _decoded()
_ORDER = np.argsort(DECODED, kind="stable")
_SORTED = DECODED[_ORDER].astype(np.int32)


def encode_ulaw(samples: NDArray[np.int16]) -> bytes:
    """Nearest µ-law code of each sample."""
    right = np.clip(np.searchsorted(_SORTED, samples), 1, 255)
    nearer = right - (samples - _SORTED[right - 1] < _SORTED[right] - samples)
    return bytes(_ORDER[nearer].astype(np.uint8).tobytes())


SILENCE = encode_ulaw(np.zeros(FRAME, dtype=np.int16))


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.received: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    def datagram_received(self, data: bytes, _address: object) -> None:
        self.received.put_nowait((time.monotonic(), data))


@dataclass
class RtpCaller:
    """One call to one extension over loopback. Use as ``async with RtpCaller(...) as caller``."""

    extension: str
    sip_port: int
    host: str = "127.0.0.1"
    number: str = "79161234567"
    answer_seconds: float = 10
    """How long to let it ring."""
    heard: list[tuple[float, float]] = field(default_factory=list)
    """(monotonic seconds, mean absolute sample) of every packet that came."""
    ended: bool = False
    """The far end has hung up."""
    answered: float = 0.0
    """Monotonic seconds."""

    async def __aenter__(self) -> RtpCaller:
        loop = asyncio.get_running_loop()
        self._sip, sip = await loop.create_datagram_endpoint(_Datagrams, local_addr=(self.host, 0))
        self._rtp, rtp = await loop.create_datagram_endpoint(_Datagrams, local_addr=(self.host, 0))
        self._signals, self._packets = sip.received, rtp.received
        self._dialog = (f"{random.getrandbits(60):x}@{self.host}", f"{random.getrandbits(40):x}")
        self._speech: list[bytes] = []
        self._keys: list[tuple[bool, int, bytes]] = []
        """Packets of pressed keys: first of its key, packets since that one, payload."""
        media = self._rtp.get_extra_info("sockname")[1]
        offer = (
            f"v=0\r\no=- 1 1 IN IP4 {self.host}\r\ns=-\r\nc=IN IP4 {self.host}\r\nt=0 0\r\n"
            f"m=audio {media} RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
            "a=ptime:20\r\na=sendrecv\r\n"
        )
        self._send("INVITE", 1, body=offer)
        try:
            answer = await self._final_answer()
        except BaseException:
            self._sip.close()
            self._rtp.close()
            raise
        self._remote_tag = ";tag=" + _find(r"^To:.*?tag=([^;\s]+)", answer)
        self._media = int(_find(r"m=audio (\d+)", answer))
        self._send("ACK", 1)
        self.answered = time.monotonic()
        self._clock = asyncio.create_task(self._talk())
        self._ear = asyncio.create_task(self._listen())
        self._signalling = asyncio.create_task(self._answer_bye())
        return self

    async def __aexit__(self, *_error: object) -> None:
        if not self.ended:
            self._send("BYE", 2)
        tasks = (self._clock, self._ear, self._signalling)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._sip.close()
        self._rtp.close()

    async def say(self, samples: NDArray[np.int16]) -> float:
        """Say mono 8 kHz samples; returns the monotonic time at which the last packet left."""
        padded = np.pad(samples, (0, -len(samples) % FRAME))
        self._speech = [encode_ulaw(padded[i : i + FRAME]) for i in range(0, len(padded), FRAME)]
        self._said = asyncio.get_running_loop().create_future()
        return float(await self._said)

    async def press(self, keys: str) -> float:
        """Press keys as RFC 4733 sends them; returns the monotonic time at which the last packet left."""
        for key in keys:
            for number in range(10):
                ended = number >= 7  # the end is told three times
                event = struct.pack("!BBH", EVENTS.index(key), ended << 7 | 10, (min(number, 7) + 1) * FRAME)
                self._keys.append((number == 0, number, event))  # one timestamp, or each packet is a key
            self._keys += [(False, 0, b"")] * 4
        await asyncio.sleep(0.02 * len(self._keys))
        return time.monotonic()

    async def wait_sound(self, *, after: float, within: float) -> float:
        """Monotonic time of the first loud packet after a moment.

        Raises:
            TimeoutError: nothing was heard ``within`` seconds.
        """
        async with asyncio.timeout(within):
            while True:
                found = next((at for at, level in self.heard if at > after and level > LOUD), None)
                if found is not None:
                    return found
                await asyncio.sleep(0.02)

    async def wait_quiet(self, *, seconds: float, within: float) -> None:
        """Wait until nothing loud has come for some seconds, after something has.

        Raises:
            TimeoutError: it never became quiet ``within`` seconds.
        """
        async with asyncio.timeout(within):
            while True:
                loud = [at for at, level in self.heard if level > LOUD]
                if loud and time.monotonic() - loud[-1] > seconds:
                    return
                await asyncio.sleep(0.02)

    async def _talk(self) -> None:
        sequence = timestamp = 0
        source = random.getrandbits(32)
        due = time.monotonic()
        while True:
            first, since, event = self._keys.pop(0) if self._keys else (False, 0, b"")
            payload = event or (self._speech.pop(0) if self._speech else SILENCE)
            kind = (101 | first << 7) if event else 0
            header = struct.pack("!BBHII", 0x80, kind, sequence, (timestamp - since * FRAME) & 0xFFFFFFFF, source)
            self._rtp.sendto(header + payload, (self.host, self._media))
            if payload is not SILENCE and not event and not self._speech:
                self._said.set_result(time.monotonic())
            sequence, timestamp, due = (sequence + 1) & 0xFFFF, timestamp + FRAME, due + 0.02
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    async def _listen(self) -> None:
        while True:
            at, packet = await self._packets.get()
            if len(packet) > 12 and packet[1] & 127 == 0:
                payload = np.frombuffer(packet[12:], dtype=np.uint8)
                self.heard.append((at, float(np.abs(DECODED[payload].astype(np.int32)).mean())))

    async def _final_answer(self) -> str:
        async with asyncio.timeout(self.answer_seconds):
            while True:
                _, message = await self._signals.get()
                text = message.decode()
                status = int(text.split(maxsplit=2)[1]) if text.startswith("SIP/2.0") else 0
                if status == 200:
                    return text
                if status > 200:
                    self._send("ACK", 1, to=_find(r"^To: *(.*?)\r?$", text))
                    raise ConnectionRefusedError(f"extension {self.extension}: {text.splitlines()[0]}")

    def _send(self, method: str, number: int, *, body: str = "", to: str = "") -> None:
        call_id, tag = self._dialog
        port = self._sip.get_extra_info("sockname")[1]
        tagged = getattr(self, "_remote_tag", "")
        lines = (
            f"{method} sip:{self.extension}@{self.host}:{self.sip_port} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.host}:{port};rport;branch=z9hG4bK{random.getrandbits(48):x}",
            "Max-Forwards: 70",
            f"From: <sip:{self.number}@{self.host}:{port}>;tag={tag}",
            f"To: {to}" if to else f"To: <sip:{self.extension}@{self.host}>{tagged}",
            f"Call-ID: {call_id}",
            f"CSeq: {number} {method}",
            f"Contact: <sip:{self.number}@{self.host}:{port}>",
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
            "",
            body,
        )
        self._sip.sendto("\r\n".join(lines).encode(), (self.host, self.sip_port))

    async def _answer_bye(self) -> None:
        while True:
            _, message = await self._signals.get()
            text = message.decode()
            if text.startswith("BYE"):
                self.ended = True
                kept = [
                    line for line in text.split("\r\n") if line.startswith(("Via", "From", "To", "Call-ID", "CSeq"))
                ]
                answer = "\r\n".join(["SIP/2.0 200 OK", *kept, "Content-Length: 0", "", ""])
                self._sip.sendto(answer.encode(), (self.host, self.sip_port))


def _find(pattern: str, text: str) -> str:
    found = re.search(pattern, text, re.MULTILINE)
    if not found:
        raise ConnectionError(f"no {pattern} in the answer:\n{text}")
    return found.group(1)
