"""One scripted call with a voice: a caller asks for an order, then for a person; an agent takes over; both hang up.

It is the call of ``make demo`` and of the tests. Caller and agent are real SIP telephones that wait for the other side
to finish before they speak, as people do.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote

import numpy as np

from ivr.errors import PhoneError
from ivr.pools import in_thread
from ivr.settings import PhoneSettings
from ivr.simulation.softphone import Account, PhoneEvent, Softphone, open_softphone
from recordings.bounded_threads import BoundedThreads
from speech.audio.audio import Sound, read_sound
from speech.settings import speech_settings
from speech.synthesis.synthesizer import Voice
from speech.synthesis.voices import open_voice

T = TypeVar("T")

_SOUND = BoundedThreads("rehearsal", threads=2, waiting=100)
PAUSE = 1.2
"""Seconds of silence after which a caller believes that it is their turn."""
GREETING_SECONDS = 40.0
"""Time for the greeting to be over."""
ANSWER_SECONDS = 20.0
"""A robot that has to render the greeting first takes some seconds on a busy machine."""
RING_SECONDS = 2.0
"""How long the agent lets it ring."""
MUSIC_DBFS = -45.0
"""RMS above which a line is not silent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What is said, in one language."""

    extension: str
    caller: str
    """Number the shop knows."""
    order: str
    question: str
    number: str
    """The order's number as people say it."""
    person: str
    agent: str
    thanks: str


SCRIPTS: Mapping[str, Script] = {
    "ru": Script(
        extension="1000",
        caller="+79161234567",
        order="4127",
        question="Скажите, пожалуйста, где мой заказ?",
        number="Заказ номер четыре тысячи сто двадцать семь.",
        person="Хочу поговорить с оператором.",
        agent="Здравствуйте! Я вижу ваш заказ. Курьер приедет завтра, с десяти до двух.",
        thanks="Спасибо большое, теперь всё понятно. До свидания!",
    ),
    "en": Script(
        extension="2000",
        caller="+12025550143",
        order="7314",
        question="Hello, where is my order?",
        number="My order number is seven three one four.",
        person="I want to talk to a person, please.",
        agent="Good afternoon! I can see your order. The courier will come tomorrow, from ten to two.",
        thanks="Thank you very much, that is all clear now. Goodbye!",
    ),
}


CALLER_VOICES = {"en": "festival/voice_kal_diphone"}
"""Of twelve dictated order numbers Whisper base heard ten in this voice at 8 kHz, and three in espeak-ng's."""


