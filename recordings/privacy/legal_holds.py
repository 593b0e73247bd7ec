"""Legal holds: what must not be deleted, whatever policy or a wish to be erased say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from recordings.privacy.person import Scope
from recordings.tables import LegalHoldRow


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalHold:
    id: str
    phone: str
    """E.164, or the digest of one that was erased after the hold was released; empty for a hold of one contact."""
    contact_id: str
    reason: str
    created_at: datetime
    created_by: str
    released_at: datetime | None
    released_by: str


def add_hold(db: Session, *, phone: str = "", contact_id: str = "", reason: str, by: str) -> LegalHold:
    """Forbid to delete a person's data, or one contact.

    Raises:
        ValueError: there is no reason, or not exactly one of number and contact.
    """
    if not reason.strip() or bool(phone) == bool(contact_id):
        raise ValueError("a legal hold needs a reason, and either a number or the id of a contact")
    row = LegalHoldRow(
        id=str(uuid4()),
        phone=phone,
        contact_id=contact_id,
        reason=reason.strip(),
        created_at=datetime.now(UTC),
        created_by=by,
    )
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
    """A standing hold of the person or of any of their contacts."""
    ways: list[ColumnElement[bool]] = [LegalHoldRow.contact_id.in_(scope.contacts)]
    if scope.phone:
        ways.append(LegalHoldRow.phone == scope.phone)
    row = db.scalar(select(LegalHoldRow).where(LegalHoldRow.released_at.is_(None), or_(*ways)).limit(1))
    return _hold(row) if row else None


def forget_number(db: Session, phone: str, digest: str) -> None:
    """Released holds of somebody who was erased tell no longer who it was."""
    theirs = LegalHoldRow.phone == phone, LegalHoldRow.released_at.is_not(None)
    db.execute(update(LegalHoldRow).where(*theirs).values(phone=digest, reason=""))


def _hold(row: LegalHoldRow) -> LegalHold:
    return LegalHold(
        id=row.id,
        phone=row.phone,
        contact_id=row.contact_id,
        reason=row.reason,
        created_at=row.created_at,
        created_by=row.created_by,
        released_at=row.released_at,
        released_by=row.released_by,
    )
