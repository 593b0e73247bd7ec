"""One call: events in, actions out, and the edge where every failure of ours ends."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from sqlalchemy.exc import SQLAlchemyError

from ivr.business.requests import Requests
from ivr.call.briefing import Briefing
from ivr.call.handoff import AgentTarget, hand_over
from ivr.call.listening import RecognizerPool, listen
from ivr.call.notes import delete_note
from ivr.call_log.writer import CallLogWriter
from ivr.dialog.actions import Action, HangUp, Listen, LookUp, PromiseCallback, Recall, Say, StopRecording, Transfer
from ivr.dialog.dialog import ROW_END, keyed, step
from ivr.dialog.events import Answered, CallEvent, Failed, Heard, HungUp, Pressed, Recalled, Replied, TimeUp
from ivr.dialog.nodes import FAILED, Scenario
from ivr.dialog.state import State, begin
from ivr.errors import BusinessError
from ivr.scenario.registry import LoadedScenario, ScenarioRegistry
from ivr.telephony.ari import Ari, AriEvent
from ivr.telephony.channels import LOST, Channels
from ivr.telephony.leg import PhoneLeg, open_leg
from ivr.telephony.recorder import Recorder, RecordingSink, keep
from ivr.understanding.understanding import recall
from recordings.contacts.call import Call, Customer, Outcome, Turn
from recordings.contacts.failure import Failure, FailureCode, text_of
from recordings.customers import cards
from recordings.database import reading
from speech.audio.audio import Sound
from speech.recognition.words import Speaker
from speech.synthesis.prompts import Prompts
from speech.text.sentences import sentences

log = logging.getLogger(__name__)

KEYS_SECONDS = 0.1
"""How long a row of keys is said to have taken: the line tells when a key came, not how long it was held."""
CARD_SECONDS = 1.0
"""Time to look a caller's card up before the call is answered."""
WRITE_SECONDS = 20.0
"""Time that a database which is away has to come back after a call; then the call's entries and sound wait for it."""
CLOSING_SECONDS = 2.0
"""Time to write the last entries when the robot is being stopped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Robot:
    """All that calls share."""

    ari: Ari
    channels: Channels
    pools: Mapping[str, RecognizerPool]
    """By language."""
    prompts: Prompts
    requests: Requests
    lookup_seconds: float
    agent_target: AgentTarget
    sink: RecordingSink
    registry: ScenarioRegistry


@dataclass(frozen=True, slots=True, kw_only=True)
class CallContext:
    """What one call's actions work with."""

    robot: Robot
    loaded: LoadedScenario
    """The scenario as it was when the call came; a newer one is for newer calls."""
    call_log: CallLogWriter
    recorder: Recorder
    briefing: Briefing
    number: str
    """The caller's; empty when withheld."""

    @property
    def scenario(self) -> Scenario:
        return self.loaded.scenario


async def run_call(leg: PhoneLeg, scenario: Scenario, pool: RecognizerPool, context: CallContext) -> State:
    """Hold one call until the scenario ends or the caller hangs up."""
    state = begin(scenario)
    leg.events.put_nowait(Answered(facts={"caller.number": context.number}))
    async with asyncio.TaskGroup() as tasks:
        running: list[asyncio.Task[None]] = []

        def start(work: Coroutine[None, None, None], name: str) -> None:
            running.append(tasks.create_task(work, name=name))

        start(leg.playback.run(), "speak")
        start(listen(leg, pool, context.loaded.understanding), "listen")
        start(_keys(leg), "keys")
        start(_hang_up(leg), "hang-up")
        start(_limit(leg, scenario.max_seconds), "limit")
        while not state.finished:
            event = await leg.events.get()
            before = state
            state, actions = step(scenario, before, event)
            context.call_log.state = state
            context.briefing.step(event, state)
            if turn := _turn(before, event, state, leg):
                context.call_log.turn(turn)
            for action in actions:
                await perform(action, leg, context, start)
        for task in running:
            task.cancel()
    return state


async def perform(
    action: Action, leg: PhoneLeg, context: CallContext, start: Callable[[Coroutine[None, None, None], str], None]
) -> None:
    """Do one thing. Speech and whatever takes time is only started: the caller can always interrupt."""
    robot, call_log = context.robot, context.call_log
    if not isinstance(action, Say):
        leg.question = None  # the answer to the last question came, or is no longer wanted
    match action:
        case Say():
            leg.playback.say(action)
        case Listen():
            leg.question = action
        case LookUp():
            start(_look_up(leg, action, context), "look-up")
        case Recall():
            start(_recall(leg, action, context), "recall")
        case Transfer():
            start(hand_over(leg, action, robot.agent_target, call_log, context.scenario.language), "hand-over")
        case StopRecording():
            call_log.refuse_recording()
            await context.recorder.discard()
        case PromiseCallback(phone=phone, reason=reason):
            call_log.promise_callback(phone, reason)
        case HangUp():
            await leg.playback.drained()
            leg.ended = True
            await leg.hang_up()