def open_caller_voice(language: str) -> Voice:
    """The voice of the scripted caller and agent; other than the robot's where that one is hard to hear.

    Raises:
        EngineError: the voice is not installed.
    """
    return open_voice(language, speech_settings().model_copy(update={"voices": CALLER_VOICES}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something that happened as it should."""

    name: str
    at: float
    """Seconds from the start of the rehearsal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What came of one scripted call."""

    language: str
    steps: tuple[Step, ...]
    failure: str
    """The first thing that did not happen, and why; empty when all of it did."""
    call_id: str
    """The robot's name of the call, from the context the agent got; empty when no agent was rung."""
    context: Mapping[str, Any] = field(default_factory=dict)
    """What the agent's phone was told with the INVITE."""
    reply_seconds: tuple[float, ...] = ()
    """From the caller's last sound to the robot's first one, for each thing the caller said."""
    caller_recording: Path | None = None
    """Stereo: left said, right heard."""
    agent_recording: Path | None = None


async def _before(ringing: asyncio.Task[PhoneEvent], happening: Coroutine[Any, Any, T]) -> T:
    """What happens, unless the agent's phone rings first.

    Raises:
        PhoneError: it rang.
    """
    task = asyncio.create_task(happening)
    try:
        await asyncio.wait({task, ringing}, return_when=asyncio.FIRST_COMPLETED)
        if ringing.done():
            raise PhoneError("the robot is away: Asterisk rang the agent")
        return await task
    finally:
        task.cancel()


class Play:
    """The script going on: what has happened so far, and what is waited for."""

    def __init__(self, script: Script, sounds: Mapping[str, Sound], tell: Callable[[Step], None]) -> None:
        self.steps: list[Step] = []
        self.waiting_for = "both telephones are ready"
        self.replies: list[float] = []
        self.context: Mapping[str, Any] = {}
        self.caller_recording: Path | None = None
        self.agent_recording: Path | None = None
        self._script = script
        self._sounds = sounds
        self._tell = tell
        self._start = time.monotonic()

    async def perform(self, caller: Softphone, agent: Softphone) -> None:
        """From the first ring to both telephones being put down.

        Raises:
            PhoneError: something did not happen; ``waiting_for`` says what.
        """
        await self._begin(caller, agent)
        for line in ("question", "number", "person"):
            await self._ask(caller, line)
        hold_from = caller.second
        ringing = await self._expect("the agent's phone rings", agent.ring(timeout=20))
        self.context = json.loads(unquote(ringing.values["headers"].get("X-Call-Context", "{}")))
        await self._expect("the agent is told which order it is", self._check_context())
        await asyncio.sleep(RING_SECONDS)  # people do not answer at once, and the caller is to hear the music
        hold_to = caller.second
        await self._expect("the agent answers", agent.answer())
        await self._expect("the agent hears the summary", agent.listen(timeout=30))
        await self._talk(agent, "agent", caller, "the caller hears the agent")
        await self._talk(caller, "thanks", agent, "the agent hears the caller")
        ended = await self._expect("the caller hangs up", caller.hang_up())
        self.caller_recording = Path(ended.values["recording"])
        other = await self._expect("the agent's call ends too", agent.closed(timeout=10))
        self.agent_recording = Path(other.values["recording"])
        await self._expect("the caller heard music while waiting", self._check_music(hold_from, hold_to))

    async def _expect(self, name: str, happening: Awaitable[T]) -> T:
        self.waiting_for = name
        result = await happening
        step = Step(name=name, at=time.monotonic() - self._start)
        self.steps.append(step)
        self._tell(step)
        return result

    async def _begin(self, caller: Softphone, agent: Softphone) -> None:
        """The robot answers and greets; where it is away, Asterisk does so by itself and rings the agent."""
        ringing = asyncio.create_task(agent.ring(timeout=2 * (ANSWER_SECONDS + GREETING_SECONDS)))
        try:
            dialling = caller.dial(self._script.extension, timeout=ANSWER_SECONDS)
            await self._expect("the robot answers", _before(ringing, dialling))
            greeting = caller.listen(pause=PAUSE, timeout=GREETING_SECONDS)
            await self._expect("the robot greets the caller", _before(ringing, greeting))
        finally:
            ringing.cancel()

    async def _ask(self, caller: Softphone, line: str) -> None:
        """Say a line to the robot and hear its reply out; whether it fits shows in what the agent is told."""
        text = getattr(self._script, line)
        said = await self._expect(f"the caller says: {text}", caller.say(self._sounds[line]))
        heard = await self._expect("the robot replies", caller.listen(pause=PAUSE, timeout=40, after=said.at))
        self.replies.append(heard.start - said.at)

    async def _talk(self, speaker: Softphone, line: str, listener: Softphone, name: str) -> None:
        """One person says a line to the other."""
        listening = asyncio.create_task(listener.listen(timeout=30, after=listener.second))
        try:
            self.waiting_for = name
            await speaker.say(self._sounds[line])
            await self._expect(name, listening)
        finally:
            listening.cancel()

    async def _check_context(self) -> None:
        if not self.context:
            raise PhoneError("the INVITE has no X-Call-Context")
        if self.context.get("order") != self._script.order:
            raise PhoneError(f"the caller said order {self._script.order}, the agent was told {self.context!r}")

    async def _check_music(self, start: float, end: float) -> None:
        assert self.caller_recording is not None  # noqa: S101  # the call was answered
        sound = await in_thread(_SOUND, read_sound, None, self.caller_recording)
        level = np.sqrt(np.mean(np.square(sound.channel(1).cut(start, end).samples / 32768.0)))
        if level < 10 ** (MUSIC_DBFS / 20):
            raise PhoneError(f"the line was silent from second {start:.1f} to {end:.1f} of the call")


async def rehearse(
    settings: PhoneSettings,
    language: str,
    *,
    voice: Voice,
    folder: Path,
    tell: Callable[[Step], None] = lambda _: None,
) -> Rehearsal:
    """Hold the scripted call.

    Args:
        settings: Where Asterisk is, and the agent's password.
        language: A key of ``SCRIPTS``.
        voice: Speaks for the caller and for the agent.
        folder: Where both telephones leave their recordings.
        tell: Called with each step as it happens.

    Returns:
        What happened, also of a call that went wrong: ``failure`` then names the first thing that did not.

    Raises:
        EngineError: the voice does not speak.
    """
    script = SCRIPTS[language]
    lines = ("question", "number", "person", "agent", "thanks")
    sounds = {line: await in_thread(_SOUND, voice.speak, None, getattr(script, line)) for line in lines}
    password = settings.agent_password.get_secret_value()
    person = Account(user="agent", server=settings.sip_server, password=password, register=True)
    play = Play(script, sounds, tell)
    failure = ""
    try:
        async with (
            open_softphone(person, folder / "agent") as agent,
            open_softphone(Account(user=script.caller, server=settings.sip_server), folder / "caller") as caller,
        ):
            await play.perform(caller, agent)
    except PhoneError as error:
        failure = f"{play.waiting_for}: {error}"
    return Rehearsal(
        language=language,
        steps=tuple(play.steps),
        failure=failure,
        call_id=str(play.context.get("call", "")),
        context=play.context,
        reply_seconds=tuple(play.replies),
        caller_recording=play.caller_recording,
        agent_recording=play.agent_recording,
    )
