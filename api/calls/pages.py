"""Pages for people: log-in, list of calls, one call."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Annotated
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form, Header, Request
from fastapi.responses import RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.templating import Jinja2Templates

from api.calls.api import detail_for, note_original
from api.calls.sentiment_correction import corrections_in
from api.calls.view import SIGNS, UNSURE, view
from api.kit import auth, wording
from api.kit.deps import Database, Db, Original, Reader, Viewer, Web, needs, own_form, session_cookie
from api.kit.failure_codes import call_troubles, recording_trouble
from api.kit.problems import Problem
from api.kit.roles import Permission
from api.kit.texts import LANGUAGES, choose, label, phrases, say
from recordings.announce import announce_recording
from recordings.audio import progress
from recordings.calls.detail import find_recording
from recordings.calls.listing import Kind, Order, Wanted, keyword_labels, list_contacts
from recordings.contacts.call import Outcome, RecordingState
from recordings.database import reading, transaction

PAGE_SIZE = 50
LANGUAGE_COOKIE = "otklik_language"
THEME_COOKIE = "otklik_theme"
ZONE_COOKIE = "otklik_zone"
OWN_PAGE = "/quality/mine"
"""Of an agent: what was said of their calls."""
YEAR = 365 * 24 * 3600
"""Seconds."""

SECTIONS: tuple[tuple[str, str, Permission | None], ...] = (
    ("calls", "calls", Permission.CALLS),
    ("callbacks", "back_call", Permission.CALLS),
    ("customers", "people", Permission.CALLS),
    ("figures", "figures", Permission.CALLS),
    ("topics", "chat", Permission.CALLS),
    ("quality", "check", None),
    ("rules", "text", Permission.RULES),
    ("alerts", "alert", Permission.ALERTS),
    ("work", "work", Permission.WORK),
    ("privacy", "lock", Permission.PRIVACY),
)
"""Of the rail: address and text key, sign, and what one must be allowed; None: everybody has something there."""

router = APIRouter(include_in_schema=False)
templates = Jinja2Templates(
    env=Environment(
        loader=FileSystemLoader(Path(__file__).parents[1] / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
)


def render(
    request: Request,
    name: str,
    user: auth.User | None = None,
    *,
    status: int = HTTPStatus.OK,
    spoken: str = "",
    **values: object,
) -> Response:
    """Draw a page in the reader's language, zone and theme; ``spoken`` is a language that the address names."""
    wanted = spoken or (user.language if user else request.cookies.get(LANGUAGE_COOKIE))
    language = choose(wanted, request.headers.get("accept-language", ""))
    here, now = _zone(request), datetime.now(UTC)
    theme = request.cookies.get(THEME_COOKIE, "")
    return templates.TemplateResponse(
        request,
        name,
        {
            "user": user,
            "sections": [(name, sign) for name, sign, wants in SECTIONS if user and (wants is None or user.may(wants))],
            "language": language,
            "theme": theme if theme in ("light", "dark") else "",
            "nonce": request.state.nonce,
            "t": partial(say, language),
            "name_of": partial(label, language),
            "when": partial(wording.when, here=here, language=language, now=now),
            "moment": partial(wording.moment, here=here, language=language),
            "hour": partial(wording.hour, here=here, language=language),
            "clock": wording.clock,
            "masked": wording.masked,
            "percent": wording.percent,
            "mood_of": wording.sentiment_name,
            "signed": partial(wording.signed, language=language),
            "due": partial(wording.due, language=language),
            "sum_of": partial(wording.amount, language=language),
            **values,
        },
        status,
        headers={"Content-Language": language, "Vary": "HX-Request, Cookie, Accept-Language"},
    )


def error_page(request: Request, status: int, code: str) -> Response:
    """What a person sees instead of problem details; who is not logged in is led to the log-in."""
    if code == "unauthenticated":
        target = "/login"
        if request.method == "GET" and request.url.path != "/":
            target += "?next=" + quote(_address(request), safe="/")
        return RedirectResponse(target, HTTPStatus.SEE_OTHER)
    return render(
        request, "error.html", status=status, code=code if f"error.{code}.title" in phrases("ru") else "other"
    )


@router.get("/")
def start(viewer: Viewer) -> Response:
    """The first page is the list of calls; of an agent, their own evaluations."""
    first = "/calls" if viewer.may(Permission.CALLS) else OWN_PAGE
    return RedirectResponse(first, HTTPStatus.SEE_OTHER)


