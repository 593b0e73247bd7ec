"""One evaluation: opened, filled in beside the call, submitted; the agent answers it, a supervisor settles appeals."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from analytics.quality.scorecard import failed, missing, section_fails, total, unexplained
from analytics.quality.scorecard_value import Critical, Scorecard
from analytics.quality.scoring import running_cards
from api.kit.auth import User
from api.kit.deps import Database, Db, Viewer, needs, own_form
from api.kit.problems import Problem
from api.kit.render import render
from api.kit.roles import Permission
from api.operations import quality
from api.quality.pages import Evaluator, people
from api.quality.view import Filled, by_rules, card_by, evaluation_for, filled, is_about, may_settle
from recordings.calls.detail import contact_detail
from recordings.database import reading, transaction
from recordings.quality import evaluations, sampling
from recordings.quality.evaluation import Answer, Evaluation, EvaluationState

Judge = Annotated[User, Depends(needs(Permission.APPEALS))]
Form_ = Annotated[Filled, Depends(filled)]
router = APIRouter(include_in_schema=False)


@router.get("/quality/evaluate")
def choose_card(request: Request, db: Db, viewer: Evaluator, call: str = "") -> Response:
    """By which scorecard a call is to be evaluated."""
    found = contact_detail(db, call)
    if found is None or found.recording is None:
        raise Problem(HTTPStatus.NOT_FOUND, "call_unknown", f"There is no recording of a call {call}.")
    cards = [card for card in running_cards(db) if card.language in ("", found.contact.language)]
    known = evaluations.list_evaluations(
        db, evaluations.WantedEvaluations(recordings=(found.recording.id,), drafts=True), limit=20
    )
    return render(
        request,
        "quality/choose.html",
        viewer,
        section="quality",
        tab="evaluations",
        found=found,
        choices=cards,
        known={evaluation.scorecard: evaluation for evaluation in known.evaluations},
        here=str(request.url.path),
    )


@router.post("/quality/evaluations", dependencies=[Depends(own_form)])
def begin(
    engine: Database,
    viewer: Evaluator,
    call: Annotated[str, Form(max_length=64)],
    scorecard: Annotated[str, Form(max_length=12)],
    draw: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Open a draft; what somebody else is at already is told, not taken."""
    with reading(engine) as db:
        found = contact_detail(db, call)
        if found is None or found.recording is None:
            raise Problem(HTTPStatus.NOT_FOUND, "call_unknown", f"There is no recording of a call {call}.")
        if viewer.agent and found.contact.agent == viewer.agent:
            raise Problem(HTTPStatus.FORBIDDEN, "own_evaluation", "Nobody evaluates a call of their own.")
        answers = by_rules(db, card_by(db, scorecard), found)
        if draw and sampling.find_draw(db, draw) is None:
            raise Problem(HTTPStatus.NOT_FOUND, "not_found", f"There is no draw {draw}.")
    try:
        with transaction(engine) as db:
            opened, _ = evaluations.open_evaluation(
                db,
                recording_id=found.recording.id,
                scorecard=scorecard,
                evaluator=viewer.login,
                answers=answers,
                draw_id=draw or None,
            )
    except KeyError as error:
        raise Problem(HTTPStatus.NOT_FOUND, "call_unknown", f"The call {call} is gone.") from error
    if opened.state is EvaluationState.DRAFT and opened.evaluator != viewer.login:
        raise Problem(HTTPStatus.CONFLICT, "evaluation_taken", f"{opened.evaluator} is evaluating this call.")
    return _to(opened.id)


@router.get("/quality/evaluations/{evaluation_id}")
def show_evaluation(request: Request, db: Db, viewer: Viewer, evaluation_id: str) -> Response:
    """The form, or what was answered, beside the words of the call."""
    return _page(request, db, viewer, evaluation_for(db, viewer, evaluation_id))


@router.post("/quality/evaluations/{evaluation_id}", dependencies=[Depends(own_form)])
def save(
    request: Request,
    engine: Database,
    viewer: Evaluator,
    evaluation_id: str,
    form: Form_,
    action: Annotated[Literal["save", "submit", "discard"], Form()] = "save",
) -> Response:
    """Keep a draft, lock it, or throw it away. What is missing is said beside its field and nothing is lost."""
    with reading(engine) as db:
        draft = evaluation_for(db, viewer, evaluation_id)
        card = card_by(db, draft.scorecard)
    if draft.evaluator != viewer.login:
        raise Problem(HTTPStatus.FORBIDDEN, "not_allowed", "Only its evaluator fills in a draft.")
    if action == "discard":
        with transaction(engine) as db:
            evaluations.discard(db, evaluation_id)
        return RedirectResponse("/quality/evaluations", HTTPStatus.SEE_OTHER)
    answers = form.given(card, draft.answers)
    wrong = _wrong(card, answers) if action == "submit" else {}
    with transaction(engine) as db:
        if action == "save" or wrong:
            kept = evaluations.save_draft(db, evaluation_id, answers=answers, comment=form.comment)
        else:
            kept = evaluations.submit(
                db, evaluation_id, answers=answers, comment=form.comment, score=total(card, answers)
            )
    _check_kept(engine, viewer, evaluation_id, kept=kept)
    if not wrong:
        return _to(evaluation_id)
    with reading(engine) as db:
        again = evaluation_for(db, viewer, evaluation_id)
        return _page(request, db, viewer, again, wrong=wrong, status=HTTPStatus.UNPROCESSABLE_ENTITY)


