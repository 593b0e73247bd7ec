"""Pages that let people in and out: the log-in, the way out, the language of the pages."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from api.access.throttle import Place
from api.kit import auth
from api.kit.deps import (
    DEVICE_COOKIE,
    Database,
    Someone,
    Viewer,
    Web,
    is_https,
    owes_factor,
    own_form,
    session_cookie,
)
from api.kit.links import local
from api.kit.problems import Problem
from api.kit.rail import first_page
from api.kit.render import LANGUAGE_COOKIE, render
from api.kit.translations import LANGUAGES
from api.operations import logins
from api.operations.logins import Attempt
from recordings.database import reading, transaction

YEAR = 365 * 24 * 3600
"""Seconds."""

router = APIRouter(include_in_schema=False)


@router.get("/")
def start(viewer: Viewer) -> Response:
    """The first page is the list of calls; of an agent, their own evaluations."""
    return RedirectResponse(first_page(viewer), HTTPStatus.SEE_OTHER)


@router.get("/login")
def ask_login(request: Request, next: str = "/", language: str = "") -> Response:  # noqa: A002
    """The log-in form, in the language asked for."""
    if language in LANGUAGES:
        response: Response = RedirectResponse(f"/login?next={quote(local(next))}", HTTPStatus.SEE_OTHER)
        _remember_language(response, language)
        return response
    return render(request, "login/login.html", next=local(next), login="", trouble="", minutes=0)


@router.post("/login")
def log_in(
    request: Request,
    engine: Database,
    web: Web,
    login: Annotated[str, Form(max_length=64)] = "",
    password: Annotated[str, Form(max_length=1024)] = "",
    next: Annotated[str, Form(max_length=2048)] = "/",  # noqa: A002
) -> Response:
    """Open a session for who knows the password; too many wrong tries have to wait."""
    place = place_of(request)
    tried = logins.log_in(engine, login, password, place, settings=web, browser=browser_of(request))
    again = partial(render, request, "login/login.html", next=local(next), login=login)
    if tried.wait:
        return waiting(again, tried.wait)
    if tried.user is None:
        return again(status=HTTPStatus.UNAUTHORIZED, trouble="wrong", minutes=0)
    if tried.needs_code:
        response = RedirectResponse(f"/login/code?next={quote(local(next))}", HTTPStatus.SEE_OTHER)
        keep_session(request, response, tried, seconds=auth.CODE_SECONDS)
        return response
    return _let_in(request, web, tried, tried.user, next)


@router.get("/login/code")
def ask_code(request: Request, engine: Database, next: str = "/") -> Response:  # noqa: A002
    """The code of the second factor, of who has given the password."""
    with reading(engine) as db:
        waits = auth.session_user(db, session_of(request), waits_for_code=True)
    if waits is None:
        return RedirectResponse(f"/login?next={quote(local(next))}", HTTPStatus.SEE_OTHER)
    return render(request, "login/code.html", next=local(next), trouble="", minutes=0)


@router.post("/login/code")
def give_code(
    request: Request,
    engine: Database,
    web: Web,
    code: Annotated[str, Form(max_length=32)] = "",
    next: Annotated[str, Form(max_length=2048)] = "/",  # noqa: A002
) -> Response:
    """Let in who shows a code of their second factor after the password."""
    again = partial(render, request, "login/code.html", next=local(next))
    try:
        tried = logins.give_code(
            engine, session_of(request), code, place_of(request), settings=web, browser=browser_of(request)
        )
    except LookupError:
        return RedirectResponse(f"/login?next={quote(local(next))}", HTTPStatus.SEE_OTHER)
    if tried.wait:
        return waiting(again, tried.wait)
    if tried.user is None:
        return again(status=HTTPStatus.UNAUTHORIZED, trouble="wrong", minutes=0)
    return _let_in(request, web, tried, tried.user, next)


@router.post("/logout", dependencies=[Depends(own_form)])
def log_out(request: Request, engine: Database, viewer: Someone) -> Response:
    """End this browser's session."""
    logins.log_out(engine, session_of(request), by=viewer.login)
    https = is_https(request)
    response = RedirectResponse("/login", HTTPStatus.SEE_OTHER)
    response.delete_cookie(session_cookie(https), httponly=True, samesite="lax", secure=https)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@router.post("/language", dependencies=[Depends(own_form)])
def choose_language(
    engine: Database,
    viewer: Someone,
    language: Annotated[str, Form()],
    back: Annotated[str, Form(max_length=2048)] = "/",
) -> Response:
    """Show the pages in another language from now on."""
    if language not in LANGUAGES:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "request_invalid", f"There are {', '.join(LANGUAGES)}.")
    with transaction(engine) as db:
        auth.choose_language(db, viewer, language)
    response = RedirectResponse(local(back), HTTPStatus.SEE_OTHER)
    _remember_language(response, language)
    return response


def place_of(request: Request) -> Place:
    """Where a try to log in comes from."""
    device = request.cookies.get(session_cookie(is_https(request), DEVICE_COOKIE), "")
    return Place(address=request.client.host if request.client else "", device=device[:64])


def browser_of(request: Request) -> str:
    return request.headers.get("user-agent", "")


def session_of(request: Request) -> str:
    """The secret that the browser's cookie holds."""
    return request.cookies.get(session_cookie(is_https(request)), "")


def keep_session(request: Request, response: Response, tried: Attempt, *, seconds: float) -> None:
    """Give the browser its session, and by what it is known the next time."""
    https = is_https(request)
    kept = [(session_cookie(https), tried.secret, seconds)]
    if tried.device:
        kept.append((session_cookie(https, DEVICE_COOKIE), tried.device, YEAR))
    for name, secret, lasts in kept:
        response.set_cookie(name, secret, max_age=int(lasts), httponly=True, samesite="lax", secure=https)


def waiting(again: Callable[..., Response], wait: float) -> Response:
    """The form again, with how long no try is taken."""
    response = again(status=HTTPStatus.TOO_MANY_REQUESTS, trouble="throttled", minutes=int(wait // 60) + 1)
    response.headers["Retry-After"] = str(int(wait) + 1)
    return response


def _let_in(request: Request, web: Web, tried: Attempt, user: auth.User, target: str) -> Response:
    """To the page asked for; who owes a second factor is asked to set it up on the way."""
    target = local(target)
    if not user.must_change and not tried.proved and owes_factor(user, web):
        target = f"/account/factor?next={quote(target)}"
    response = RedirectResponse(target, HTTPStatus.SEE_OTHER)
    keep_session(request, response, tried, seconds=web.web_session_hours * 3600)
    _remember_language(response, user.language)
    return response


def _remember_language(response: Response, language: str) -> None:
    """For the log-in and for errors, which know no user."""
    response.set_cookie(LANGUAGE_COOKIE, language, max_age=YEAR, samesite="lax", httponly=True)
