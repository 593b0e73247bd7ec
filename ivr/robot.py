"""Takes calls as they arrive, and puts in order what an earlier robot or an earlier Asterisk left behind."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Coroutine, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from ivr.background import keep_running
from ivr.business import outbox
from ivr.call.live_robot import Robot
from ivr.call.session import answer
from ivr.errors import AriError
from ivr.pools import in_thread
from ivr.telephony.ari import CONNECTED, DISCONNECTED, AriEvent, is_safe
from ivr.telephony.channels import LOST
from ivr.telephony.leg import pass_on
from ivr.telephony.recorder import Recorder, began_at, delete_stored, keep, left_over
from recordings.calls import call_log
from recordings.contacts.call import Call, Outcome
from recordings.contacts.failure import Failure, FailureCode, text_of
from recordings.database import reading, transaction
from recordings.errors import ThreadsBusy
from recordings.privacy.erasure import erased_calls
from recordings.privacy.sound_spools import begin_look, end_look

log = logging.getLogger(__name__)

OURS = re.compile(r"^(?:media|snoop-in|snoop-out|agent)-(?P<call>.+?)(?:-\d+)?$")
"""Ids of channels we make ourselves: none of them is a caller."""
LOST_SECONDS = 10.0
"""How long Asterisk may be away before its calls are given up."""
REMOVE_SECONDS = 5.0
"""Between tries to remove what Asterisk did not let go at a call's end."""
ORDER_SECONDS = 60.0
"""To put one thing in order in the database; nobody waits for it."""
COLLECT_SECONDS = 60.0
"""Between looks for recordings that could not be brought home at once."""


async def serve(robot: Robot) -> None:
    """Take calls until cancelled.

    Raises:
        AriRefused: wrong user or password.
    """
    live: dict[str, asyncio.Task[None]] = {}
    lost: asyncio.TimerHandle | None = None
    async with asyncio.TaskGroup() as tasks:
        collect = asyncio.Event()

        def start(call_id: str, work: Coroutine[None, None, None]) -> None:
            live[call_id] = tasks.create_task(work, name=f"call {call_id}")
            live[call_id].add_done_callback(lambda _: live.pop(call_id, None))

        def adopt(call_id: str, parties: list[str]) -> None:
            start(call_id, _adopt(robot, call_id, parties))

        for task, work in (
            ("collect", lambda: _fetch_recordings(robot, live, collect)),
            ("registry", robot.registry.watch),
            ("left over", lambda: _remove_left_over(robot)),
            ("outbox", lambda: outbox.run(robot.sink.database, robot.requests.business)),
        ):
            tasks.create_task(keep_running(task, work), name=task)
        async for event in robot.ari.events():
            match event.type:
                case kind if kind == CONNECTED:
                    if lost:
                        lost.cancel()
                    name = await _reconcile(robot, live, adopt)
                    if name is not None:  # beside the calls: a database that hangs keeps no newcomer waiting
                        tasks.create_task(_close_abandoned(robot, live, name), name="close abandoned")
                    collect.set()
                case kind if kind == DISCONNECTED:
                    loop = asyncio.get_running_loop()
                    lost = loop.call_later(LOST_SECONDS, robot.channels.lose_all)
                case "StasisStart" if _is_caller(event, live):
                    robot.channels.channel(event.channel)
                    robot.channels.take(event)
                    start(event.channel, answer(robot, event))
                case _:
                    robot.channels.take(event)


def _is_caller(event: AriEvent, live: Mapping[str, object]) -> bool:
    known = event.channel in live or OURS.match(event.channel) is not None
    return not known and not event.body.get("replace_channel")


async def _reconcile(robot: Robot, live: Mapping[str, object], adopt: Callable[[str, list[str]], None]) -> str | None:
    """After each connect: Asterisk told nobody what happened in between. Its name; None when it does not answer."""
    try:
        version = await robot.ari.version()
        name = await robot.ari.system_name()
        log.info("connected to Asterisk %s at %s: taking calls", version, robot.ari.address)
        if not is_safe(version):
            log.warning("Asterisk %s lacks security fixes of 2026: install 22.10 or newer", version)
        channels = await robot.ari.get("channels")
        robot.channels.keep({channel["id"] for channel in channels})
        bridges = {bridge["id"]: bridge["channels"] for bridge in await robot.ari.get("bridges")}
        for ident, parties in bridges.items():
            call = ident.removeprefix("talk-")
            if call != ident and call not in live and len(parties) > 1:
                adopt(call, parties)
        for channel in channels:
            await _clear_channel(robot, live, channel)
        for ident in bridges:
            kind, _, call = ident.partition("-")
            if kind in {"robot", "hold", "talk"} and call not in live:
                await robot.ari.delete(f"bridges/{ident}")
    except AriError as error:
        log.warning("what an earlier robot left in Asterisk could not be put in order: %s", error)
        return None
    return name


