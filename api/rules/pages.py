"""Pages of the rules: versions, the editor that tries what it holds, one version, what it changes, how right it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from functools import partial
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from analytics.dictionary import DictionaryError, RuleSet, read_rule_set
from analytics.dictionary.running_rules import CARRIED_OVER, PACKAGED, rule_set, running
from analytics.rerun.trial import Trial, try_rules
from api.kit.auth import User
from api.kit.deps import Database, Db, Viewer, Web, needs, own_form
from api.kit.links import contact_link
from api.kit.problems import Problem as Refusal
from api.kit.render import render
from api.kit.roles import Permission
from api.operations import rules as operations
from recordings.announce import announce_job
from recordings.database import reading, transaction
from recordings.jobs import GOING_ON, Job, JobState, list_jobs
from recordings.rules.reviews import decide, draw, precisions, waiting_reviews
from recordings.rules.rule_changes import Difference
from recordings.rules.rule_sets import RuleSetCard, find_rule_set, list_rule_sets
from speech.yaml_source import Problem

FILE_NAME = re.compile(r"[a-z]{2,8}/[a-z0-9][a-z0-9_.-]{0,60}\.ya?ml")
MOST_FILES = 30
LONGEST_FILE = 2_000_000
"""Letters."""
LISTENED = 20
"""Findings drawn at once where nobody says otherwise: enough for an interval of ±20 %."""
MOST_JOBS = 200
"""Newest jobs, among which those of one version are looked for."""
NOTES = {PACKAGED: "rules.packaged", CARRIED_OVER: "rules.carried_over"}
"""Notes that are the program's own, shown in the reader's language."""

router = APIRouter(prefix="/rules", include_in_schema=False, dependencies=[Depends(needs(Permission.RULES))])


@router.get("")
def show_versions(request: Request, engine: Database, viewer: Viewer) -> Response:
    """All versions, and what is wrong with the one in force, should anything be."""
    fault = _fault(engine)
    with reading(engine) as db:
        cards = list_rule_sets(db)
    return render(
        request, "rules/versions.html", viewer, section="rules", cards=cards, fault=fault, here="/rules", notes=NOTES
    )


@router.get("/new")
def edit(request: Request, db: Db, viewer: Viewer, version: str = "") -> Response:
    """The editor with the files of a version, by default of the one in force."""
    cards = list_rule_sets(db)
    card = find_rule_set(db, version) if version else next((c for c in cards if c.state == "running"), None)
    files = dict(card.files) if card else {}
    return _editor(request, viewer, files, note="", problems=(), trial=None)


@router.post("/new", dependencies=[Depends(own_form)])
def save(
    request: Request,
    engine: Database,
    viewer: Viewer,
    name: Annotated[list[str], Form()],
    text: Annotated[list[str], Form()],
    note: Annotated[str, Form(max_length=500)] = "",
    do: Annotated[str, Form()] = "try",
) -> Response:
    """Try what was typed on the newest calls, or keep it as a draft. With faults it is neither: they stand beside the
    lines, and the version in force stays."""
    written = [(one.strip(), body.replace("\r\n", "\n")) for one, body in zip(name, text, strict=False)]
    files = {one: body for one, body in written[:MOST_FILES] if one or body.strip()}
    editor = partial(_editor, request, viewer, files, note=note)
    problems = _misnamed(files)
    if problems:
        return editor(problems=problems, trial=None)
    try:
        rules = read_rule_set(files)
    except DictionaryError as error:
        return editor(problems=error.problems, trial=None)
    if do != "save":
        return editor(problems=(), trial=try_rules(engine, rules))
    operations.keep_draft(engine, rules, files, note=note, by=viewer.login)
    return _to(rules.version)


@router.get("/{version}")
def show_version(request: Request, engine: Database, db: Db, viewer: Viewer, version: str) -> Response:
    """One version: its files, re-runs and what they changed, and how often each label is right."""
    card = _card(db, version)
    runs = [job for job in list_jobs(db, MOST_JOBS, kind="rerun") if job.parameters.get("rule_set") == card.version]
    compared = next((job for job in runs if job.state is JobState.DONE), None)
    changes = _difference(compared)
    rules, fault = _rules(engine, card.version)
    return render(
        request,
        "rules/version.html",
        viewer,
        section="rules",
        card=card,
        fault=fault,
        runs=runs,
        going_on=any(job.state in GOING_ON for job in runs),
        changes=changes,
        changed=[c for c in changes.changes if c.gained or c.lost or c.before != c.after] if changes else (),
        faults=compared.result.get("faults", ()) if compared else (),
        precisions=precisions(db, card.version),
        labels=sorted({c.label for lexicon in rules.by_language.values() for c in lexicon.categories}) if rules else (),
        draw_count=LISTENED,
        notes=NOTES,
        at=contact_link,
        here=f"/rules/{card.version}",
    )


@router.post("/{version}/activate", dependencies=[Depends(own_form)])
def put_in_force(engine: Database, viewer: Viewer, version: str) -> Response:
    """Put a version in force, an old one too; one these rules do not take is refused."""
    rules, fault = _rules(engine, version)
    if rules is None:
        raise Refusal(HTTPStatus.CONFLICT, "rules_faulty", fault or "There is no such version.")
    operations.put_in_force(engine, rules, by=viewer.login)
    return _to(rules.version)


@router.post("/{version}/rerun", dependencies=[Depends(own_form)])
def start_rerun(
    engine: Database, web: Web, viewer: Viewer, version: str, since: Annotated[str, Form()] = ""
) -> Response:
    """Let the workers run a version over the archive since a day; without one, over all of it."""
    rules, fault = _rules(engine, version)
    if rules is None:
        raise Refusal(HTTPStatus.CONFLICT, "rules_faulty", fault or "There is no such version.")
    try:
        moment = datetime.combine(date.fromisoformat(since), time.min, UTC) if since else None
    except ValueError:
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "request_invalid", "since wants a day: 2026-11-24") from None
    job = operations.order_rerun(engine, rules, since=moment, by=viewer.login)
    announce_job(web.broker, job.id)
    return _to(rules.version)


@router.post("/{version}/draw", dependencies=[Depends(own_form)])
def draw_findings(
    engine: Database,
    version: str,
    label: Annotated[str, Form(max_length=64)],
    count: Annotated[int, Form(ge=1, le=500)] = LISTENED,
    seed: Annotated[int, Form(ge=0, le=2**31)] = 1,
) -> Response:
    """Draw findings of a label for a person to listen to."""
    with transaction(engine) as db:
        card = _card(db, version)
        draw(db, rule_set=card.version, label=label, count=count, seed=seed)
    return RedirectResponse(f"/rules/{card.version}/review?{urlencode({'label': label})}", HTTPStatus.SEE_OTHER)


@router.get("/{version}/review")
def review(request: Request, db: Db, viewer: Viewer, version: str, label: str = "") -> Response:
    """Drawn findings one by one, with their sound."""
    card = _card(db, version)
    return render(
        request,
        "rules/review.html",
        viewer,
        section="rules",
        card=card,
        label=label,
        waiting=waiting_reviews(db, card.version, label),
        precisions=[found for found in precisions(db, card.version) if label in ("", found.label)],
        at=contact_link,
        here=f"/rules/{card.version}/review?{urlencode({'label': label})}",
    )


@router.post("/{version}/review/{review_id}", dependencies=[Depends(own_form)])
def judge(
    engine: Database,
    viewer: Viewer,
    version: str,
    review_id: str,
    verdict: Annotated[str, Form(pattern="^(right|wrong)$")],
    label: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """A person's verdict on one finding."""
    with transaction(engine) as db:
        if not decide(db, review_id, right=verdict == "right", by=viewer.login):
            raise Refusal(HTTPStatus.NOT_FOUND, "review_unknown", "There is no such finding to review.")
    return RedirectResponse(
        f"/rules/{quote(version, safe='')}/review?{urlencode({'label': label})}", HTTPStatus.SEE_OTHER
    )


