"""What one version of the rules finds that another does not, label by label, over the whole archive.

Both are compared over the same words: of each recording by the transcript that rules are run over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from recordings.redaction.redacted import hide
from recordings.results.finding import Finding
from recordings.rows import finding_of
from recordings.selection import is_best
from recordings.tables import AnalysisRow, FindingRow, RecordingRow

MOST_EXAMPLES = 5
"""Examples of calls that gained a label, and of those that lost it."""

Earned = tuple[str, str]
"""Kind and label."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A finding that one version has and the other has not."""

    contact_id: str
    start: float
    """Seconds from the start of the recording."""
    end: float
    quote: str
    """Private data taken out: a difference is kept with its job, for everyone to read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelChange:
    """How many calls have a label before and after."""

    kind: str
    label: str
    before: int
    after: int
    gained: int
    lost: int
    gained_examples: tuple[Example, ...] = ()
    lost_examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Two versions of the rules over the calls that both have examined."""

    before: str
    after: str
    calls: int
    """Examined by both."""
    only_after: int
    """Examined by the new version alone: nothing to compare with."""
    changes: tuple[LabelChange, ...]
    """Changes of all labels either has found, those with the most gained and lost first."""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Difference:
        """Inverse of ``to_json``."""
        examples = ("gained_examples", "lost_examples")
        return cls(
            **{name: body[name] for name in ("before", "after", "calls", "only_after")},
            changes=tuple(
                LabelChange(**{**row, **{name: tuple(Example(**one) for one in row[name]) for name in examples}})
                for row in body["changes"]
            ),
        )


def difference(db: Session, *, before: str, after: str, since: datetime | None = None) -> Difference:
    """Compare what two versions have left in the tables; ``since`` leaves out recordings that were there before."""
    fits: list[ColumnElement[bool]] = [RecordingRow.created_at >= since] if since else []
    of_before, of_after = _examined(before), _examined(after)
    both = (AnalysisRow.recording_id.in_(of_before), *fits)
    calls = _count(db, after, *both)
    everything = _count(db, after, *fits)
    counts = {version: dict(_labels(db, version, *fits)) for version in (before, after)}
    earned = {version: _earned(version, *fits) for version in (before, after)}
    compared = {before: of_after, after: of_before}
    found = {
        version: earned[version].where(FindingRow.recording_id.in_(compared[version])).distinct()
        for version in (before, after)
    }
    gained = _grouped(db, found[after].except_(found[before]))
    lost = _grouped(db, found[before].except_(found[after]))
    changes = [
        LabelChange(
            kind=kind,
            label=label,
            before=counts[before].get((kind, label), 0),
            after=counts[after].get((kind, label), 0),
            gained=gained.get((kind, label), 0),
            lost=lost.get((kind, label), 0),
            gained_examples=_examples(db, after, before, kind, label) if (kind, label) in gained else (),
            lost_examples=_examples(db, before, after, kind, label) if (kind, label) in lost else (),
        )
        for kind, label in counts[before].keys() | counts[after].keys()
    ]
    changes.sort(key=lambda change: (-change.gained - change.lost, change.kind, change.label))
    return Difference(before=before, after=after, calls=calls, only_after=everything - calls, changes=tuple(changes))


def findings_of(db: Session, version: str, recording_ids: Sequence[str]) -> dict[str, tuple[Finding, ...]]:
    """Findings of some recordings by a version, by time; recordings it has not examined are left out."""
    which = (*_by(version), AnalysisRow.recording_id.in_(recording_ids))
    found: dict[str, list[Finding]] = {one: [] for one in db.scalars(select(AnalysisRow.recording_id).where(*which))}
    rows = select(FindingRow).join(AnalysisRow, AnalysisRow.id == FindingRow.analysis_id).where(*which)
    for row in db.scalars(rows.order_by(FindingRow.start)):
        found[row.recording_id].append(finding_of(row))
    return {recording_id: tuple(findings) for recording_id, findings in found.items()}


def _examined(version: str) -> Select[str]:
    return select(AnalysisRow.recording_id).where(*_by(version))


def _by(version: str) -> tuple[ColumnElement[bool], ...]:
    """Analyses by a version that are compared."""
    return AnalysisRow.rule_set == version, is_best(AnalysisRow.transcript_id.expression)


def _count(db: Session, version: str, *fits: ColumnElement[bool]) -> int:
    return (
        db.scalar(
            select(func.count(func.distinct(AnalysisRow.recording_id)))
            .join(RecordingRow, RecordingRow.id == AnalysisRow.recording_id)
            .where(*_by(version), *fits)
        )
        or 0
    )


def _labels(db: Session, version: str, *fits: ColumnElement[bool]) -> list[tuple[Earned, int]]:
    return list(_grouped(db, _earned(version, *fits).distinct()).items())


def _earned(version: str, *fits: ColumnElement[bool]) -> Select[str, str, str]:
    return (
        select(FindingRow.recording_id, FindingRow.kind, FindingRow.label)
        .join(AnalysisRow, AnalysisRow.id == FindingRow.analysis_id)
        .join(RecordingRow, RecordingRow.id == FindingRow.recording_id)
        .where(*_by(version), *fits)
    )


def _grouped(db: Session, rows: Any) -> dict[Earned, int]:
    found = rows.subquery()
    counted = select(found.c.kind, found.c.label, func.count()).group_by(found.c.kind, found.c.label)
    return {(kind, label): n for kind, label, n in db.execute(counted)}


def _examples(db: Session, has: str, lacks: str, kind: str, label: str) -> tuple[Example, ...]:
    same = (FindingRow.kind == kind, FindingRow.label == label)
    lacking = (
        select(FindingRow.recording_id)
        .join(AnalysisRow, AnalysisRow.id == FindingRow.analysis_id)
        .where(*_by(lacks), *same)
    )
    rows = db.execute(
        select(
            func.coalesce(RecordingRow.call_id, RecordingRow.id).label("contact_id"),
            FindingRow.start,
            FindingRow.end,
            FindingRow.quote,
            RecordingRow.language,
        )
        .join(AnalysisRow, AnalysisRow.id == FindingRow.analysis_id)
        .join(RecordingRow, RecordingRow.id == FindingRow.recording_id)
        .where(
            *_by(has),
            *same,
            FindingRow.recording_id.not_in(lacking),
            FindingRow.recording_id.in_(_examined(lacks)),
        )
        .order_by(RecordingRow.created_at.desc(), FindingRow.start)
        .limit(4 * MOST_EXAMPLES)
    )
    examples = {
        row.contact_id: Example(
            contact_id=row.contact_id, start=row.start, end=row.end, quote=hide(row.quote, row.language)
        )
        for row in reversed(rows.all())
    }
    return tuple(reversed(examples.values()))[:MOST_EXAMPLES]
