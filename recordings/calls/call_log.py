"""What the robot writes down while a call goes on. Plain functions over one open transaction; none of them computes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TypedDict, Unpack
from uuid import uuid4

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from recordings.calls.callback_rules import number_to_ring
from recordings.contacts.call import Call, Callback, Leg, Outcome, Turn
from recordings.contacts.chat import numbers_of
from recordings.contacts.failure import Failure, text_of
from recordings.database import insert_once
from recordings.redaction.wordless import forget_words
from recordings.rows import call_of
from recordings.tables import CallbackRow, CallRow, LegRow, TurnRow
from speech.recognition.words import Speaker

LONGEST_NUMBER = 64
"""Letters that are kept of a number: who calls over SIP may send any name instead. PostgreSQL refuses longer ones."""


class CallChanges(TypedDict, total=False):
    """What may become known in the course of a call."""

    answered_at: datetime
    language: str
    scenario: str
    scenario_version: str
    engine: str
    customer_id: str | None
    agent: str
    summary: str


def open_call(db: Session, call: Call) -> bool:
    """Write the call down; False when it already is, as after a restart in its middle."""
    dialled = {"caller_number": call.caller_number[:LONGEST_NUMBER], "extension": call.extension[:LONGEST_NUMBER]}
    return insert_once(db, CallRow, asdict(call) | dialled)


def find_call(db: Session, call_id: str) -> Call | None:
    row = db.get(CallRow, call_id)
    return call_of(row) if row else None


def open_calls(db: Session) -> list[Call]:
    """Calls that have not ended, oldest first: after a restart, those to take up again or to close."""
    rows = db.scalars(select(CallRow).where(CallRow.ended_at.is_(None)).order_by(CallRow.started_at))
    return [call_of(row) for row in rows]


def update_call(db: Session, call_id: str, **changes: Unpack[CallChanges]) -> None:
    """Change what is given and nothing else. After a refusal the summary stays empty."""
    if "summary" in changes and _refused(db, call_id):
        changes["summary"] = ""
    if changes:
        db.execute(update(CallRow).where(CallRow.id == call_id).values(**changes))


def close_call(
    db: Session,
    call_id: str,
    *,
    ended_at: datetime,
    outcome: Outcome,
    failures: Sequence[Failure] = (),
    facts: Mapping[str, str] | None = None,
) -> None:
    """Write how the call ended. The first word counts: a call closed already stays as it is.

    Of the ``facts`` known in the end, the numbers a later contact may be about are kept.
    """
    values: dict[str, object] = {"ended_at": ended_at, "outcome": outcome}
    if failures:
        values |= _columns(failures)
    if facts is not None and not _refused(db, call_id):
        values["facts"] = numbers_of(facts)
    db.execute(update(CallRow).where(CallRow.id == call_id, CallRow.ended_at.is_(None)).values(**values))


def amend_end(db: Session, call_id: str, *, ended_at: datetime, outcome: Outcome) -> None:
    """Put right how a call ended that went on with a person after its robot had closed it."""
    db.execute(update(CallRow).where(CallRow.id == call_id).values(ended_at=ended_at, outcome=outcome))


def note_failures(db: Session, call_id: str, failures: Sequence[Failure]) -> None:
    """Write down what broke in a call, in place of what was written before; of a call that has ended, too."""
    db.execute(update(CallRow).where(CallRow.id == call_id).values(**_columns(failures)))


def note_turn(db: Session, call_id: str, turn: Turn) -> None:
    """Add what was said. After a refusal only who spoke and when is kept. The same number twice is kept once."""
    values = asdict(turn) | {"call_id": call_id}
    if _refused(db, call_id):
        values |= {"text": "", "words": [], "confidence": None, "intent": ""}
    insert_once(db, TurnRow, values)


def note_leg(db: Session, leg: Leg) -> None:
    """Write one party's channel down, or when it ended."""
    if not insert_once(db, LegRow, asdict(leg)):
        here = (LegRow.call_id == leg.call_id, LegRow.channel == leg.channel)
        db.execute(update(LegRow).where(*here).values(started=leg.started, ended=leg.ended))


def refuse_recording(db: Session, call_id: str) -> None:
    """The caller does not want to be recorded: forget the words kept so far and keep none from now on."""
    forget_words(db, calls=[call_id])
    db.execute(update(CallRow).where(CallRow.id == call_id).values(consent=False, facts=None))


def request_callback(db: Session, callback: Callback) -> None:
    """Somebody is to ring back; a number that is not rung is left out, and the wish stays.

    One that has an id of its own is written once: a second time changes nothing.
    """
    language = db.scalar(select(CallRow.language).where(CallRow.id == callback.call_id)) or ""
    values = {"id": callback.id or str(uuid4()), "phone": number_to_ring(callback.phone, language)}
    if callback.call_id and _refused(db, callback.call_id):
        values["reason"] = ""
    insert_once(db, CallbackRow, asdict(callback) | values)


def last_word(db: Session, call_id: str) -> float:
    """Seconds from the answer until the last thing known to have happened in a call; 0 when nothing is."""
    turn = db.scalar(select(func.max(TurnRow.end)).where(TurnRow.call_id == call_id))
    leg = db.scalar(select(func.max(func.coalesce(LegRow.ended, LegRow.started))).where(LegRow.call_id == call_id))
    return max(turn or 0.0, leg or 0.0)


def was_joined(db: Session, call_id: str) -> bool:
    """Whether a person has talked with the caller."""
    agents = select(LegRow.call_id).where(LegRow.call_id == call_id, LegRow.speaker == Speaker.AGENT).limit(1)
    return db.scalar(agents) is not None


def _columns(failures: Sequence[Failure]) -> dict[str, object]:
    return {"failure": text_of(failures), "failures": [asdict(failure) for failure in failures]}


def _refused(db: Session, call_id: str) -> bool:
    return db.scalar(select(CallRow.consent).where(CallRow.id == call_id)) is False
