"""One call: events in, actions out, and the edge where every failure of ours ends."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from sqlalchemy.exc import SQLAlchemyError

from ivr.admission import Way
from ivr.business.proof import Caller, Guard
from ivr.business.protocol import Level
from ivr.business.requests import OWN
from ivr.call.briefing import Briefing, kept_told
from ivr.call.handoff import hand_over
from ivr.call.listening import RecognizerPool, await_keys, listen
from ivr.call.live_robot import CLOSING_SECONDS, Robot, call_of, renderer, written_down
from ivr.call.notes import delete_note
from ivr.call.turned_away import turn_away
from ivr.call_log.writer import CallLogWriter
from ivr.dialog import keypad
from ivr.dialog.actions import Action, HangUp, Listen, LookUp, PromiseCallback, Recall, Say, StopRecording, Transfer
from ivr.dialog.dialog import ROW_END, keyed, step
from ivr.dialog.events import Answered, CallEvent, Failed, Heard, HungUp, Pressed, Recalled, Replied, TimeUp
from ivr.dialog.expectation import UNCLEAR, Meaning
from ivr.dialog.nodes import FAILED, Scenario
from ivr.dialog.state import State, begin
from ivr.errors import BusinessError
from ivr.pools import MEANING_SECONDS, in_thread
from ivr.scenario.registry import LoadedScenario
from ivr.telephony.ari import AriEvent
from ivr.telephony.caller_id import CallerId, caller_id
from ivr.telephony.channels import LOST
from ivr.telephony.leg import PhoneLeg, open_leg
from ivr.telephony.recorder import Recorder, keep
from ivr.understanding.understanding import recall
from recordings.contacts.call import Customer, Outcome, Turn
from recordings.contacts.failure import Failure, FailureCode, text_of
from recordings.customers import cards
from recordings.database import reading
from speech.recognition.words import Speaker

log = logging.getLogger(__name__)

STOOD_STILL = Failure(
    code=FailureCode.RESTARTED, text="the robot stood still in the middle of the call; a person took the caller"
)
KEYS_SECONDS = 0.1
"""How long a row of keys is said to have taken: the line tells when a key came, not how long it was held."""
CARD_SECONDS = 1.0
"""Time to look a caller's card up before the call is answered."""
COUNT_SECONDS = 0.5
"""Time to count a call-back before it is promised. The caller hears nothing meanwhile, and together with what follows
the death of a robot it has to stay below 5 s. What is not counted by then is promised; its thread goes on counting."""
WRITE_SECONDS = 20.0
"""Time that a database which is away has to come back after a call; then the call's entries and sound wait for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallContext:
    """What one call's actions work with."""

    robot: Robot
    loaded: LoadedScenario
    """The scenario as it was when the call came; a newer one is for newer calls."""
    call_log: CallLogWriter
    recorder: Recorder
    caller: CallerId
    guard: Guard
    briefing: Briefing
    by_keys: bool
    """Only keys are heard: too many callers are heard already."""

    @property
    def scenario(self) -> Scenario:
        return self.loaded.scenario


async def run_call(leg: PhoneLeg, scenario: Scenario, pool: RecognizerPool, context: CallContext) -> State:
    """Hold one call until the scenario ends or the caller hangs up."""
    state = replace(begin(scenario), keys_only=context.by_keys)
    leg.tell(Answered(facts={"caller.number": context.caller.digits}))
    async with asyncio.TaskGroup() as tasks:
        running: list[asyncio.Task[None]] = []

        def start(work: Coroutine[None, None, None], name: str) -> None:
            running.append(tasks.create_task(work, name=name))

        start(leg.playback.run(), "speak")
        hear = await_keys(leg) if context.by_keys else listen(leg, pool, context.loaded.understanding)
        start(hear, "listen")
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
        robot = context.robot
        threads = robot.threads.knowledge if action.request in OWN else robot.threads.business
        ask = context.guard.ask
        seconds = min(robot.lookup_seconds, COUNT_SECONDS if action.request == "callbacks.allow" else math.inf)
        reply = await in_thread(threads, ask, seconds, action.request, action.facts, language)
    except (BusinessError, TimeoutError) as error:
        log.error("call %s: %s failed: %s", leg.call_id, action.request, str(error) or "no answer in time")
        leg.tell(Replied(node=action.node, outcome=FAILED))
        return
    if name := reply.facts.get("customer.name"):
        context.call_log.customer(
            name=name,
            phone=reply.facts.get("customer.phone") or context.caller.digits,
            language=reply.facts.get("customer.language") or language,
            segment=reply.facts.get("customer.segment", ""),
        )
    leg.tell(
        Replied(node=action.node, outcome=reply.outcome, facts=reply.facts, options=reply.options, proven=reply.proven)
    )


async def _recall(leg: PhoneLeg, action: Recall, context: CallContext) -> None:
    """Search what the caller said earlier, in a thread: it takes milliseconds that the line would notice."""
    words, understanding = action.text, context.loaded.understanding
    try:
        found = await in_thread(
            context.robot.threads.meaning, recall, MEANING_SECONDS, action.expectation, words, understanding
        )
    except TimeoutError as error:
        log.error(
            "call %s: nothing was found in the caller's earlier words: %s",
            leg.call_id,
            str(error) or "no answer in time",
        )
        found = Meaning(label=UNCLEAR)
    leg.tell(Recalled(node=action.node, label=found.label, facts=found.facts))