async def _remove_left_over(robot: Robot) -> None:
    """Nothing of a call stays in Asterisk, also where Asterisk was too busy to let it go at the call's end."""
    while True:
        await asyncio.sleep(REMOVE_SECONDS)
        try:
            await robot.ari.remove_left_over()
        except AriError as error:
            log.warning("%d things of ended calls are still in Asterisk: %s", len(robot.ari.left_over), error)


async def _adopt(robot: Robot, call_id: str, parties: list[str]) -> None:
    """Caller and person talk on, the robot that joined them is gone: when one hangs up, end it for the other, too."""
    log.info("call %s: taken up from an earlier robot, two people are talking", call_id)
    channels = [robot.channels.channel(party) for party in parties]
    for channel in channels:
        channel.up.set()
        try:  # Asterisk forgot that we want to know, when the earlier robot left
            await robot.ari.post(f"applications/{robot.ari.app}/subscription", eventSource=f"channel:{channel.id}")
        except AriError:
            channel.end(LOST)
    await asyncio.wait([channel.gone for channel in channels], return_when=asyncio.FIRST_COMPLETED)
    try:
        for party in [*parties, f"media-{call_id}"]:
            await robot.ari.remove(f"channels/{party}")
        for kind in ("talk", "robot", "hold"):
            await robot.ari.remove(f"bridges/{kind}-{call_id}")
    except AriError as error:
        log.warning("call %s: not everything could be cleared in Asterisk: %s", call_id, error)
    await Recorder(robot.ari, robot.channels, call_id).stop()
    for party in parties:
        robot.channels.forget(party)
    try:
        close = partial(_close, robot, call_id, datetime.now(UTC), Outcome.HANDED_OVER)
        await in_thread(robot.threads.order, close, ORDER_SECONDS)
        await _fetch_recording(robot, call_id)
    except (SQLAlchemyError, OSError) as error:
        log.error("call %s: its end could not be written: %s", call_id, error)


def _close(robot: Robot, call_id: str, ended: datetime, outcome: Outcome, failures: tuple[Failure, ...] = ()) -> None:
    with transaction(robot.sink.database) as db:
        call_log.close_call(db, call_id, ended_at=ended, outcome=outcome, failures=failures)


async def _clear_channel(robot: Robot, live: Mapping[str, object], channel: Mapping[str, Any]) -> None:
    """A caller without a conversation goes to a person; a channel of ours without a caller goes away."""
    ident: str = channel["id"]
    ours = OURS.match(ident)
    if (ours["call"] if ours else ident) in live:
        return
    if ours:
        await robot.ari.delete(f"channels/{ident}")
    elif channel["dialplan"].get("app_data", "").split(",")[0] == robot.ari.app:
        log.warning("call %s: left by an earlier robot; passing the caller on", ident)
        await pass_on(robot.ari, AriEvent(type="StasisStart", channel=ident, body={"channel": channel}))


async def _close_abandoned(robot: Robot, live: Mapping[str, object], name: str) -> None:
    """Close the calls of this Asterisk that nobody holds, after what was put aside of them is written."""
    try:
        await in_thread(robot.threads.order, robot.sink.spool.replay, None, robot.sink.database)
        await in_thread(robot.threads.order, _close_those, None, robot, set(live), name)
    except ThreadsBusy as error:
        log.error("calls of an earlier robot could not be closed: %s", error)


