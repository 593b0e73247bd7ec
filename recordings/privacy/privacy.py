"""Export and erase one person's data by telephone number, e-mail or messenger, and prove that it is gone.

Out of reach are other people's words: where somebody else says this number in their own call, it is redacted there and
stays, which the receipt says. So is the company's own system, which Otklik only asks.
"""

from __future__ import annotations

import json
import logging
import zipfile
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from recordings import leases
from recordings.audio_store import AudioStore, recorded_key
from recordings.database import forget_freed_pages, reading, transaction
from recordings.errors import CallGoesOn, SoundMissing, UnderHold
from recordings.privacy import audit
from recordings.privacy.beside import ASTERISK, Span, forget_beside, forget_models
from recordings.privacy.erasure import add, call_tombstone, delete_pending, delete_scope, mark_erased
from recordings.privacy.legal_holds import forget_subject, hold_on
from recordings.privacy.person import Scope, find_person, inventory, rows_of, talks_now
from recordings.privacy.pii_search import PiiMatch, find_pii, mask_pii
from recordings.privacy.receipts import (
    BACK_OFF,
    HOLD_SECONDS,
    LEASED,
    REQUEST,
    Erasure,
    open_receipt,
    receipt_of,
    wait_for_robots,
    whom,
    written,
)
from recordings.privacy.settings import PrivacySettings
from recordings.privacy.sound_spools import left_with_asterisk
from recordings.privacy.spellings import Spellings
from recordings.privacy.subject import digest_of, subject_from
from recordings.tables import CallRow, ErasureRow, RecordingRow, SampleRow, SentimentSampleRow

log = logging.getLogger(__name__)

MOST_ROUNDS = 5
"""Times that what came in while the rest was erased is looked for."""
AROUND = timedelta(seconds=30)
"""Before and after a call in which the robot may have rendered a phrase with the caller's name."""
AT_ONCE = 20
"""Receipts that one pass takes up."""
UNKNOWN_CALLS = "asterisk_unknown"
"""Place: sound with Asterisk of calls that nobody knows, which ages out there."""


def export_person(
    engine: Engine, sounds: AudioStore, address: str, target: Path, *, by: str, settings: PrivacySettings
) -> dict[str, int]:
    """Write all that is kept of a person into a ZIP: ``person.json`` by tables, and ``sound/``. Nothing is hidden.

    Returns:
        How many rows of each part, and ``files``.

    Raises:
        NotAPhone: the address is none.
    """
    subject = subject_from(address)
    with transaction(engine) as db:
        audit.note(db, by, "person.exported", digest_of(subject, settings))
    with reading(engine) as db, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        found = rows_of(db, find_person(db, subject))
        body = {name: [_plain(row) for row in rows] for name, rows in found.items()}
        counts = {name: len(rows) for name, rows in found.items()}
        head = {subject.kind.value: subject.value}
        archive.writestr("person.json", json.dumps(head | body, ensure_ascii=False, indent=1, default=str))
        files = 0
        for row in found.get(RecordingRow.__tablename__, ()):
            try:
                with sounds.open(recorded_key(row.key)) as sound:
                    archive.writestr(f"sound/{PurePosixPath(row.key).name}", sound.read(), zipfile.ZIP_STORED)
            except SoundMissing:
                continue  # policy has deleted it, or there never was one
            files += 1
    return add(counts, {"files": files})


def erase_person(engine: Engine, sounds: AudioStore, address: str, *, by: str, settings: PrivacySettings) -> Erasure:
    """Erase all that is kept of a person, contact by contact, and leave a receipt that does not tell who it was.

    Everything is searched in readings; what is written are short transactions. Killed or refused in the middle, or
    while something is left, the receipt says ``working``: the workers go on with it, and so does whoever asks again.
    Workers that are at one of the calls fail on their inserts, which leaves nothing behind. A receipt that is ``done``
    was checked: outside of other people's words the address is nowhere any more.

    Raises:
        NotAPhone: the address is none.
        UnderHold: a legal hold forbids it; nothing was deleted, and a receipt with the state ``held`` says so.
        CallGoesOn: somebody talks with them now.
    """
    return _go_on(engine, sounds, _begin(engine, address, HOLD_SECONDS, by=by, settings=settings), settings)


