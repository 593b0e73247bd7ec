"""Samples of calls to evaluate, and calibration: several people score one call and compare."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from analytics.quality.agreement import SAFE, TENTATIVE, agreement
from analytics.quality.scoring import running_cards
from api.kit.days import days_of, zone_of
from api.kit.deps import Database, Db, Reader, needs, own_form
from api.kit.links import address_of
from api.kit.problems import Problem
from api.kit.render import render
from api.kit.roles import PERMISSIONS, Permission
from api.quality.pages import DAYS, Evaluator, card_names, people
from api.quality.view import all_submitted, by_rules, card_by
from recordings.calls.detail import contact_detail
from recordings.calls.listing import keyword_labels
from recordings.contacts.call import Outcome
from recordings.database import reading, transaction
from recordings.quality import evaluations, sampling
from recordings.quality.agents import logins
from recordings.quality.evaluation import EvaluationState
from recordings.quality.sampling import DrawnCall, Method, Population

MAX_SEED = 2**31 - 1
FEWEST, MOST = 2, 20
"""Evaluators of a calibration."""

router = APIRouter(include_in_schema=False)


@router.get("/quality/draws")
def show_draws(request: Request, db: Db, viewer: Reader, refused: str = "") -> Response:
    """Samples drawn so far, and the form for another."""
    return render(
        request,
        "quality/draws.html",
        viewer,
        section="quality",
        tab="draws",
        draws=sampling.list_draws(db),
        cards=card_names(db),
        running=running_cards(db),
        methods=tuple(Method),
        outcomes=tuple(Outcome),
        labels=keyword_labels(db),
        agents=people(db),
        teams=sorted({agent.team for agent in people(db).values() if agent.team}),
        days=days_of({}, zone_of(request), datetime.now(UTC), usual=DAYS),
        refused=refused if refused in ("nothing", "count") else "",
        here=address_of(request),
    )


@router.post("/quality/draws", dependencies=[Depends(own_form)])
def draw(
    request: Request,
    engine: Database,
    viewer: Evaluator,
    scorecard: Annotated[str, Form(max_length=12)],
    method: Annotated[Method, Form()] = Method.RANDOM,
    count: Annotated[int, Form()] = 10,
    since: Annotated[str, Form(max_length=10)] = "",
    until: Annotated[str, Form(max_length=10)] = "",
    label: Annotated[str, Form(max_length=64)] = "",
    outcome: Annotated[str, Form(max_length=16)] = "",
    sentiment: Annotated[str, Form(pattern="^(|positive|negative)$")] = "",
    team: Annotated[str, Form(max_length=64)] = "",
    shortest: Annotated[str, Form(max_length=8)] = "",
    longest: Annotated[str, Form(max_length=8)] = "",
    seed: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """Draw a sample and go to its list."""
    days = days_of({"since": since, "until": until}, zone_of(request), datetime.now(UTC), usual=DAYS)
    by_rule = method is Method.RULE
    with reading(engine) as db:
        card = card_by(db, scorecard)
        agents = tuple(agent.endpoint for agent in people(db).values() if agent.team == team) if team else ()
    population = Population(
        since=days.since,
        until=days.until,
        agents=agents,
        language=card.language,
        label=label if by_rule else "",
        outcome=outcome if by_rule else "",
        sentiment=sentiment if by_rule else "",
        shortest=float(shortest) if by_rule and shortest.isdecimal() else None,
        longest=float(longest) if by_rule and longest.isdecimal() else None,
    )
    try:
        with transaction(engine) as db:
            drawn = sampling.draw(
                db,
                method=method,
                count=count,
                seed=int(seed) % (MAX_SEED + 1) if seed.isdecimal() else secrets.randbelow(MAX_SEED),
                population=population,
                scorecard=scorecard,
                by=viewer.login,
            )
    except ValueError:
        why = "nothing" if 1 <= count <= sampling.MOST else "count"
        return RedirectResponse(f"/quality/draws?refused={why}", HTTPStatus.SEE_OTHER)
    return RedirectResponse(f"/quality/draws/{drawn.id}", HTTPStatus.SEE_OTHER)


@router.get("/quality/draws/{draw_id}")
def show_draw(request: Request, db: Db, viewer: Reader, draw_id: str, check: bool = False) -> Response:
    """One sample as a list to work through; ``check`` draws it again and compares."""
    found = sampling.find_draw(db, draw_id)
    if found is None:
        raise Problem(HTTPStatus.NOT_FOUND, "not_found", f"There is no draw {draw_id}.")
    lines = sampling.work_list(db, found)
    return render(
        request,
        "quality/draw.html",
        viewer,
        section="quality",
        tab="draws",
        draw=found,
        lines=lines,
        done=sum(_is_done(line) for line in lines),
        next=next((line for line in lines if line.contact_id and not line.evaluation), None),
        card=card_names(db).get(found.scorecard, found.scorecard),
        agents=people(db),
        checked=sampling.redraw(db, found) if check else None,
        here=address_of(request),
    )


@router.get("/quality/calibrations")
def show_calibrations(request: Request, db: Db, viewer: Evaluator, call: str = "", refused: str = "") -> Response:
    """Sessions held so far, and the form for another."""
    return render(
        request,
        "quality/calibrations.html",
        viewer,
        section="quality",
        tab="calibrations",
        sessions=evaluations.list_calibrations(db),
        running=running_cards(db),
        evaluators=_evaluators(db),
        call=call,
        refused=refused if refused in ("name", "evaluators", "call") else "",
        link=lambda name: f"/quality/calibration?{urlencode({'name': name})}",
        here=address_of(request),
    )


@router.post("/quality/calibrations", dependencies=[Depends(own_form), Depends(needs(Permission.EVALUATE))])
def calibrate(
    engine: Database,
    name: Annotated[str, Form(max_length=64)],
    call: Annotated[str, Form(max_length=300)],
    scorecard: Annotated[str, Form(max_length=12)],
    evaluators: Annotated[list[str], Form()] = [],  # noqa: B006 - FastAPI copies it
) -> Response:
    """Give several people the same call."""
    call = call.strip().rsplit("/calls/", 1)[-1].split("?", 1)[0]  # the address of its page is taken as well
    with reading(engine) as db:
        found = contact_detail(db, call)
        chosen = [login for login in _evaluators(db) if login in evaluators]
        answers = by_rules(db, card_by(db, scorecard), found) if found else {}
    why = "call" if not found or not found.recording else "" if name.strip() else "name"
    why = why or ("" if FEWEST <= len(chosen) <= MOST else "evaluators")
    if not why and found and found.recording:
        with transaction(engine) as db:
            opened = evaluations.open_calibration(
                db,
                name.strip(),
                recording_id=found.recording.id,
                scorecard=scorecard,
                evaluators=chosen,
                answers=answers,
            )
        if opened:
            return RedirectResponse(f"/quality/calibration?{urlencode({'name': name.strip()})}", HTTPStatus.SEE_OTHER)
        why = "name"
    return RedirectResponse(f"/quality/calibrations?{urlencode({'refused': why, 'call': call})}", HTTPStatus.SEE_OTHER)


@router.get("/quality/calibration")
def show_calibration(request: Request, db: Db, viewer: Evaluator, name: str = "") -> Response:
    """One session: who has submitted; once all have, how far they agree."""
    session = evaluations.calibration_of(db, name)
    if not session:
        raise Problem(HTTPStatus.NOT_FOUND, "not_found", f"There is no calibration {name!r}.")
    complete = all_submitted(session)
    card = card_by(db, session[0].scorecard)
    return render(
        request,
        "quality/calibration.html",
        viewer,
        section="quality",
        tab="calibrations",
        title=name,
        session=session,
        mine=next((evaluation for evaluation in session if evaluation.evaluator == viewer.login), None),
        complete=complete,
        card=card,
        agreed=agreement(card, session) if complete else None,
        safe=SAFE,
        tentative=TENTATIVE,
        here=address_of(request),
    )


def _is_done(line: DrawnCall) -> bool:
    return line.evaluation is not None and line.evaluation.state is not EvaluationState.DRAFT


def _evaluators(db: Db) -> list[str]:
    return logins(db, [role for role, may in PERMISSIONS.items() if Permission.EVALUATE in may])