def _close_those(robot: Robot, live: set[str], name: str) -> None:
    """Other robots' calls in the same database are theirs."""
    try:
        with reading(robot.sink.database) as db:
            open_calls = [
                call for call in call_log.open_calls(db) if call.id not in live and _came_through(call.id, name)
            ]
        for call in open_calls:
            text = "the robot or Asterisk was restarted in the middle of the call"
            failures = (Failure(code=FailureCode.RESTARTED, text=text),)
            _close(robot, call.id, call.answered_at or call.started_at, Outcome.FAILED, failures)
            log.warning("call %s: closed, it ended while the robot was away", call.id)
    except SQLAlchemyError as error:
        log.error("calls of an earlier robot could not be closed: %s", error)


def _came_through(call_id: str, name: str) -> bool:
    """Whether a call came through the Asterisk of that name. An id without a name is from before it had one."""
    return not name or call_id.rpartition("-")[0] in (name, "")


async def _fetch_recordings(robot: Robot, live: Mapping[str, object], wanted: asyncio.Event) -> None:
    """Bring home recordings that still lie with Asterisk: one of us crashed, or the store was down."""
    unknown: dict[str, datetime] = {}
    while True:
        try:
            async with asyncio.timeout(COLLECT_SECONDS):
                await wanted.wait()
        except TimeoutError:
            pass
        wanted.clear()
        try:
            await in_thread(robot.threads.order, robot.sink.spool.replay, ORDER_SECONDS, robot.sink.database)
            await _look_for_recordings(robot, live, unknown)
        except (AriError, TimeoutError) as error:
            log.debug("no look for recordings now: %s", error)
        except SQLAlchemyError as error:
            log.error("recordings that lie with Asterisk cannot be looked after now: %s", error)


async def _look_for_recordings(robot: Robot, live: Mapping[str, object], unknown: dict[str, datetime]) -> None:
    """Once: what was erased is deleted, what is known brought home, what nobody knows deleted in the end; then those
    who wait for this look are told (``recordings.privacy.sound_spools``).
    """
    database = robot.sink.database
    look = await in_thread(robot.threads.order, begin_look, ORDER_SECONDS, database, await robot.ari.system_name())
    left = await left_over(robot.ari) - set(live)
    erased = await in_thread(robot.threads.order, _erased, ORDER_SECONDS, robot, left)
    for call_id in sorted(left):
        if call_id in erased:
            log.info("call %s: it was erased, its sound is deleted with Asterisk", call_id)
            await delete_stored(robot.ari, call_id)
        elif robot.sink.spool.has(call_id):
            continue
        elif call_id in unknown or not await _fetch_recording(robot, call_id):
            since = unknown.setdefault(call_id, began_at(call_id) or datetime.now(UTC))
            if datetime.now(UTC) - since > robot.sink.unknown_for:
                log.warning(
                    "call %s: nobody has known it for %s, its sound is deleted", call_id, robot.sink.unknown_for
                )
                await delete_stored(robot.ari, call_id)
    await in_thread(robot.threads.order, end_look, ORDER_SECONDS, database, look, await left_over(robot.ari))


def _erased(robot: Robot, calls: set[str]) -> set[str]:
    with reading(robot.sink.database) as db:
        return erased_calls(db, calls)


async def _fetch_recording(robot: Robot, call_id: str) -> bool:
    """Register what is left of one call; False when nothing is known of such a call."""
    try:
        call = await in_thread(robot.threads.order, _find_call, ORDER_SECONDS, robot, call_id)
        if call is None:
            log.warning("call %s: Asterisk has sound of it, but nothing is known of the call; left there", call_id)
            return False
        if not call.consent:
            await delete_stored(robot.ari, call_id)
        elif failures := await keep(robot.ari, robot.sink, call_id=call_id, language=call.language):
            log.warning("call %s: %s", call_id, text_of(failures))
        else:
            log.info("call %s: its recording was brought home", call_id)
            await in_thread(robot.threads.order, _clear_failure, ORDER_SECONDS, robot, call)
    except (SQLAlchemyError, TimeoutError) as error:
        log.error("call %s: the database does not take its recording now: %s", call_id, error)
    return True


def _clear_failure(robot: Robot, call: Call) -> None:
    """The recording is there now; what else failed in the call stays written."""
    others = tuple(failure for failure in call.failures if failure.code != FailureCode.RECORDING_WAITS)
    if others != call.failures:
        with transaction(robot.sink.database) as db:
            call_log.note_failures(db, call.id, others)


def _find_call(robot: Robot, call_id: str) -> Call | None:
    with reading(robot.sink.database) as db:
        return call_log.find_call(db, call_id)
