"""What is sent ahead, what was heard when the caller talks over it, and marks that never come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import numpy as np
import pytest

from ivr.dialog.actions import Say
from ivr.telephony.playback import AHEAD, Playback, cut
from recordings.contacts.call import Turn
from speech.audio.audio import Sound
from speech.errors import EngineError
from speech.recognition.words import Speaker

pytestmark = pytest.mark.unit

TEXT = "один два три четыре пять шесть семь восемь девять десять"


class Line:
    """The far side of the sound socket, written down."""

    def __init__(self) -> None:
        self.sent = 0.0
        """Seconds of sound."""
        self.done: list[str] = []
        self.on_mark: Callable[[str], None] = lambda _: None

    async def send(self, pcm: bytes) -> None:
        self.sent += len(pcm) / 16000

    async def mark(self, name: str) -> None:
        self.done.append(name)

    async def flush(self) -> None:
        self.done.append("flush")


class Stage:
    """A playback with a clock of the test's own."""

    def __init__(self, *, seconds: float = 4.0, broken: bool = False) -> None:
        self.line = Line()
        self.now = 0.0
        self.spoken: list[Turn] = []
        self.failures: list[str] = []

        async def render(say: Say) -> AsyncIterator[Sound]:
            if broken:
                raise EngineError("no voice")
            yield Sound(samples=np.zeros((1, int(seconds * 8000)), dtype=np.int16), rate=8000)

        self.playback = Playback(self.line, render, lambda: self.now)  # type: ignore[arg-type]
        self.playback.on_spoken = self.spoken.append
        self.playback.on_failure = self.failures.append

    async def until(self, holds: Callable[[], object]) -> None:
        async with asyncio.timeout(3):
            while not holds():  # noqa: ASYNC110  # no event tells of what is waited for
                await asyncio.sleep(0)

    def heard(self, mark: str, at: float) -> None:
        self.now = at
        self.line.on_mark(mark)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    stage = Stage()
    running = asyncio.create_task(stage.playback.run())
    yield stage
    running.cancel()


def say(text: str = TEXT, *, interruptible: bool = True) -> Say:
    return Say(node="greet", text=text, interruptible=interruptible)


async def test_a_prompt_is_heard_between_its_marks(stage: Stage) -> None:
    stage.playback.say(say())
    await stage.until(lambda: stage.line.done == ["1:start", "1:end"])
    assert stage.playback.busy
    stage.heard("1:start", 0.5)
    stage.heard("1:end", 4.5)
    assert not stage.playback.busy
    assert stage.spoken == [Turn(speaker=Speaker.ROBOT, node="greet", text=TEXT, start=0.5, end=4.5)]
    await stage.playback.drained()


async def test_talking_over_keeps_what_was_heard_and_drops_the_rest(stage: Stage) -> None:
    stage.playback.say(say())
    stage.playback.say(say("Чем помочь?"))
    await stage.until(lambda: "2:end" in stage.line.done)
    stage.heard("1:start", 0.0)
    stage.now = 2.0
    assert await stage.playback.interrupt()
    assert stage.line.done[-1] == "flush"
    assert [spoken.text for spoken in stage.spoken] == ["один два три четыре пять …"]
    stage.heard("1:end", 2.1)  # a mark that was on its way
    assert len(stage.spoken) == 1
    assert not await stage.playback.interrupt()


async def test_what_must_be_heard_is_not_interrupted(stage: Stage) -> None:
    stage.playback.say(say(interruptible=False))
    await stage.until(lambda: "1:end" in stage.line.done)
    assert not await stage.playback.interrupt()
    assert stage.playback.busy


async def test_no_more_is_sent_ahead_than_asterisk_takes() -> None:
    stage = Stage(seconds=60)
    running = asyncio.create_task(stage.playback.run())
    stage.playback.say(say())
    await stage.until(lambda: stage.line.sent > AHEAD)
    for _ in range(100):
        await asyncio.sleep(0)  # time enough to send more
    assert stage.line.sent <= AHEAD + 2
    running.cancel()


async def test_a_lost_mark_does_not_keep_the_caller_waiting_for_ever(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.playback.say(say())
    await stage.until(lambda: "1:end" in stage.line.done)
    stage.now = 60.0
    await stage.playback.drained()
    assert "no mark" in caplog.text


async def test_a_dumb_voice_is_reported() -> None:
    stage = Stage(broken=True)
    running = asyncio.create_task(stage.playback.run())
    stage.playback.say(say())
    await stage.until(lambda: stage.failures)
    assert stage.failures == ["voice: no voice"]
    assert not stage.playback.busy
    running.cancel()


@pytest.mark.parametrize(
    ("heard", "duration", "text"),
    [
        (4.0, 4.0, TEXT),
        (9.0, 4.0, TEXT),
        (2.0, 4.0, "один два три четыре пять …"),
        (0.0, 4.0, "…"),
        (0.1, None, "…"),
    ],
)
def test_cut(heard: float, duration: float | None, text: str) -> None:
    assert cut(TEXT, heard, duration) == text
