"""How often a rule is right: findings are drawn, a person listens and says right or wrong."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from recordings.database import insert_once
from recordings.kpi.kpi import share
from recordings.redaction.redacted import hide
from recordings.results.finding import FindingKind
from recordings.selection import shown_transcript_id
from recordings.tables import AnalysisRow, FindingRow, RecordingRow, ReviewRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A drawn finding, and what a person made of it."""

    id: str
    label: str
    contact_id: str
    """Id of the call, or of the recording where there is none."""
    start: float
    """Seconds from the start of the recording."""
    end: float
    quote: str
    """Private data taken out."""
    right: bool | None
    """None until a person has listened."""
    reviewed_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    """Share of a label's drawn findings that people found right."""

    label: str
    waiting: int
    """Drawn, not yet listened to."""
    n: int
    """Listened to."""
    right: int
    value: float | None
    """0..1; None where nothing was listened to."""
    low: float | None
    """Ends of Wilson's score interval, 95 %."""
    high: float | None


def draw(db: Session, *, rule_set: str, label: str, count: int, seed: int) -> int:
    """Put up to ``count`` keyword findings of a label on the list, each from another call where there are enough calls.

    Only findings in the words that are shown: who listens reads them. The same seed over the same findings draws the
    same; what was drawn before stays and is not drawn twice. Returns how many are new.
    """
    rows = db.execute(
        select(FindingRow.id, FindingRow.recording_id)
        .join(AnalysisRow, AnalysisRow.id == FindingRow.analysis_id)
        .where(AnalysisRow.rule_set == rule_set, FindingRow.kind == FindingKind.KEYWORD, FindingRow.label == label)
        .where(AnalysisRow.transcript_id == shown_transcript_id(AnalysisRow.recording_id))
        .order_by(FindingRow.recording_id, FindingRow.start, FindingRow.id)
    ).all()
    chance = random.Random(seed)
    order = chance.sample(rows, len(rows))
    seen: set[str] = set()
    first: list[str] = []
    others: list[str] = []
    for finding_id, recording_id in order:
        (others if recording_id in seen else first).append(finding_id)
        seen.add(recording_id)
    now = datetime.now(UTC)
    return sum(
        insert_once(
            db,
            ReviewRow,
            {"id": str(uuid4()), "rule_set": rule_set, "label": label, "finding_id": finding_id, "drawn_at": now},
        )
        for finding_id in [*first, *others][:count]
    )


def waiting_reviews(db: Session, rule_set: str, label: str = "", *, limit: int = 20) -> list[Review]:
    """Drawn findings nobody has listened to, in the order they were drawn in."""
    wanted = (
        _reviews()
        .where(ReviewRow.rule_set == rule_set, ReviewRow.right.is_(None))
        .order_by(ReviewRow.drawn_at, ReviewRow.id)
    )
    rows = db.execute((wanted.where(ReviewRow.label == label) if label else wanted).limit(limit))
    return [_review(row) for row in rows]


def decide(db: Session, review_id: str, *, right: bool | None, by: str) -> bool:
    """Write a verdict down, or take it back with None; False when there is no such review."""
    verdict = {"right": right, "reviewed_at": datetime.now(UTC) if right is not None else None, "reviewed_by": by}
    return bool(db.connection().execute(update(ReviewRow).where(ReviewRow.id == review_id).values(**verdict)).rowcount)


def precisions(db: Session, rule_set: str) -> list[Precision]:
    """Of each label of which findings were drawn, by alphabet."""
    counted: dict[str, dict[bool | None, int]] = {}
    rows = select(ReviewRow.label, ReviewRow.right, func.count()).where(ReviewRow.rule_set == rule_set)
    for label, right, count in db.execute(rows.group_by(ReviewRow.label, ReviewRow.right)):
        counted.setdefault(label, {})[right] = count
    return [_precision(label, by_verdict) for label, by_verdict in sorted(counted.items())]


def _precision(label: str, by_verdict: dict[bool | None, int]) -> Precision:
    right, n = by_verdict.get(True, 0), by_verdict.get(True, 0) + by_verdict.get(False, 0)
    figure = share("precision", right, n)
    return Precision(
        label=label,
        waiting=by_verdict.get(None, 0),
        n=n,
        right=right,
        value=figure.value,
        low=figure.low,
        high=figure.high,
    )


def _reviews() -> Any:
    return (
        select(ReviewRow, FindingRow, func.coalesce(RecordingRow.call_id, RecordingRow.id), RecordingRow.language)
        .join(FindingRow, FindingRow.id == ReviewRow.finding_id)
        .join(RecordingRow, RecordingRow.id == FindingRow.recording_id)
    )


def _review(row: Sequence[Any]) -> Review:
    drawn, finding, contact_id, language = row
    return Review(
        id=drawn.id,
        label=drawn.label,
        contact_id=contact_id,
        start=finding.start,
        end=finding.end,
        quote=hide(finding.quote, language),
        right=drawn.right,
        reviewed_by=drawn.reviewed_by,
    )
