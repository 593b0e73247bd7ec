"""The caller's side of one call: their channel, the sound socket beside it, the bridge where both meet."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ivr.dialog.actions import Listen
from ivr.dialog.events import CallEvent, Pressed
from ivr.errors import AriError
from ivr.telephony.ari import Ari, AriEvent
from ivr.telephony.channels import Channels
from ivr.telephony.media import Media, open_media
from ivr.telephony.playback import Playback, Render
from ivr.telephony.watch import was_moved

log = logging.getLogger(__name__)

UP_SECONDS = 5.0
"""Time for a channel of our own to come up."""
CLEANUP_SECONDS = 3.0
MOST_WAITING = 64
"""Events that wait, with the most keys among them."""


class PhoneLeg:
    """One caller, from the answer to the hang-up."""

    def __init__(self, ari: Ari, channels: Channels, channel: str, media: Media, render: Render) -> None:
        self.call_id = channel
        self.ari = ari
        self.channels = channels
        self.caller = channels.channel(channel)
        self.media = media
        self.bridge = f"robot-{channel}"
        self.events: asyncio.Queue[CallEvent] = asyncio.Queue()
        self.question: Listen | None = None
        """What the caller is being asked now; None while nobody listens."""
        self.ended = False
        """The conversation came to its end; otherwise the caller is passed on to a person."""
        self.joined = False
        """A person talks with the caller."""
        self.moved = False
        """The caller is with a person by way of the dialplan: what is theirs in Asterisk is no longer ours."""
        self._answered_at = asyncio.get_running_loop().time()
        self.playback = Playback(media, render, self.clock)

    def clock(self) -> float:
        """Seconds since the answer."""
        return asyncio.get_running_loop().time() - self._answered_at

    @property
    def talks_on(self) -> bool:
        """Two people are talking: a robot that has to stop now leaves them alone."""
        return self.joined and not self.caller.gone.done()

    def tell(self, event: CallEvent) -> None:
        """Have the conversation hear of an event. Of keys that come faster than they are taken, the rest is dropped:
        no row of keys is that long."""
        if isinstance(event, Pressed) and self.events.qsize() >= MOST_WAITING:
            return
        self.events.put_nowait(event)

    async def meet(self) -> None:
        """Bring the caller back to the robot, unless they have hung up."""
        try:
            await self.ari.post(f"bridges/{self.bridge}/addChannel", channel=self.call_id)
        except AriError:
            async with asyncio.timeout(UP_SECONDS):  # most likely they are just hanging up
                await self.caller.until_gone()

    async def hang_up(self) -> None:
        """End the call, unless the watchdog has moved the caller: a robot that stood still does not know yet."""
        if not await self.was_moved():
            await self.ari.remove(f"channels/{self.call_id}")

    async def was_moved(self) -> bool:
        """Whether the dialplan has passed the caller to a person."""
        try:
            self.moved = await was_moved(self.ari, self.call_id)
        except AriError as error:
            log.warning("call %s: where the caller is cannot be asked: %s", self.call_id, error)
        return self.moved


@asynccontextmanager
async def open_leg(ari: Ari, channels: Channels, arrival: AriEvent, render: Render) -> AsyncIterator[PhoneLeg]:
    """Answer a call. Whatever happens, nothing of it is left in Asterisk at the end.

    A caller whose conversation did not come to its end is not cut off: they are passed on to the dialplan, which
    rings a person.

    Raises:
        AriError, MediaLost, TimeoutError: the call could not be answered.
    """
    channel = arrival.channel
    sound, bridge = f"media-{channel}", f"robot-{channel}"
    media: Media | None = None
    leg: PhoneLeg | None = None
    try:
        media_channel = channels.channel(sound)
        media = await open_media(ari, sound)
        if not await media_channel.until_up(UP_SECONDS):  # a channel joins no bridge before it is ours
            raise AriError(f"the media channel of {channel} went away at once")
        await ari.post("bridges", type="mixing", bridgeId=bridge)
        await ari.post(f"channels/{channel}/answer")
        leg = PhoneLeg(ari, channels, channel, media, render)
        await ari.post(f"bridges/{bridge}/addChannel", channel=f"{channel},{sound}")
        yield leg
    finally:
        ari.left_over |= {f"channels/{sound}", f"bridges/{bridge}"}  # until they are removed
        try:
            async with asyncio.timeout(CLEANUP_SECONDS):
                if leg and (leg.moved or await leg.was_moved()):
                    leg.ended = True  # somebody else has taken the caller while we stood still
                if leg is None or not (leg.ended or leg.talks_on):
                    await pass_on(ari, arrival)
                    if leg:
                        leg.moved = True
                await ari.remove(f"channels/{sound}")
                await ari.remove(f"bridges/{bridge}")
                if media:
                    await media.close()
        except (AriError, TimeoutError) as error:
            log.warning("call %s: not everything could be cleared in Asterisk: %s", channel, error)
        channels.forget(sound)
        channels.forget(channel)


async def pass_on(ari: Ari, arrival: AriEvent) -> None:
    """Send a caller to a person by way of the dialplan."""
    dialplan = arrival.body["channel"]["dialplan"]
    try:
        await ari.post(
            f"channels/{arrival.channel}/continue",
            context=dialplan["context"],
            extension=dialplan["exten"],
            label="person",
        )
    except AriError as error:
        log.warning("call %s: the caller could not be passed on: %s", arrival.channel, error)
