"""Who rings while all lines are busy is told so, and rung back if they wish; nobody waits without hearing why."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from ivr.admission import Way
from ivr.call.live_robot import Robot, call_of, renderer, written_down
from ivr.call_log.writer import CallLogWriter
from ivr.dialog.actions import Say
from ivr.dialog.nodes import Scenario
from ivr.errors import AriError, MediaLost
from ivr.telephony.ari import AriEvent
from ivr.telephony.caller_id import caller_id
from ivr.telephony.leg import PhoneLeg, open_leg, pass_on
from recordings.calls.callback_rules import number_to_ring
from recordings.contacts.call import Outcome
from recordings.contacts.failure import Failure, FailureCode
from speech.text.language import data
from speech.yaml_source import read_table

log = logging.getLogger(__name__)

NODE = "all_lines_busy"
"""Under which name what is said stands in the call's record."""
CALL_BACK_KEY = "1"
KEY_SECONDS = 4.0
"""Time to press it after the offer."""
CONGESTION = "34"
"""Q.850: no channel is free; on the line it is SIP 503."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What is said in one language."""

    busy: str
    offer: str
    promised: str
    later: str
    number: str
    """Of whose number several calls go on."""


@cache
def wording_of(language: str) -> Wording | None:
    """The words of a language; None where it has none, and callers get a person or the busy tone."""
    file = data(language, "busy_lines.yaml")
    return read_table(file, Wording) if file.is_file() else None


def texts(language: str) -> tuple[str, ...]:
    """Everything that may be said: it is rendered before the first call."""
    wording = wording_of(language)
    return (wording.busy, wording.offer, wording.promised, wording.later, wording.number) if wording else ()


async def turn_away(robot: Robot, arrival: AriEvent, scenario: Scenario, way: Way) -> None:
    """Take leave of a caller who cannot be talked with: by words, by a person, or by the network's busy tone."""
    wording = wording_of(scenario.language)
    if way is Way.REFUSED:
        log.warning("call %s: refused, all lines are busy and more callers than that are told so", arrival.channel)
        await _refuse(robot, arrival)
        return
    call = call_of(robot, arrival, scenario)
    async with written_down(robot, call, known=caller_id(arrival).trusted) as call_log:
        outcome = Outcome.FAILED
        if way is Way.PERSON or wording is None:
            text = "more callers than can be heard at once: passed on to a person"
            await pass_on(robot.ari, arrival)
            robot.channels.forget(arrival.channel)
        else:
            text = "all lines were busy" if way is Way.BUSY else "more calls of one number than are taken at once"
            outcome = await _tell(robot, arrival, scenario, call_log, wording, way)
        call_log.close(outcome, (Failure(code=FailureCode.BUSY, text=text),))
        log.warning("call %s: %s; %s", call.id, outcome, text)


async def _refuse(robot: Robot, arrival: AriEvent) -> None:
    try:
        await robot.ari.delete(f"channels/{arrival.channel}", reason_code=CONGESTION)
    except AriError as error:
        log.warning("call %s: could not be refused: %s", arrival.channel, error)
        robot.ari.left_over.add(f"channels/{arrival.channel}")
    robot.channels.forget(arrival.channel)


async def _tell(
    robot: Robot, arrival: AriEvent, scenario: Scenario, call_log: CallLogWriter, wording: Wording, way: Way
) -> Outcome:
    """Say it and hang up; what has come of it."""
    number = number_to_ring(caller_id(arrival).digits, scenario.language) if way is Way.BUSY else ""
    promised = False
    try:
        async with (
            open_leg(robot.ari, robot.channels, arrival, renderer(robot, scenario.language)) as leg,
            asyncio.TaskGroup() as tasks,
        ):
            leg.ended = True  # nobody rings a person for them
            call_log.change(answered_at=datetime.now(UTC))
            leg.playback.on_spoken = call_log.turn
            running = [tasks.create_task(leg.playback.run()), tasks.create_task(_drain(leg))]
            then = wording.offer if number else wording.later
            said = wording.number if way is Way.NUMBER else f"{wording.busy} {then}"
            promised = await _pressed(leg, said, offered=bool(number))
            if promised:
                call_log.promise_callback(number, "")
                await _say(leg, wording.promised)
            elif number:
                await _say(leg, wording.later)
            await leg.hang_up()
            for task in running:
                task.cancel()
    except* (AriError, MediaLost, TimeoutError) as errors:
        log.warning("call %s: could not be told that all lines are busy: %s", arrival.channel, errors.exceptions[0])
    return Outcome.CALLBACK if promised else Outcome.ABANDONED


async def _pressed(leg: PhoneLeg, text: str, *, offered: bool) -> bool:
    """Whether the caller wishes to be rung back."""
    leg.playback.say(Say(node=NODE, text=text))
    key = asyncio.create_task(_call_back_key(leg))
    over = asyncio.create_task(_over(leg, KEY_SECONDS if offered else 0.0))
    try:
        either: set[asyncio.Future[Any]] = {key, over, leg.caller.gone}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        return offered and key.done() and not leg.caller.gone.done()
    finally:
        key.cancel()
        over.cancel()


async def _call_back_key(leg: PhoneLeg) -> None:
    while await leg.caller.keys.get() != CALL_BACK_KEY:
        pass


async def _over(leg: PhoneLeg, seconds: float) -> None:
    await leg.playback.drained()
    await asyncio.sleep(seconds)


async def _say(leg: PhoneLeg, text: str) -> None:
    if leg.caller.gone.done():
        return
    await leg.playback.hush()
    leg.playback.say(Say(node=NODE, text=text))
    said = asyncio.create_task(leg.playback.drained())
    try:
        either: set[asyncio.Future[Any]] = {said, leg.caller.gone}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    finally:
        said.cancel()


async def _drain(leg: PhoneLeg) -> None:
    """Asterisk tells by the same socket what was heard; the caller's own sound is nobody's."""
    with suppress(MediaLost):
        async for _ in leg.media.chunks(leg.clock):
            pass
