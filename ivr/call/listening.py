"""Hears the caller: finds where a turn begins and ends, has it recognised, and says what it means to the question."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from ivr.dialog.actions import Listen
from ivr.dialog.events import Failed, Heard, HungUp, Silent, heard
from ivr.dialog.expectation import UNCLEAR, Expectation, Meaning
from ivr.pools import DECODING_SECONDS, MEANING_SECONDS, in_thread
from ivr.telephony.leg import PhoneLeg
from ivr.understanding.grammar import grammar
from ivr.understanding.understanding import Understanding, interpret
from recordings.bounded_threads import BoundedThreads
from recordings.contacts.failure import FailureCode
from speech.audio.audio import AudioChunk
from speech.audio.turns import PRE_ROLL, Phase, TurnDetector, keep_from
from speech.audio.vad import SPEECH, Frame, SpeechDetector
from speech.errors import SpeechError
from speech.recognition.recognizer import LiveRecognizer, Recognizer
from speech.recognition.words import Utterance

log = logging.getLogger(__name__)

BARGE_IN = 0.25
"""Seconds of speech that stop a prompt; a cough or an "aha" does not."""
MIN_SPEECH = 0.2
"""Seconds below which speech is taken for noise."""
LONGEST_TURN = 20.0
"""Seconds after which a turn is taken as ended: somebody's television never pauses."""
REMEMBERED = PRE_ROLL + BARGE_IN + 0.5
"""Seconds of sound that can still be given to a turn after they came in."""
PIECE = 0.1
"""Seconds decoded at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognizerPool:
    """Recogniser of one language: a loaded model, and the threads that decode and understand."""

    recognizer: Recognizer
    threads: BoundedThreads
    meaning: BoundedThreads


class Decoding:
    """One turn on its way through the recogniser, in a thread, as the sound comes in."""

    def __init__(self, pool: RecognizerPool, phrases: Sequence[str]) -> None:
        self._threads = pool.threads
        self._live: LiveRecognizer = pool.recognizer.live(phrases=phrases)
        self._waiting: list[AudioChunk] = []
        self._work: asyncio.Task[None] | None = None
        self.partial = ""

    def feed(self, chunk: AudioChunk) -> None:
        self._waiting.append(chunk)
        enough = self._waiting[-1].end - self._waiting[0].start >= PIECE
        if not enough or (self._work and not self._work.done()):
            return
        if self._work is None or self._work.exception() is None:  # a failure waits for ``finish``: it is the turn's
            self._work = asyncio.create_task(self._decode())

    async def finish(self) -> Utterance | None:
        """Everything said in the turn.

        Raises:
            SpeechError: the engine failed.
            TimeoutError: it was not done in time; the thread that works on it is left alone with it.
        """
        if self._work:
            await self._work
        if self._waiting:
            await self._decode()
        return await in_thread(self._threads, self._live.finish, DECODING_SECONDS)

    async def _decode(self) -> None:
        first = self._waiting[0]
        chunk = AudioChunk(pcm=b"".join(part.pcm for part in self._waiting), rate=first.rate, start=first.start)
        self._waiting.clear()
        self.partial = (await in_thread(self._threads, self._live.feed, DECODING_SECONDS, chunk)).text


class TurnInProgress:
    """The caller's answer to one question while it is being given: where it begins and ends."""

    def __init__(self, question: Listen, pool: RecognizerPool) -> None:
        self.question = question
        self._pool = pool
        self._detector = TurnDetector(
            patience=question.expectation.patience, timeout=question.timeout, min_speech=MIN_SPEECH
        )
        self._during_prompt: list[Frame] = []
        """Speech so far that has not yet stopped the prompt."""
        self.decoding: Decoding | None = None
        self.start = 0.0
        self.end = 0.0

    def talks_over(self, frame: Frame) -> bool:
        """Take a frame that came while the robot speaks; True when the caller has clearly begun to talk."""
        if frame.probability < SPEECH:
            self._during_prompt.clear()
            return False
        self._during_prompt.append(frame)
        while frame.end - self._during_prompt[0].start > REMEMBERED - PRE_ROLL:
            self._during_prompt.pop(0)  # said into a prompt that must be heard, and too long ago
        return frame.end - self._during_prompt[0].start >= BARGE_IN

    def advance(self, frame: Frame, recent: Sequence[AudioChunk]) -> Phase:
        """Take a frame that came while the robot is silent."""
        frames = [*self._during_prompt, frame]
        self._during_prompt = []
        for each in frames:
            partial = self.decoding.partial if self.decoding else ""
            phase = self._detector.advance(each.start, each.end, each.probability >= SPEECH, partial)
            if phase is Phase.SPEAKING and self.decoding is None:
                self._begin(each.start if self._detector.started is None else self._detector.started, recent)
            self.end = each.end
        if self.decoding and self.end - self.start > LONGEST_TURN:
            return Phase.ENDED
        return phase

    def _begin(self, start: float, recent: Sequence[AudioChunk]) -> None:
        self.start = start
        self.decoding = Decoding(self._pool, grammar(self.question.expectation))
        for chunk in recent:
            if chunk.end > keep_from(start):
                self.decoding.feed(chunk)


