"""Takes calls as they arrive, and puts in order what an earlier robot or an earlier Asterisk left behind."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Mapping
from datetime import UTC, datetime

from sqlalchemy.exc import SQLAlchemyError

from ivr.background import keep_running
from ivr.business import outbox
from ivr.call.aftermath import Aftermath
from ivr.call.live_robot import Robot
from ivr.call.session import answer
from ivr.errors import AriError
from ivr.pools import in_thread
from ivr.telephony.ari import CONNECTED, DISCONNECTED, REPLACED, AriEvent, is_safe
from ivr.telephony.beat import Seat
from ivr.telephony.recorder import began_at, delete_stored, keep, left_over
from ivr.telephony.watch import OURS, Watch, inherit
from recordings.calls import call_log
from recordings.contacts.call import Call
from recordings.contacts.failure import FailureCode, text_of
from recordings.database import reading, transaction
from recordings.privacy.erasure import erased_calls
from recordings.privacy.sound_spools import begin_look, end_look

log = logging.getLogger(__name__)

LOST_SECONDS = 10.0
"""How long Asterisk may be away before its calls are given up."""
REMOVE_SECONDS = 5.0
"""Between tries to remove what Asterisk did not let go at a call's end."""
ORDER_SECONDS = 60.0
"""To put one thing in order in the database; nobody waits for it."""
SETTLE_SECONDS = 5.0
"""Between looks for calls that ended without their robot."""
COLLECT_SECONDS = 60.0
"""Between looks for recordings that could not be brought home at once."""


async def serve(robot: Robot) -> None:
    """Take calls until cancelled.

    Raises:
        AriRefused: wrong user or password.
    """
    live: dict[str, asyncio.Task[None]] = {}
    lost: asyncio.TimerHandle | None = None
    beating: asyncio.Task[None] | None = None
    base = robot.ari.app
    seat = Seat(robot.ari, base)
    inherited: set[str] = set()
    aftermath = Aftermath(robot, base, live)
    async with asyncio.TaskGroup() as tasks:
        collect = asyncio.Event()

        def start(call_id: str, work: Coroutine[None, None, None]) -> None:
            live[call_id] = tasks.create_task(_alone(call_id, work), name=f"call {call_id}")
            live[call_id].add_done_callback(lambda _: live.pop(call_id, None))

        async def take_seat() -> None:
            await seat.take()
            inherited.update(await inherit(robot.ari, base, live))

        for task, work in (
            ("collect", lambda: _fetch_recordings(robot, live, aftermath, collect)),
            ("watch", lambda: Watch(robot.ari, base, inherited).run()),
            ("registry", robot.registry.watch),
            ("left over", lambda: _remove_left_over(robot)),
            ("outbox", lambda: outbox.run(robot.sink.database, robot.requests.business)),
        ):
            tasks.create_task(keep_running(task, work), name=task)
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


async def _alone(name: str, work: Coroutine[None, None, None]) -> None:
    """Whatever the work fails with ends it alone: a group that loses one task ends all, and so every call."""
    try:
        await work
    except Exception:  # the last edge of a call, behind the one that tells the caller
        log.exception("%s: ended by a fault of ours", name)


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


async def _remove_left_over(robot: Robot) -> None:
    """Nothing of a call stays in Asterisk, also where Asterisk was too busy to let it go at the call's end."""
    while True:
        await asyncio.sleep(REMOVE_SECONDS)
        try:
            await robot.ari.remove_left_over()
        except AriError as error:
            log.warning("%d things of ended calls are still in Asterisk: %s", len(robot.ari.left_over), error)


async def _fetch_recordings(
    robot: Robot, live: Mapping[str, object], aftermath: Aftermath, wanted: asyncio.Event
) -> None:
    """Bring home what still lies with Asterisk, as notes and recordings: one of us crashed, or the store was down."""
    unknown: dict[str, datetime] = {}
    clock = asyncio.get_running_loop().time
    looked = -COLLECT_SECONDS
    while True:
        look = True
        try:
            async with asyncio.timeout(SETTLE_SECONDS):
                await wanted.wait()
        except TimeoutError:
            look = clock() - looked >= COLLECT_SECONDS
        wanted.clear()
        try:
            await in_thread(robot.threads.order, robot.sink.spool.replay, ORDER_SECONDS, robot.sink.database)
            settled = await aftermath.once()
            if settled or look:
                looked = clock()
                await _look_for_recordings(robot, live, aftermath, unknown)
        except (AriError, TimeoutError) as error:
            log.debug("no look for recordings now: %s", error)
        except SQLAlchemyError as error:
            log.error("recordings that lie with Asterisk cannot be looked after now: %s", error)


async def _look_for_recordings(
    robot: Robot, live: Mapping[str, object], aftermath: Aftermath, unknown: dict[str, datetime]
) -> None:
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
        elif robot.sink.spool.has(call_id) or not aftermath.free(call_id):
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
