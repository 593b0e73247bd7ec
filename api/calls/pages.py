"""Pages for people: the list of calls, one call."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Header, Request
from fastapi.responses import RedirectResponse, Response

from api.calls.api import detail_for
from api.calls.sentiment_correction import corrections_in
from api.calls.view import SIGNS, UNSURE, view
from api.kit.days import day_of, start_of_day, zone_of
from api.kit.deps import Database, Db, Original, Reader, Viewer, Web, needs, own_form
from api.kit.failure_codes import call_codes, recording_code
from api.kit.links import address_of, asked_of, contact_link, link
from api.kit.paging import PAGE_SIZE, Paging, offset_of
from api.kit.problems import Problem
from api.kit.render import render
from api.kit.roles import Permission
from api.operations import originals, processing
from recordings.calls.listing import Kind, Order, Wanted, keyword_labels
from recordings.contacts.call import Outcome, RecordingState

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
    asked = asked_of(request)
    order = next((o for o in Order if o == asked.get("sort")), Order.NEWEST)
    start = offset_of(asked)
    page = originals.search_calls(
        db,
        engine,
        wanted_of(asked, zone_of(request)),
        original=original,
        by=viewer.login,
        order=order,
        offset=start,
        limit=PAGE_SIZE,
    )
    seen = hashlib.sha256(repr((address_of(request), page)).encode()).hexdigest()[:16]
    if seen == x_seen:
        return Response(status_code=HTTPStatus.NO_CONTENT)
    filters = {name: asked.get(name, "") for name in FILTERS}
    kept = {**filters, "sort": "" if order is Order.NEWEST else order.value}
    return render(
        request,
        "calls/calls.html",
        viewer,
        page=page,
        seen=seen,
        paging=Paging(start=start, total=page.total),
        order=order,
        filters=filters,
        labels=keyword_labels(db),
        link=partial(link, "/calls", kept),
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
        call_failures=call_codes(found.call),
        recording_failure=recording_code(found.recording.failure_code) if found.recording else "",
        here=address_of(request),
    )


@router.post("/calls/{call_id}/retry", dependencies=[Depends(own_form), Depends(needs(Permission.WORK))])
def retry_recording(engine: Database, web: Web, viewer: Viewer, call_id: str) -> Response:
    """Give a parked recording back to the workers; one that is not parked is in their hands already."""
    if processing.retry_recording(engine, web.broker, call_id, by=viewer.login) is None:
        raise Problem(HTTPStatus.NOT_FOUND, "call_unknown", f"There is no recording of a call {call_id}.")
    return RedirectResponse(contact_link(call_id), HTTPStatus.SEE_OTHER)


FILTERS = ("q", "outcome", "language", "label", "since", "until")
"""Names in the address of the list."""


def wanted_of(asked: Mapping[str, str], here: ZoneInfo) -> Wanted:
    """Filters of an address. What makes no sense does not filter: an old link still opens.

    ``outcome`` also takes ``import`` and ``parked``; days are days of the reader's zone, the last one included.
    """
    show = asked.get("outcome", "")
    since, until = day_of(asked.get("since")), day_of(asked.get("until"))
    return Wanted(
        text=asked.get("q", "")[:200],
        outcome=next((outcome for outcome in Outcome if outcome == show), None),
        kind=Kind.IMPORT if show == Kind.IMPORT else None,
        state=RecordingState.PARKED if show == RecordingState.PARKED else None,
        language=asked.get("language", "")[:8],
        label=asked.get("label", "")[:64],
        since=start_of_day(since, here) if since else None,
        until=start_of_day(until + timedelta(days=1), here) if until else None,
    )