@router.get("/login")
def ask_login(request: Request, next: str = "/calls", language: str = "") -> Response:  # noqa: A002
    """The log-in form, in the language asked for."""
    if language in LANGUAGES:
        response: Response = RedirectResponse(f"/login?next={quote(local(next))}", HTTPStatus.SEE_OTHER)
        _remember_language(response, language)
        return response
    return render(request, "login.html", next=local(next), login="", trouble="", minutes=0)


@router.post("/login")
def log_in(
    request: Request,
    engine: Database,
    web: Web,
    login: Annotated[str, Form(max_length=64)] = "",
    password: Annotated[str, Form(max_length=1024)] = "",
    next: Annotated[str, Form(max_length=2048)] = "/calls",  # noqa: A002
) -> Response:
    """Open a session for who knows the password; too many wrong tries have to wait."""
    throttle: auth.Throttle = request.app.state.throttle
    address = request.client.host if request.client else ""
    again = partial(render, request, "login.html", next=local(next), login=login)
    if wait := throttle.admit(address, login):
        response = again(status=HTTPStatus.TOO_MANY_REQUESTS, trouble="throttled", minutes=int(wait // 60) + 1)
        response.headers["Retry-After"] = str(int(wait) + 1)
        return response
    with reading(engine) as db:  # hashing takes its time: nobody who writes waits for it
        user = auth.sign_in(db, login, password)
    if not user:
        return again(status=HTTPStatus.UNAUTHORIZED, trouble="wrong", minutes=0)
    with transaction(engine) as db:
        secret = auth.open_session(db, user, hours=web.web_session_hours)
    throttle.passed(address, login)
    response = RedirectResponse(local(next), HTTPStatus.SEE_OTHER)
    response.set_cookie(
        session_cookie(web.web_https),
        secret,
        max_age=int(web.web_session_hours * 3600),
        httponly=True,
        samesite="lax",
        secure=web.web_https,
    )
    _remember_language(response, user.language)
    return response


@router.post("/logout", dependencies=[Depends(own_form)])
def log_out(request: Request, engine: Database, web: Web) -> Response:
    """End this browser's session."""
    name = session_cookie(web.web_https)
    with transaction(engine) as db:
        auth.close_session(db, request.cookies.get(name, ""))
    response = RedirectResponse("/login", HTTPStatus.SEE_OTHER)
    response.delete_cookie(name, httponly=True, samesite="lax", secure=web.web_https)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@router.post("/language", dependencies=[Depends(own_form)])
def choose_language(
    engine: Database,
    viewer: Viewer,
    language: Annotated[str, Form()],
    back: Annotated[str, Form(max_length=2048)] = "/calls",
) -> Response:
    """Show the pages in another language from now on."""
    if language not in LANGUAGES:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "request_invalid", f"There are {', '.join(LANGUAGES)}.")
    with transaction(engine) as db:
        auth.choose_language(db, viewer, language)
    response = RedirectResponse(local(back), HTTPStatus.SEE_OTHER)
    _remember_language(response, language)
    return response


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
    wanted = replace(wanted_of(asked, _zone(request)), original=original)
    if original:
        note_original(engine, viewer, "original.searched", "")
    page = list_contacts(db, wanted, order=order, offset=start, limit=PAGE_SIZE)
    seen = hashlib.sha256(repr((_address(request), page)).encode()).hexdigest()[:16]
    if seen == x_seen:
        return Response(status_code=HTTPStatus.NO_CONTENT)
    filters = {name: asked.get(name, "") for name in FILTERS}
    return render(
        request,
        "calls.html",
        viewer,
        page=page,
        seen=seen,
        start=start,
        size=PAGE_SIZE,
        order=order,
        filters=filters,
        labels=keyword_labels(db),
        link=partial(_link, filters, order),
        here=_address(request),
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
        return render(request, "_said.html", viewer, found=found, view=shown, signs=SIGNS, unsure=UNSURE)
    return render(
        request,
        "call.html",
        viewer,
        found=found,
        view=shown,
        heard_live=tuple(turn for turn in found.turns if turn.text) if found.transcript else (),
        signs=SIGNS,
        unsure=UNSURE,
        call_troubles=call_troubles(found.call.failure) if found.call else (),
        recording_trouble=recording_trouble(found.recording.failure_code) if found.recording else "",
        here=_address(request),
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


def local(target: str) -> str:
    """An address of this site only: whoever makes a link must not send people elsewhere after the log-in."""
    fine = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return target if fine else "/calls"


def _remember_language(response: Response, language: str) -> None:
    """For the log-in and for errors, which know no user."""
    response.set_cookie(LANGUAGE_COOKIE, language, max_age=YEAR, samesite="lax", httponly=True)


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


def _address(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def _zone(request: Request) -> ZoneInfo:
    return wording.zone(request.cookies.get(ZONE_COOKIE, ""))
