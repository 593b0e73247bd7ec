"""Evaluations and automatic scores for programs."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from api.kit.deps import Db, Reader, Viewer, current_user
from api.kit.problems import Problem, described
from api.kit.roles import Permission
from api.kit.shapes import Shape
from api.quality.view import evaluation_for
from recordings.calls.detail import find_recording
from recordings.quality.evaluation import Evaluation, EvaluationState
from recordings.quality.evaluations import WantedEvaluations
from recordings.quality.evaluations import list_evaluations as list_rows
from recordings.quality.scorecards import scores_of

router = APIRouter(
    prefix="/api",
    tags=["quality"],
    dependencies=[Depends(current_user)],
    responses=described(
        s401="Neither a log-in nor a valid API token", s422="Wrong fields of the request; `errors` names them"
    ),
)


class EvaluationQuery(BaseModel):
    """Filters and page of the list. An empty value does not filter."""

    model_config = ConfigDict(use_attribute_docstrings=True, extra="forbid")

    agent: str = Field(default="", max_length=64)
    """Endpoint, as `PJSIP/101`. An agent gets their own evaluations whatever is asked."""
    evaluator: str = Field(default="", max_length=64)
    state: EvaluationState | None = None
    since: datetime | None = None
    """Begun at this moment or later (ISO 8601 with zone)."""
    until: datetime | None = None
    offset: int = Field(default=0, ge=0)
    limit: int = Field(default=50, ge=1, le=500)


class AnswerOut(Shape):
    """What one item got."""

    answer: str
    """`yes` or `no`, a number 0..5, the name of a choice, `na`; empty while nobody has said."""
    automatic: str
    """What the rule said; empty for items without a rule."""
    comment: str
    start: float | None
    """Seconds from the start of the recording: with `end` the sound that proves it."""
    end: float | None
    quote: str


class EvaluationOut(Shape):
    """A person's score of one call."""

    id: str
    call: str
    """Id of the call, or of the recording that has none."""
    scorecard: str
    """Version."""
    evaluator: str
    agent: str
    state: EvaluationState
    score: float | None
    """0..100 as submitted; null where no item applies."""
    result: float | None
    """What counts: after a settled appeal it may differ."""
    answers: dict[str, AnswerOut]
    """By item, as submitted."""
    standing: dict[str, AnswerOut]
    """By item, as they count."""
    comment: str
    appeal: str
    decision: str
    decided_by: str
    created_at: datetime
    submitted_at: datetime | None
    settled_at: datetime | None


class EvaluationsOut(Shape):
    """One page of evaluations, newest first."""

    total: int
    evaluations: tuple[EvaluationOut, ...]


class ScoreOut(Shape):
    """What the automatic items of a scorecard make of a call."""

    scorecard: str
    """Version."""
    score: float | None
    """0..100; null where no item applies."""
    answers: dict[str, AnswerOut]
    created_at: datetime


@router.get("/evaluations")
def list_evaluations(db: Db, viewer: Viewer, wanted: Annotated[EvaluationQuery, Query()]) -> EvaluationsOut:
    """Evaluations the asking user may see: of agents their own, without drafts of others, without calibration."""
    own = not viewer.may(Permission.CALLS)
    if own and not viewer.agent:
        return EvaluationsOut(total=0, evaluations=())
    page = list_rows(
        db,
        WantedEvaluations(
            agent=viewer.agent if own else wanted.agent,
            evaluator=wanted.evaluator,
            state=wanted.state,
            since=_aware(wanted.since),
            until=_aware(wanted.until),
            drafts_of="" if own else viewer.login,
        ),
        offset=wanted.offset,
        limit=wanted.limit,
    )
    return EvaluationsOut(total=page.total, evaluations=tuple(map(_out, page.evaluations)))


@router.get("/evaluations/{evaluation_id}", responses=described(s404="No such evaluation, or not for the asking user"))
def show_evaluation(db: Db, viewer: Viewer, evaluation_id: Annotated[str, Path(max_length=64)]) -> EvaluationOut:
    """One evaluation with its answers."""
    return _out(evaluation_for(db, viewer, evaluation_id))


@router.get("/calls/{call_id}/scores", responses=described(s404="No recording of such a call"))
def show_scores(db: Db, _viewer: Reader, call_id: Annotated[str, Path(max_length=64)]) -> list[ScoreOut]:
    """Automatic scores of a call by its newest analysis, one a scorecard; empty before it."""
    recording = find_recording(db, call_id)
    if recording is None:
        raise Problem(HTTPStatus.NOT_FOUND, "recording_missing", f"There is no recording of a call {call_id}.")
    return [ScoreOut.model_validate(score) for score in scores_of(db, recording.id)]


def _out(evaluation: Evaluation) -> EvaluationOut:
    body: dict[str, Any] = {name: getattr(evaluation, name) for name in EvaluationOut.model_fields if name != "call"}
    return EvaluationOut.model_validate(body | {"call": evaluation.contact_id})


def _aware(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment
