"""Export and erase one person's data by telephone number, and prove that it is gone.

Out of reach are other people's words: where somebody else says this number in their own call, it is redacted there and
stays. So is the company's own system, which Otklik only asks.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any
from uuid import uuid4

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from recordings.audio_store import AudioStore
from recordings.database import reading, transaction
from recordings.errors import CallGoesOn, SoundMissing, UnderHold
from recordings.privacy import audit
from recordings.privacy.erasure import add, delete_pending, delete_scope
from recordings.privacy.legal_holds import forget_number, hold_on
from recordings.privacy.person import Scope, find_person, inventory, parts_of, phone_of, talks_now
from recordings.privacy.pii_search import PiiMatch, files_with, find_pii, pattern
from recordings.privacy.settings import PrivacySettings
from recordings.tables import CallRow, ErasureRow, RecordingRow

log = logging.getLogger(__name__)

MOST_ROUNDS = 5
"""Times that what came in while the rest was erased is looked for."""
AROUND = timedelta(seconds=30)
"""Before and after a call in which the robot may have rendered a phrase with the caller's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """A receipt."""

    id: str
    subject: str
    """HMAC-SHA256 of the number in E.164 under the installation's secret; empty for what policy deleted."""
    why: str
    """request | policy"""
    state: str
    """working: killed or refused in the middle, asked for again it goes on | done | held"""
    counts: Mapping[str, int]
    requested_at: datetime
    requested_by: str
    ended_at: datetime | None


def subject_of(phone: str, settings: PrivacySettings) -> str:
    """The digest that stands for a number where the number must not.

    Raises:
        ValueError: the installation has no secret; without one every number could be tried.
    """
    secret = settings.erasure_secret.get_secret_value()
    if not secret:
        raise ValueError("OTKLIK_ERASURE_SECRET is not set: run otklik up once, or set it on every machine alike")
    return hmac.new(secret.encode(), phone.encode(), hashlib.sha256).hexdigest()


def export_person(
    engine: Engine, sounds: AudioStore, phone: str, target: Path, *, by: str, settings: PrivacySettings
) -> dict[str, int]:
    """Write all that is kept of a person into a ZIP: ``person.json`` by tables, and ``sound/``. Nothing is hidden.

    Returns:
        How many rows of each part, and ``files``.

    Raises:
        NotAPhone: the number is none.
    """
    phone = phone_of(phone)
    with transaction(engine) as db:
        audit.note(db, by, "person.exported", subject_of(phone, settings))
    with reading(engine) as db, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        scope = find_person(db, phone)
        counts = inventory(db, scope)
        body = {
            name: [_plain(row) for row in db.scalars(select(table).where(condition))]
            for name, table, condition in parts_of(scope)
            if name in counts
        }
        keys = db.scalars(select(RecordingRow.key).where(RecordingRow.id.in_(scope.recordings))).all()
        archive.writestr("person.json", json.dumps({"phone": phone, **body}, ensure_ascii=False, indent=1, default=str))
        files = 0
        for key in keys:
            try:
                with sounds.open(key) as sound:
                    archive.writestr(f"sound/{PurePosixPath(key).name}", sound.read(), zipfile.ZIP_STORED)
            except SoundMissing:
                continue  # policy has deleted it
            files += 1
    return add(counts, {"files": files})


def erase_person(engine: Engine, sounds: AudioStore, phone: str, *, by: str, settings: PrivacySettings) -> Erasure:
    """Erase all that is kept of a person, contact by contact, and leave a receipt that does not tell who it was.

    Killed or refused in the middle, the receipt says ``working``; asked for again the erasure goes on. Workers that are
    at one of the calls fail on their inserts, which leaves nothing behind. A receipt that is ``done`` was checked:
    outside of other people's words the number is nowhere any more.

    Raises:
        NotAPhone: the number is none.
        UnderHold: a legal hold forbids it; nothing was deleted, and a receipt with the state ``held`` says so.
        CallGoesOn: somebody talks with them now.
    """
    phone = phone_of(phone)
    subject = subject_of(phone, settings)
    with transaction(engine) as db:
        scope = find_person(db, phone)
        hold = hold_on(db, scope)
        receipt = _open(db, subject, by, held=hold is not None)
        if hold:
            audit.note(db, by, "person.erasure_refused", subject, {"hold": hold.id})
    if hold:
        raise UnderHold(hold.reason)
    delete_pending(engine, sounds, receipt)
    _forget_beside(engine, receipt, scope, settings)
    for _ in range(MOST_ROUNDS):
        with reading(engine) as db:
            scope = find_person(db, phone)
            if talks_now(db, scope):
                raise CallGoesOn("somebody talks with this person now: erase again after the call")
            if not inventory(db, scope):
                break
        for part in _one_by_one(scope):
            with transaction(engine) as db:
                delete_scope(db, part, db.get_one(ErasureRow, receipt))
            delete_pending(engine, sounds, receipt)
    with transaction(engine) as db:
        forget_number(db, phone, subject)
        row = db.get_one(ErasureRow, receipt)
        left = [trace for trace in find_pii(db, sounds, phone, settings) if not trace.said]
        if not left and not inventory(db, find_person(db, phone)):
            row.state, row.ended_at = "done", datetime.now(UTC)
            audit.note(db, by, "person.erased", subject, {"erasure": receipt, "counts": row.counts})
        return _erasure(row)


