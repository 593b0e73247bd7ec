"""The audit trail: who did what that others must be able to check.

Lines are chained: each holds the sha256 over the digest of the line before and its own canonical JSON, so that a line
changed, taken out or put in between shows. Whoever can write the database can also write the whole chain anew: keep the
newest digest elsewhere (``otklik audit verify`` prints it) and such a chain shows, too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.orm import Session

from recordings.database import alone
from recordings.tables import AuditRow

AUDIT_LOCK = 0x6F74_6175
"""Key of the advisory lock in PostgreSQL under which one line is written after the other."""
TRIMMED = "audit.trimmed"
"""Action of the line that stands for the oldest ones, once policy has deleted them."""
FIRST = "0" * 64
"""Digest the first line of all is chained to."""
SAME_LISTENING = timedelta(minutes=5)
"""A player asks for sound in parts: what the same person asks for again so soon is one listening."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    number: int
    at: datetime
    login: str
    """Who did it; ``cli:<account>`` at the command line, ``policy`` for what runs by itself."""
    action: str
    """As ``original.heard``, ``person.erased``."""
    subject: str
    """Id of the call, or the digest of a telephone number: never the number itself."""
    detail: Mapping[str, Any]
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    lines: tuple[AuditEntry, ...]
    """Newest first."""
    total: int


def note(db: Session, login: str, action: str, subject: str, detail: Mapping[str, Any] | None = None) -> AuditEntry:
    """Append a line in this transaction; others who note something wait until it ends."""
    alone(db, AUDIT_LOCK)
    db.flush()
    last = db.scalar(select(AuditRow).order_by(AuditRow.number.desc()).limit(1))
    line = AuditRow(
        number=last.number + 1 if last else 1,
        at=datetime.now(UTC),
        login=login[:64],
        action=action[:64],
        subject=subject[:128],
        detail=dict(detail or {}),
    )
    line.digest = _digest(last.digest if last else FIRST, line)
    db.add(line)
    db.flush()
    return _line(line)


def note_once(
    db: Session,
    login: str,
    action: str,
    subject: str,
    detail: Mapping[str, Any] | None = None,
    *,
    within: timedelta = SAME_LISTENING,
) -> None:
    """Append a line unless the same person has just done the same, of the same subject with the same detail."""
    same = (AuditRow.login == login[:64], AuditRow.action == action, AuditRow.subject == subject[:128])
    lately = select(AuditRow.detail).where(*same, AuditRow.at > datetime.now(UTC) - within)
    if dict(detail or {}) not in db.scalars(lately).all():
        note(db, login, action, subject, detail)


def verify(db: Session) -> int | None:
    """Number of the first line that does not follow from the ones before; None when all do."""
    trimmed = db.scalar(select(AuditRow).where(AuditRow.action == TRIMMED).order_by(AuditRow.number.desc()).limit(1))
    expected, before = (trimmed.detail["before"], trimmed.detail["digest"]) if trimmed else (1, FIRST)
    lines = select(AuditRow).order_by(AuditRow.number).execution_options(yield_per=1000)
    with closing(db.scalars(lines)) as found:
        for line in found:
            if line.number != expected or line.digest != _digest(before, line):
                return min(expected, line.number)
            expected, before = line.number + 1, line.digest
    return None


def newest(db: Session) -> AuditEntry | None:
    """The last line: its digest stands for all of them."""
    row = db.scalar(select(AuditRow).order_by(AuditRow.number.desc()).limit(1))
    return _line(row) if row else None


def list_lines(db: Session, *, wanted: str = "", offset: int = 0, limit: int = 50) -> AuditPage:
    """One page; ``wanted`` is part of the login or of the action, or the subject."""
    fits: list[ColumnElement[bool]] = []
    if wanted:
        part = wanted.lower()
        ways = [func.lower(column).contains(part, autoescape=True) for column in (AuditRow.login, AuditRow.action)]
        fits.append(or_(*ways, AuditRow.subject == wanted))
    total = db.scalar(select(func.count()).select_from(AuditRow).where(*fits)) or 0
    rows = db.scalars(select(AuditRow).where(*fits).order_by(AuditRow.number.desc()).offset(offset).limit(limit))
    return AuditPage(lines=tuple(_line(row) for row in rows), total=total)


def each_line(db: Session) -> Iterator[AuditEntry]:
    """All, oldest first."""
    for row in db.scalars(select(AuditRow).order_by(AuditRow.number).execution_options(yield_per=1000)):
        yield _line(row)


def count_before(db: Session, moment: datetime) -> int:
    """Lines that a trim to ``moment`` would delete; the newest line always stays."""
    return _trimmable(db, moment)[0]


def trim(db: Session, moment: datetime) -> int:
    """Delete the lines older than ``moment`` and leave one that says so, to which the rest is chained."""
    count, last = _trimmable(db, moment)
    if last is None:
        return 0
    note(db, "policy", TRIMMED, "", {"before": last.number + 1, "digest": last.digest, "lines": count})
    db.execute(delete(AuditRow).where(AuditRow.number <= last.number))
    return count


def _trimmable(db: Session, moment: datetime) -> tuple[int, AuditRow | None]:
    old = AuditRow.at < moment
    last = db.scalar(select(AuditRow).where(old).order_by(AuditRow.number.desc()).limit(1))
    return db.scalar(select(func.count()).select_from(AuditRow).where(old)) or 0, last


def _digest(before: str, line: AuditRow) -> str:
    body = {
        "number": line.number,
        "at": line.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "login": line.login,
        "action": line.action,
        "subject": line.subject,
        "detail": line.detail,
    }
    canonical = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256((before + canonical).encode()).hexdigest()


def _line(row: AuditRow) -> AuditEntry:
    return AuditEntry(
        number=row.number,
        at=row.at,
        login=row.login,
        action=row.action,
        subject=row.subject,
        detail=row.detail,
        digest=row.digest,
    )
