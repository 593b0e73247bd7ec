"""Quality: the overview with its rankings, one person, the list of evaluations, what an agent sees, coaching notes."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from analytics.quality.ranking import mean_score, mean_time, rank, share_satisfied
from api.calls import playing
from api.kit.auth import User
from api.kit.days import Days, days_of, zone_of
from api.kit.deps import Database, Db, Reader, Sounds, Viewer, Web, needs, own_form
from api.kit.links import address_of, asked_of, link, local
from api.kit.paging import PAGE_SIZE, Paging, offset_of
from api.kit.problems import Problem
from api.kit.rail import OWN_PAGE
from api.kit.render import render
from api.kit.roles import Permission
from api.operations.sound import redacted_sound
from recordings.calls.detail import contact_detail, find_recording
from recordings.database import reading, transaction
from recordings.quality import coaching, ranking
from recordings.quality.agents import Agent, list_agents
from recordings.quality.evaluation import EvaluationState
from recordings.quality.evaluations import WantedEvaluations, is_since, list_evaluations
from recordings.quality.scorecards import list_scorecards

DAYS = 30
"""Days of the period where the address names none."""
FILTERS = ("agent", "state", "evaluator", "card", "since", "until")
"""Filters of the list of evaluations."""

Evaluator = Annotated[User, Depends(needs(Permission.EVALUATE))]
router = APIRouter(include_in_schema=False)


@router.get("/quality")
def show_quality(request: Request, db: Db, viewer: Viewer, web: Web) -> Response:
    """Who does how well, and where evaluations stand. An agent is led to their own."""
    if not viewer.may(Permission.CALLS):
        return RedirectResponse(OWN_PAGE, HTTPStatus.SEE_OTHER)
    asked = asked_of(request)
    days = days_of(asked, zone_of(request), datetime.now(UTC), usual=DAYS)
    ranked = partial(rank, minimum=web.ranking_minimum)
    scores = ranking.evaluation_scores(db, period_of(days), scorecard=asked.get("card", ""))
    return render(
        request,
        "quality/overview.html",
        viewer,
        section="quality",
        tab="overview",
        days=days,
        card=asked.get("card", ""),
        minimum=web.ranking_minimum,
        rankings=(
            ("quality", ranked(scores, mean_score)),
            ("speed", ranked(ranking.handle_seconds(db, period_of(days)), mean_time, less_is_better=True)),
            ("ratings", ranked(ranking.ratings(db, period_of(days)), share_satisfied)),
        ),
        agents=people(db),
        cards=sorted({card.name for card in list_scorecards(db)}),
        appealed=list_evaluations(db, WantedEvaluations(state=EvaluationState.APPEALED), limit=10),
        drafts=list_evaluations(
            db, WantedEvaluations(state=EvaluationState.DRAFT, drafts_of=viewer.login, calibrations=True), limit=10
        ),
        link=link,
        here=address_of(request),
    )


@router.get("/quality/person")
def show_person(request: Request, db: Db, viewer: Reader, web: Web, agent: str = "") -> Response:
    """What one person's figures are made of: each sample with its call."""
    asked = asked_of(request)
    days = days_of(asked, zone_of(request), datetime.now(UTC), usual=DAYS)
    samples = {
        "quality": ranking.evaluation_scores(db, period_of(days), agent=agent, scorecard=asked.get("card", "")),
        "speed": ranking.handle_seconds(db, period_of(days), agent=agent),
        "ratings": ranking.ratings(db, period_of(days), agent=agent),
    }
    figures = {"quality": mean_score, "speed": mean_time, "ratings": share_satisfied}
    return render(
        request,
        "quality/person.html",
        viewer,
        section="quality",
        tab="overview",
        days=days,
        card=asked.get("card", ""),
        agent=people(db).get(agent, Agent(endpoint=agent, name="")),
        measured={
            name: figures[name]([sample.value for sample in some]) if some else None for name, some in samples.items()
        },
        samples={name: list(reversed(some))[:200] for name, some in samples.items()},
        sizes={name: len(some) for name, some in samples.items()},
        minimum=web.ranking_minimum,
        notes=coaching.notes_for(db, agent) if agent else [],
        here=address_of(request),
    )


@router.get("/quality/evaluations")
def show_evaluations(request: Request, db: Db, viewer: Reader) -> Response:
    """Evaluations by the filters of the address, newest first."""
    asked = asked_of(request)
    cards = list_scorecards(db)
    days = days_of(asked, zone_of(request), datetime.now(UTC), usual=DAYS)
    start = offset_of(asked)
    versions = tuple(card.version for card in cards if card.name == asked.get("card")) if asked.get("card") else ()
    wanted = WantedEvaluations(
        agent=asked.get("agent", "")[:64],
        evaluator=asked.get("evaluator", "")[:64],
        state=next((state for state in EvaluationState if state == asked.get("state")), None),
        scorecards=versions,
        since=days.since if asked.get("since") else None,
        until=days.until if asked.get("until") else None,
        drafts_of=viewer.login,
    )
    page = list_evaluations(db, wanted, offset=start, limit=PAGE_SIZE)
    filters = {name: asked.get(name, "") for name in FILTERS}
    return render(
        request,
        "quality/evaluations.html",
        viewer,
        section="quality",
        tab="evaluations",
        page=page,
        paging=Paging(start=start, total=page.total),
        filters=filters,
        states=tuple(EvaluationState),
        agents=people(db),
        cards=card_names(db),
        names=sorted({card.name for card in cards}),
        link=partial(link, "/quality/evaluations", filters),
        here=address_of(request),
    )