@router.post("/quality/evaluations/{evaluation_id}/reply", dependencies=[Depends(own_form)])
def reply(
    request: Request,
    engine: Database,
    viewer: Viewer,
    evaluation_id: str,
    action: Annotated[Literal["acknowledge", "appeal"], Form()],
    words: Annotated[str, Form(max_length=4000)] = "",
) -> Response:
    """The agent takes note of an evaluation, or appeals against it in words."""
    with reading(engine) as db:
        found = evaluation_for(db, viewer, evaluation_id)
        if not is_about(db, found, viewer):
            raise Problem(HTTPStatus.FORBIDDEN, "not_allowed", "Only the agent of the call answers an evaluation.")
        if action == "appeal" and not words.strip():
            wrong = {"words": "words"}
            return _page(request, db, viewer, found, wrong=wrong, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    if action == "appeal":
        kept = quality.appeal(engine, evaluation_id, words.strip(), by=viewer.login)
    else:
        with transaction(engine) as db:
            kept = evaluations.acknowledge(db, evaluation_id)
    _check_kept(engine, viewer, evaluation_id, kept=kept)
    return _to(evaluation_id)


@router.post("/quality/evaluations/{evaluation_id}/settle", dependencies=[Depends(own_form)])
def settle(
    request: Request,
    engine: Database,
    viewer: Judge,
    evaluation_id: str,
    form: Form_,
    decision: Annotated[str, Form(max_length=4000)] = "",
) -> Response:
    """Decide an appeal in words; answers changed here make a second score beside the first."""
    with reading(engine) as db:
        found = evaluation_for(db, viewer, evaluation_id)
        card = card_by(db, found.scorecard)
        if not may_settle(db, found, viewer):
            raise Problem(HTTPStatus.FORBIDDEN, "own_evaluation", "Another supervisor settles this appeal.")
        answers = form.given(card, found.answers)
        wrong = _wrong(card, answers) | ({} if decision.strip() else {"decision": "words"})
        if wrong:
            return _page(request, db, viewer, found, wrong=wrong, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    kept = quality.settle_appeal(
        engine,
        evaluation_id,
        answers=answers,
        score=total(card, answers),
        decision=decision.strip(),
        by=viewer.login,
    )
    _check_kept(engine, viewer, evaluation_id, kept=kept)
    return _to(evaluation_id)


def _page(
    request: Request,
    db: Session,
    viewer: User,
    evaluation: Evaluation,
    *,
    wrong: Mapping[str, str] | None = None,
    status: int = HTTPStatus.OK,
) -> Response:
    card = card_by(db, evaluation.scorecard)
    shown = evaluation.standing
    editing = evaluation.state is EvaluationState.DRAFT and evaluation.evaluator == viewer.login
    settling = evaluation.state is EvaluationState.APPEALED and may_settle(db, evaluation, viewer)
    return render(
        request,
        "quality/evaluation.html",
        viewer,
        section="quality",
        tab="evaluations" if viewer.may(Permission.CALLS) else "mine",
        status=status,
        evaluation=evaluation,
        card=card,
        answers=shown,
        blank=Answer(answer=""),
        first=evaluation.answers if evaluation.state is EvaluationState.SETTLED else {},
        score=total(card, shown) if editing else evaluation.result,
        failed=failed(card, shown, Critical.CALL),
        lost=tuple(section.name for section in card.sections if section_fails(section, shown)),
        filling=editing or settling,
        editing=editing,
        settling=settling,
        others_settle=evaluation.state is EvaluationState.APPEALED and viewer.may(Permission.APPEALS) and not settling,
        replying=evaluation.state is EvaluationState.SUBMITTED and is_about(db, evaluation, viewer),
        wrong=wrong or {},
        found=contact_detail(db, evaluation.contact_id),
        agents=people(db),
        here=f"/quality/evaluations/{evaluation.id}",
    )


def _wrong(card: Scorecard, answers: Mapping[str, Answer]) -> dict[str, str]:
    """Item → what it lacks: ``answer``, or ``why`` a rule is overridden."""
    return {item.name: "why" for item in unexplained(card, answers)} | {
        item.name: "answer" for item in missing(card, answers)
    }


def _check_kept(engine: Database, viewer: User, evaluation_id: str, *, kept: bool) -> None:
    """Tell a form that came too late from one whose recording was erased meanwhile.

    Raises:
        Problem: 404, it is gone; 409, it is not in that state any more.
    """
    if not kept:
        with reading(engine) as db:
            now = evaluation_for(db, viewer, evaluation_id)
        raise Problem(HTTPStatus.CONFLICT, "evaluation_moved_on", f"The evaluation is {now.state} by now.")


def _to(evaluation_id: str) -> Response:
    return RedirectResponse(f"/quality/evaluations/{quote(evaluation_id, safe='')}", HTTPStatus.SEE_OTHER)
