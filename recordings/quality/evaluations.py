"""Evaluations as they are kept: opened, saved, submitted, answered by the agent, settled.

Each step changes only a row that still stands where the step starts from, and tells whether it did: two people, or two
windows of one, who press the same button do it once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Select, delete, func, select, update
from sqlalchemy.orm import Session

from recordings.database import insert_once
from recordings.quality.evaluation import Answer, Evaluation, EvaluationState, answers_of
from recordings.tables import CallRow, EvaluationRow, RecordingRow

DRAFT, APPEALED = EvaluationState.DRAFT, EvaluationState.APPEALED


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedEvaluations:
    """Filters of the list; what is None or empty does not filter."""

    agent: str = ""
    called_since: datetime | None = None
    """Of calls that began at this moment or later."""
    evaluator: str = ""
    state: EvaluationState | None = None
    scorecards: tuple[str, ...] = ()
    """Versions."""
    draw_id: str = ""
    recordings: tuple[str, ...] = ()
    since: datetime | None = None
    """Created at this moment or later."""
    until: datetime | None = None
    drafts_of: str = ""
    """Login whose drafts are listed; drafts of others are not, unless ``drafts`` says so."""
    drafts: bool = False
    """Also everybody's drafts: for lists that show no answers."""
    calibrations: bool = False
    """Also those of calibration."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationPage:
    evaluations: tuple[Evaluation, ...]
    total: int


def open_evaluation(
    db: Session,
    *,
    recording_id: str,
    scorecard: str,
    evaluator: str,
    answers: Mapping[str, Answer],
    calibration: str = "",
    draw_id: str | None = None,
) -> tuple[Evaluation, bool]:
    """Begin a draft with the answers the rules give; of a call that is being evaluated, what is there already.

    Returns:
        The evaluation, which may be another evaluator's, and whether it is new.

    Raises:
        KeyError: there is no such recording.
        IntegrityError: there is no such scorecard or draw.
    """
    found = db.execute(
        select(RecordingRow.id, CallRow.agent)
        .outerjoin(CallRow, CallRow.id == RecordingRow.call_id)
        .where(RecordingRow.id == recording_id)
    ).first()
    if found is None:
        raise KeyError(recording_id)
    row = {
        "id": str(uuid4()),
        "recording_id": recording_id,
        "scorecard": scorecard,
        "evaluator": evaluator,
        "agent": found.agent or "",
        "state": DRAFT,
        "calibration": calibration,
        "draw_id": draw_id,
        "answers": _stored(answers),
        "settled_answers": {},
        "created_at": datetime.now(UTC),
    }
    new = insert_once(db, EvaluationRow, row)
    wanted = [
        EvaluationRow.recording_id == recording_id,
        EvaluationRow.scorecard == scorecard,
        EvaluationRow.calibration == calibration,
    ]
    if calibration:
        wanted.append(EvaluationRow.evaluator == evaluator)
    kept = db.execute(_select().where(*wanted)).one()
    return _evaluation(*kept), new


def find_evaluation(db: Session, evaluation_id: str) -> Evaluation | None:
    row = db.execute(_select().where(EvaluationRow.id == evaluation_id)).first()
    return _evaluation(*row) if row else None


def list_evaluations(db: Session, wanted: WantedEvaluations, *, offset: int = 0, limit: int = 50) -> EvaluationPage:
    """Newest first."""
    fits = _fits(wanted)
    total = db.scalar(select(func.count()).select_from(EvaluationRow).where(*fits)) or 0
    newest = EvaluationRow.created_at.desc(), EvaluationRow.id
    rows = db.execute(_select().where(*fits).order_by(*newest).offset(offset).limit(limit))
    return EvaluationPage(evaluations=tuple(_evaluation(*row) for row in rows), total=total)


def save_draft(db: Session, evaluation_id: str, *, answers: Mapping[str, Answer], comment: str) -> bool:
    """Keep what has been filled in so far; False when it is no draft, or is gone with its recording."""
    return _move(db, evaluation_id, DRAFT, answers=_stored(answers), comment=comment)


def submit(
    db: Session, evaluation_id: str, *, answers: Mapping[str, Answer], comment: str, score: float | None
) -> bool:
    """Lock the answers and their score; False when it is no draft any more."""
    return _move(
        db,
        evaluation_id,
        DRAFT,
        state=EvaluationState.SUBMITTED,
        answers=_stored(answers),
        comment=comment,
        score=score,
        submitted_at=datetime.now(UTC),
    )


def discard(db: Session, evaluation_id: str) -> bool:
    """Throw a draft away; of calibration it stays, its session counts on it."""
    free = EvaluationRow.id == evaluation_id, EvaluationRow.state == DRAFT, EvaluationRow.calibration == ""
    return bool(db.execute(delete(EvaluationRow).where(*free).returning(EvaluationRow.id)).all())


def discard_drafts(db: Session, evaluator: str) -> int:
    """Throw away all drafts of who does not come back: nobody waits for them. Returns how many."""
    theirs = EvaluationRow.evaluator == evaluator, EvaluationRow.state == DRAFT
    return len(db.execute(delete(EvaluationRow).where(*theirs).returning(EvaluationRow.id)).all())


def acknowledge(db: Session, evaluation_id: str) -> bool:
    """The agent takes note; False when there is nothing to take note of."""
    return _move(db, evaluation_id, EvaluationState.SUBMITTED, state=EvaluationState.ACKNOWLEDGED)


def appeal(db: Session, evaluation_id: str, words: str) -> bool:
    """The agent disagrees; only before they have taken note."""
    return _move(db, evaluation_id, EvaluationState.SUBMITTED, state=APPEALED, appeal=words)


def settle(
    db: Session,
    evaluation_id: str,
    *,
    answers: Mapping[str, Answer],
    score: float | None,
    decision: str,
    by: str,
) -> bool:
    """Decide an appeal: what was submitted stays beside what counts from now on."""
    return _move(
        db,
        evaluation_id,
        APPEALED,
        state=EvaluationState.SETTLED,
        settled_answers=_stored(answers),
        settled_score=score,
        decision=decision,
        decided_by=by,
        settled_at=datetime.now(UTC),
    )


def open_calibration(
    db: Session,
    name: str,
    *,
    recording_id: str,
    scorecard: str,
    evaluators: Sequence[str],
    answers: Mapping[str, Answer],
) -> bool:
    """Give each evaluator a draft of the same call; False when the name is taken.

    Raises:
        KeyError: there is no such recording.
    """
    if calibration_of(db, name):
        return False
    for evaluator in dict.fromkeys(evaluators):
        open_evaluation(
            db,
            recording_id=recording_id,
            scorecard=scorecard,
            evaluator=evaluator,
            answers=answers,
            calibration=name,
        )
    return True


def calibration_of(db: Session, name: str) -> list[Evaluation]:
    """All evaluations of a session by login; empty where there is none of this name."""
    rows = db.execute(_select().where(EvaluationRow.calibration == name).order_by(EvaluationRow.evaluator))
    return [_evaluation(*row) for row in rows] if name else []


def list_calibrations(db: Session) -> list[tuple[str, int, int]]:
    """Name, evaluators and how many have submitted; the newest session first."""
    done = func.count().filter(EvaluationRow.state != DRAFT)
    rows = (
        select(EvaluationRow.calibration, func.count(), done)
        .where(EvaluationRow.calibration != "")
        .group_by(EvaluationRow.calibration)
        .order_by(func.max(EvaluationRow.created_at).desc())
    )
    return [(name, evaluators, submitted) for name, evaluators, submitted in db.execute(rows)]


def recordings_since(moment: datetime) -> Select[str]:
    """Ids of the recordings of calls that began then or later."""
    return select(RecordingRow.id).join(CallRow, CallRow.id == RecordingRow.call_id).where(CallRow.started_at >= moment)


def is_since(db: Session, recording_id: str, moment: datetime | None) -> bool:
    """Whether a recording is of a call that began then or later; of any when ``moment`` is None."""
    return moment is None or db.scalar(recordings_since(moment).where(RecordingRow.id == recording_id)) is not None


def _select() -> Select[EvaluationRow, str | None]:
    return select(EvaluationRow, RecordingRow.call_id).join(RecordingRow, RecordingRow.id == EvaluationRow.recording_id)


def _fits(wanted: WantedEvaluations) -> list[ColumnElement[bool]]:
    fits: list[ColumnElement[bool]] = []
    for column, value in (
        (EvaluationRow.agent, wanted.agent),
        (EvaluationRow.evaluator, wanted.evaluator),
        (EvaluationRow.state, wanted.state),
        (EvaluationRow.draw_id, wanted.draw_id),
    ):
        if value:
            fits.append(column == value)
    if wanted.scorecards:
        fits.append(EvaluationRow.scorecard.in_(wanted.scorecards))
    if wanted.recordings:
        fits.append(EvaluationRow.recording_id.in_(wanted.recordings))
    if wanted.called_since:
        fits.append(EvaluationRow.recording_id.in_(recordings_since(wanted.called_since)))
    if wanted.since:
        fits.append(EvaluationRow.created_at >= wanted.since)
    if wanted.until:
        fits.append(EvaluationRow.created_at < wanted.until)
    if not wanted.calibrations:
        fits.append(EvaluationRow.calibration == "")
    if not wanted.drafts:
        fits.append((EvaluationRow.state != DRAFT) | (EvaluationRow.evaluator == wanted.drafts_of))
    return fits


def _move(db: Session, evaluation_id: str, before: EvaluationState, /, **values: Any) -> bool:
    stands = EvaluationRow.id == evaluation_id, EvaluationRow.state == before
    return bool(db.execute(update(EvaluationRow).where(*stands).values(**values).returning(EvaluationRow.id)).all())


def _stored(answers: Mapping[str, Answer]) -> dict[str, Any]:
    return {item: answer.to_json() for item, answer in answers.items()}


def _evaluation(row: EvaluationRow, call_id: str | None) -> Evaluation:
    return Evaluation(
        id=row.id,
        recording_id=row.recording_id,
        contact_id=call_id or row.recording_id,
        scorecard=row.scorecard,
        evaluator=row.evaluator,
        agent=row.agent,
        state=EvaluationState(row.state),
        calibration=row.calibration,
        draw_id=row.draw_id,
        answers=answers_of(row.answers),
        score=row.score,
        settled_answers=answers_of(row.settled_answers),
        settled_score=row.settled_score,
        comment=row.comment,
        appeal=row.appeal,
        decision=row.decision,
        decided_by=row.decided_by,
        created_at=row.created_at,
        submitted_at=row.submitted_at,
        settled_at=row.settled_at,
    )
