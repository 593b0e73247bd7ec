"""What everybody sees to themselves: own password, second factor, browsers that are logged in, tokens for programs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response
from markupsafe import Markup
from sqlalchemy import Engine

from api.access import members, second_factor
from api.kit import auth
from api.kit.auth import READ, WRITE, User
from api.kit.deps import Database, Person, Viewer, Web, in_browser, own_form
from api.kit.links import local
from api.kit.render import render
from api.kit.roles import PERMISSIONS, Permission
from api.login.pages import browser_of, keep_session, place_of, waiting
from api.operations import logins, users
from api.settings import WebSettings
from recordings.database import reading, transaction

Code = Annotated[str, Form(max_length=32)]
Password = Annotated[str, Form(max_length=1024)]

router = APIRouter(prefix="/account", include_in_schema=False, dependencies=[Depends(in_browser)])
show = partial(render, section="account", here="/account")


@router.get("")
def show_account(request: Request, engine: Database, viewer: Viewer, web: Web) -> Response:
    """Sessions, tokens, second factor."""
    return _account(request, engine, viewer, web)


@router.get("/password")
def ask_password(request: Request, viewer: Person) -> Response:
    """A new password."""
    return show(request, "login/password.html", viewer, trouble="", minutes=0, least=auth.MIN_PASSWORD)


@router.post("/password", dependencies=[Depends(own_form)])
def choose_password(
    request: Request,
    engine: Database,
    viewer: Person,
    web: Web,
    old: Password = "",
    new: Password = "",
    again: Password = "",
) -> Response:
    """Change the password; every other browser and every token is out."""
    form = partial(show, request, "login/password.html", viewer, least=auth.MIN_PASSWORD)
    refused = partial(form, status=HTTPStatus.UNPROCESSABLE_ENTITY, minutes=0)
    if new != again:
        return refused(trouble="differ")
    if len(new) < auth.MIN_PASSWORD:
        return refused(trouble="short")
    if new == old:
        return refused(trouble="same")
    place = place_of(request)
    tried = logins.choose_password(engine, viewer, old, new, place, settings=web, browser=browser_of(request))
    if tried.wait:
        return waiting(form, tried.wait)
    if tried.user is None:
        return refused(trouble="wrong")
    target = "/account/factor" if viewer.must_change and viewer.owes_factor else "/account"
    response = RedirectResponse("/" if viewer.must_change and target == "/account" else target, HTTPStatus.SEE_OTHER)
    keep_session(request, response, tried, seconds=web.web_session_hours * 3600)
    return response


@router.get("/factor")
def show_factor(request: Request, engine: Database, viewer: Person, web: Web, next: str = "/") -> Response:  # noqa: A002
    """The key to scan, or what there is to do with a second factor that is set up."""
    return _factor(request, engine, viewer, web, next=next)


@router.post("/factor", dependencies=[Depends(own_form)])
def set_factor(
    request: Request,
    engine: Database,
    viewer: Person,
    web: Web,
    code: Code = "",
    next: Annotated[str, Form(max_length=2048)] = "/",  # noqa: A002
) -> Response:
    """The first code: from now on one is asked for. Recovery codes are shown once."""
    if viewer.must_change:  # a password that was told by somebody else sets up nothing that lasts
        return RedirectResponse("/account/password", HTTPStatus.SEE_OTHER)
    recovery = users.set_second_factor(engine, viewer, code, logins.login_key(web))
    if recovery is None:
        return _factor(request, engine, viewer, web, next=next, trouble="wrong")
    return show(request, "login/recovery.html", viewer, codes=recovery, next=local(next))


@router.post("/factor/codes", dependencies=[Depends(own_form)])
def renew_codes(request: Request, engine: Database, viewer: Person, web: Web, code: Code = "") -> Response:
    """Other recovery codes."""
    try:
        drawn = users.renew_recovery_codes(engine, viewer, code, logins.login_key(web), place_of(request))
    except logins.TooOften as often:
        return waiting(partial(_factor, request, engine, viewer, web), often.wait)
    if drawn is None:
        return _factor(request, engine, viewer, web, trouble="wrong")
    return show(request, "login/recovery.html", viewer, codes=drawn, next="/account")


@router.post("/factor/off", dependencies=[Depends(own_form)])
def drop_factor(request: Request, engine: Database, viewer: Person, web: Web, code: Code = "") -> Response:
    """Ask for no code any more."""
    try:
        done = users.drop_second_factor(engine, viewer, code, logins.login_key(web), place_of(request))
    except logins.TooOften as often:
        return waiting(partial(_factor, request, engine, viewer, web), often.wait)
    if not done:
        return _factor(request, engine, viewer, web, trouble="wrong")
    return RedirectResponse("/account", HTTPStatus.SEE_OTHER)


@router.post("/sessions/end", dependencies=[Depends(own_form)])
def end_sessions(engine: Database, viewer: Viewer, session: Annotated[str, Form(max_length=16)] = "") -> Response:
    """End one session, or all others."""
    if session:
        users.end_sessions(engine, viewer.login, by=viewer.login, only=session)
    else:
        users.end_sessions(engine, viewer.login, by=viewer.login, but=viewer.session)
    return RedirectResponse("/account", HTTPStatus.SEE_OTHER)


@router.post("/tokens", dependencies=[Depends(own_form)])
def make_token(
    request: Request,
    engine: Database,
    viewer: Viewer,
    web: Web,
    name: Annotated[str, Form(max_length=64)] = "",
    days: Annotated[float, Form()] = 0,
    scope: Annotated[Sequence[str], Form(max_length=20)] = (),
) -> Response:
    """A token for a program: shown on this one page."""
    allowed = scopes_of(viewer)
    if not name.strip() or not 1 <= days <= web.token_days or not set(scope) <= set(allowed):
        return _account(request, engine, viewer, web, trouble="token", status=HTTPStatus.UNPROCESSABLE_ENTITY)
    token = users.make_token(engine, viewer.login, name=name.strip(), by=viewer.login, days=days, scopes=scope)
    return _account(request, engine, viewer, web, token=token)


@router.post("/tokens/{token_id}/revoke", dependencies=[Depends(own_form)])
def revoke_token(engine: Database, viewer: Viewer, token_id: str) -> Response:
    """Take a token of one's own back."""
    users.revoke_token(engine, token_id, by=viewer.login, of=viewer)
    return RedirectResponse("/account", HTTPStatus.SEE_OTHER)


