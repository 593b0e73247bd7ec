"""Which channels there are and what becomes of them: Asterisk's events, sorted by channel."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Any

from ivr.telephony.ari import AriEvent

NORMAL_CLEARING = 16
LOST = -1
"""Our own cause: the channel went away with Asterisk."""


class Channel:
    """One channel, as long as somebody cares."""

    def __init__(self, channel: str) -> None:
        self.channel = channel
        self.name = ""
        """As ``PJSIP/agent-00000002``; empty until it is up."""
        self.up = asyncio.Event()
        """It is in our hands."""
        self.gone: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        """Its hang-up cause (Q.850), once it has left."""
        self.keys: asyncio.Queue[str] = asyncio.Queue(maxsize=64)

    async def until_up(self, seconds: float) -> bool:
        """Wait until the channel is in our hands; False when it went away first.

        Raises:
            TimeoutError: neither happened in time.
        """
        up = asyncio.create_task(self.up.wait())
        either: set[asyncio.Future[Any]] = {up, self.gone}
        try:
            done, _ = await asyncio.wait(either, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            up.cancel()
        if not done:
            raise TimeoutError(f"channel {self.channel} did not come up within {seconds:g} s")
        return self.up.is_set() and not self.gone.done()

    async def until_gone(self) -> int:
        """Wait for the end of the channel: its cause."""
        return await asyncio.shield(self.gone)

    def end(self, cause: int) -> None:
        if not self.gone.done():
            self.gone.set_result(cause)


class Channels:
    """Lines by channel id."""

    def __init__(self) -> None:
        self._lines: dict[str, Channel] = {}

    def line(self, channel: str) -> Channel:
        """The line of a channel; asked for before the channel is made, so that nothing of it is missed."""
        return self._lines.setdefault(channel, Channel(channel))

    def forget(self, channel: str) -> None:
        self._lines.pop(channel, None)

    def take(self, event: AriEvent) -> None:
        """Tell the channel's line, if anybody cares for it."""
        line = self._lines.get(event.channel)
        if line is None:
            return
        match event.type:
            case "StasisStart":
                line.name = event.name
                line.up.set()
            case "ChannelDtmfReceived" if not line.keys.full():
                line.keys.put_nowait(event.body["digit"])
            case "StasisEnd" | "ChannelDestroyed":
                line.end(int(event.body.get("cause", NORMAL_CLEARING)))

    def keep(self, channels: Collection[str]) -> None:
        """After a reconnect: lines whose channels are no longer there ended unseen."""
        for channel, line in self._lines.items():
            if channel not in channels and line.up.is_set():
                line.end(LOST)

    def lose_all(self) -> None:
        """Asterisk is gone and does not come back."""
        for line in self._lines.values():
            line.end(LOST)
