"""Beats of the robots at one Asterisk: global variables there, so that its dialplan, the watchdog and all robots see
the same. A robot whose event loop hangs, is frozen or gone beats no more.

``OTKLIK_BEAT_n`` is ``epoch-calls-serial``; n is the robot's slot, and with the name of its application it is known
by. The dialplan (``docker/asterisk/extensions.conf.j2``) gives a call to the robot with the fewest.
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from ivr.errors import AriError, NoSlot
from ivr.telephony.ari import Ari

log = logging.getLogger(__name__)

BEAT_SECONDS = 0.5
"""Between two beats."""
STALE_SECONDS = 3.0
"""Age of a beat from which its robot is taken for dead: with what follows, a caller hears less than 5 s of nothing."""
MOST_ROBOTS = 8
"""Slots of one Asterisk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """What one robot last said of itself."""

    epoch: int
    """When, by the clock of the machine."""
    calls: int
    """Calls it holds; the dialplan gives the next one to the robot with the fewest."""
    serial: str
    """Changes with each beat."""

    @property
    def fresh(self) -> bool:
        """By the clock. Who watches for longer sees better whether the serial changes."""
        return abs(time.time() - self.epoch) <= STALE_SECONDS


def app_of(base: str, slot: int) -> str:
    """Name of the application of a slot, as ``otklik``, ``otklik-2``."""
    return base if slot == 1 else f"{base}-{slot}"


def apps(base: str) -> dict[str, int]:
    """Slots by the name of their application."""
    return {app_of(base, slot): slot for slot in range(1, MOST_ROBOTS + 1)}


async def read_beats(ari: Ari) -> dict[int, Beat]:
    """The last beat of each slot that has one.

    Raises:
        AriError: Asterisk does not answer.
    """
    values = await asyncio.gather(*(_read(ari, slot) for slot in range(1, MOST_ROBOTS + 1)))
    return {slot: beat for slot, value in enumerate(values, start=1) if (beat := _parsed(value))}


async def take_back(ari: Ari, slot: int) -> None:
    """Forget the beat of a robot that is gone."""
    await ari.post("asterisk/variable", variable=_name(slot))  # without a value: it is no more


class Seat:
    """Slot that this robot has taken, and its beat."""

    def __init__(self, ari: Ari, base: str) -> None:
        self._ari = ari
        self._base = base
        self._serial = 0
        self._mark = f"{os.getpid()}.{secrets.token_hex(4)}."
        """Tells our beats from those of another robot in the same slot, and whoever may end it which process it is."""
        self._given_up: set[int] = set()
        self._left = False
        self.slot = 0
        """0 until one is taken."""

    async def take(self) -> None:
        """Take a slot that nobody beats in: the one we had, if it is still ours. Then ``ari.app`` is its name.

        Raises:
            AriError: Asterisk does not answer.
            NoSlot: as many robots as can be take calls already.
        """
        beats = await read_beats(self._ari)
        for slot in sorted(range(1, MOST_ROBOTS + 1), key=lambda slot: slot != self.slot):
            beat = beats.get(slot)
            others = beat is not None and beat.fresh and not beat.serial.startswith(self._mark)
            if slot not in self._given_up and not others:
                self.slot = slot
                self._ari.app = app_of(self._base, slot)
                return
        raise NoSlot(f"{MOST_ROBOTS} robots take calls at {self._ari.address} already")

    def give_up(self) -> None:
        """Another robot has come to the same slot and keeps it."""
        self._given_up.add(self.slot)
        self.slot = 0

    async def beat(self, calls: Callable[[], int]) -> None:
        """Beat until cancelled or left."""
        while not self._left:
            self._serial += 1
            value = f"{int(time.time())}-{calls()}-{self._mark}{self._serial}"
            try:
                await self._ari.post("asterisk/variable", variable=_name(self.slot), value=value)
            except AriError as error:
                log.debug("no beat: %s", error)
            await asyncio.sleep(BEAT_SECONDS)

    async def leave(self) -> None:
        """Take no more calls: the dialplan gives the next one to somebody else at once."""
        self._left = True
        with suppress(AriError):
            last = _parsed(await _read(self._ari, self.slot))
            if last and last.serial.startswith(self._mark):
                await take_back(self._ari, self.slot)


def _name(slot: int) -> str:
    return f"OTKLIK_BEAT_{slot}"


async def _read(ari: Ari, slot: int) -> str:
    answer = await ari.get("asterisk/variable", variable=_name(slot))
    return str(answer["value"])


def _parsed(value: str) -> Beat | None:
    epoch, _, rest = value.partition("-")
    calls, _, serial = rest.partition("-")
    if not (epoch.isdecimal() and calls.isdecimal() and serial):
        return None
    return Beat(epoch=int(epoch), calls=int(calls), serial=serial)
