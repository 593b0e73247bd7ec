"""Entries of the call log: values, so that one that cannot be written now is kept in a file."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal, cast

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Engine, select
from sqlalchemy.exc import DataError, IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from recordings.calls import call_log
from recordings.contacts.call import Call, Callback, Customer, Leg, Outcome, Turn
from recordings.contacts.failure import Failure, failures_in
from recordings.customers import cards
from recordings.database import transaction
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


Entry = Opened | TurnTaken | LegChanged | Changed | Known | Refused | Promised | Broke | Closed
_ENTRIES: TypeAdapter[Entry] = TypeAdapter(Entry)
"""Its errors are told without the input: ``_fault_of``."""


def _write_or_drop(db: Session, entry: Entry, call_id: str) -> None:
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
        case Closed():
            return replace(entry, facts=None)
        case Promised(callback=callback):
            return replace(entry, callback=replace(callback, reason=""))
    return entry


def _fault_of(error: Exception) -> str:
    """What is wrong, without the words in which it is wrong."""
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, at['loc']))}: {at['type']}" for at in error.errors(include_input=False))
    return str(error)


class Spool:
    """Entries that the database would not take, one file of JSON lines a call, until it takes them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, call_id: str, entries: Sequence[Entry]) -> None:
        """Put a call's entries aside.

        Raises:
            OSError: no room.
        """
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = self._folder / f"{call_id}.fresh"
        fresh.touch(mode=0o600)
        fresh.write_bytes(b"".join(_ENTRIES.dump_json(entry) + b"\n" for entry in entries))
        fresh.replace(self._file(call_id))

    def has(self, call_id: str) -> bool:
        return self._file(call_id).exists()

    def replay(self, engine: Engine) -> None:
        """Write what was put aside, each call in one transaction; what cannot be written now stays."""
        for path in sorted(self._folder.glob("*.jsonl")):
            try:
                entries = [_ENTRIES.validate_json(line) for line in path.read_bytes().splitlines()]
                with transaction(engine) as db:
                    for entry in entries:
                        _write_or_drop(db, entry, path.stem)
                path.unlink()
                log.info("call %s: %d entries put aside earlier are written now", path.stem, len(entries))
            except (SQLAlchemyError, OSError, ValidationError) as error:
                log.error("call %s: its entries stay in %s: %s", path.stem, path, _fault_of(error))
                if isinstance(error, OperationalError):
                    return  # the database is away: the others would wait in vain as long as this one

    def _file(self, call_id: str) -> Path:
        return self._folder / f"{call_id}.jsonl"
