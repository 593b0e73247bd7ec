"""Legal holds: what must not be deleted, whatever policy or a wish to be erased say.

``hold_on`` finds out by itself whose contacts it is asked about: who asks passes ids and cannot forget a number.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from recordings.privacy.person import Scope
from recordings.privacy.subject import Kind, Subject
from recordings.privacy.whose import contacts_of, subjects_of
from recordings.tables import LegalHoldRow


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalHold:
    id: str
    phone: str
    """E.164, or the digest of one that was erased after the hold was released; empty for a hold of another kind."""
    email: str
    """Lower case, or the digest of one."""
    messenger: str
    """``channel:address``, or the digest of one."""
    contact_id: str
    reason: str
    created_at: datetime
    created_by: str
    released_at: datetime | None
    released_by: str


def add_hold(
    db: Session, *, phone: str = "", email: str = "", messenger: str = "", contact_id: str = "", reason: str, by: str
) -> LegalHold:
    """Forbid to delete a person's data, or one contact.

    Raises:
        ValueError: there is no reason, or not exactly one of the addresses and contacts.
    """
    whose = {"phone": phone, "email": email, "messenger": messenger, "contact_id": contact_id}
    if not reason.strip() or len([value for value in whose.values() if value]) != 1:
        raise ValueError("a legal hold needs a reason, and either an address of a person or the id of a contact")
    row = LegalHoldRow(
        id=str(uuid4()), reason=reason.strip(), created_at=datetime.now(UTC), created_by=by, **whose
    )  # fmt: skip
    db.add(row)
    db.flush()
    return _hold(row)


def release_hold(db: Session, hold_id: str, *, by: str) -> bool:
    """Let the data be deleted again; False when there is no such hold, or it is released already."""
    standing = LegalHoldRow.id == hold_id, LegalHoldRow.released_at.is_(None)
    values = {"released_at": datetime.now(UTC), "released_by": by}
    return bool(db.connection().execute(update(LegalHoldRow).where(*standing).values(**values)).rowcount)


def list_holds(db: Session) -> list[LegalHold]:
    """Standing ones first, then the newest."""
    rows = db.scalars(select(LegalHoldRow).order_by(LegalHoldRow.created_at.desc()))
    return sorted(map(_hold, rows), key=lambda hold: hold.released_at is not None)


def hold_on(db: Session, scope: Scope) -> LegalHold | None:
    """A standing hold of anybody whose data the scope holds, or of any contact it reaches."""
    return next(iter(holds_on(db, scope)), None)


def holds_on(db: Session, scope: Scope) -> list[LegalHold]:
    """All of them, the oldest first."""
    standing = select(LegalHoldRow).where(LegalHoldRow.released_at.is_(None)).order_by(LegalHoldRow.created_at)
    rows = db.scalars(standing).all()
    if not rows:  # as nearly always: nothing else is asked
        return []
    contacts = contacts_of(db, scope)
    subjects = subjects_of(db, contacts).union(scope.subjects)
    return [_hold(row) for row in rows if row.contact_id in contacts.ids or _subject(row) in subjects]


def forget_subject(db: Session, subject: Subject, digest: str) -> None:
    """Released holds of somebody who was erased tell no longer who it was."""
    column = getattr(LegalHoldRow, subject.kind.value)
    theirs = column == subject.value, LegalHoldRow.released_at.is_not(None)
    db.execute(update(LegalHoldRow).where(*theirs).values({column: digest, LegalHoldRow.reason: ""}))


def _subject(row: LegalHoldRow) -> Subject | None:
    for kind in Kind:
        if value := getattr(row, kind.value):
            return Subject(kind=kind, value=value)
    return None


def _hold(row: LegalHoldRow) -> LegalHold:
    return LegalHold(
        id=row.id,
        phone=row.phone,
        email=row.email,
        messenger=row.messenger,
        contact_id=row.contact_id,
        reason=row.reason,
        created_at=row.created_at,
        created_by=row.created_by,
        released_at=row.released_at,
        released_by=row.released_by,
    )
