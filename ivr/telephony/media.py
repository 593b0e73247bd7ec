"""The sound of one call: Asterisk's media websocket on one side, chunks of PCM on the other."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable

import aiohttp

from ivr.errors import MediaLost
from ivr.telephony.ari import Ari
from speech.audio.audio import TELEPHONE_RATE, AudioChunk

log = logging.getLogger(__name__)

FRAME_BYTES = 320
"""20 ms of 16-bit mono at 8 kHz. Asterisk drops what does not fill a frame."""
MESSAGE_BYTES = 60_000 // FRAME_BYTES * FRAME_BYTES
"""Longest message; Asterisk's own bound is 65,500."""
GAP = 0.1
"""Seconds without sound after which silence is assumed: a muted or silence-suppressing phone sends nothing."""
OPEN_TIMEOUT = 5.0


class Media:
    """Sound both ways. Asterisk paces what we send by its own 20 ms clock and tells by marks what has been heard."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._room = asyncio.Event()
        self._room.set()
        self.on_mark: Callable[[str], None] = lambda _: None

    async def chunks(self, clock: Callable[[], float]) -> AsyncIterator[AudioChunk]:
        """The caller's sound in real time, gaps filled with silence; ends with the call.

        Args:
            clock: Seconds since the answer.
        """
        heard = clock()
        while True:
            try:
                message = await self._socket.receive(timeout=GAP)
            except TimeoutError:
                missing = int((clock() - heard) * TELEPHONE_RATE)
                if missing <= 0:  # an earlier burst ran ahead of the clock
                    continue
                chunk = AudioChunk(pcm=bytes(2 * missing), rate=TELEPHONE_RATE, start=heard)
            else:
                if message.type == aiohttp.WSMsgType.TEXT:
                    self._told(message.data)
                    continue
                if message.type != aiohttp.WSMsgType.BINARY:
                    return
                chunk = AudioChunk(pcm=message.data, rate=TELEPHONE_RATE, start=heard)
            heard = chunk.end
            yield chunk

    def _told(self, text: str) -> None:
        message = json.loads(text)
        match message.get("event"):
            case "MEDIA_MARK_PROCESSED":
                self.on_mark(message.get("correlation_id", ""))
            case "MEDIA_XOFF":
                self._room.clear()
            case "MEDIA_XON":
                self._room.set()
            case "ERROR":
                log.error("media socket: %s", message)

    async def send(self, pcm: bytes) -> None:
        """Queue sound in Asterisk behind what is queued already; waits while its queue is full.

        Raises:
            MediaLost: the socket is closed.
        """
        pcm += bytes(-len(pcm) % FRAME_BYTES)
        for start in range(0, len(pcm), MESSAGE_BYTES):
            await self._room.wait()
            await self._put(self._socket.send_bytes(pcm[start : start + MESSAGE_BYTES]))

    async def mark(self, name: str) -> None:
        """Have ``on_mark`` told when all sound sent before has been played."""
        await self._command("MARK_MEDIA", correlation_id=name)

    async def flush(self) -> None:
        """Drop what is queued but not yet played; the caller hears nothing more of it after some 16 ms."""
        await self._command("FLUSH_MEDIA")
        self._room.set()

    async def _command(self, command: str, **values: str) -> None:
        await self._put(self._socket.send_str(json.dumps({"command": command, **values})))

    async def _put(self, sending: asyncio.Future[None] | object) -> None:
        try:
            await sending  # type: ignore[misc]
        except (aiohttp.ClientConnectionError, ConnectionError) as error:
            raise MediaLost("the media socket of the call is closed") from error

    async def close(self) -> None:
        await self._socket.close()


async def open_media(ari: Ari, channel: str) -> Media:
    """Make a media channel and connect to its sound. The channel itself comes up by its own ``StasisStart``.

    Raises:
        AriError: Asterisk made no channel.
        MediaLost: it made one, but no sound came through.
    """
    made = await ari.post(
        "channels/externalMedia",
        app=ari.app,
        channelId=channel,
        encapsulation="none",
        transport="websocket",
        connection_type="server",
        format="slin",
        transport_data="f(json)",
    )
    connection = made["channelvars"]["MEDIA_WEBSOCKET_CONNECTION_ID"]
    try:
        async with asyncio.timeout(OPEN_TIMEOUT):
            # the id in the address is the password of this socket: it is not logged
            socket = await ari.session.ws_connect(
                f"{ari.address}/media/{connection}", protocols=["media"], max_msg_size=0
            )
            while (message := await socket.receive()).type == aiohttp.WSMsgType.TEXT:
                if json.loads(message.data).get("event") == "MEDIA_START":
                    return Media(socket)
    except (aiohttp.ClientError, TimeoutError) as error:
        raise MediaLost(f"no media socket for {channel}: {error or type(error).__name__}") from error
    raise MediaLost(f"the media socket of {channel} was closed before it started")
