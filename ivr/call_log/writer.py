"""Writes a call down while it goes on: in order, in a thread, and never in the caller's way."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Unpack, cast
from uuid import uuid4

from sqlalchemy import Engine
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from ivr.call_log.entries import (
    Broke,
    Changed,
    Closed,
    Concluded,
    Entry,
    Known,
    LegChanged,
    Opened,
    Promised,
    Refused,
    TurnTaken,
    without_words,
)
from ivr.call_log.spool import Spool
from ivr.dialog.state import State
from ivr.pools import in_thread
from recordings.bounded_threads import BoundedThreads
from recordings.calls import call_log
from recordings.contacts.call import Call, Callback, Customer, Leg, Outcome, Turn
from recordings.contacts.failure import Failure
from recordings.database import transaction
from recordings.errors import ThreadsBusy
from speech.redaction.log_masks import WHOLE

log = logging.getLogger(__name__)

FIRST_RETRY, LAST_RETRY = 0.25, 5.0
"""Seconds until an entry is tried again: the first time, and at most."""
_WRITERS = BoundedThreads("call-log", threads=2, waiting=1000)
"""Threads of all calls' writers: a database that hangs holds up these and none that speak or look up."""
_JOURNALS = ThreadPoolExecutor(1, thread_name_prefix="journal")
"""Thread of all calls' journals, so that each has its entries in order and a slow disk holds up no voice."""
JOURNAL_SECONDS = 2.0
"""Time to delete a journal at the end of its call."""


class CallLogWriter:
    """Writes the entries of one call, each in a transaction.

    A database that is away is asked again while the call goes on; what it has not taken by the end is put aside.
    """

    def __init__(self, engine: Engine, spool: Spool, call: Call, *, known: bool = True) -> None:
        self.call_id = call.id
        self._state: State | None = None
        self._engine = engine
        self._spool = spool
        self._journal = spool.journal(call.id)
        self._entries: deque[Entry] = deque()
        self._news = asyncio.Event()
        self._empty = asyncio.Event()
        self._turns = 0
        self._add(Opened(call=call, known=known))

    @property
    def state(self) -> State | None:
        """Where the conversation stands: what is known, what it has come to and whether it may be kept."""
        return self._state

    @state.setter
    def state(self, state: State) -> None:
        before, self._state = self.conclusion, state
        if before is None and (now := self.conclusion):  # for a kill before the end is written
            outcome, failures = now
            facts = {**state.facts}
            self._note(
                Concluded(call_id=self.call_id, at=datetime.now(UTC), outcome=outcome, failures=failures, facts=facts)
            )

    @property
    def recorded(self) -> bool:
        """Whether sound and words may be kept."""
        return self.state is None or self.state.recorded

    @property
    def conclusion(self) -> tuple[Outcome, tuple[Failure, ...]] | None:
        """Outcome and failures once the conversation is over: they stand if the robot is stopped while it clears up."""
        if self.state is None or not self.state.finished:
            return None
        return self.state.outcome or Outcome.ABANDONED, self.state.broken

    def turn(self, turn: Turn) -> None:
        """Write down what was said, under the next number."""
        self._turns += 1
        self._add(TurnTaken(call_id=self.call_id, turn=replace(turn, number=self._turns)))

    def leg(self, leg: Leg) -> None:
        self._add(LegChanged(leg=leg))

    def change(self, **changes: Unpack[call_log.CallChanges]) -> None:
        answered_at = changes.pop("answered_at", None)
        texts = cast("dict[str, str | None]", changes)
        self._add(Changed(call_id=self.call_id, texts=texts, answered_at=answered_at))

    def customer(self, *, name: str, phone: str, language: str, segment: str = "") -> None:
        """The caller is known: their card, kept by telephone number."""
        card = Customer(id=str(uuid4()), name=name, phone=phone, language=language, segment=segment)
        self._add(Known(call_id=self.call_id, card=card))

    def refuse_recording(self) -> None:
        kept = [without_words(entry) for entry in self._entries]
        _JOURNALS.submit(self._journal.begin_anew, kept)
        self._add(Refused(call_id=self.call_id))

    def promise_callback(self, phone: str, reason: str) -> None:
        callback = Callback(call_id=self.call_id, phone=phone, reason=reason, requested_at=datetime.now(UTC))
        self._add(Promised(callback=callback))

    def fail(self, failures: tuple[Failure, ...]) -> None:
        """Everything that broke, also what became known after the end."""
        self._add(Broke(call_id=self.call_id, failures=failures))

    def close(self, outcome: Outcome, failures: tuple[Failure, ...] = ()) -> None:
        facts = {**self.state.facts} if self.state else {}
        ended = datetime.now(UTC)
        self._add(Closed(call_id=self.call_id, ended_at=ended, outcome=outcome, failures=failures, facts=facts))

    async def run(self) -> None:
        """Write until cancelled. An entry stays at the head until it is written."""
        wait = FIRST_RETRY
        while True:
            while not self._entries:
                self._empty.set()
                self._news.clear()
                await self._news.wait()
            if await self._written(self._entries[0]):
                self._entries.popleft()
                wait = FIRST_RETRY
            else:
                await asyncio.sleep(wait)
                wait = min(2 * wait, LAST_RETRY)

    async def _written(self, entry: Entry) -> bool:
        """Whether the entry is done with. The database itself bounds how long that takes."""
        try:
            return await in_thread(_WRITERS, self._write, None, entry)
        except ThreadsBusy:
            return False

    async def written(self, seconds: float) -> bool:
        """Wait until everything so far is in the database; False when it is not after so many seconds."""
        waiting = asyncio.create_task(self._empty.wait())
        try:  # asyncio.timeout before 3.11.4 does not work in a task that is being cancelled
            await asyncio.wait([waiting], timeout=seconds)
        finally:
            waiting.cancel()
        return self._empty.is_set()

    def put_aside(self) -> None:
        """Keep what is not written, for later; the writer must have ended."""
        entries = [*self._entries] if self.recorded else [without_words(entry) for entry in self._entries]
        kept = not entries or self._keep(entries)
        ended = _JOURNALS.submit(self._journal.end if kept else self._journal.leave)
        with suppress(TimeoutError):  # a disk that hangs; the journal is replayed, which changes nothing
            ended.result(JOURNAL_SECONDS)

    def _keep(self, entries: Sequence[Entry]) -> bool:
        """Whether there was room."""
        try:
            self._spool.keep(self.call_id, entries)
            log.error("call %s: the database did not take %d entries; put aside", self.call_id, len(entries))
            return True
        except OSError as error:
            promised = [entry.callback.phone for entry in entries if isinstance(entry, Promised)]
            promise = f"; CALL BACK {', '.join(promised)}" if promised else ""
            # nothing else holds the promise now: this line alone tells the whole number
            log.critical(
                "call %s: %d entries are lost: %s%s", self.call_id, len(entries), error, promise, extra={WHOLE: True}
            )
            return False

    def _note(self, entry: Entry) -> None:
        _JOURNALS.submit(self._journal.append, entry if self.recorded else without_words(entry))

    def _add(self, entry: Entry) -> None:
        self._note(entry)
        self._entries.append(entry)
        self._empty.clear()
        self._news.set()

    def _write(self, entry: Entry) -> bool:
        """Whether the entry is done with."""
        try:
            with transaction(self._engine) as db:
                entry.write(db)
        except (IntegrityError, DataError) as error:  # no later try would change that
            log.error("call %s: an entry cannot be written: %s", self.call_id, error)
        except (SQLAlchemyError, OSError) as error:
            log.warning("call %s: the database does not take an entry now: %s", self.call_id, error)
            return False
        return True
