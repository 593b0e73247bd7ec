"""Pages for people: the list of calls, one call."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Header, Request
from fastapi.responses import RedirectResponse, Response

from api.calls.api import detail_for, note_original
from api.calls.sentiment_correction import corrections_in
from api.calls.view import SIGNS, UNSURE, view
from api.kit.days import zone_of
from api.kit.deps import Database, Db, Original, Reader, Web, needs, own_form
from api.kit.failure_codes import call_troubles, recording_trouble
from api.kit.links import address_of
from api.kit.problems import Problem
from api.kit.render import render
from api.kit.roles import Permission
from recordings.announce import announce_recording
from recordings.audio import progress
from recordings.calls.detail import find_recording
from recordings.calls.listing import Kind, Order, Wanted, keyword_labels, list_contacts
from recordings.contacts.call import Outcome, RecordingState
from recordings.database import reading

PAGE_SIZE = 50

router = APIRouter(include_in_schema=False)


@router.get("/calls")
def list_calls(
    request: Request,
    db: Db,
    engine: Database,
    viewer: Reader,
    original: Original,
    x_seen: Annotated[str, Header()] = "",
) -> Response:
    """The list by the filters of the address; to a page that has seen exactly this, nothing."""
    asked = {name: value.strip() for name, value in request.query_params.items() if value.strip()}
    order = next((o for o in Order if o == asked.get("sort")), Order.NEWEST)
    start = int(asked["offset"]) if asked.get("offset", "").isdecimal() and len(asked["offset"]) < 9 else 0
    wanted = replace(wanted_of(asked, zone_of(request)), original=original)
    if original:
        note_original(engine, viewer, "original.searched", "")
    page = list_contacts(db, wanted, order=order, offset=start, limit=PAGE_SIZE)
    seen = hashlib.sha256(repr((address_of(request), page)).encode()).hexdigest()[:16]
    if seen == x_seen:
        return Response(status_code=HTTPStatus.NO_CONTENT)
    filters = {name: asked.get(name, "") for name in FILTERS}
    return render(
        request,
        "calls/calls.html",
        viewer,
        page=page,
        seen=seen,
        start=start,
        size=PAGE_SIZE,
        order=order,
        filters=filters,
        labels=keyword_labels(db),
        link=partial(_link, filters, order),
        here=address_of(request),
    )


@router.get("/calls/{call_id}")
def show_call(
    request: Request,
    db: Db,
    engine: Database,
    viewer: Reader,
    call_id: str,
    original: Original,
    stage: str = "",
    turns: int = -1,
) -> Response:
    """One call. ``stage`` and ``turns`` say what a waiting page shows; it gets the words only when there are more."""
    found = detail_for(db, engine, viewer, call_id, original=original)
    shown = view(found, datetime.now(UTC), corrected=corrections_in(db, found))
    if stage and request.headers.get("hx-request"):
        if stage != shown.stage:
            return Response(status_code=HTTPStatus.NO_CONTENT, headers={"HX-Trigger": "callMovedOn"})
        if turns == len(found.turns):
            return Response(status_code=HTTPStatus.NO_CONTENT)
        return render(request, "calls/_turns.html", viewer, found=found, view=shown, signs=SIGNS, unsure=UNSURE)
    return render(
        request,
        "calls/call.html",
        viewer,
        found=found,
        view=shown,
        heard_live=tuple(turn for turn in found.turns if turn.text) if found.transcript else (),
        signs=SIGNS,
        unsure=UNSURE,
        call_troubles=call_troubles(found.call.failure) if found.call else (),
        recording_trouble=recording_trouble(found.recording.failure_code) if found.recording else "",
        here=address_of(request),
    )


@router.post("/calls/{call_id}/retry", dependencies=[Depends(own_form), Depends(needs(Permission.WORK))])
def retry_recording(engine: Database, web: Web, call_id: str) -> Response:
    """Give a parked recording back to the workers; one that is not parked is in their hands already."""
    with reading(engine) as db:
        recording = find_recording(db, call_id)
    if recording is None:
        raise Problem(HTTPStatus.NOT_FOUND, "call_unknown", f"There is no recording of a call {call_id}.")
    if progress.retry(engine, recording.id):
        announce_recording(web.broker, recording.id, imported=recording.call_id is None)
    return RedirectResponse(f"/calls/{quote(call_id, safe='')}", HTTPStatus.SEE_OTHER)


FILTERS = ("q", "outcome", "language", "label", "since", "until")
"""Names in the address of the list."""


def wanted_of(asked: Mapping[str, str], here: ZoneInfo) -> Wanted:
    """Filters of an address. What makes no sense does not filter: an old link still opens.

    ``outcome`` also takes ``import`` and ``parked``; days are days of the reader's zone, the last one included.
    """
    show = asked.get("outcome", "")
    since, until = _day(asked.get("since")), _day(asked.get("until"))
    return Wanted(
        text=asked.get("q", "")[:200],
        outcome=next((outcome for outcome in Outcome if outcome == show), None),
        kind=Kind.IMPORT if show == Kind.IMPORT else None,
        state=RecordingState.PARKED if show == RecordingState.PARKED else None,
        language=asked.get("language", "")[:8],
        label=asked.get("label", "")[:64],
        since=datetime.combine(since, time.min, here) if since else None,
        until=datetime.combine(until + timedelta(days=1), time.min, here) if until else None,
    )


def _day(text: str | None) -> date | None:
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if 2000 <= day.year < 2200 else None


def _link(filters: Mapping[str, str], order: Order, **changes: object) -> str:
    """Address of the list with the filters kept and ``changes`` made; empty ones are left out."""
    pairs = {**filters, "sort": "" if order is Order.NEWEST else order.value, **changes}
    query = urlencode({name: value for name, value in pairs.items() if value})
    return f"/calls?{query}" if query else "/calls"
