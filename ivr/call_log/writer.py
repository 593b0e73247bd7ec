"""Writes a call down while it goes on: in order, in a thread, and never in the caller's way."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Unpack, cast
from uuid import uuid4

from sqlalchemy import Engine
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from ivr.call_log.entries import (
    Broke,
    Changed,
    Closed,
    Known,
    Note,
    OnLine,
    Opened,
    Promised,
    Refused,
    Said,
    Spool,
    without_words,
)
from recordings.calls import call_log
from recordings.contacts.call import Call, Callback, Customer, Leg, Outcome, Turn
from recordings.contacts.failure import Failure
from recordings.database import transaction
from speech.recognition.words import Speaker, Word

log = logging.getLogger(__name__)

FIRST_RETRY, LAST_RETRY = 0.25, 5.0
"""Seconds until a note is tried again: the first time, and at most."""
_WRITERS = ThreadPoolExecutor(2, thread_name_prefix="diary")
"""Threads of all calls' diaries: a database that hangs holds up these and none that speak or look up."""


class CallLogWriter:
    """The notes of one call, each one transaction.

    A database that is away is asked again while the call goes on; what it has not taken by the end is put aside.
    """

    def __init__(self, engine: Engine, spool: Spool, call: Call) -> None:
        self.call_id = call.id
        self.conclusion: tuple[Outcome, tuple[Failure, ...]] | None = None
        """Outcome and failures once the conversation is over: they stand if the robot is stopped while it clears up."""
        self._engine = engine
        self._spool = spool
        self._notes: deque[Note] = deque([Opened(call=call)])
        self._news = asyncio.Event()
        self._empty = asyncio.Event()
        self._turns = 0
        self._refused = False
        self.facts: Mapping[str, str] = {}
        """What is known so far; of it, numbers of orders and the like are kept with the call."""

    def turn(
        self,
        speaker: Speaker,
        node: str,
        text: str,
        *,
        start: float,
        end: float,
        confidence: float | None = None,
        engine: str = "",
        intent: str = "",
        model: str = "",
        words: tuple[Word, ...] = (),
    ) -> None:
        """What was said; times in seconds from the answer."""
        self._turns += 1
        turn = Turn(
            number=self._turns,
            speaker=speaker,
            node=node,
            start=start,
            end=end,
            text=text,
            confidence=confidence,
            engine=engine,
            intent=intent,
            model=model,
            words=words,
        )
        self._note(Said(call_id=self.call_id, turn=turn))

    def leg(self, leg: Leg) -> None:
        self._note(OnLine(leg=leg))

    def change(self, **changes: Unpack[call_log.CallChanges]) -> None:
        answered_at = changes.pop("answered_at", None)
        texts = cast("dict[str, str | None]", changes)
        self._note(Changed(call_id=self.call_id, texts=texts, answered_at=answered_at))

    def customer(self, *, name: str, phone: str, language: str, segment: str = "") -> None:
        """The caller is known: their card, kept by telephone number."""
        card = Customer(id=str(uuid4()), name=name, phone=phone, language=language, segment=segment)
        self._note(Known(call_id=self.call_id, card=card))

    def refuse_recording(self) -> None:
        self._refused = True
        self._note(Refused(call_id=self.call_id))

    def promise_callback(self, phone: str, reason: str) -> None:
        callback = Callback(call_id=self.call_id, phone=phone, reason=reason, requested_at=datetime.now(UTC))
        self._note(Promised(callback=callback))

    def fail(self, failures: tuple[Failure, ...]) -> None:
        """Everything that broke, also what became known after the end."""
        self._note(Broke(call_id=self.call_id, failures=failures))

    def close(self, outcome: Outcome, failures: tuple[Failure, ...] = ()) -> None:
        now, facts = datetime.now(UTC), {**self.facts}
        self._note(Closed(call_id=self.call_id, ended_at=now, outcome=outcome, failures=failures, facts=facts))

    async def run(self) -> None:
        """Write until cancelled. A note stays at the head until it is written."""
        wait = FIRST_RETRY
        while True:
            while not self._notes:
                self._empty.set()
                self._news.clear()
                await self._news.wait()
            if await asyncio.get_running_loop().run_in_executor(_WRITERS, self._write, self._notes[0]):
                self._notes.popleft()
                wait = FIRST_RETRY
            else:
                await asyncio.sleep(wait)
                wait = min(2 * wait, LAST_RETRY)

    async def written(self, seconds: float) -> bool:
        """Wait until everything noted so far is in the database; False when it is not after so many seconds."""
        waiting = asyncio.create_task(self._empty.wait())
        try:  # asyncio.timeout before 3.11.4 does not work in a task that is being cancelled
            await asyncio.wait([waiting], timeout=seconds)
        finally:
            waiting.cancel()
        return self._empty.is_set()

    def put_aside(self) -> None:
        """Keep what is not written, for later; the writer must have ended."""
        notes = [without_words(note) for note in self._notes] if self._refused else [*self._notes]
        if not notes:
            return
        try:
            self._spool.keep(self.call_id, notes)
            log.error("call %s: the database did not take %d notes; put aside", self.call_id, len(notes))
        except OSError as error:
            promised = [note.callback.phone for note in notes if isinstance(note, Promised)]
            promise = f"; CALL BACK {', '.join(promised)}" if promised else ""
            log.critical("call %s: %d notes are lost: %s%s", self.call_id, len(notes), error, promise)

    def _note(self, note: Note) -> None:
        self._notes.append(note)
        self._empty.clear()
        self._news.set()

    def _write(self, note: Note) -> bool:
        """Whether the note is done with."""
        try:
            with transaction(self._engine) as db:
                note.write(db)
        except (IntegrityError, DataError) as error:  # no later try would change that
            log.error("call %s: a note cannot be written: %s", self.call_id, error)
        except (SQLAlchemyError, OSError) as error:
            log.warning("call %s: the database does not take a note now: %s", self.call_id, error)
            return False
        return True
