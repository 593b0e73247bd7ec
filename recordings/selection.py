"""Which transcript, analysis, meaning, measurement and redaction of a recording count: said here and nowhere else.

A recording may have several of each. Two of its transcripts matter:

* the **best** one: by the model with the highest rank, of several the newest. Workers take it: they examine and redact
  it, re-run rules over it and compare versions of the rules by it.
* the **shown** one: the best of those that rules in force, now or once, have examined; before there is one, the best.
  All who read take it: pages, lists, exports, views, samples, figures, topics. So a better transcript comes together
  with its redaction, meaning, findings and scores, and until then people see the old one with all of its own.

Of the shown transcript the analysis by the running rules is shown, or else the newest by rules that were in force once;
a draft's never, as it is seen only where versions are compared. Of meanings, measurements and redactions the newest is.

The functions with ``_id`` give a scalar subquery for a column that holds the id of a recording, to be compared or
selected: some look-ups by index for each recording.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, case, func, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from recordings.tables import (
    AcousticsRow,
    AnalysisRow,
    MeaningRow,
    RedactionRow,
    RuleSetRow,
    RuleSetState,
    TranscriptRow,
)

Column = ColumnElement[str] | InstrumentedAttribute[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesAt:
    """Versions of the rules as they stood at a moment, for who has to find the same again later."""

    at: datetime
    """Analyses made after it do not count."""
    running: str
    """Version in force; empty where none was."""
    drafts: tuple[str, ...]
    """Versions that had never been in force."""


def rules_at(db: Session, at: datetime) -> RulesAt:
    """The versions as they stand now; ``at`` is the moment it is now."""
    running = db.scalar(select(RuleSetRow.version).where(RuleSetRow.state == RuleSetState.RUNNING))
    drafts = db.scalars(select(RuleSetRow.version).where(RuleSetRow.state == RuleSetState.DRAFT))
    return RulesAt(at=at, running=running or "", drafts=tuple(sorted(drafts)))


def best_transcript_id(recording_id: Column) -> ScalarSelect[str]:
    """Id of the transcript that workers take."""
    transcript = aliased(TranscriptRow)
    of_it = select(transcript.id).where(transcript.recording_id == recording_id).order_by(*_best_first(transcript))
    return of_it.limit(1).correlate_except(transcript).scalar_subquery()


def is_best(transcript_id: Column) -> ColumnElement[bool]:
    """Whether a transcript is the one that workers take: as ``best_transcript_id``, for queries over the whole archive.

    Few transcripts are not, so these are looked for once, by one join that every database plans well.
    """
    this, other = aliased(TranscriptRow), aliased(TranscriptRow)
    later = or_(other.created_at > this.created_at, and_(other.created_at == this.created_at, other.id < this.id))
    better = or_(other.rank > this.rank, and_(other.rank == this.rank, later))
    superseded = select(this.id).join(other, and_(other.recording_id == this.recording_id, better))
    return transcript_id.not_in(superseded.correlate_except(this, other))


def shown_transcript_id(recording_id: Column) -> ColumnElement[str]:
    """Id of the transcript that everybody reads."""
    return func.coalesce(_shown(recording_id, "transcript_id"), best_transcript_id(recording_id))


def shown_analysis_id(recording_id: Column, rules: RulesAt | None = None) -> ScalarSelect[str]:
    """Id of the analysis that everybody reads, NULL before there is one; ``rules``: as it was at their moment."""
    return _shown(recording_id, "id", rules)


def shown_meaning_id(recording_id: Column) -> ScalarSelect[str]:
    """Id of the meaning that everybody reads, NULL before there is one."""
    return _newest_id(MeaningRow, shown_transcript_id(recording_id))


def shown_redaction_id(recording_id: Column) -> ScalarSelect[str]:
    """Id of the redaction of the shown transcript, NULL before there is one."""
    return _newest_id(RedactionRow, shown_transcript_id(recording_id))


def best_transcript(db: Session, recording_id: str) -> TranscriptRow | None:
    """The transcript that workers take; None before the first."""
    of_it = select(TranscriptRow).where(TranscriptRow.recording_id == recording_id)
    return db.scalar(of_it.order_by(*_best_first(TranscriptRow)).limit(1))


def shown_transcript(db: Session, recording_id: str) -> TranscriptRow | None:
    """The transcript that everybody reads; None before the first."""
    return db.scalar(select(TranscriptRow).where(TranscriptRow.id == shown_transcript_id(literal(recording_id))))


def engines(db: Session, recording_id: str) -> tuple[str, ...]:
    """Engines that have transcribed a recording, the best transcript first."""
    of_it = select(TranscriptRow.engine).where(TranscriptRow.recording_id == recording_id)
    return tuple(db.scalars(of_it.order_by(*_best_first(TranscriptRow))))


def newest_first(table: type[MeaningRow | AcousticsRow | RedactionRow]) -> tuple[ColumnElement[Any], ...]:
    """Order in which the first one of a transcript, or of a sound, counts."""
    return table.created_at.desc(), table.id.expression


def _best_first(transcript: Any) -> tuple[ColumnElement[Any], ...]:
    return transcript.rank.desc(), transcript.created_at.desc(), transcript.id.expression


def _shown(recording_id: Column, column: str, rules: RulesAt | None = None) -> ScalarSelect[str]:
    """A column of the shown analysis."""
    analysis, transcript = aliased(AnalysisRow), aliased(TranscriptRow)
    drafts: Any = rules.drafts if rules else _versions(RuleSetState.DRAFT)
    running: Any = (rules.running,) if rules else _versions(RuleSetState.RUNNING)
    found: Select[Any] = (
        select(getattr(analysis, column))
        .join(transcript, transcript.id == analysis.transcript_id)
        .where(analysis.recording_id == recording_id, analysis.rule_set.not_in(drafts))
        .order_by(
            *_best_first(transcript),
            case((analysis.rule_set.in_(running), 0), else_=1),
            analysis.created_at.desc(),
            analysis.id.desc(),
        )
        .limit(1)
    )
    if rules:
        found = found.where(analysis.created_at <= rules.at)
    return found.correlate_except(analysis, transcript).scalar_subquery()


def _versions(state: RuleSetState) -> Select[str]:
    rule_set = aliased(RuleSetRow)
    return select(rule_set.version).where(rule_set.state == state)


def _newest_id(table: type[MeaningRow | RedactionRow], transcript_id: ColumnElement[str]) -> ScalarSelect[str]:
    made = aliased(table)
    of_it = select(made.id).where(made.transcript_id == transcript_id)
    newest = of_it.order_by(*newest_first(made)).limit(1)
    return newest.correlate_except(made).scalar_subquery()
