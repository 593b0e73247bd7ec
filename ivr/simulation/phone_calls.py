"""Simulated callers on real telephones: they ring a running robot over SIP, and the database tells what came of it.

A call takes as long as one of people, and the robot's clock and shop are what they are: only what does not depend on
the day is compared. An agent's telephone takes every call that is handed over.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, select

from ivr.dialog.nodes import Scenario
from ivr.errors import CallEnded, PhoneError
from ivr.settings import PhoneSettings
from ivr.simulation.conversation_file import Conversation, Turn
from ivr.simulation.conversations import Held
from ivr.simulation.softphone import Account, Softphone, open_softphone
from ivr.simulation.voice import on_the_line, pink_noise
from recordings.contacts.call import Outcome
from recordings.database import reading
from recordings.tables import CallRow, TurnRow
from speech.audio.audio import TELEPHONE_RATE, Sound, mono
from speech.recognition.words import Speaker
from speech.synthesis.synthesizer import Voice

PAUSE = 1.2
"""Seconds of silence after which a caller believes that it is their turn."""
REPLY_SECONDS = 40.0
DIAL_SECONDS = 20.0
STORE_SECONDS = 15.0
"""Until the robot has written the call down."""
CLOCKS = 0.6
"""Seconds by which the telephone's clock and the robot's may differ."""
NOISE_SECONDS = 1.0
PERSON_NODE = "to_person"
RING_SECONDS = 1.0
"""How long the agent lets it ring."""
DEFAULT_NOISE = 20.0
"""Decibels speech is louder than the noise of the line."""


@dataclass(slots=True)
class Done:
    """What the caller did in one turn, on the clock of the call."""

    turn: Turn
    until: float = 0.0
    """When they were done."""
    reply: float | None = None
    """When the robot began to answer; None: it did not."""
    heard_out: float = field(default=float("inf"))
    """When it had finished."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """Where the calls go, and where the robot writes them down."""

    settings: PhoneSettings
    database: Engine
    folder: Path
    """For the telephones' recordings."""


def hold_call(
    scenario: Scenario, conversation: Conversation, *, exchange: Exchange, voice: Voice, noise: float | None
) -> Held:
    """Hold one conversation over the telephone.

    Args:
        scenario: Whose extension is rung.
        conversation: The caller.
        exchange: Asterisk and the robot's database.
        voice: Speaks for the caller.
        noise: Decibels the speech is louder than the noise on the line; None: ``DEFAULT_NOISE``.

    Raises:
        PhoneError: no telephone could be started.
        SpeechError: the voice does not speak.
    """
    level = DEFAULT_NOISE if noise is None else noise
    sounds = {turn.hear: on_the_line(voice.speak(turn.hear), noise=level) for turn in conversation.turns if turn.hear}
    began = datetime.now(UTC)
    done, failure = asyncio.run(_ring(scenario, conversation, exchange, sounds))
    call, turns = _written_down(exchange.database, conversation, began)
    return _held(conversation, done, call, turns, failure)


async def _ring(
    scenario: Scenario, conversation: Conversation, exchange: Exchange, sounds: Mapping[str, Sound]
) -> tuple[list[Done], str]:
    password = exchange.settings.agent_password.get_secret_value()
    server = exchange.settings.sip_server
    agent_account = Account(user="agent", server=server, password=password, register=True)
    user = conversation.number or "anonymous"
    done: list[Done] = []
    async with (
        open_softphone(agent_account, exchange.folder / "agent") as agent,
        open_softphone(Account(user=user, server=server), exchange.folder / "caller") as caller,
    ):
        taken = asyncio.Event()
        desk_work = asyncio.create_task(_take_calls(agent, conversation.person, taken))
        try:
            await caller.dial(scenario.extension, timeout=DIAL_SECONDS)
            await caller.listen(pause=PAUSE, timeout=REPLY_SECONDS)
            for turn in conversation.turns:
                done.append(Done(turn=turn))
                await _act(caller, done[-1], sounds)
            if conversation.person and PERSON_NODE in conversation.turns[-1].expect:
                with suppress(TimeoutError):
                    await asyncio.wait_for(taken.wait(), REPLY_SECONDS)
            with suppress(CallEnded):
                await caller.hang_up()
        except CallEnded:
            pass  # the robot said good-bye first
        except PhoneError as error:
            return done, str(error)
        finally:
            desk_work.cancel()
    return done, ""


