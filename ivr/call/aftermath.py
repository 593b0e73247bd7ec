"""Calls that ended while no robot of theirs was there: their rows are closed as they really ended."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from ivr.call.live_robot import Robot
from ivr.call.notes import Note, delete_note, left_notes, read_note, settle
from ivr.pools import in_thread
from ivr.telephony.beat import apps, read_beats
from recordings.calls import call_log
from recordings.contacts.call import Call, Outcome
from recordings.contacts.failure import Failure, FailureCode
from recordings.database import reading, transaction

log = logging.getLogger(__name__)

ORDER_SECONDS = 60.0
"""To write one of them; nobody waits for it."""
OTHERS_SECONDS = 60.0
"""Time that another living robot has for its own calls after they end: theirs is the better word."""


class Aftermath:
    """Which calls of one Asterisk nobody holds any more, and what becomes of them."""

    def __init__(self, robot: Robot, base: str, live: Mapping[str, object]) -> None:
        """Keep what it takes.

        Args:
            robot: Its Asterisk and its database.
            base: Name of the first robot's application.
            live: Calls that this robot holds.
        """
        self._robot = robot
        self._base = base
        self._live = live
        self._there: set[str] = set()
        """Channels in Asterisk at the last look."""
        self._seen: dict[str, datetime] = {}
        """Calls that nobody of ours holds, when they were last seen there."""
        self._gone: dict[str, float] = {}
        """When a call was first missed, by the loop's clock."""
        self._others = False

    def free(self, call_id: str) -> bool:
        """Whether a call is over and nobody else is about to bring it home."""
        if call_id in self._live or call_id in self._there:
            return False
        now = asyncio.get_running_loop().time()
        return not self._others or now - self._gone.setdefault(call_id, now) >= OTHERS_SECONDS

    async def once(self) -> bool:
        """Look, and settle what is free; whether there was anything.

        Raises:
            AriError: Asterisk does not answer.
            TimeoutError: the database does not, or not in time.
            SQLAlchemyError: it takes nothing now.
        """
        robot = self._robot
        name = await robot.ari.system_name()
        noted = set(await left_notes(robot.ari))
        slots = apps(self._base)
        beats = await read_beats(robot.ari)
        self._others = any(app != robot.ari.app and slot in beats and beats[slot].fresh for app, slot in slots.items())
        threads, database = robot.threads.order, robot.sink.database
        still_open = await in_thread(threads, _open_calls, ORDER_SECONDS, database, name)
        # asked last: a call that is over now had its channel gone before its row was read
        self._there = {channel["id"] for channel in await robot.ari.get("channels")}
        wanted = {*still_open, *noted}
        self._seen |= {call: datetime.now(UTC) for call in wanted & self._there}
        now = asyncio.get_running_loop().time()
        self._gone = {call: since for call, since in self._gone.items() if now - since < 10 * OTHERS_SECONDS}
        free = [call for call in wanted if self.free(call) and not robot.sink.spool.has(call)]
        for call_id in free:
            await self._settle(call_id, noted=call_id in noted)
        return bool(free)

    async def _settle(self, call_id: str, *, noted: bool) -> None:
        robot = self._robot
        note = await read_note(robot.ari, call_id) if noted else None
        if noted and note is None:
            log.error("call %s: its note cannot be read", call_id)
        seen, database = self._seen.get(call_id), robot.sink.database
        if note and note.cut and seen:
            note = replace(note, ended=seen)
        language = next(iter(robot.registry.all_loaded.values())).scenario.language
        if note and (loaded := robot.registry.all_loaded.get(note.dialled)):
            language = loaded.scenario.language
        await in_thread(robot.threads.order, _write, ORDER_SECONDS, database, call_id, note, seen, language)
        if noted:
            await delete_note(robot.ari, call_id)
        self._gone.pop(call_id, None)
        self._seen.pop(call_id, None)


def _open_calls(engine: Engine, name: str) -> list[str]:
    """Calls of this Asterisk that have not ended; other robots' calls in the same database are theirs."""
    with reading(engine) as db:
        return [call.id for call in call_log.open_calls(db) if _came_through(call.id, name)]


def _came_through(call_id: str, name: str) -> bool:
    """Whether a call came through the Asterisk of that name. An id without a name is from before it had one."""
    return not name or call_id.rpartition("-")[0] in (name, "")


def _write(engine: Engine, call_id: str, note: Note | None, seen: datetime | None, language: str) -> None:
    with transaction(engine) as db:
        if note:
            settle(db, note, language=language)
        call = call_log.find_call(db, call_id)
        if call is None or call.ended_at:
            if note:
                log.info("call %s: settled by what the dialplan noted", call_id)
            return
        outcome = Outcome.HANDED_OVER if call_log.was_joined(db, call_id) else Outcome.FAILED
        lost = Failure(code=FailureCode.RESTARTED, text="the robot or Asterisk was restarted in the middle of the call")
        failures = call.failures or (() if outcome == Outcome.HANDED_OVER else (lost,))
        ended = seen or _last_sign(call, call_log.last_word(db, call_id))
        call_log.close_call(db, call_id, ended_at=ended, outcome=outcome, failures=failures)
    log.warning("call %s: closed, it ended while its robot was away", call_id)


def _last_sign(call: Call, seconds: float) -> datetime:
    """When a call was still known to go on, for one whose end nobody saw."""
    return (call.answered_at or call.started_at) + timedelta(seconds=seconds)
