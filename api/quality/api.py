"""Evaluations and automatic scores for programs."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query

from api.kit.deps import Db, Reader, Viewer, current_user
from api.kit.problems import Problem, described
from api.kit.roles import Permission
from api.quality.shapes import EvaluationOut, EvaluationQuery, EvaluationsOut, ScoreOut
from api.quality.view import evaluation_for
from recordings.calls.detail import find_recording
from recordings.quality.evaluation import Evaluation
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
            called_since=viewer.agent_since if own else None,
            evaluator=wanted.evaluator,
            state=wanted.state,
            since=wanted.since,
            until=wanted.until,
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