async def _keys(leg: PhoneLeg) -> None:
    while True:
        key = await leg.caller.keys.get()
        if leg.question and key != ROW_END:  # a row of keys may have been complete before its end: the answer plays
            await leg.playback.interrupt()
        leg.tell(Pressed(key=key))


async def _hang_up(leg: PhoneLeg) -> None:
    cause = await leg.caller.until_gone()
    leg.ended = True
    await leg.playback.hush()
    hung_up = HungUp()
    if cause == LOST:
        hung_up = HungUp(failure="Asterisk was lost in the middle of the call", code=FailureCode.ASTERISK_LOST)
    else:
        await leg.was_moved()
    leg.tell(hung_up)


async def _limit(leg: PhoneLeg, seconds: float) -> None:
    await asyncio.sleep(seconds)
    leg.tell(TimeUp())


def _turn(before: State, event: CallEvent, after: State, leg: PhoneLeg) -> Turn | None:
    """The caller's answer that an event has completed."""
    if isinstance(event, Heard):
        return event.turn
    if not (keys := keyed(before, event, after)):
        return None
    now = leg.clock()
    start = max(now - KEYS_SECONDS, 0.0)
    return Turn(speaker=Speaker.CALLER, node=before.node, text=keys, start=start, end=now)


async def _loaded(robot: Robot, extension: str, caller: CallerId) -> LoadedScenario:
    """What is held with a caller: on the main number in the language of their card, once the company has told it."""
    loaded, number = robot.registry.loaded(extension), caller.digits
    if not caller.trusted or robot.access.rules.opens < Level.GREETING:
        return loaded

    def card() -> Customer | None:
        with reading(robot.sink.database) as db:
            return cards.find_customer(db, number, language=loaded.scenario.language)

    try:
        known = await in_thread(robot.threads.database, card, CARD_SECONDS)
    except (SQLAlchemyError, TimeoutError) as error:
        log.warning("the caller's card cannot be read now: %s", str(error) or "no answer in time")
        return loaded
    # a card without a name is our own, of an earlier call: which line that came by says little
    return robot.registry.in_language(loaded, known.language) if known and known.name else loaded


async def answer(robot: Robot, arrival: AriEvent) -> None:
    """Take one call from its arrival to the last entry of its log."""
    caller = caller_id(arrival)
    extension = arrival.body["channel"]["dialplan"]["exten"]
    loaded = robot.registry.loaded(extension)
    pool = robot.pools[loaded.scenario.language]
    by_keys = keypad.holdable(loaded.scenario)
    way = robot.admission.take(arrival.channel, caller.digits, by_keys=by_keys, lag=pool.threads.queue_age)
    try:
        if way is Way.KEYS:
            log.warning("call %s: held by keys, as many as the machine hears are heard already", arrival.channel)
        if way in {Way.SPEECH, Way.KEYS}:
            await _converse(robot, arrival, await _loaded(robot, extension, caller), by_keys=way is Way.KEYS)
        else:
            await turn_away(robot, arrival, loaded.scenario, way)
    finally:
        robot.admission.leave(arrival.channel)


async def _converse(robot: Robot, arrival: AriEvent, loaded: LoadedScenario, *, by_keys: bool) -> None:
    """Hold the conversation, then write down and keep what there was."""
    call = call_of(robot, arrival, loaded.scenario)
    recorder = Recorder(robot.ari, robot.channels, call.id)
    caller = caller_id(arrival)
    asks = Caller(contact=call.id, number=caller.digits if caller.trusted else "")
    guard = robot.access.guard(asks, call.language)
    briefing = Briefing(robot.ari, call.id, call.language, threads=robot.threads.meaning)
    async with written_down(robot, call, known=caller.trusted) as call_log, kept_told(briefing):
        ending = await _hold(
            arrival,
            CallContext(
                robot=robot,
                loaded=loaded,
                call_log=call_log,
                recorder=recorder,
                caller=caller,
                guard=guard,
                briefing=briefing,
                by_keys=by_keys,
            ),
        )
        robot.admission.leave(call.id)  # what follows takes nothing from those who talk
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a call came out."""

    outcome: Outcome
    failures: tuple[Failure, ...]
    seconds: float
    """From the beginning of the recording to the end."""
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
        async with open_leg(robot.ari, robot.channels, arrival, renderer(robot, scenario.language)) as leg:
            call_log.change(answered_at=datetime.now(UTC))
            leg.playback.on_spoken = partial(_write_spoken, call_log)
            leg.playback.on_failure = lambda why: leg.tell(Failed(reason=why, code=FailureCode.VOICE))
            await context.recorder.start()
            if not context.recorder.failures:
                context.briefing.recorded()
            state = await run_call(leg, scenario, robot.pools[scenario.language], context)
            now = asyncio.get_running_loop().time()
            seconds = max(now - (context.recorder.began or now), 0.0)
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
            ending = Ending(outcome=Outcome.FAILED, failures=tuple(map(_failure, _leaves(error))), seconds=0.0)
        ending = replace(ending, moved=leg is not None and leg.moved)
    if ending.moved and leg and leg.ended:  # somebody else took the caller: their end is not ours to tell
        return replace(ending, failures=(STOOD_STILL,))
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
