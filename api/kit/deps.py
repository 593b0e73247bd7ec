"""What a request handler may ask for: the database, the store of sound, the settings, who is asking."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator
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
from api.kit.roles import Permission
from api.settings import WebSettings
from recordings.audio_store import AudioStore
from recordings.database import reading, transaction

SESSION_COOKIE = "otklik_session"

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


def session_cookie(https: bool) -> str:
    """Name of the session's cookie; with TLS the browser itself guards a ``__Host-`` cookie."""
    return f"__Host-{SESSION_COOKIE}" if https else SESSION_COOKIE


def current_user(
    request: Request,
    engine: Database,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    _documented: Annotated[str | None, Depends(_cookie)],
) -> auth.User:
    """Who asks, by API token or else by browser session.

    Raises:
        Problem: 401, neither is valid.
    """
    if bearer is not None:
        with reading(engine) as db:
            found = auth.token_user(db, bearer.credentials)
        if found is not None:
            user, stale = found
            if stale:
                with transaction(engine) as db:
                    auth.note_use(db, bearer.credentials)
            return user
    elif secret := request.cookies.get(session_cookie(settings(request).web_https)):
        with reading(engine) as db:
            session = auth.session_user(db, secret)
        if session is not None:
            return session
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


Database = Annotated[Engine, Depends(engine)]
Sounds = Annotated[AudioStore, Depends(store)]
Web = Annotated[WebSettings, Depends(settings)]
Db = Annotated[Session, Depends(read_view, scope="function")]
Viewer = Annotated[auth.User, Depends(current_user)]


def own_form(viewer: Viewer, csrf: Annotated[str, Form()] = "", x_csrf_token: Annotated[str, Header()] = "") -> None:
    """Let a change pass only when it comes from a page of this very session.

    Raises:
        Problem: 403, the secret of the session is missing or wrong.
    """
    sent = csrf or x_csrf_token
    if viewer.csrf and not hmac.compare_digest(sent.encode(), viewer.csrf.encode()):
        raise Problem(HTTPStatus.FORBIDDEN, "form_expired", "The form is not of this log-in. Load the page again.")


@cache
def needs(permission: Permission, *others: Permission) -> Callable[[auth.User], auth.User]:
    """A dependency that lets pass whose role allows it, or one of the others; gives the user. Of each there is one.

    Raises:
        Problem: 403, the role does not.
    """

    def allowed(viewer: Viewer) -> auth.User:
        if not any(map(viewer.may, (permission, *others))):
            raise Problem(HTTPStatus.FORBIDDEN, "not_allowed", f"The role {viewer.role} does not allow: {permission}.")
        return viewer

    return allowed


Reader = Annotated[auth.User, Depends(needs(Permission.CALLS))]
Editor = Annotated[auth.User, Depends(needs(Permission.RULES))]
Guardian = Annotated[auth.User, Depends(needs(Permission.PRIVACY))]


def wants_original(
    viewer: Reader, original: Annotated[bool, Query(description="Before redaction; needs the permission")] = False
) -> bool:
    """Whether the request is for what redaction takes out. Everybody else, and everybody else's request, gets the copy.

    Raises:
        Problem: 403, the role does not allow it.
    """
    if original and not viewer.may(Permission.ORIGINALS):
        raise Problem(HTTPStatus.FORBIDDEN, "not_allowed", f"The role {viewer.role} does not allow: originals.")
    return original


Original = Annotated[bool, Depends(wants_original)]
