"""Callers whose robot is gone are moved to a person, and what it left in Asterisk is cleared away.

The watchdog does this all the time and each robot beside its calls: every step may be done twice, or by two at once.
Two people who are talking are left alone, and so is a recording of a caller who still talks with anybody.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ivr.errors import AriError, AriNotFound, AriRefused
from ivr.telephony.ari import Ari
from ivr.telephony.beat import STALE_SECONDS, apps, read_beats, take_back
from ivr.telephony.told import read_told

log = logging.getLogger(__name__)

OURS = re.compile(r"^(?P<kind>media|snoop-in|snoop-out|agent)-(?P<call>.+?)(?:-\d+)?$")
"""Ids of channels we make ourselves: none of them is a caller."""
BRIDGE = re.compile(r"^(?P<kind>robot|hold|talk)-(?P<call>.+)$")
LOOK_SECONDS = 0.5
"""Between two looks at the beats."""
TIDY_SECONDS = 10.0
"""Between two looks at channels and bridges while every robot beats."""
LONGEST_WAIT = 5.0
"""Seconds between two tries to reach an Asterisk that is away, at most."""

Holds = Callable[[str, str], bool]
"""Whether a living robot holds a call: name of the application the caller is in, id of the call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """What there is in Asterisk."""

    channels: Sequence[Mapping[str, Any]]
    bridges: Mapping[str, Sequence[str]]
    """Ids of the channels in each."""

    def talking(self, call: str) -> bool:
        """Two people, joined by a robot."""
        return len(self.bridges.get(f"talk-{call}", ())) > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A caller whom nobody holds goes to a person, by way of the dialplan."""

    call: str
    context: str
    extension: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """Nobody needs it any more."""

    path: str
    """As ``channels/media-…``."""


async def look(ari: Ari) -> Board:
    """Raises AriError."""
    channels, bridges = await asyncio.gather(ari.get("channels"), ari.get("bridges"))
    return Board(channels=channels, bridges={bridge["id"]: bridge["channels"] for bridge in bridges})


def plan(board: Board, base: str, holds: Holds) -> list[Move | Drop]:
    """What is to be done, callers first."""
    names = apps(base)
    callers = {channel["id"]: channel for channel in board.channels if not OURS.match(channel["id"])}
    waiting = {ident: app for ident, channel in callers.items() if (app := _app(channel)) in names}
    held = {ident for ident, app in waiting.items() if holds(app, ident)}
    moves = [
        Move(call=ident, context=callers[ident]["dialplan"]["context"], extension=callers[ident]["dialplan"]["exten"])
        for ident in waiting
        if ident not in held and not board.talking(ident)
    ]
    drops: list[Drop] = []
    for channel in board.channels:
        if ours := OURS.match(channel["id"]):
            call = ours["call"]
            recording = ours["kind"].startswith("snoop") and call in callers
            if call not in held and not board.talking(call) and not recording:
                drops.append(Drop(path=f"channels/{channel['id']}"))
    for ident in board.bridges:
        ours = BRIDGE.match(ident)
        if ours and ours["call"] not in held and not board.talking(ours["call"]):
            drops.append(Drop(path=f"bridges/{ident}"))
    return [*moves, *drops]


def _app(channel: Mapping[str, Any]) -> str:
    dialplan = channel["dialplan"]
    return str(dialplan.get("app_data", "")).split(",")[0] if dialplan.get("app_name") == "Stasis" else ""


async def carry_out(ari: Ari, steps: Sequence[Move | Drop]) -> None:
    """Move callers, all at once, then clear away. Somebody else may have done any of it meanwhile."""
    await asyncio.gather(*(_move(ari, step) for step in steps if isinstance(step, Move)))
    for step in steps:
        if isinstance(step, Drop):
            await ari.delete(step.path)


async def _move(ari: Ari, step: Move) -> None:
    try:
        if (await read_told(ari, step.call)).over:  # the good-bye was said, or the person has hung up
            log.warning("call %s: left by its robot at its end; hung up", step.call)
            await ari.delete(f"channels/{step.call}")
            return
        log.warning("call %s: left by an earlier robot; passing the caller on", step.call)
        await ari.post(f"channels/{step.call}/continue", context=step.context, extension=step.extension, label="person")
    except AriNotFound:
        pass  # hung up meanwhile
    except AriError as error:
        log.warning("call %s: the caller could not be passed on: %s", step.call, error)


async def was_moved(ari: Ari, call: str) -> bool:
    """Whether the dialplan has passed the caller to a person.

    Raises:
        AriError: Asterisk does not say.
    """
    try:
        return bool((await ari.get(f"channels/{call}/variable", variable="OTKLIK_MOVED"))["value"])
    except AriNotFound:  # there is no such variable, or no such channel
        return False


async def inherit(ari: Ari, base: str, live: Collection[str]) -> set[str]:
    """Before a robot takes calls as ``ari.app``: who is there already was left by an earlier one.

    Args:
        ari: Its Asterisk.
        base: Name of the first robot's application.
        live: Calls that this robot holds: it was only disconnected.

    Returns:
        Calls of two people who talk on; somebody must look after them when one hangs up.

    Raises:
        AriError: Asterisk does not answer.
    """
    beats = await read_beats(ari)
    living = {app for app, slot in apps(base).items() if app != ari.app and slot in beats and beats[slot].fresh}
    board = await look(ari)
    left = {channel["id"] for channel in board.channels if _app(channel) == ari.app} - {*live}
    await carry_out(ari, plan(board, base, lambda app, call: app in living or call in live))
    talking = {call for call in left if board.talking(call)}
    for call in talking:
        log.info("call %s: taken up from an earlier robot, two people are talking", call)
    return talking


class Watch:
    """Looks after the robots of one Asterisk."""

    def __init__(self, ari: Ari, base: str, inherited: set[str] | None = None) -> None:
        """Keep what it takes.

        Args:
            ari: Its Asterisk.
            base: Name of the first robot's application.
            inherited: Calls of two people in the application of a robot that lives but does not know them; those that
                are over are taken out.
        """
        self._ari = ari
        self._base = base
        self._inherited = inherited if inherited is not None else set()
        self._beats: dict[int, tuple[str, float]] = {}
        """Serial of each slot, and when it was first seen."""
        self._looked = -TIDY_SECONDS

    async def run(self) -> None:
        """Watch until cancelled. An Asterisk that is away has no callers: it is asked again, ever more seldom.

        Raises:
            AriRefused: wrong user or password.
        """
        clock = asyncio.get_running_loop().time
        wait, told, last = LOOK_SECONDS, False, clock()
        while True:
            try:
                now = clock()
                await self.once(now, slept=now - last > LOOK_SECONDS + STALE_SECONDS / 2)
                last = clock()
                wait, told = LOOK_SECONDS, False
            except AriRefused:
                raise
            except AriError as error:
                log.log(logging.DEBUG if told else logging.WARNING, "cannot watch the robots now: %s", error)
                wait, told = min(2 * wait, LONGEST_WAIT), True
            await asyncio.sleep(wait)

    async def once(self, now: float, *, slept: bool = False) -> None:
        """Look once.

        Args:
            now: Seconds, by a clock that is never set.
            slept: We did not look for a while ourselves: what has not changed since may have slept, too.

        Raises:
            AriError: Asterisk does not answer.
        """
        beats = await read_beats(self._ari)
        for slot, beat in beats.items():
            serial, seen = self._beats.get(slot, ("", 0.0))
            if beat.serial != serial:
                self._beats[slot] = (beat.serial, now if serial or beat.fresh else now - 2 * STALE_SECONDS)
            elif slept:
                self._beats[slot] = (serial, max(seen, now))
        stale = {slot for slot in beats if now - self._beats[slot][1] > STALE_SECONDS}
        if stale or self._inherited or now - self._looked >= TIDY_SECONDS:
            self._looked = now
            await self._tidy({*beats} - stale, stale)

    async def _tidy(self, living: Collection[int], stale: Collection[int]) -> None:
        names = apps(self._base)
        board = await look(self._ari)
        self._inherited &= {channel["id"] for channel in board.channels}

        def holds(app: str, call: str) -> bool:
            return names[app] in living and call not in self._inherited

        await carry_out(self._ari, plan(board, self._base, holds))
        occupied = {_app(channel) for channel in board.channels}
        for app, slot in names.items():
            if slot in stale and app not in occupied:
                await take_back(self._ari, slot)
                log.warning("robot %s is dead or hangs; it holds no calls", app)