async def _act(caller: Softphone, done: Done, sounds: Mapping[str, Sound]) -> None:
    turn = done.turn
    if turn.hang_up:
        await caller.hang_up()
        return
    if turn.hear:
        sound = sounds[turn.hear]
        done.until = (await caller.say(sound)).at
    elif turn.noise:
        hum = pink_noise(round(NOISE_SECONDS * TELEPHONE_RATE)) * 300
        done.until = (await caller.say(mono(hum.astype("<i2").tobytes(), TELEPHONE_RATE))).at
    else:
        if turn.press:
            await caller.press(turn.press)
        done.until = caller.second
    heard = await caller.listen(pause=PAUSE, timeout=REPLY_SECONDS, after=done.until)
    done.reply, done.heard_out = heard.start - done.until, heard.end


async def _take_calls(agent: Softphone, there: bool, taken: asyncio.Event) -> None:
    """The agent: takes each call and hears who it is, or refuses it."""
    while True:
        try:
            await agent.ring(timeout=3600)
            if not there:
                await agent.refuse()
                continue
            await asyncio.sleep(RING_SECONDS)  # people do not answer at once
            await agent.answer()
            await agent.listen(pause=PAUSE, timeout=REPLY_SECONDS)
            taken.set()
            await agent.closed(timeout=3600)
        except CallEnded:
            continue  # the caller was quicker


def _written_down(
    database: Engine, conversation: Conversation, since: datetime
) -> tuple[CallRow | None, list[TurnRow]]:
    """The call in the robot's database, once it is over there."""
    mine = select(CallRow).where(CallRow.caller_number == conversation.number, CallRow.started_at >= since)
    end = time.monotonic() + STORE_SECONDS
    while True:
        with reading(database) as db:
            call = db.scalars(mine.order_by(CallRow.started_at.desc())).first()
            if (call and call.ended_at) or time.monotonic() > end:
                of_call = select(TurnRow).where(TurnRow.call_id == (call.id if call else "")).order_by(TurnRow.number)
                return call, list(db.scalars(of_call))
        time.sleep(0.2)


def _held(
    conversation: Conversation, done: list[Done], call: CallRow | None, turns: list[TurnRow], failure: str
) -> Held:
    at = f"{conversation.file}:{conversation.line}"
    differences = [f"{at}: {failure}"] if failure else []
    if call is None:
        differences.append(f"{at}: the robot has written down no call from {conversation.number}")
    robot = [turn for turn in turns if turn.speaker == Speaker.ROBOT]
    wished, reached = None, None
    for number, one in enumerate(done, 1):
        turn, at = one.turn, f"{conversation.file}:{one.turn.line}: {one.turn.shown}"
        said = [row for row in robot if one.until - CLOCKS <= row.start <= one.heard_out + CLOCKS]
        nodes = [row.node for row in said]
        if turn.wants_person and wished is None:
            wished = number
        if wished is not None and reached is None and PERSON_NODE in nodes:
            reached = number - wished + 1
        if turn.expect and not (nodes and (nodes[-1] in turn.expect or PERSON_NODE in {*nodes} & {*turn.expect})):
            differences.append(f"{at}: want {' or '.join(turn.expect)}, got {', '.join(nodes) or 'no answer'}")
        answer = " ".join(row.text for row in said)
        if turn.says and not turn.says.search(answer):
            differences.append(f"{at}: want an answer with {turn.says.pattern!r}, got {answer!r}")
        if turn.within and (one.reply is None or one.reply > turn.within):
            differences.append(f"{at}: want an answer within {turn.within:g} s, got {one.reply or 'none'}")
    outcome = Outcome(call.outcome) if call and call.outcome else None
    if conversation.outcome and outcome != conversation.outcome:
        differences.append(f"{at}: want it {conversation.outcome} at the end, got {outcome or 'nothing'}")
    return Held(
        conversation=conversation,
        differences=tuple(differences),
        exchange=tuple((str(turn.speaker), turn.text) for turn in turns),
        outcome=outcome,
        to_person=outcome == Outcome.HANDED_OVER or any(turn.node == PERSON_NODE for turn in robot),
        person_turns=None if wished is None else reached or 0,
        loops=0,
        seconds=(),
        replies=tuple(one.reply for one in done if one.reply is not None),
    )