async def listen(leg: PhoneLeg, pool: RecognizerPool, understanding: Understanding) -> None:
    """Answer every ``leg.question`` with ``Heard``, ``Silent`` or ``Failed`` as long as there is sound."""
    detector = SpeechDetector()
    recent: deque[AudioChunk] = deque()
    turn: TurnInProgress | None = None
    async for chunk in leg.media.chunks(leg.clock):
        frames = detector.detect(chunk)
        recent.append(chunk)
        while recent[0].end < chunk.end - REMEMBERED:
            recent.popleft()
        if leg.question is None:
            turn = None
            continue
        if turn is None or turn.question is not leg.question:
            turn = TurnInProgress(leg.question, pool)
        elif turn.decoding:
            turn.decoding.feed(chunk)
        for frame in frames:
            if leg.playback.busy and not (turn.talks_over(frame) and await leg.playback.interrupt()):
                continue
            phase = turn.advance(frame, recent)
            if phase in {Phase.ENDED, Phase.SILENT}:
                await _answer(leg, pool, understanding, turn, phase)
                turn = None
                break
    leg.tell(HungUp(failure="the sound of the call was lost", code=FailureCode.SOUND_LOST))


async def await_keys(leg: PhoneLeg) -> None:
    """Take the caller's sound without listening, and answer every ``leg.question`` with ``Silent`` when no key came."""
    question: Listen | None = None
    since = 0.0
    async for chunk in leg.media.chunks(leg.clock):
        if leg.question is None or leg.question is not question or leg.playback.busy:
            question, since = leg.question, chunk.end
        elif chunk.end - since >= question.timeout:
            leg.question = None
            leg.tell(Silent(node=question.node))
    leg.tell(HungUp(failure="the sound of the call was lost", code=FailureCode.SOUND_LOST))


async def _answer(
    leg: PhoneLeg, pool: RecognizerPool, understanding: Understanding, turn: TurnInProgress, phase: Phase
) -> None:
    """Say what came of the question, unless it has been settled by a key in the meantime."""
    question = turn.question
    event: Heard | Silent | Failed
    try:
        if phase is Phase.ENDED and turn.decoding:
            event = await _heard(pool, understanding, turn, turn.decoding)
        else:
            event = Silent(node=question.node)
    except TimeoutError as error:  # as if nothing had been understood: the robot asks again, then by keys or a person
        log.error("call %s: %s did not hear the caller in time: %s", leg.call_id, pool.recognizer.engine, error)
        event = _not_heard(pool, turn)
    except SpeechError as error:
        log.error("call %s: %s failed: %s", leg.call_id, pool.recognizer.engine, error)
        event = Failed(reason=f"{pool.recognizer.engine}: {error}", code=FailureCode.HEARING)
    if leg.question is question:
        leg.question = None
        leg.tell(event)


async def _heard(pool: RecognizerPool, understanding: Understanding, turn: TurnInProgress, decoding: Decoding) -> Heard:
    utterance = await decoding.finish()
    expectation = turn.question.expectation
    meaning = await in_thread(pool.meaning, _meaning, MEANING_SECONDS, expectation, utterance, understanding)
    return heard(
        turn.question.node,
        utterance.text if utterance else "",
        meaning,
        start=turn.start,
        end=turn.end,
        engine=pool.recognizer.engine,
        words=utterance.words if utterance else (),
    )


def _not_heard(pool: RecognizerPool, turn: TurnInProgress) -> Heard:
    unclear = Meaning(label=UNCLEAR)
    return heard(turn.question.node, "", unclear, start=turn.start, end=turn.end, engine=pool.recognizer.engine)


def _meaning(expectation: Expectation, utterance: Utterance | None, understanding: Understanding) -> Meaning:
    if utterance is None:
        return Meaning(label=UNCLEAR)
    return interpret(expectation, utterance.text, utterance.confidence, understanding)