def begin_erasure(engine: Engine, address: str, *, by: str, settings: PrivacySettings) -> Erasure:
    """Ask for what ``erase_person`` does and leave the work to the workers: it costs one short transaction, however
    much there is. They take up at once what is due; who is talked with now is erased after the call.

    Returns:
        The receipt, ``working``.

    Raises:
        NotAPhone: the address is none.
        UnderHold: a legal hold forbids it; a receipt with the state ``held`` says so.
        CallGoesOn: somebody talks with them now; the receipt stands, the workers come back to it.
    """
    receipt = _begin(engine, address, 0, by=by, settings=settings)
    with reading(engine) as db:
        if talks_now(db, _scope(db, receipt)):
            raise CallGoesOn("somebody talks with this person now: they are erased after the call")
        return receipt_of(db.get_one(ErasureRow, receipt))


def _begin(engine: Engine, address: str, alone: float, *, by: str, settings: PrivacySettings) -> str:
    """Id of the receipt; for ``alone`` seconds no worker takes it up."""
    subject = subject_from(address)
    digest = digest_of(subject, settings)
    with reading(engine) as db:
        scope = find_person(db, subject)
    with transaction(engine) as db:
        hold = hold_on(db, scope)
        receipt = open_receipt(db, subject, digest, by, held=hold is not None, alone=alone)
        if hold:
            audit.note(db, by, "person.erasure_refused", digest, {"hold": hold.id})
    if hold:
        raise UnderHold(hold.reason)
    return receipt


def finish_erasures(engine: Engine, sounds: AudioStore, settings: PrivacySettings) -> list[Erasure]:
    """Go on with the erasures that are not finished and due; what is held or talked with now waits for later."""
    now = datetime.now(UTC)
    with transaction(engine) as db:
        due = leases.take_due(
            db, LEASED, limit=AT_ONCE, seconds=HOLD_SECONDS, now=now, where=(ErasureRow.why == REQUEST,)
        )
        taken = [row.id for row in due if whom(row)]
    ended = []
    for receipt in taken:
        try:
            ended.append(_go_on(engine, sounds, receipt, settings))
        except (UnderHold, CallGoesOn, OSError) as reason:
            log.info("erasure %s goes on later: %s", receipt, type(reason).__name__)
            _put_off(engine, receipt)
    return ended


def verify_erased(engine: Engine, sounds: AudioStore, address: str, settings: PrivacySettings) -> tuple[PiiMatch, ...]:
    """Every place that still holds the address, in all its spellings; those among words may be other people's.

    Raises:
        NotAPhone: the address is none.
    """
    subject = subject_from(address)
    found = find_pii(engine, sounds, [subject], settings)
    with reading(engine) as db:
        erased, unknown = left_with_asterisk(db, digest_of(subject, settings))
        waits = select(ErasureRow.waits_for).where(
            ErasureRow.subject == digest_of(subject, settings), ErasureRow.state == "working"
        )
        waiting = max((len(systems or ()) for systems in db.scalars(waits)), default=0)
    return (*found, *_with_asterisk(max(erased, waiting), unknown))


def _with_asterisk(erased: int, unknown: int) -> tuple[PiiMatch, ...]:
    places = ((ASTERISK, erased, False), (UNKNOWN_CALLS, unknown, True))
    return tuple(PiiMatch(place=place, count=count, said=said) for place, count, said in places if count)


