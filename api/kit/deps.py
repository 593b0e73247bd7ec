"""What a request handler may ask for: the database, the store of sound, the settings, who is asking."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import cache
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode, urlsplit

from fastapi import Depends, Form, Header, Query, Request
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from api.kit import auth
from api.kit.problems import Problem
from api.kit.roles import PERMISSIONS, WANT_FACTOR, Permission
from api.kit.security_headers import SAFE_METHODS
from api.settings import WebSettings
from recordings.audio_store import AudioStore
from recordings.database import reading, transaction

SESSION_COOKIE, DEVICE_COOKIE = "otklik_session", "otklik_device"
ASKED_BY_ITSELF = {"x-poll", "x-seen"}
"""Headers of what a page asks for by itself: nobody sits before it for that."""

_bearer = HTTPBearer(auto_error=False, scheme_name="API token", description="`otklik users token LOGIN` makes one")
_cookie = APIKeyCookie(name=SESSION_COOKIE, auto_error=False, scheme_name="Browser session")


def settings(request: Request) -> WebSettings:
    """Settings of this process."""
    found: WebSettings = request.app.state.settings
    return found


def engine(request: Request) -> Engine:
    """The database of this process."""
    found: Engine = request.app.state.engine
    return found


def store(request: Request) -> AudioStore:
    """Where the sound is."""
    found: AudioStore = request.app.state.store
    return found


def read_view(engine: Database) -> Iterator[Session]:
    """One consistent view of the database for one request."""
    with reading(engine) as db:
        yield db


def is_https(request: Request) -> bool:
    """Whether the browser speaks TLS: with the proxy that a trusted header tells of, or as the setting says."""
    return request.url.scheme == "https" or settings(request).web_https


def session_cookie(https: bool, name: str = SESSION_COOKIE) -> str:
    """Name of a cookie; with TLS the browser itself guards a ``__Host-`` cookie."""
    return f"__Host-{name}" if https else name


def signed_in(
    request: Request,
    engine: Database,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    _documented: Annotated[str | None, Depends(_cookie)],
) -> auth.User:
    """Who asks, by API token or else by browser session, also when they owe a password or a second factor.

    Raises:
        Problem: 401, neither is valid; 403, the token only reads.
    """
    if bearer is not None:
        with reading(engine) as db:
            found = auth.token_user(db, bearer.credentials)
        if found is not None:
            user, stale = found
            if stale:
                request.app.state.note_token_used(engine, bearer.credentials, user)
            if request.method not in SAFE_METHODS and not user.writes:
                raise Problem(HTTPStatus.FORBIDDEN, "not_allowed", "This API token only reads: it has no scope write.")
            return _restricted(user, settings(request))
    elif secret := request.cookies.get(session_cookie(is_https(request))):
        idle = timedelta(minutes=settings(request).web_idle_minutes)
        with reading(engine) as db:
            session = auth.session_user(db, secret, idle=idle)
        if session is not None:
            user, stale = session
            if stale and not ASKED_BY_ITSELF & set(request.headers):
                with transaction(engine) as db:
                    auth.note_seen(db, secret)
            return _restricted(user, settings(request))
    headers = {"WWW-Authenticate": "Bearer"}
    if request.headers.get("hx-request"):  # a part of a page: the whole of it has to go to the log-in
        page = urlsplit(request.headers.get("hx-current-url", ""))
        headers["HX-Redirect"] = f"/login?{urlencode({'next': page._replace(scheme='', netloc='').geturl()})}"
    raise Problem(
        HTTPStatus.UNAUTHORIZED,
        "unauthenticated",
        "Log in, or send an API token: Authorization: Bearer …",
        headers=headers,
    )


def _restricted(user: auth.User, web: WebSettings) -> auth.User:
    """A user by what this installation asks of users: a second factor, a phone of their own."""
    if owes_factor(user, web):
        user = replace(user, within=user.within - WANT_FACTOR, owes_factor=True)
    if user.shares and not web.shared_phones:
        user = replace(user, agent="")
    return user


def owes_factor(user: auth.User, web: WebSettings) -> bool:
    """Whether a second factor is demanded of them that does not stand behind this session or token."""
    wanted = web.factor_wanted
    return not user.factor and (
        wanted == "all" or (wanted == "originals" and bool(WANT_FACTOR & PERMISSIONS[user.role]))
    )


def current_user(viewer: Someone, web: Web) -> auth.User:
    """Who asks, and owes nothing before.

    Raises:
        Problem: 401, nobody; 403, they have to choose a password, or to set up a second factor, before anything else.
    """
    if viewer.must_change:
        raise Problem(HTTPStatus.FORBIDDEN, "password_wanted", "Choose a password of your own first.")
    if web.factor_wanted == "all" and viewer.owes_factor:
        raise Problem(HTTPStatus.FORBIDDEN, "factor_wanted", "Set up a second factor first: /account/factor.")
    return viewer


Database = Annotated[Engine, Depends(engine)]
Sounds = Annotated[AudioStore, Depends(store)]
Web = Annotated[WebSettings, Depends(settings)]
Db = Annotated[Session, Depends(read_view, scope="function")]
Someone = Annotated[auth.User, Depends(signed_in)]
Viewer = Annotated[auth.User, Depends(current_user)]


def own_form(viewer: Someone, csrf: Annotated[str, Form()] = "", x_csrf_token: Annotated[str, Header()] = "") -> None:
    """Let a change pass only when it comes from a page of this very session.

    Raises:
        Problem: 403, the secret of the session is missing or wrong.
    """
    sent = csrf or x_csrf_token
    if viewer.csrf and not hmac.compare_digest(sent.encode(), viewer.csrf.encode()):
        raise Problem(HTTPStatus.FORBIDDEN, "form_expired", "The form is not of this log-in. Load the page again.")


def in_browser(viewer: Someone) -> auth.User:
    """Who asks by a browser session: a program's token makes no tokens, and changes no password.

    Raises:
        Problem: 403, it is a token.
    """
    if not viewer.session:
        raise Problem(HTTPStatus.FORBIDDEN, "browser_only", "This is done in a browser that is logged in.")
    return viewer


@cache
def needs(permission: Permission, *others: Permission) -> Callable[[auth.User], auth.User]:
    """A dependency that lets pass whose role allows it, or one of the others; gives the user. Of each there is one.

    Raises:
        Problem: 403, the role does not.
    """

    def allowed(viewer: Viewer) -> auth.User:
        if not any(map(viewer.may, (permission, *others))):
            _check_factor(viewer, permission)
            raise Problem(HTTPStatus.FORBIDDEN, "not_allowed", f"The role {viewer.role} does not allow: {permission}.")
        return viewer

    return allowed


Reader = Annotated[auth.User, Depends(needs(Permission.CALLS))]
Editor = Annotated[auth.User, Depends(needs(Permission.RULES))]
Guardian = Annotated[auth.User, Depends(needs(Permission.PRIVACY))]
Person = Annotated[auth.User, Depends(in_browser)]


def wants_original(
    viewer: Reader, original: Annotated[bool, Query(description="Before redaction; needs the permission")] = False
) -> bool:
    """Whether the request is for what redaction takes out. Everybody else, and everybody else's request, gets the copy.

    Raises:
        Problem: 403, the role does not allow it.
    """
    if original and not viewer.may(Permission.ORIGINALS):
        _check_factor(viewer, Permission.ORIGINALS)
        raise Problem(HTTPStatus.FORBIDDEN, "not_allowed", f"The role {viewer.role} does not allow: originals.")
    return original


def _check_factor(viewer: auth.User, permission: Permission) -> None:
    """Tell who lacks nothing but a second factor what to do.

    Raises:
        Problem: 403, that is it.
    """
    if viewer.owes_factor and permission in WANT_FACTOR & PERMISSIONS[viewer.role]:
        raise Problem(HTTPStatus.FORBIDDEN, "factor_wanted", "This takes a second factor: /account/factor.")


Original = Annotated[bool, Depends(wants_original)]
