"""Robots at one Asterisk: each under a name of its own, none in another's way, and who is gone is seen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

import pytest

from ivr.telephony.ari import CONNECTED, DISCONNECTED, REPLACED, Ari
from ivr.telephony.beat import STALE_SECONDS, Seat, read_beats
from ivr.telephony.watch import Watch
from tests.telephony import Exchange

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(60)]


@asynccontextmanager
async def reach(asterisk: Exchange) -> AsyncIterator[Ari]:
    settings = asterisk.settings
    address, password = f"http://127.0.0.1:{settings.ari_port}", settings.ari_password.get_secret_value()
    async with Ari(address, user=settings.ari_user, password=password, app="otklik") as ari:
        yield ari


async def test_two_that_start_at_once_end_up_under_two_names(asterisk: Exchange) -> None:
    async with reach(asterisk) as first, reach(asterisk) as second:
        one, other = Seat(first, "otklik"), Seat(second, "otklik")
        async with aclosing(first.events(one.take)) as ours, aclosing(second.events(other.take)) as theirs:
            assert (await anext(ours)).type == CONNECTED
            assert (await anext(theirs)).type == CONNECTED  # nobody had beaten yet
            assert (first.app, second.app) == ("otklik", "otklik")
            assert (await anext(ours)).type == REPLACED
            one.give_up()
            assert (await anext(ours)).type == DISCONNECTED
            beating = [asyncio.create_task(other.beat(lambda: 3))]
            assert (await anext(ours)).type == CONNECTED
            assert (first.app, second.app) == ("otklik-2", "otklik")
            beating.append(asyncio.create_task(one.beat(lambda: 1)))
            async with asyncio.timeout(5):
                while {slot: beat.calls for slot, beat in (await read_beats(first)).items()} != {1: 3, 2: 1}:
                    pass
            for task in beating:
                task.cancel()
            for seat in (one, other):
                await seat.leave()
            assert await read_beats(first) == {}


async def test_a_beat_that_stands_still_is_forgotten_and_one_that_goes_on_is_not(asterisk: Exchange) -> None:
    async with reach(asterisk) as ari, reach(asterisk) as other:
        seats = Seat(ari, "otklik"), Seat(other, "otklik")
        await seats[0].take()
        beating = asyncio.create_task(seats[0].beat(lambda: 0))
        async with asyncio.timeout(5):
            while not await read_beats(ari):
                pass
        await seats[1].take()
        assert other.app == "otklik-2"
        watch = Watch(ari, "otklik")
        await watch.once(0.0)
        beating.cancel()
        await watch.once(STALE_SECONDS - 0.1)
        assert 1 in await read_beats(ari)
        await watch.once(STALE_SECONDS + 10, slept=True)  # we stood still ourselves: nobody is judged by that
        assert 1 in await read_beats(ari)
        await watch.once(2 * STALE_SECONDS + 10.1)
        assert await read_beats(ari) == {}
        await seats[1].take()
        assert other.app == "otklik-2"  # who has a slot keeps it: calls are held under its name
        await Seat(other, "otklik").take()
        assert other.app == "otklik"
