"""Takes calls as they arrive, and puts in order what an earlier robot or an earlier Asterisk left behind."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Mapping

from sqlalchemy.exc import SQLAlchemyError

from ivr.background import keep_running
from ivr.business import outbox
from ivr.call.aftermath import Aftermath
from ivr.call.session import Robot, answer
from ivr.errors import AriError
from ivr.telephony.ari import CONNECTED, DISCONNECTED, REPLACED, AriEvent, is_safe
from ivr.telephony.beat import Seat
from ivr.telephony.recorder import delete_stored, keep, left_over
from ivr.telephony.watch import OURS, Watch, inherit
from recordings.calls import call_log
from recordings.contacts.call import Call
from recordings.contacts.failure import FailureCode, text_of
from recordings.database import reading, transaction

log = logging.getLogger(__name__)

LOST_SECONDS = 10.0
"""How long Asterisk may be away before its calls are given up."""
SETTLE_SECONDS = 5.0
"""Between looks for calls that ended without their robot."""
COLLECT_SECONDS = 60.0
"""Until a recording is tried again that could not be brought home."""


async def serve(robot: Robot) -> None:
    """Take calls until cancelled.

    Raises:
        AriRefused: wrong user or password.
    """
    await asyncio.to_thread(robot.sink.spool.replay, robot.sink.database)  # before open calls are looked for
    live: dict[str, asyncio.Task[None]] = {}
    lost: asyncio.TimerHandle | None = None
    base = robot.ari.app
    seat = Seat(robot.ari, base)
    beating: asyncio.Task[None] | None = None
    inherited: set[str] = set()
    aftermath = Aftermath(robot, base, live)
    async with asyncio.TaskGroup() as tasks:
        collect = asyncio.Event()

        def start(call_id: str, work: Coroutine[None, None, None]) -> None:
            live[call_id] = tasks.create_task(work, name=f"call {call_id}")
            live[call_id].add_done_callback(lambda _: live.pop(call_id, None))

        async def take_seat() -> None:
            await seat.take()
            inherited.update(await inherit(robot.ari, base, live))

        for name, work in (
            ("collect", lambda: _fetch_recordings(robot, live, aftermath, collect)),
            ("watch", lambda: Watch(robot.ari, base, inherited).run()),
            ("registry", robot.registry.watch),
            ("outbox", lambda: outbox.run(robot.sink.database, robot.requests.business)),
        ):
            tasks.create_task(keep_running(name, work), name=name)
        try:
            async for event in robot.ari.events(take_seat):
                match event.type:
                    case kind if kind == CONNECTED:
                        if lost:
                            lost.cancel()
                        beating = tasks.create_task(seat.beat(lambda: len(live)), name="beat")
                        await _reconcile(robot)
                        collect.set()
                    case kind if kind == DISCONNECTED:
                        if beating:
                            beating.cancel()
                        loop = asyncio.get_running_loop()
                        lost = loop.call_later(LOST_SECONDS, robot.channels.lose_all)
                    case kind if kind == REPLACED:
                        log.error("another robot takes calls as %s now; this one takes another name", robot.ari.app)
                        seat.give_up()
                        for call in live.values():  # nobody tells us of them any more: they go to people
                            call.cancel()
                    case "StasisStart" if _is_caller(event, live):
                        robot.channels.channel(event.channel)
                        robot.channels.take(event)
                        start(event.channel, answer(robot, event))
                    case _:
                        robot.channels.take(event)
        finally:
            await seat.leave()


def _is_caller(event: AriEvent, live: Mapping[str, object]) -> bool:
    known = event.channel in live or OURS.match(event.channel) is not None
    return not known and not event.body.get("replace_channel")


async def _reconcile(robot: Robot) -> None:
    """After each connect: Asterisk told nobody what happened in between."""
    try:
        version = await robot.ari.version()
        log.info("connected to Asterisk %s at %s as %s: taking calls", version, robot.ari.address, robot.ari.app)
        if not is_safe(version):
            log.warning("Asterisk %s lacks security fixes of 2026: install 22.10 or newer", version)
        robot.channels.keep({channel["id"] for channel in await robot.ari.get("channels")})
        for name, language in _spoken(robot).items():  # for callers while no robot is there
            await robot.ari.post("asterisk/variable", variable=name, value=language)
    except AriError as error:
        log.warning("what an earlier robot left in Asterisk could not be put in order: %s", error)


def _spoken(robot: Robot) -> dict[str, str]:
    """Languages by the dialplan's variables: of each number, and of any other."""
    languages = {extension: loaded.scenario.language for extension, loaded in robot.registry.all_loaded.items()}
    numbers = {f"OTKLIK_LANGUAGE_{number}": code for number, code in languages.items() if number.isdecimal()}
    return {"OTKLIK_LANGUAGE": next(iter(languages.values())), **numbers}


async def _fetch_recordings(
    robot: Robot, live: Mapping[str, object], aftermath: Aftermath, wanted: asyncio.Event
) -> None:
    """Bring home what still lies with Asterisk, as notes and recordings: one of us crashed, or the store was down."""
    unknown: set[str] = set()
    tried: dict[str, float] = {}
    clock = asyncio.get_running_loop().time
    while True:
        try:
            async with asyncio.timeout(SETTLE_SECONDS):
                await wanted.wait()
                tried.clear()
        except TimeoutError:
            pass
        wanted.clear()
        await asyncio.to_thread(robot.sink.spool.replay, robot.sink.database)
        try:
            await aftermath.once()
            for call_id in await left_over(robot.ari):
                if call_id in live or call_id in unknown or robot.sink.spool.has(call_id):
                    continue
                if not aftermath.free(call_id) or clock() - tried.get(call_id, -COLLECT_SECONDS) < COLLECT_SECONDS:
                    continue
                tried[call_id] = clock()
                if not await _fetch_recording(robot, call_id):
                    unknown.add(call_id)
        except AriError as error:
            log.debug("no look for recordings now: %s", error)


async def _fetch_recording(robot: Robot, call_id: str) -> bool:
    """Register what is left of one call; False when nothing is known of such a call."""
    try:
        call = await asyncio.to_thread(_find_call, robot, call_id)
        if call is None:
            log.warning("call %s: Asterisk has sound of it, but nothing is known of the call; left there", call_id)
            return False
        if not call.consent:
            await delete_stored(robot.ari, call_id)
        elif failures := await keep(robot.ari, robot.sink, call_id=call_id, language=call.language):
            log.warning("call %s: %s", call_id, text_of(failures))
        else:
            log.info("call %s: its recording was brought home", call_id)
            await asyncio.to_thread(_clear_failure, robot, call)
    except SQLAlchemyError as error:
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