@router.get("/quality/mine")
def show_mine(request: Request, db: Db, viewer: Viewer, web: Web) -> Response:
    """What was said of the viewer's own calls."""
    wanted = WantedEvaluations(agent=viewer.agent, called_since=viewer.agent_since)
    page = list_evaluations(db, wanted, limit=100) if viewer.agent else None
    return render(
        request,
        "quality/mine.html",
        viewer,
        section="quality",
        tab="mine",
        evaluations=page.evaluations if page else (),
        notes=coaching.notes_for(db, viewer.agent, called_since=viewer.agent_since) if viewer.agent else [],
        shared=web.shared_phones,
        cards=card_names(db),
        here=address_of(request),
    )


@router.get("/quality/call")
def show_own_call(request: Request, db: Db, viewer: Viewer, call: str = "", t: float = 0.0) -> Response:
    """A call as its agent reads and hears it; others have the whole page of it."""
    if viewer.may(Permission.CALLS):
        return RedirectResponse(f"/calls/{quote(call, safe='')}?t={t:g}", HTTPStatus.SEE_OTHER)
    _check_own(db, viewer, call)
    found = contact_detail(db, call)
    recording = find_recording(db, call)
    if found is None or recording is None:
        raise Problem(HTTPStatus.NOT_FOUND, "call_unknown", f"There is no call {call}.")
    return render(
        request,
        "quality/call.html",
        viewer,
        section="quality",
        tab="mine",
        found=found,
        notes=coaching.notes_of(db, recording.id),
        at=t,
        here=address_of(request),
    )


@router.head("/quality/sound")
@router.get("/quality/sound")
def play(request: Request, engine: Database, store: Sounds, viewer: Viewer, call: str = "") -> Response:
    """The sound of a call, private parts muted: also for the agent whose call was scored."""
    with reading(engine) as db:
        if not viewer.may(Permission.CALLS):
            _check_own(db, viewer, call)
        recording = find_recording(db, call)
    if recording is None:
        raise Problem(HTTPStatus.NOT_FOUND, "recording_missing", "The call has no recording.")
    return playing.play(request, store, partial(redacted_sound, engine, store, recording))


@router.post("/quality/notes", dependencies=[Depends(own_form)])
def leave_note(
    engine: Database,
    viewer: Evaluator,
    call: Annotated[str, Form(max_length=64)],
    text: Annotated[str, Form(max_length=2000)],
    start: Annotated[float, Form(ge=0)] = 0.0,
    back: Annotated[str, Form(max_length=2048)] = "/quality",
) -> Response:
    """Leave a note for the agent at a moment of their call."""
    try:
        with transaction(engine) as db:
            recording = find_recording(db, call)
            coaching.add_note(
                db, recording_id=recording.id if recording else "", start=start, end=start, text=text, by=viewer.login
            )
    except KeyError as error:
        raise Problem(HTTPStatus.NOT_FOUND, "call_unknown", f"There is no recording of a call {call}.") from error
    except ValueError as error:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "note_refused", str(error)) from error
    return RedirectResponse(local(back), HTTPStatus.SEE_OTHER)


@router.post("/quality/notes/{note_id}/seen", dependencies=[Depends(own_form)])
def see_note(engine: Database, viewer: Viewer, note_id: str) -> Response:
    """The agent has read a note."""
    with transaction(engine) as db:
        coaching.mark_seen(db, note_id, agent=viewer.agent, called_since=viewer.agent_since)
    return RedirectResponse(OWN_PAGE, HTTPStatus.SEE_OTHER)


def people(db: Session) -> dict[str, Agent]:
    """By endpoint."""
    return {agent.endpoint: agent for agent in list_agents(db)}


def card_names(db: Session) -> dict[str, str]:
    """Version → name."""
    return {card.version: card.name for card in list_scorecards(db)}


def _check_own(db: Session, viewer: User, call: str) -> None:
    """Agents hear what they are judged by, and nothing else.

    Raises:
        Problem: 404, it is not a call of theirs that somebody scored or left a note at.
    """
    recording = find_recording(db, call)
    if recording and viewer.agent and is_since(db, recording.id, viewer.agent_since):
        scored = list_evaluations(db, WantedEvaluations(agent=viewer.agent, recordings=(recording.id,)), limit=1)
        noted = any(note.agent == viewer.agent for note in coaching.notes_of(db, recording.id))
        if scored.total or noted:
            return
    raise Problem(HTTPStatus.NOT_FOUND, "call_unknown", f"There is no call {call}.")


def period_of(days: Days) -> ranking.Period:
    return ranking.Period(since=days.since, until=days.until)
