"""Sound that still lies with Asterisk: what the robots saw there, and which erasures wait for their look.

Only the robot can look there. What it tells after each look lets an erasure end, and a search know what is left.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from recordings.database import insert_once, reading, transaction
from recordings.privacy.erasure import erased_calls
from recordings.privacy.person import AT_ONCE
from recordings.privacy.receipts import WORKING
from recordings.tables import CallRow, ErasureRow, SoundSpoolRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A look that has begun."""

    system: str
    """Asterisk's system name."""
    waiting: tuple[str, ...]
    """Receipts that were waiting for it when it began: what was deleted later it may have missed."""


def begin_look(engine: Engine, system: str) -> Look:
    """Before Asterisk is asked what it has."""
    with reading(engine) as db:
        unfinished = db.execute(select(ErasureRow.id, ErasureRow.waits_for).where(ErasureRow.state == WORKING))
        return Look(system=system, waiting=tuple(id_ for id_, systems in unfinished if system in (systems or ())))


def end_look(engine: Engine, look: Look, left: Collection[str]) -> None:
    """After the sound of erased calls was deleted there.

    Args:
        engine: The database.
        look: As it began.
        left: Calls whose sound still lies there.
    """
    now = datetime.now(UTC)
    with transaction(engine) as db:
        seen = {"system": look.system, "looked_at": now, "calls": sorted(left)}
        if not insert_once(db, SoundSpoolRow, seen):
            row = db.get_one(SoundSpoolRow, look.system)
            row.looked_at, row.calls = now, sorted(left)
        if erased_calls(db, left):
            return
        for receipt in db.scalars(select(ErasureRow).where(ErasureRow.id.in_(look.waiting)).with_for_update()):
            receipt.waits_for = [system for system in receipt.waits_for or () if system != look.system]
            if not receipt.waits_for:
                receipt.due_at = now  # the workers take it up at once


def left_with_asterisk(db: Session, digest: str) -> tuple[int, int]:
    """Calls whose sound was left at the last looks: erased ones of the person with this digest, and ones that nobody
    knows."""
    calls = {call for row in db.scalars(select(SoundSpoolRow)) for call in row.calls}
    erased, theirs = erased_calls(db, calls), erased_calls(db, calls, subject=digest)
    known: set[str] = set()
    for first in range(0, len(calls), AT_ONCE):
        known.update(db.scalars(select(CallRow.id).where(CallRow.id.in_(sorted(calls)[first : first + AT_ONCE]))))
    return len(theirs), len(calls - known - erased)