def _go_on(engine: Engine, sounds: AudioStore, receipt: str, settings: PrivacySettings) -> Erasure:
    delete_pending(engine, sounds, receipt)
    deleted = False
    for _ in range(MOST_ROUNDS):
        with reading(engine) as db:
            scope = _scope(db, receipt)
            if talks_now(db, scope):
                raise CallGoesOn("somebody talks with this person now: erase again after the call")
            something = inventory(db, scope)
        with transaction(engine) as db:
            db.get_one(ErasureRow, receipt).whom = written(scope.subjects)
        deleted |= _forget_beside(engine, receipt, scope, settings)
        if not something:
            break
        for part in scope.one_by_one():
            with transaction(engine) as db:
                if hold := hold_on(db, part):  # laid a moment ago
                    raise UnderHold(hold.reason)
                delete_scope(db, part, db.get_one(ErasureRow, receipt))
            delete_pending(engine, sounds, receipt)
        deleted = True
    masked = mask_pii(engine, scope.subjects)
    with transaction(engine) as db:
        for one in scope.subjects:
            forget_subject(db, one, digest_of(one, settings))
        row = db.get_one(ErasureRow, receipt)
        row.counts = add(row.counts, {"masked": masked})
        wait_for_robots(db, row, anew=deleted)
    forget_freed_pages(engine)
    return _end(engine, sounds, receipt, settings)


def _scope(db: Session, receipt: str) -> Scope:
    """What there is of the person now, by every address that was ever seen on their card."""
    first, *others = whom(db.get_one(ErasureRow, receipt))
    found = find_person(db, first)
    return replace(found, subjects=(*found.subjects, *(one for one in others if one not in found.subjects)))


def _end(engine: Engine, sounds: AudioStore, receipt: str, settings: PrivacySettings) -> Erasure:
    """Search once more, and write down what is left, or that nothing is."""
    with reading(engine) as db:
        scope = _scope(db, receipt)
        anything = inventory(db, scope)
    traces = [*find_pii(engine, sounds, scope.subjects, settings)]
    with transaction(engine) as db:
        row = db.get_one(ErasureRow, receipt)
        waiting = len(row.waits_for or ())
        traces += _with_asterisk(waiting, left_with_asterisk(db, row.subject)[1])
        row.left = [asdict(trace) for trace in traces]
        if all(trace.said for trace in traces) and not anything and not row.pending:
            row.state, row.ended_at, row.whom = "done", datetime.now(UTC), None
            audit.note(db, row.requested_by, "person.erased", row.subject, {"erasure": receipt, "counts": row.counts})
        else:
            row.due_at = leases.after(BACK_OFF.longest if waiting else BACK_OFF.wait(row.attempts + 1))
        return receipt_of(row)


def _put_off(engine: Engine, receipt: str) -> None:
    with transaction(engine) as db:
        row = db.get_one(ErasureRow, receipt)
        row.due_at = leases.after(BACK_OFF.wait(row.attempts))


def _forget_beside(engine: Engine, receipt: str, scope: Scope, settings: PrivacySettings) -> bool:
    """What lies beside the tables; whether entries of calls were there that had never been written."""
    with reading(engine) as db:
        spans = _spans(db, scope)
        learned_since = _learned_since(db, scope)
    spelled = [Spellings(one) for one in scope.subjects]
    gone = forget_beside(settings, spelled, scope.calls, spans)
    models = forget_models(settings, learned_since) if learned_since else 0
    with transaction(engine) as db:
        row = db.get_one(ErasureRow, receipt)
        mark_erased(db, map(call_tombstone, gone.calls), receipt)
        row.counts = add(row.counts, {"notes": gone.notes, "prompts": gone.prompts, "models": models})
    return bool(gone.calls)


def _spans(db: Session, scope: Scope) -> list[Span]:
    """When their calls were."""
    spans: list[Span] = []
    for first in range(0, len(scope.calls), 500):
        some = scope.calls[first : first + 500]
        for start, end in db.execute(select(CallRow.started_at, CallRow.ended_at).where(CallRow.id.in_(some))):
            spans.append((start - AROUND, (end or start + timedelta(hours=1)) + AROUND))
    return spans


def _learned_since(db: Session, scope: Scope) -> datetime | None:
    """When the first phrase of theirs came among those that models learn; None where there is none."""
    rows = rows_of(db, scope, only=(SampleRow, SentimentSampleRow))
    learned = [row for some in rows.values() for row in some if getattr(row, "state", "labelled") == "labelled"]
    return min((row.created_at for row in learned), default=None)


def _plain(row: Any) -> dict[str, Any]:
    return {column.name: getattr(row, column.name) for column in row.__table__.columns}