def _editor(
    request: Request,
    viewer: User,
    files: Mapping[str, str],
    *,
    note: str,
    problems: tuple[Problem, ...],
    trial: Trial | None,
) -> Response:
    by_file: dict[str, list[Problem]] = {}
    for problem in problems:
        by_file.setdefault(problem.file, []).append(problem)
    lines = {name: text.splitlines() for name, text in files.items()}
    return render(
        request,
        "rules/edit.html",
        viewer,
        section="rules",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK,
        files=files,
        note=note,
        problems=by_file,
        elsewhere=[problem for name, found in by_file.items() if name not in files for problem in found],
        line_of=partial(_line, lines),
        trial=trial,
        at=contact_link,
        here="/rules/new",
    )


def _line(lines: Mapping[str, list[str]], name: str, number: int) -> str:
    """The text of a line that a problem is about."""
    return lines[name][number - 1].strip()[:120] if number <= len(lines.get(name, ())) else ""


def _misnamed(files: Mapping[str, str]) -> tuple[Problem, ...]:
    return tuple(
        Problem(file=name, line=1, text=what)
        for name, text in files.items()
        for what in ([f"the name must be as ru/service.yaml, got {name!r}"] if not FILE_NAME.fullmatch(name) else [])
        + ([f"longer than {LONGEST_FILE} letters"] if len(text) > LONGEST_FILE else [])
    )


def _rules(engine: Engine, version: str) -> tuple[RuleSet | None, str]:
    """A version read, or why it cannot be."""
    try:
        return rule_set(engine, version), ""
    except DictionaryError as error:
        return None, str(error)


def _fault(engine: Engine) -> str:
    """What is wrong with the rules in force; the first look of an installation puts the packaged ones in force."""
    try:
        running(engine)
    except DictionaryError as error:
        return str(error)
    return ""


def _card(db: Session, version: str) -> RuleSetCard:
    card = find_rule_set(db, version)
    if card is None:
        raise Refusal(HTTPStatus.NOT_FOUND, "rules_unknown", f"There is no version {version} of the rules.")
    return card


def _difference(job: Job | None) -> Difference | None:
    return Difference.from_json(job.result) if job and "changes" in job.result else None


def _to(version: str) -> Response:
    return RedirectResponse(f"/rules/{version}", HTTPStatus.SEE_OTHER)
