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

    def __init__(self, ident: str) -> None:
        self.id = ident
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
            raise TimeoutError(f"channel {self.id} did not come up within {seconds:g} s")
        return self.up.is_set() and not self.gone.done()

    async def until_gone(self) -> int:
        """Wait for the end of the channel: its cause."""
        return await asyncio.shield(self.gone)

    def end(self, cause: int) -> None:
        if not self.gone.done():
            self.gone.set_result(cause)


class Channels:
    """Channels of Asterisk by id."""

    def __init__(self) -> None:
        self._channels: dict[str, Channel] = {}

    def channel(self, ident: str) -> Channel:
        """The channel of an id; asked for before Asterisk makes it, so that nothing of it is missed."""
        return self._channels.setdefault(ident, Channel(ident))

    def forget(self, ident: str) -> None:
        self._channels.pop(ident, None)

    def take(self, event: AriEvent) -> None:
        """Tell the channel, if anybody cares for it."""
        channel = self._channels.get(event.channel)
        if channel is None:
            return
        match event.type:
            case "StasisStart":
                channel.name = event.name
                channel.up.set()
            case "ChannelDtmfReceived" if not channel.keys.full():
                channel.keys.put_nowait(event.body["digit"])
            case "StasisEnd" | "ChannelDestroyed":
                channel.end(int(event.body.get("cause", NORMAL_CLEARING)))

    def keep(self, idents: Collection[str]) -> None:
        """After a reconnect: those that are no longer there ended unseen."""
        for ident, channel in self._channels.items():
            if ident not in idents and channel.up.is_set():
                channel.end(LOST)

    def lose_all(self) -> None:
        """Asterisk is gone and does not come back."""
        for channel in self._channels.values():
            channel.end(LOST)
