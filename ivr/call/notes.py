"""Notes of calls that the dialplan leaves when a caller hangs up: how the call ended, also where no robot saw it.

Of a call that it sends to a person there is a note from then on, without an end: Asterisk may die before it.

They lie beside the sound as stored recordings ``note-<call>``: Asterisk lists, reads and deletes those over ARI, and
they outlive it. The last line of ``docker/asterisk/extensions.conf.j2`` that is not empty names the fields in order.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import NAMESPACE_OID, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.errors import AriError, AriNotFound
from ivr.telephony.ari import Ari
from ivr.telephony.told import forget
from recordings.calls import call_log
from recordings.contacts.call import Call, Callback, Leg, Outcome
from recordings.contacts.failure import Failure, FailureCode
from recordings.customers import cards
from recordings.privacy.erasure import is_erased
from recordings.tables import CallbackRow
from speech.recognition.words import Speaker

log = logging.getLogger(__name__)

NAME = re.compile(r"^note-(?P<call>.+)$")
LONGEST = 2000
"""Bytes of a note; nobody but the dialplan writes any."""
EPOCH = re.compile(r"^[0-9]{1,11}$")
"""Seconds."""
_FIELDS = 11


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What the dialplan knows of one call."""

    call_id: str
    since: datetime
    moved: datetime | None
    """Sent to a person by the dialplan: there was no robot, or it was gone."""
    ended: datetime
    """Where Asterisk died in the middle: when the call was last known to go on."""
    dialled: str
    number: str
    """The caller's; empty when withheld."""
    language: str
    """Empty when the call was not moved."""
    answered: float
    """Seconds that the caller talked with the person whose phone the dialplan rang; 0 for nobody."""
    person: str
    """Channel of that phone, as ``PJSIP/agent-00000002``."""
    promised: bool
    """The caller was told that somebody will call back."""
    joined: str
    """Endpoint of the person whom the robot joined with the caller."""
    cut: bool = False
    """Asterisk died in the middle of it."""


def parse(call_id: str, text: str) -> Note | None:
    """The note of a call; None for what is none."""
    fields = text[:LONGEST].strip().split("|")
    if len(fields) != _FIELDS:
        return None
    since, moved, ended, dialled, number, language, status, answered, person, promised, joined = fields
    cut = not ended
    if cut:
        ended = moved
    if not (EPOCH.match(since) and EPOCH.match(ended)):
        return None
    talked = float(answered) if EPOCH.match(answered) and status == "ANSWER" else 0.0
    return Note(
        call_id=call_id,
        since=_time(since),
        moved=_time(moved) if EPOCH.match(moved) else None,
        ended=_time(ended),
        dialled=dialled,
        number=number,
        language=language,
        answered=talked if status != "ANSWER" else max(talked, 1.0),
        person=person,
        promised=promised == "1",
        joined=joined,
        cut=cut,
    )


def _time(epoch: str) -> datetime:
    return datetime.fromtimestamp(int(epoch), UTC)


async def left_notes(ari: Ari) -> list[str]:
    """Ids of the calls that have a note.

    Raises:
        AriError: Asterisk does not answer.
    """
    return [match["call"] for row in await ari.get("recordings/stored") if (match := NAME.match(row["name"]))]


async def read_note(ari: Ari, call_id: str) -> Note | None:
    """The note of a call; None where there is none, or not all of it yet.

    Raises:
        AriError: Asterisk does not answer.
    """
    try:
        blocks = [block async for block in ari.read(f"recordings/stored/note-{call_id}/file")]
        return parse(call_id, b"".join(blocks)[:LONGEST].decode(errors="replace"))
    except AriNotFound:
        return None


async def delete_note(ari: Ari, call_id: str) -> None:
    """Forget the note, and what Asterisk was told of the call: all of it is in the database."""
    try:
        await ari.delete(f"recordings/stored/note-{call_id}")
        await forget(ari, call_id)
    except AriError as error:
        log.warning("call %s: its note still lies with Asterisk: %s", call_id, error)


def settle(db: Session, note: Note, *, language: str) -> None:
    """Make the call's row right by what the dialplan saw; twice comes to the same.

    Args:
        db: An open transaction.
        note: What it saw.
        language: Spoken on that number, for a note that does not say.
    """
    if is_erased(db, "", note.call_id):
        return
    call = call_log.find_call(db, note.call_id)
    if call is None:
        call = _open(db, note, language)
        if note.moved is None and not note.joined:  # who holds a call writes it down first: they were sent away at once
            busy = Failure(code=FailureCode.BUSY, text="all lines were busy")
            call_log.close_call(db, call.id, ended_at=note.ended, outcome=Outcome.FAILED, failures=(busy,))
            return
    talked = note.answered > 0
    if note.moved is None:
        _close(db, call, note, Outcome.HANDED_OVER if note.joined else Outcome.FAILED)
        return
    unserved = Outcome.FAILED if note.cut else Outcome.ABANDONED
    outcome = Outcome.HANDED_OVER if talked else Outcome.CALLBACK if note.promised else unserved
    if call.ended_at is None:
        _close(db, call, note, outcome)
    if talked or note.promised:
        call_log.amend_end(db, call.id, ended_at=note.ended, outcome=outcome)
    if talked:
        _note_person(db, call, note)
    elif note.promised and note.number:
        _promise(db, note)


def _open(db: Session, note: Note, language: str) -> Call:
    call = Call(
        id=note.call_id,
        started_at=note.since,
        answered_at=note.moved,
        caller_number=note.number,
        extension=note.dialled,
        language=note.language or language,
        scenario="",
        scenario_version="",
        engine="",
    )
    if call_log.open_call(db, call):
        cards.meet_caller(db, call)
    return call


def _close(db: Session, call: Call, note: Note, outcome: Outcome) -> None:
    lost = Failure(code=FailureCode.RESTARTED, text="the robot or Asterisk was restarted in the middle of the call")
    nobody = Failure(code=FailureCode.NO_ROBOT, text="no robot took calls: Asterisk rang a person")
    known = call.failures or ((lost if call.scenario or not note.moved or note.cut else nobody),)
    failures = () if note.joined and not note.moved else known
    call_log.close_call(db, call.id, ended_at=note.ended, outcome=outcome, failures=failures)


def _note_person(db: Session, call: Call, note: Note) -> None:
    began = call.answered_at or call.started_at
    ended = max((note.ended - began).total_seconds(), note.answered)
    leg = Leg(call_id=call.id, speaker=Speaker.AGENT, channel=note.person, started=ended - note.answered, ended=ended)
    call_log.note_leg(db, leg)
    call_log.update_call(db, call.id, agent=note.person.rpartition("-")[0])


def _promise(db: Session, note: Note) -> None:
    """Once: its id is made of the call's."""
    if db.scalar(select(CallbackRow.id).where(CallbackRow.call_id == note.call_id)) is None:
        ident = str(uuid5(NAMESPACE_OID, f"otklik note {note.call_id}"))
        callback = Callback(id=ident, call_id=note.call_id, phone=note.number, reason="", requested_at=note.ended)
        call_log.request_callback(db, callback)
