"""What all calls of a robot share, and what every one of them begins with."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from ivr.admission import Admission
from ivr.business.proof import Access
from ivr.business.requests import Requests
from ivr.call.handoff import AgentTarget
from ivr.call.listening import RecognizerPool
from ivr.call_log.writer import CallLogWriter
from ivr.dialog.actions import Say
from ivr.dialog.nodes import Scenario
from ivr.pools import PROMPT_SECONDS, VOICE_SECONDS, Pools, in_thread
from ivr.scenario.registry import ScenarioRegistry
from ivr.telephony.ari import Ari, AriEvent
from ivr.telephony.caller_id import caller_id
from ivr.telephony.channels import Channels
from ivr.telephony.recorder import RecordingSink
from recordings.contacts.call import Call
from speech.audio.audio import Sound
from speech.errors import EngineError
from speech.redaction.masks import masked
from speech.synthesis.prompts import Prompts
from speech.text.sentences import sentences

log = logging.getLogger(__name__)

CLOSING_SECONDS = 2.0
"""Time to write the last entries when the robot is being stopped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Robot:
    """All that calls share."""

    ari: Ari
    channels: Channels
    pools: Mapping[str, RecognizerPool]
    """By language."""
    threads: Pools
    admission: Admission
    prompts: Prompts
    access: Access
    """By it conversations ask the company."""
    lookup_seconds: float
    agent_target: AgentTarget
    sink: RecordingSink
    registry: ScenarioRegistry

    @property
    def requests(self) -> Requests:
        """Who answers, for what is no conversation."""
        return self.access.requests


def call_of(robot: Robot, arrival: AriEvent, scenario: Scenario) -> Call:
    """The call that arrives, as it is written down."""
    call = Call(
        id=arrival.channel,
        started_at=datetime.now(UTC),
        caller_number=caller_id(arrival).number,
        extension=arrival.body["channel"]["dialplan"]["exten"],
        language=scenario.language,
        scenario=scenario.name,
        scenario_version=scenario.version,
        engine=robot.pools[scenario.language].recognizer.engine,
    )
    caller = masked(call.caller_number) or "a withheld number"
    log.info("call %s: from %s to %s, %s", call.id, caller, call.extension, scenario.name)
    return call


@asynccontextmanager
async def written_down(robot: Robot, call: Call, *, known: bool) -> AsyncIterator[CallLogWriter]:
    """The call's log; what the database has not taken at the end is put aside.

    ``known`` tells whether the network says whose number it is.
    """
    call_log = CallLogWriter(robot.sink.database, robot.sink.spool, call, known=known)
    writer = asyncio.create_task(call_log.run(), name=f"call log {call.id}")
    try:
        yield call_log
    finally:
        try:
            await call_log.written(CLOSING_SECONDS)
        finally:
            writer.cancel()
            call_log.put_aside()


def renderer(robot: Robot, language: str) -> Callable[[Say], AsyncIterator[Sound]]:
    """What turns a prompt of one call into sound."""

    async def render(say: Say) -> AsyncIterator[Sound]:
        text = say.voiced or say.text
        pieces = (text,) if say.recorded else sentences(text)
        for piece in pieces:
            yield await _sound(robot, piece, language, say.recorded)

    return render


async def _sound(robot: Robot, text: str, language: str, recorded: str) -> Sound:
    """A prompt that was rendered before waits for the disk alone; another one for the voice.

    Raises:
        SpeechError: there is no sound of it, or not in time.
    """
    threads, prompts = robot.threads, robot.prompts
    try:
        kept = await in_thread(threads.prompts, prompts.kept, PROMPT_SECONDS, text, language, recorded)
        if kept is not None:
            return kept
        render = partial(prompts.sound, keep=bool(recorded))  # a file holds what has no fact in it
        return await in_thread(threads.voice, render, VOICE_SECONDS, text, language, recorded)
    except TimeoutError as error:
        raise EngineError(f"no sound of {len(text)} letters in time: {error}") from error