def verify_erased(engine: Engine, sounds: AudioStore, phone: str, settings: PrivacySettings) -> tuple[PiiMatch, ...]:
    """Every place that still holds the number, in all its spellings; those among words may be other people's."""
    phone = phone_of(phone)
    with reading(engine) as db:
        return find_pii(db, sounds, phone, settings)


def list_erasures(db: Session, *, limit: int = 200) -> list[Erasure]:
    """Newest first."""
    newest = select(ErasureRow).order_by(ErasureRow.requested_at.desc(), ErasureRow.id).limit(limit)
    return [_erasure(row) for row in db.scalars(newest)]


def find_erasures(db: Session, phone: str, settings: PrivacySettings) -> list[Erasure]:
    """Receipts of a person, newest first: only who knows the number can find them."""
    theirs = select(ErasureRow).where(ErasureRow.subject == subject_of(phone, settings))
    return [_erasure(row) for row in db.scalars(theirs.order_by(ErasureRow.requested_at.desc()))]


def _open(db: Session, subject: str, by: str, *, held: bool) -> str:
    """Id of the receipt to write into: the one of an erasure that was not finished, or a new one."""
    unfinished = ErasureRow.subject == subject, ErasureRow.state == "working"
    known = db.scalar(select(ErasureRow).where(*unfinished).limit(1))
    if known is not None and not held:
        return known.id
    row = ErasureRow(
        id=str(uuid4()),
        subject=subject,
        why="request",
        state="held" if held else "working",
        counts={},
        requested_at=datetime.now(UTC),
        requested_by=by,
        ended_at=datetime.now(UTC) if held else None,
        pending=[],
    )
    db.add(row)
    db.flush()
    return row.id


def _one_by_one(scope: Scope) -> list[Scope]:
    """Each contact in a transaction of its own, the card and what names the number last."""
    calls = [Scope(calls=(id_,)) for id_ in scope.calls]
    chats = [Scope(chats=(id_,)) for id_ in scope.chats]
    rest = Scope(phone=scope.phone, customers=scope.customers, recordings=scope.recordings)
    return [*calls, *chats, rest]


def _forget_beside(engine: Engine, receipt: str, scope: Scope, settings: PrivacySettings) -> None:
    """What lies beside the tables: notes put aside, phrases rendered in their calls, their number in the logs."""
    with reading(engine) as db:
        times = select(CallRow.started_at, CallRow.ended_at).where(CallRow.id.in_(scope.calls))
        calls = db.execute(times).all()
    notes = {settings.notes_dir / f"{call}{ending}" for call in scope.calls for ending in (".jsonl", ".fresh")}
    notes = {path for path in notes if path.exists()} | set(files_with(scope.phone, settings.notes_dir))
    for path in notes:
        path.unlink(missing_ok=True)
    prompts = 0
    spans = [(start - AROUND, (end or start + timedelta(hours=1)) + AROUND) for start, end in calls]
    for path in settings.prompts_dir.rglob("*.wav") if spans else ():
        rendered = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        if any(start <= rendered <= end for start, end in spans):
            path.unlink(missing_ok=True)
            prompts += 1
    for path in files_with(scope.phone, settings.logs_dir):
        _blacken(path, scope.phone)
    with transaction(engine) as db:
        row = db.get_one(ErasureRow, receipt)
        row.counts = add(row.counts, {"notes": len(notes), "prompts": prompts})


def _blacken(path: Path, phone: str) -> None:
    """Write over the number in place, so that who appends to the file meanwhile is not disturbed."""
    with path.open("r+b") as file:
        for found in list(pattern(phone).finditer(file.read())):
            file.seek(found.start())
            file.write(b"*" * len(found.group()))


def _plain(row: Any) -> dict[str, Any]:
    return {column.name: getattr(row, column.name) for column in row.__table__.columns}


def _erasure(row: ErasureRow) -> Erasure:
    return Erasure(
        id=row.id,
        subject=row.subject,
        why=row.why,
        state=row.state,
        counts=row.counts,
        requested_at=row.requested_at,
        requested_by=row.requested_by,
        ended_at=row.ended_at,
    )
