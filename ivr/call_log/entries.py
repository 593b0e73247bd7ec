"""Entries of the call log: values, so that one that cannot be written now is kept in a file."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, cast

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from recordings.calls import call_log
from recordings.contacts.call import Call, Callback, Customer, Leg, Outcome, Turn
from recordings.contacts.failure import Failure, failures_in
from recordings.customers import cards
from recordings.tables import CallbackRow

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    call: Call
    kind: Literal["opened"] = "opened"
    known: bool = True
    """Whether the network says whose number it is: a number that is only claimed puts no call on anybody's card."""

    def write(self, db: Session) -> None:
        if call_log.open_call(db, self.call) and self.known:
            cards.meet_caller(db, self.call)


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnTaken:
    call_id: str
    turn: Turn
    kind: Literal["said"] = "said"

    def write(self, db: Session) -> None:
        call_log.note_turn(db, self.call_id, self.turn)


@dataclass(frozen=True, slots=True, kw_only=True)
class LegChanged:
    leg: Leg
    kind: Literal["on_line"] = "on_line"

    def write(self, db: Session) -> None:
        call_log.note_leg(db, self.leg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    call_id: str
    texts: Mapping[str, str | None]
    """Every change but the time."""
    answered_at: datetime | None = None
    kind: Literal["changed"] = "changed"

    def write(self, db: Session) -> None:
        texts = {**self.texts}
        if failure := texts.pop("failure", None):  # put aside before there were codes
            call_log.note_failures(db, self.call_id, failures_in(failure))
        changes = cast("call_log.CallChanges", texts)
        if self.answered_at:
            changes["answered_at"] = self.answered_at
        call_log.update_call(db, self.call_id, **changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The caller is known: their card, kept by telephone number."""

    call_id: str
    card: Customer
    kind: Literal["known"] = "known"

    def write(self, db: Session) -> None:
        call_log.update_call(db, self.call_id, customer_id=cards.save_customer(db, self.card).id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The caller does not want to be recorded."""

    call_id: str
    kind: Literal["refused"] = "refused"

    def write(self, db: Session) -> None:
        call_log.refuse_recording(db, self.call_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    callback: Callback
    kind: Literal["promised"] = "promised"

    def write(self, db: Session) -> None:
        """Once, also when an earlier try was written and did not hear of it."""
        same = CallbackRow.call_id == self.callback.call_id, CallbackRow.requested_at == self.callback.requested_at
        if db.scalar(select(CallbackRow.id).where(*same)) is None:
            call_log.request_callback(db, self.callback)


@dataclass(frozen=True, slots=True, kw_only=True)
class Broke:
    """What broke in the call, all of it."""

    call_id: str
    failures: tuple[Failure, ...]
    kind: Literal["broke"] = "broke"

    def write(self, db: Session) -> None:
        call_log.note_failures(db, self.call_id, self.failures)


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    call_id: str
    ended_at: datetime
    outcome: Outcome
    failure: str = ""
    """Words alone, in a note put aside before there were codes."""
    failures: tuple[Failure, ...] = ()
    facts: Mapping[str, str] | None = None
    kind: Literal["closed"] = "closed"

    def write(self, db: Session) -> None:
        call_log.close_call(
            db,
            self.call_id,
            ended_at=self.ended_at,
            outcome=self.outcome,
            failures=self.failures or failures_in(self.failure),
            facts=self.facts,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Concluded:
    """The conversation has come to its end, the good-bye is still to be said: what a kill in between leaves."""

    call_id: str
    at: datetime
    outcome: Outcome
    failures: tuple[Failure, ...] = ()
    facts: Mapping[str, str] | None = None
    kind: Literal["concluded"] = "concluded"

    def write(self, db: Session) -> None:
        """As the end; the robot itself writes the later one, and the first word counts."""
        call_log.close_call(
            db, self.call_id, ended_at=self.at, outcome=self.outcome, failures=self.failures, facts=self.facts
        )


Entry = Opened | TurnTaken | LegChanged | Changed | Known | Refused | Promised | Broke | Closed | Concluded
ENTRIES: TypeAdapter[Entry] = TypeAdapter(Entry)
"""Its errors are told without the input: ``spool.py``."""


def write_or_drop(db: Session, entry: Entry, call_id: str) -> None:
    """One entry that no later try would make fit must not keep the others, or the call's recording, waiting."""
    try:
        with db.begin_nested():
            entry.write(db)
    except (IntegrityError, DataError) as error:
        log.error("call %s: an entry cannot be written: %s", call_id, error)


def without_words(entry: Entry) -> Entry:
    """The entry as it may lie in a file after the caller has refused to be recorded."""
    match entry:
        case TurnTaken(turn=turn):
            return replace(entry, turn=replace(turn, text="", words=(), confidence=None))
        case Changed(texts=texts) if "summary" in texts:
            return replace(entry, texts={**texts, "summary": ""})
        case Closed() | Concluded():
            return replace(entry, facts=None)
        case Promised(callback=callback):
            return replace(entry, callback=replace(callback, reason=""))
    return entry
