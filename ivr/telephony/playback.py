"""What the robot says, one prompt after the other, and how much of it was really heard."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

from ivr.dialog.actions import Say
from ivr.errors import MediaLost
from ivr.telephony.media import Media
from recordings.contacts.call import Turn
from speech.audio.audio import Sound
from speech.errors import SpeechError
from speech.recognition.words import Speaker

log = logging.getLogger(__name__)

AHEAD = 12.0
"""Seconds of sound kept queued in Asterisk at most: it asks to stop at 18."""
BLOCK = 2.0
"""Seconds sent at once."""
MARK_GRACE = 2.0
"""Seconds a mark may come late before the prompt is taken as played."""

Clock = Callable[[], float]
"""Seconds since the answer."""
Render = Callable[[Say], AsyncIterator[Sound]]
"""Sound of a prompt, piece by piece: the first one comes before the last is rendered."""


class _Prompt:
    """A prompt on its way to the caller's ear."""

    def __init__(self, say: Say, number: int) -> None:
        self.say = say
        self.number = number
        self.start: float | None = None
        """None until the first of it is played."""
        self.duration = 0.0
        """Seconds sent to Asterisk so far."""
        self.whole = False
        """All of it is sent."""


class Playback:
    """Speaks to one leg. Asterisk keeps the pace; marks before and after each prompt tell when it was heard."""

    def __init__(self, media: Media, render: Render, clock: Clock) -> None:
        self._media = media
        self._render = render
        self._clock = clock
        self._numbers = 0
        self._unsent: asyncio.Queue[_Prompt] = asyncio.Queue()
        self._pending: deque[_Prompt] = deque()
        self._sent_until = 0.0
        self._silent = asyncio.Event()
        self._silent.set()
        self.on_spoken: Callable[[Turn], None] = lambda _: None
        """Told what the caller heard of a prompt: cut where they talked over it, with an ellipsis."""
        self.on_failure: Callable[[str], None] = lambda _: None
        media.on_mark = self._marked

    @property
    def busy(self) -> bool:
        """Something is being said, or is about to be."""
        return not self._silent.is_set()

    @property
    def interruptible(self) -> bool:
        """The caller may talk over everything that is still to be said."""
        return all(prompt.say.interruptible for prompt in self._pending)

    def say(self, say: Say) -> None:
        """Speak after what is being said."""
        self._numbers += 1
        prompt = _Prompt(say, self._numbers)
        self._pending.append(prompt)
        self._unsent.put_nowait(prompt)
        self._silent.clear()

    async def interrupt(self) -> bool:
        """The caller has taken the word: fall silent at once, unless what is said must be heard."""
        if not self.busy or not self.interruptible:
            return False
        await self.hush()
        return True

    async def hush(self) -> None:
        """Say nothing more; what was heard so far is told to ``on_spoken``."""
        now = self._clock()
        for prompt in self._pending:
            if prompt.start is not None and now > prompt.start:
                text = cut(prompt.say.text, now - prompt.start, prompt.duration if prompt.whole else None)
                self.on_spoken(_spoken(prompt.say.node, text, prompt.start, now))
        self._drop()
        with suppress(MediaLost):  # the caller is gone: the hang-up is on its way
            await self._media.flush()

    async def drained(self) -> None:
        """Wait until everything has been said, interrupted or hushed."""
        while self.busy:
            try:
                async with asyncio.timeout(MARK_GRACE):
                    await self._silent.wait()
            except TimeoutError:
                sent = all(prompt.whole for prompt in self._pending)
                if sent and self._clock() > self._sent_until + MARK_GRACE:
                    log.warning("Asterisk sent no mark for a prompt; going on")
                    await self.hush()

    async def prepare(self, say: Say) -> None:
        """Render what will be said soon, so that nobody waits for it then."""
        try:
            async for _ in self._render(say):
                pass
        except SpeechError as error:
            log.warning("cannot prepare what %s says: %s", say.node or "the person is told", error)

    async def run(self) -> None:
        """Send prompts until cancelled."""
        while True:
            prompt = await self._unsent.get()
            try:
                await self._send(prompt)
            except MediaLost:
                await self.hush()
            except SpeechError as error:
                log.error("cannot say what %s says: %s", prompt.say.node or "the person is told", error)
                self._drop()
                self.on_failure(f"voice: {error}")

    async def _send(self, prompt: _Prompt) -> None:
        async for sound in self._render(prompt.say):
            pcm = sound.samples[0].astype("<i2").tobytes()
            block = int(BLOCK * sound.rate) * 2
            for start in range(0, len(pcm), block):
                await self._room(prompt)
                if prompt not in self._pending:
                    return  # interrupted
                if not prompt.duration:
                    await self._media.mark(f"{prompt.number}:start")
                piece = pcm[start : start + block]
                seconds = len(piece) / 2 / sound.rate
                self._sent_until = max(self._sent_until, self._clock()) + seconds
                prompt.duration += seconds
                await self._media.send(piece)
        if prompt in self._pending:
            prompt.whole = True
            await self._media.mark(f"{prompt.number}:end")

    async def _room(self, prompt: _Prompt) -> None:
        """Wait until the queue in Asterisk is short enough for one more block."""
        while (ahead := self._sent_until - self._clock()) > AHEAD and prompt in self._pending:  # noqa: ASYNC110
            await asyncio.sleep(min(ahead - AHEAD, 0.2))

    def _marked(self, mark: str) -> None:
        number, _, which = mark.partition(":")
        prompt = next((prompt for prompt in self._pending if str(prompt.number) == number), None)
        if prompt is None:
            return  # flushed
        if which == "start":
            prompt.start = self._clock()
            return
        self._pending.remove(prompt)
        end = self._clock()
        start = prompt.start if prompt.start is not None else max(end - prompt.duration, 0.0)
        if end > start:
            self.on_spoken(_spoken(prompt.say.node, prompt.say.text, start, end))
        if not self._pending:
            self._silent.set()

    def _drop(self) -> None:
        while not self._unsent.empty():
            self._unsent.get_nowait()
        self._pending.clear()
        self._sent_until = self._clock()
        self._silent.set()


def _spoken(node: str, text: str, start: float, end: float) -> Turn:
    return Turn(speaker=Speaker.ROBOT, node=node, text=text, start=start, end=end)


def cut(text: str, heard: float, duration: float | None) -> str:
    """The words of a prompt that were heard, by its share of time; the last one may have been cut short.

    Args:
        text: The whole prompt.
        heard: Seconds that were played.
        duration: Seconds of the whole prompt; None while it is still being rendered.
    """
    words = text.split()
    seconds = duration if duration is not None else heard + len(text) / 14  # some 14 letters are said in a second
    share = min(heard / seconds, 1.0) if seconds > 0 else 1.0
    kept = round(share * len(words))
    return text if kept >= len(words) else " ".join([*words[:kept], "…"])
