"""Pages that let people in and out: the log-in, the way out, the language of the pages."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from api.kit import auth
from api.kit.deps import Database, Viewer, Web, own_form, session_cookie
from api.kit.links import local
from api.kit.problems import Problem
from api.kit.rail import first_page
from api.kit.render import LANGUAGE_COOKIE, render
from api.kit.translations import LANGUAGES
from api.login.throttle import Throttle
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
    throttle: Throttle = request.app.state.throttle
    address = request.client.host if request.client else ""
    again = partial(render, request, "login/login.html", next=local(next), login=login)
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


def _remember_language(response: Response, language: str) -> None:
    """For the log-in and for errors, which know no user."""
    response.set_cookie(LANGUAGE_COOKIE, language, max_age=YEAR, samesite="lax", httponly=True)
