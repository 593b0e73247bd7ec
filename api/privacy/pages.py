"""Pages for who guards personal data: one person, legal holds, retention, the audit trail, receipts of erasures.

An address of a person is sent in the body of a form, never in an address: addresses end up in logs and histories.
"""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import FileResponse, RedirectResponse, Response
from sqlalchemy import Engine
from starlette.background import BackgroundTask

from api.kit.deps import Database, Db, Guardian, Sounds, Web, own_form
from api.kit.links import link
from api.kit.paging import PAGE_SIZE, Paging
from api.kit.problems import Problem
from api.kit.render import render
from api.operations import privacy as operations
from recordings.database import reading
from recordings.errors import CallGoesOn, NotAPhone, PolicyWrong, UnderHold
from recordings.privacy import audit, legal_holds, receipts
from recordings.privacy.person import find_person, inventory
from recordings.privacy.retention import due
from recordings.privacy.retention_policy import Policy, read_policy
from recordings.privacy.settings import privacy_settings
from recordings.privacy.subject import subject_from
from speech.temporary_folders import temporary_folder

Address = Annotated[str, Form(max_length=254)]
"""Of a person: telephone, e-mail or messenger."""

router = APIRouter(prefix="/privacy", include_in_schema=False)
show = partial(render, section="privacy")


@router.get("")
def ask_person(request: Request, viewer: Guardian) -> Response:
    """Whose data?"""
    return show(request, "privacy/person.html", viewer, tab="person", phone="", fault="", here="/privacy")


@router.post("/person", dependencies=[Depends(own_form)])
def show_person(request: Request, engine: Database, viewer: Guardian, phone: Address = "") -> Response:
    """What there is of a number."""
    return _person(request, engine, viewer, phone)


@router.post("/export", dependencies=[Depends(own_form)])
def export(request: Request, engine: Database, sounds: Sounds, viewer: Guardian, phone: Address = "") -> Response:
    """All of it as a ZIP."""
    with ExitStack() as held:  # the file goes when it is sent, or at once when it cannot be made
        folder = held.enter_context(temporary_folder("person"))
        target = folder / f"person-{datetime.now(UTC):%Y%m%d-%H%M%S}.zip"
        try:
            operations.export_person(engine, sounds, phone, target, by=viewer.login)
        except NotAPhone:
            return _person(request, engine, viewer, phone)
        sent = BackgroundTask(held.pop_all().close)
    return FileResponse(target, filename=target.name, background=sent)


@router.post("/erase", dependencies=[Depends(own_form)])
def erase(
    request: Request, web: Web, engine: Database, viewer: Guardian, phone: Address = "", again: Address = ""
) -> Response:
    """Erase for good, when the number was typed twice; the workers do it, and the receipt's page tells how far."""
    try:
        if subject_from(phone) != subject_from(again or "-"):
            return _person(request, engine, viewer, phone, fault="differs")
        receipt = operations.begin_erasure(engine, web.broker, phone, by=viewer.login)
    except NotAPhone:
        return _person(request, engine, viewer, phone, fault="differs")
    except UnderHold:
        return _person(request, engine, viewer, phone)
    except CallGoesOn:
        return _person(request, engine, viewer, phone, fault="goes_on")
    return RedirectResponse(f"/privacy/erasures/{receipt.id}", HTTPStatus.SEE_OTHER)


@router.get("/holds")
def show_holds(request: Request, db: Db, viewer: Guardian, fault: str = "") -> Response:
    """Legal holds, standing ones first."""
    known = legal_holds.list_holds(db)
    return show(request, "privacy/holds.html", viewer, tab="holds", holds=known, fault=fault, here="/privacy/holds")


@router.post("/holds", dependencies=[Depends(own_form)])
def add_hold(
    engine: Database,
    viewer: Guardian,
    phone: Address = "",
    contact: Annotated[str, Form(max_length=64)] = "",
    reason: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """Forbid to delete."""
    try:
        operations.lay_hold(engine, phone=phone.strip(), contact=contact.strip(), reason=reason, by=viewer.login)
    except NotAPhone:
        return RedirectResponse("/privacy/holds?fault=bad", HTTPStatus.SEE_OTHER)
    except ValueError:
        return RedirectResponse("/privacy/holds?fault=wrong", HTTPStatus.SEE_OTHER)
    return RedirectResponse("/privacy/holds", HTTPStatus.SEE_OTHER)


@router.post("/holds/{hold_id}/release", dependencies=[Depends(own_form)])
def release_hold(engine: Database, viewer: Guardian, hold_id: str) -> Response:
    """Let the data be deleted again."""
    operations.release_hold(engine, hold_id, by=viewer.login)
    return RedirectResponse("/privacy/holds", HTTPStatus.SEE_OTHER)


@router.get("/retention")
def show_retention(request: Request, db: Db, viewer: Guardian) -> Response:
    """The policy, and how much would be deleted by it now."""
    file = privacy_settings().retention_file
    policy, problem = Policy(), ""
    try:
        policy = read_policy(file)
    except PolicyWrong as wrong:
        problem = str(wrong)
    return show(
        request,
        "privacy/retention.html",
        viewer,
        tab="retention",
        policy=policy,
        problem=problem,
        file=file.name,
        due=due(db, policy),
        here="/privacy/retention",
    )


@router.get("/audit")
def show_audit(request: Request, db: Db, viewer: Guardian, q: str = "", offset: int = 0) -> Response:
    """Who did what, newest first, and whether the chain is whole."""
    start, wanted = max(0, offset), q.strip()[:128]
    page = audit.list_lines(db, wanted=wanted, offset=start, limit=PAGE_SIZE)
    return show(
        request,
        "privacy/audit.html",
        viewer,
        tab="audit",
        page=page,
        wanted=wanted,
        paging=Paging(start=start, total=page.total),
        broken=audit.verify(db),
        newest=audit.newest(db),
        link=partial(link, "/privacy/audit", {"q": wanted}),
        here="/privacy/audit",
    )


@router.get("/erasures")
def show_erasures(request: Request, db: Db, viewer: Guardian) -> Response:
    """Receipts, newest first."""
    known = receipts.list_erasures(db)
    return show(
        request, "privacy/erasures.html", viewer, tab="erasures", erasures=known, whole=None, here="/privacy/erasures"
    )


@router.get("/erasures/{erasure_id}")
def show_erasure(request: Request, db: Db, viewer: Guardian, erasure_id: str) -> Response:
    """One receipt."""
    found = receipts.find_erasure(db, erasure_id)
    if found is None:
        raise Problem(HTTPStatus.NOT_FOUND, "not_found", f"There is no erasure {erasure_id}.")
    return show(
        request,
        "privacy/erasures.html",
        viewer,
        tab="erasures",
        erasures=[found],
        whole=found,
        here=f"/privacy/erasures/{erasure_id}",
    )


def _person(request: Request, engine: Engine, viewer: Guardian, phone: str, *, fault: str = "") -> Response:
    """The page of one person, or what is wrong with the address."""
    values: dict[str, Any] = {"tab": "person", "here": "/privacy", "fault": fault}
    try:
        subject = subject_from(phone)
    except NotAPhone:
        values["fault"] = fault or "bad"
        return show(request, "privacy/person.html", viewer, phone="", **values)
    with reading(engine) as db:
        scope = find_person(db, subject)
        held = legal_holds.hold_on(db, scope)
        values |= {"counts": inventory(db, scope), "held": held.reason if held else ""}
        values["receipts"] = receipts.find_erasures(db, subject, operations.privacy_settings())
    return show(request, "privacy/person.html", viewer, phone=subject.value, **values)