async def _look_up(leg: PhoneLeg, action: LookUp, context: CallContext) -> None:
    """Ask the business system; whatever keeps it from answering is the outcome ``failed``."""
    language = context.scenario.language
    try:
        async with asyncio.timeout(context.robot.lookup_seconds):
            ask = partial(context.robot.requests.ask, contact=leg.call_id)
            reply = await asyncio.to_thread(ask, action.request, action.facts, language)
    except (BusinessError, TimeoutError) as error:
        log.error("call %s: %s failed: %s", leg.call_id, action.request, error or "no answer in time")
        leg.events.put_nowait(Replied(node=action.node, outcome=FAILED))
        return
    if name := reply.facts.get("customer.name"):
        context.call_log.customer(
            name=name,
            phone=reply.facts["customer.phone"],
            language=reply.facts.get("customer.language") or language,
            segment=reply.facts.get("customer.segment", ""),
        )
    leg.events.put_nowait(Replied(node=action.node, outcome=reply.outcome, facts=reply.facts, options=reply.options))


async def _recall(leg: PhoneLeg, action: Recall, context: CallContext) -> None:
    """Search what the caller said earlier, in a thread: it takes milliseconds that the line would notice."""
    threads = context.robot.pools[context.scenario.language].threads
    loop = asyncio.get_running_loop()
    found = await loop.run_in_executor(threads, recall, action.expectation, action.text, context.loaded.understanding)
    leg.events.put_nowait(Recalled(node=action.node, label=found.label, facts=found.facts))


async def _keys(leg: PhoneLeg) -> None:
    while True:
        key = await leg.caller.keys.get()
        if leg.question and key != ROW_END:  # a row of keys may have been complete before its end: the answer plays
            await leg.playback.interrupt()
        leg.events.put_nowait(Pressed(key=key))


async def _hang_up(leg: PhoneLeg) -> None:
    cause = await leg.caller.until_gone()
    leg.ended = True
    await leg.playback.hush()
    hung_up = HungUp()
    if cause == LOST:
        hung_up = HungUp(failure="Asterisk was lost in the middle of the call", code=FailureCode.ASTERISK_LOST)
    elif await leg.was_moved():
        text = "the robot stood still in the middle of the call; the caller was passed to a person"
        hung_up = HungUp(failure=text, code=FailureCode.RESTARTED)
    leg.events.put_nowait(hung_up)


async def _limit(leg: PhoneLeg, seconds: float) -> None:
    await asyncio.sleep(seconds)
    leg.events.put_nowait(TimeUp())


def _turn(before: State, event: CallEvent, after: State, leg: PhoneLeg) -> Turn | None:
    """The caller's answer that an event has completed."""
    if isinstance(event, Heard):
        return event.turn
    if not (keys := keyed(before, event, after)):
        return None
    now = leg.clock()
    start = max(now - KEYS_SECONDS, 0.0)
    return Turn(speaker=Speaker.CALLER, node=before.node, text=keys, start=start, end=now)


async def _loaded(robot: Robot, extension: str, number: str) -> LoadedScenario:
    """What is held with a caller: on the main number in the language of their card, once the company has told it."""
    loaded = robot.registry.loaded(extension)

    def card() -> Customer | None:
        with reading(robot.sink.database) as db:
            return cards.find_customer(db, number, language=loaded.scenario.language)

    try:
        async with asyncio.timeout(CARD_SECONDS):
            known = await asyncio.to_thread(card)
    except (SQLAlchemyError, TimeoutError) as error:
        log.warning("the card of %s cannot be read now: %s", number, error or "no answer in time")
        return loaded
    # a card without a name is our own, of an earlier call: which line that came by says little
    return robot.registry.in_language(loaded, known.language) if known and known.name else loaded


