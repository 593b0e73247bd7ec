"""Scorecards, written and checked on the page, and the people who are scored."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from analytics.dictionary.running_rules import running
from analytics.quality.scorecard_file import LONGEST_TEXT, read_scorecard, schema
from analytics.quality.scoring import EXAMPLES, card_of, unknown_labels
from api.kit.auth import User
from api.kit.deps import Database, Db, Reader, needs, own_form
from api.kit.links import address_of
from api.kit.problems import Problem
from api.kit.render import render
from api.kit.roles import Permission
from api.operations.quality import name_agent, put_scorecards_in_force, retire_scorecard
from recordings.quality.agents import list_agents
from recordings.quality.scorecards import find_scorecard, list_scorecards
from speech.yaml_source import Problem as Fault

Author = Annotated[User, Depends(needs(Permission.SCORECARDS))]
router = APIRouter(include_in_schema=False)


@router.get("/quality/scorecards")
def show_scorecards(request: Request, db: Db, viewer: Reader) -> Response:
    """All versions, the running ones first."""
    stored = list_scorecards(db)
    return render(
        request,
        "quality/scorecards.html",
        viewer,
        section="quality",
        tab="scorecards",
        stored=stored,
        cards={card.version: card_of(card.text) for card in stored},
        examples=[f"{file.parent.name}/{file.stem}" for file in sorted(EXAMPLES.glob("*/*.yaml"))],
        here=address_of(request),
    )


@router.get("/quality/scorecards/edit")
def edit(request: Request, db: Db, viewer: Author, version: str = "", example: str = "") -> Response:
    """The text of a version, or of an example, to begin with."""
    stored = find_scorecard(db, version) if version else None
    if version and stored is None:
        raise Problem(HTTPStatus.NOT_FOUND, "scorecard_unknown", f"There is no scorecard {version}.")
    examples = {f"{file.parent.name}/{file.stem}": file for file in EXAMPLES.glob("*/*.yaml")}
    text = stored.text if stored else examples[example].read_text("utf-8") if example in examples else ""
    return _editor(request, viewer, text=text)


@router.post("/quality/scorecards/edit", dependencies=[Depends(own_form)])
def write(
    request: Request,
    engine: Database,
    viewer: Author,
    text: Annotated[str, Form(max_length=LONGEST_TEXT)],
    action: Annotated[str, Form(pattern="^(check|run)$")] = "check",
) -> Response:
    """Check a text, or make it the running version; with an error the running one stays."""
    text = text.replace("\r\n", "\n")
    if action == "check":
        card, faults = read_scorecard(text, "")
        unknown = unknown_labels(card, running(engine)) if card else ()
        return _editor(request, viewer, text=text, faults=faults, checked=True, unknown=unknown)
    _, faults = put_scorecards_in_force(engine, {"": text}, by=viewer.login)
    if faults:
        return _editor(request, viewer, text=text, faults=faults, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return RedirectResponse("/quality/scorecards", HTTPStatus.SEE_OTHER)


@router.get("/quality/scorecards/schema.json", dependencies=[Depends(needs(Permission.CALLS))])
def show_schema() -> dict[str, object]:
    """JSON schema of scorecards, for editors."""
    return schema()


@router.post("/quality/scorecards/retire", dependencies=[Depends(own_form)])
def retire(engine: Database, viewer: Author, name: Annotated[str, Form(max_length=64)]) -> Response:
    """Score by it no more; open drafts keep their version."""
    retire_scorecard(engine, name, by=viewer.login)
    return RedirectResponse("/quality/scorecards", HTTPStatus.SEE_OTHER)


@router.get("/quality/agents")
def show_agents(request: Request, db: Db, viewer: Reader, refused: bool = False) -> Response:
    """Who takes calls, by team and name."""
    return render(
        request,
        "quality/agents.html",
        viewer,
        section="quality",
        tab="agents",
        agents=list_agents(db),
        refused=refused,
        here=address_of(request),
    )


@router.post("/quality/agents", dependencies=[Depends(own_form)])
def set_agent(
    engine: Database,
    viewer: Author,
    endpoint: Annotated[str, Form(max_length=64)],
    name: Annotated[str, Form(max_length=128)] = "",
    team: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Name who answers an endpoint."""
    try:
        name_agent(engine, endpoint, name=name, team=team, by=viewer.login)
    except ValueError:
        return RedirectResponse("/quality/agents?refused=1", HTTPStatus.SEE_OTHER)
    return RedirectResponse("/quality/agents", HTTPStatus.SEE_OTHER)


def _editor(
    request: Request,
    viewer: User,
    *,
    text: str,
    faults: list[Fault] | None = None,
    checked: bool = False,
    unknown: Sequence[str] = (),
    status: int = HTTPStatus.OK,
) -> Response:
    card, _ = read_scorecard(text) if text else (None, [])
    return render(
        request,
        "quality/scorecard.html",
        viewer,
        section="quality",
        tab="scorecards",
        status=status,
        text=text,
        faults=faults or [],
        checked=checked,
        unknown=unknown,
        card=card,
        here="/quality/scorecards/edit",
    )
