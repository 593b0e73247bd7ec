"""Writes a call down while it goes on: in order, in a thread, and never in the caller's way."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Unpack
from uuid import uuid4

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from recordings import journal
from recordings.call import Call, Callback, Customer, Leg, Outcome, Turn
from recordings.database import transaction
from speech.words import Speaker, Word

log = logging.getLogger(__name__)

Note = Callable[[Session], object]


class Diary:
    """The notes of one call. Each is one transaction; one that fails is logged and the call goes on."""

    def __init__(self, engine: Engine, call: Call) -> None:
        self.call_id = call.id
        self._engine = engine
        self._notes: asyncio.Queue[Note] = asyncio.Queue()
        self._turns = 0
        self._notes.put_nowait(partial(journal.open_call, call=call))

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
            words=words,
        )
        self._notes.put_nowait(partial(journal.note_turn, call_id=self.call_id, turn=turn))

    def leg(self, leg: Leg) -> None:
        self._notes.put_nowait(partial(journal.note_leg, leg=leg))

    def change(self, **changes: Unpack[journal.CallChanges]) -> None:
        self._notes.put_nowait(partial(journal.update_call, call_id=self.call_id, **changes))

    def customer(self, *, name: str, phone: str, language: str) -> None:
        """The caller is known: their card, kept by telephone number."""
        card = Customer(id=str(uuid4()), name=name, phone=phone, language=language)

        def note(db: Session) -> None:
            journal.update_call(db, self.call_id, customer_id=journal.save_customer(db, card).id)

        self._notes.put_nowait(note)

    def refuse_recording(self) -> None:
        self._notes.put_nowait(partial(journal.refuse_recording, call_id=self.call_id))

    def promise_callback(self, phone: str, reason: str) -> None:
        callback = Callback(call_id=self.call_id, phone=phone, reason=reason, requested_at=datetime.now(UTC))
        self._notes.put_nowait(partial(journal.request_callback, callback=callback))

    def close(self, outcome: Outcome, failure: str = "") -> None:
        ended = datetime.now(UTC)
        self._notes.put_nowait(
            partial(journal.close_call, call_id=self.call_id, ended_at=ended, outcome=outcome, failure=failure)
        )

    async def run(self) -> None:
        """Write until cancelled."""
        while True:
            note = await self._notes.get()
            try:
                await asyncio.to_thread(self._write, note)
            finally:
                self._notes.task_done()

    async def written(self) -> None:
        """Wait until everything noted so far is in the database."""
        await self._notes.join()

    def _write(self, note: Note) -> None:
        try:
            with transaction(self._engine) as db:
                note(db)
        except (SQLAlchemyError, OSError) as error:
            log.error("call %s: a note could not be written: %s", self.call_id, error)  # noqa: TRY400