def scopes_of(user: User) -> tuple[str, ...]:
    """What a user may give a token beside reading, as far as they may themselves in this session."""
    given = [p for p in Permission if p in PERMISSIONS[user.role] & user.within and p is not Permission.CALLS]
    return (WRITE, *given)


def _account(
    request: Request,
    engine: Engine,
    viewer: User,
    web: WebSettings,
    *,
    token: str = "",
    trouble: str = "",
    status: int = HTTPStatus.OK,
) -> Response:
    with reading(engine) as db:
        values: dict[str, Any] = {
            "sessions": members.open_sessions(db, viewer.id),
            "tokens": members.tokens(db, viewer.id),
            "factor": second_factor.is_on(db, viewer.id),
            "codes_left": second_factor.recovery_codes_left(db, viewer.id),
        }
    return show(
        request,
        "login/account.html",
        viewer,
        status=status,
        owes=viewer.owes_factor,
        token=token,
        trouble=trouble,
        scopes=scopes_of(viewer),
        read=READ,
        days=int(web.token_days),
        shared=web.shared_phones,
        **values,
    )


def _factor(
    request: Request,
    engine: Engine,
    viewer: User,
    web: WebSettings,
    *,
    next: str = "/",  # noqa: A002
    trouble: str = "",
    minutes: int = 0,
    status: int = HTTPStatus.OK,
) -> Response:
    if viewer.must_change:
        return RedirectResponse("/account/password", HTTPStatus.SEE_OTHER)
    with transaction(engine) as db:
        second_factor.begin(db, viewer.id)
        key = second_factor.waiting_key(db, viewer.id, logins.login_key(web))
        left = second_factor.recovery_codes_left(db, viewer.id)
    if trouble == "wrong":
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    return show(
        request,
        "login/factor.html",
        viewer,
        status=status,
        key=" ".join(key[at : at + 4] for at in range(0, len(key), 4)) if key else "",
        picture=Markup(second_factor.qr_of(key, viewer.login)) if key else "",  # noqa: S704  # made by segno
        codes_left=left,
        may_go_on=web.factor_wanted != "all" or viewer.factor,
        owes=viewer.owes_factor,
        next=local(next),
        trouble=trouble,
        minutes=minutes,
    )
