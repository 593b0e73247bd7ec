"""Receipts of erasures: what was asked for, how far it has come, and what is left. A finished one names nobody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from recordings import leases
from recordings.privacy.settings import PrivacySettings
from recordings.privacy.subject import Kind, Subject, digest_of
from recordings.tables import ErasureRow, SoundSpoolRow

REQUEST = "request"
WORKING = "working"
BACK_OFF = leases.BackOff(first=60, longest=3600)
"""Seconds until a receipt that could not be finished is taken up again."""
HOLD_SECONDS = 900.0
"""How long who works on a receipt has it alone."""
GONE_AFTER = timedelta(days=30)
"""An Asterisk whose robot has not looked for so long is no more: nobody waits for it."""

LEASED = leases.Leased(
    table=ErasureRow, key=ErasureRow.id, holder=ErasureRow.attempts, unsettled=ErasureRow.state == WORKING
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """A receipt."""

    id: str
    subject: str
    """HMAC-SHA256 of the address under the installation's secret; empty for what policy deleted."""
    why: str
    """request | policy"""
    state: str
    """working: not everything is gone, the workers go on with it | done | held"""
    counts: Mapping[str, int]
    requested_at: datetime
    requested_by: str
    ended_at: datetime | None
    left: Sequence[Mapping[str, Any]]
    """``place``, ``count`` and ``said`` of each place that still names them; what others ``said`` stays."""


def list_erasures(db: Session, *, limit: int = 200) -> list[Erasure]:
    """Newest first."""
    newest = select(ErasureRow).order_by(ErasureRow.requested_at.desc(), ErasureRow.id).limit(limit)
    return [receipt_of(row) for row in db.scalars(newest)]


def find_erasure(db: Session, id_: str) -> Erasure | None:
    """One receipt."""
    row = db.get(ErasureRow, id_)
    return receipt_of(row) if row else None


def find_erasures(db: Session, subject: Subject, settings: PrivacySettings) -> list[Erasure]:
    """Receipts of a person, newest first: only who knows the address can find them."""
    theirs = select(ErasureRow).where(ErasureRow.subject == digest_of(subject, settings))
    return [receipt_of(row) for row in db.scalars(theirs.order_by(ErasureRow.requested_at.desc()))]


def open_receipt(db: Session, subject: Subject, digest: str, by: str, *, held: bool, alone: float) -> str:
    """Id of the receipt to write into: the one of an erasure that was not finished, or a new one. In ``alone`` seconds
    it falls due and the workers take it up.
    """
    unfinished = ErasureRow.subject == digest, ErasureRow.state == WORKING
    known = db.scalar(select(ErasureRow).where(*unfinished).limit(1))
    now = datetime.now(UTC)
    if known is not None and not held:
        known.whom = known.whom or written([subject])
        known.due_at = leases.after(alone, now)
        db.flush()
        return known.id
    row = ErasureRow(
        id=str(uuid4()),
        subject=digest,
        whom=None if held else written([subject]),
        why=REQUEST,
        state="held" if held else WORKING,
        counts={},
        requested_at=now,
        requested_by=by,
        ended_at=now if held else None,
        pending=[],
        waits_for=None,
        left=[],
        due_at=leases.after(alone, now),
    )
    db.add(row)
    db.flush()
    return row.id


def whom(row: ErasureRow) -> list[Subject]:
    """Who is to be erased, by the address that was named and then by those of their card; empty where nobody wrote it
    down, and once it is done."""
    named = row.whom["subjects"] if row.whom else ()
    return [Subject(kind=Kind(one["kind"]), value=one["value"]) for one in named]


def written(subjects: Iterable[Subject]) -> dict[str, Any]:
    """As ``whom`` reads it."""
    return {"subjects": [{"kind": one.kind.value, "value": one.value} for one in subjects]}


def wait_for_robots(db: Session, row: ErasureRow, *, anew: bool) -> None:
    """From now on the erasure waits until the robot of every Asterisk has looked for sound of the deleted calls.

    Args:
        db: Open transaction.
        row: The receipt.
        anew: Calls were deleted since somebody waited: a look before that did not know them.
    """
    if row.waits_for is None or anew:
        lately = SoundSpoolRow.looked_at > datetime.now(UTC) - GONE_AFTER
        row.waits_for = list(db.scalars(select(SoundSpoolRow.system).where(lately).order_by(SoundSpoolRow.system)))
        db.flush()


def receipt_of(row: ErasureRow) -> Erasure:
    return Erasure(
        id=row.id,
        subject=row.subject,
        why=row.why,
        state=row.state,
        counts=row.counts,
        requested_at=row.requested_at,
        requested_by=row.requested_by,
        ended_at=row.ended_at,
        left=row.left or [],
    )