async def answer(robot: Robot, arrival: AriEvent) -> None:
    """Take one call from its arrival to the last entry of its log."""
    caller = arrival.body["channel"]["caller"]["number"]
    extension = arrival.body["channel"]["dialplan"]["exten"]
    loaded = await _loaded(robot, extension, caller)
    scenario = loaded.scenario
    call = Call(
        id=arrival.channel,
        started_at=datetime.now(UTC),
        caller_number=caller,
        extension=extension,
        language=scenario.language,
        scenario=scenario.name,
        scenario_version=scenario.version,
        engine=robot.pools[scenario.language].recognizer.engine,
    )
    log.info("call %s: from %s to %s, %s", call.id, caller or "a withheld number", extension, scenario.name)
    call_log = CallLogWriter(robot.sink.database, robot.sink.spool, call)
    recorder = Recorder(robot.ari, robot.channels, call.id)
    briefing = Briefing(robot.ari, call.id, scenario.language)
    context = CallContext(
        robot=robot,
        loaded=loaded,
        call_log=call_log,
        recorder=recorder,
        briefing=briefing,
        number=_shown(caller),
    )
    writer = asyncio.create_task(call_log.run(), name=f"call log {call.id}")
    teller = asyncio.create_task(briefing.run(), name=f"briefing {call.id}")
    try:
        ending = await _hold(arrival, context)
        failures = ending.failures + recorder.failures
        if ending.moved:
            pass  # the recording goes on; both are brought home when the caller has hung up (aftermath.py)
        elif call_log.recorded and await call_log.written(WRITE_SECONDS):  # the recording's row points at the call's
            failures += await keep(
                robot.ari, robot.sink, call_id=call.id, language=call.language, seconds=ending.seconds
            )
        if failures:
            call_log.fail(failures)
        if not ending.moved and await call_log.written(CLOSING_SECONDS):
            await delete_note(robot.ari, call.id)
        log.info("call %s: %s", call.id, "; ".join(filter(None, [ending.outcome, text_of(failures)])))
    finally:
        teller.cancel()
        try:
            await call_log.written(CLOSING_SECONDS)
        finally:
            writer.cancel()
            call_log.put_aside()


def _shown(number: str) -> str:
    """A caller's number, empty for what networks send in place of a withheld one, as ``anonymous``."""
    return number if any(char.isdecimal() for char in number) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a call came out."""

    outcome: Outcome
    failures: tuple[Failure, ...]
    seconds: float
    """From the answer to the end."""
    moved: bool = False
    """The caller is with a person by way of the dialplan, and the call goes on."""


async def _hold(arrival: AriEvent, context: CallContext) -> Ending:
    """Answer, converse, clear up. This is the edge of a call: no failure in it reaches another call.

    A caller whose conversation broke off has been passed on to a person.
    """
    robot, call_log, scenario = context.robot, context.call_log, context.scenario
    channel = robot.channels.channel(arrival.channel)
    leg: PhoneLeg | None = None
    try:
        async with open_leg(robot.ari, robot.channels, arrival, _renderer(robot.prompts, scenario)) as leg:
            call_log.change(answered_at=datetime.now(UTC))
            leg.playback.on_spoken = partial(_write_spoken, call_log)
            leg.playback.on_failure = lambda why: leg.events.put_nowait(Failed(reason=why, code=FailureCode.VOICE))
            await context.recorder.start()
            if not context.recorder.failures:
                context.briefing.recorded()
            state = await run_call(leg, scenario, robot.pools[scenario.language], context)
            seconds = leg.clock()
        ending = Ending(
            outcome=state.outcome or Outcome.ABANDONED, failures=state.broken, seconds=seconds, moved=leg.moved
        )
    except asyncio.CancelledError:
        if leg is None or not leg.talks_on:  # otherwise the next robot closes the call
            stopped = Failure(code=FailureCode.STOPPED, text="the robot was stopped in the middle of the call")
            call_log.close(*(call_log.conclusion or (Outcome.FAILED, (stopped,))))
        raise
    except Exception as error:
        if channel.gone.done() and channel.gone.result() != LOST:  # the caller hung up before the answer was through
            ending = Ending(outcome=Outcome.ABANDONED, failures=(), seconds=0.0)
        else:
            log.exception("call %s: broke off", arrival.channel)
            failures = tuple(map(_failure, _leaves(error)))
            ending = Ending(outcome=Outcome.FAILED, failures=failures, seconds=0.0, moved=leg is not None and leg.moved)
    if not (ending.moved and leg and leg.ended):  # somebody else took the caller: their end is not ours to tell
        call_log.close(ending.outcome, ending.failures)  # before anything at which the robot could be stopped
    if not ending.moved:
        await context.recorder.stop()
    return ending


def _failure(error: BaseException) -> Failure:
    """What a conversation broke off for."""
    return Failure(code=FailureCode.OTHER, text=f"{type(error).__name__}: {error}")


def _leaves(error: BaseException) -> list[BaseException]:
    """The errors themselves, without the groups around them."""
    if isinstance(error, BaseExceptionGroup):
        return [leaf for part in error.exceptions for leaf in _leaves(part)]
    return [error]


def _write_spoken(call_log: CallLogWriter, turn: Turn) -> None:
    if turn.node:  # what is whispered to the person, the caller did not hear
        call_log.turn(turn)


def _renderer(prompts: Prompts, scenario: Scenario) -> Callable[[Say], AsyncIterator[Sound]]:
    async def render(say: Say) -> AsyncIterator[Sound]:
        text = say.voiced or say.text
        pieces = (text,) if say.recorded else sentences(text)
        for piece in pieces:
            yield await asyncio.to_thread(prompts.sound, piece, scenario.language, say.recorded)

    return render
