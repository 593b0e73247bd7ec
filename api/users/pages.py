"""Who may log in, for who looks after users: made, switched off and on, removed; what each has open."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import Engine

from api.access import members
from api.access.members import Member
from api.kit import auth
from api.kit.auth import User
from api.kit.deps import Database, Web, in_browser, needs, own_form
from api.kit.problems import Problem
from api.kit.render import render
from api.kit.roles import Permission, Role
from api.kit.translations import LANGUAGES
from api.operations import users
from api.operations.users import PhoneTaken
from api.settings import WebSettings
from recordings.database import reading

Keeper = Annotated[User, Depends(needs(Permission.USERS))]
Endpoint = Annotated[str, Form(max_length=64)]

router = APIRouter(
    prefix="/users",
    include_in_schema=False,
    dependencies=[Depends(needs(Permission.USERS)), Depends(in_browser)],
)
show = partial(render, section="users", here="/users")


@router.get("")
def list_users(request: Request, engine: Database, viewer: Keeper, web: Web) -> Response:
    """Everybody."""
    return _list(request, engine, viewer, web)


@router.post("", dependencies=[Depends(own_form)])
def add_user(
    request: Request,
    engine: Database,
    viewer: Keeper,
    web: Web,
    login: Annotated[str, Form(max_length=64)] = "",
    role: Annotated[str, Form()] = "",
    language: Annotated[str, Form()] = "",
    agent: Endpoint = "",
) -> Response:
    """A new user with a drawn password, which is shown on this one page."""
    if role not in set(Role) or language not in LANGUAGES:
        return _list(request, engine, viewer, web, trouble="role")
    password = auth.draw_password()
    try:
        users.add_user(
            engine,
            login.strip(),
            password,
            language=language,
            role=Role(role),
            agent=agent.strip(),
            by=viewer.login,
            drawn=True,
            shared_phones=web.shared_phones,
        )
    except PhoneTaken:
        return _list(request, engine, viewer, web, trouble="phone")
    except ValueError:
        return _list(request, engine, viewer, web, trouble="login")
    return _list(request, engine, viewer, web, made=login.strip(), password=password)


@router.get("/{user_id}")
def show_user(request: Request, engine: Database, viewer: Keeper, web: Web, user_id: str) -> Response:
    """One user: role, what they have open, what can be done."""
    return _one(request, engine, viewer, web, _member(engine, user_id))


@router.post("/{user_id}/role", dependencies=[Depends(own_form)])
def change_role(
    request: Request,
    engine: Database,
    viewer: Keeper,
    web: Web,
    user_id: str,
    role: Annotated[str, Form()] = "",
    agent: Endpoint = "",
) -> Response:
    """Another role, another phone; at once."""
    member = _member(engine, user_id)
    if role not in set(Role):
        return _one(request, engine, viewer, web, member, trouble="role")
    try:
        users.change_role(
            engine,
            member.login,
            Role(role),
            agent=agent.strip(),
            by=viewer.login,
            shared_phones=web.shared_phones,
        )
    except PhoneTaken:
        return _one(request, engine, viewer, web, member, trouble="phone")
    except ValueError:
        return _one(request, engine, viewer, web, member, trouble="last")
    return _to(user_id)


@router.post("/{user_id}/off", dependencies=[Depends(own_form)])
def switch_off(request: Request, engine: Database, viewer: Keeper, web: Web, user_id: str) -> Response:
    """They get in no more, and what they have open ends."""
    member = _member(engine, user_id)
    try:
        users.switch_off(engine, member.login, by=viewer.login)
    except ValueError:
        return _one(request, engine, viewer, web, member, trouble="last")
    return _to(user_id)


@router.post("/{user_id}/on", dependencies=[Depends(own_form)])
def switch_on(request: Request, engine: Database, viewer: Keeper, web: Web, user_id: str) -> Response:
    """They get in again."""
    member = _member(engine, user_id)
    try:
        users.switch_on(engine, member.login, by=viewer.login, shared_phones=web.shared_phones)
    except PhoneTaken:
        return _one(request, engine, viewer, web, member, trouble="phone")
    return _to(user_id)


@router.post("/{user_id}/remove", dependencies=[Depends(own_form)])
def remove_user(
    request: Request,
    engine: Database,
    viewer: Keeper,
    web: Web,
    user_id: str,
    again: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """For good, when the login was typed again."""
    member = _member(engine, user_id)
    if again.strip() != member.login:
        return _one(request, engine, viewer, web, member, trouble="differs")
    try:
        users.remove_user(engine, member.login, by=viewer.login)
    except ValueError:
        return _one(request, engine, viewer, web, member, trouble="last")
    return RedirectResponse("/users", HTTPStatus.SEE_OTHER)


@router.post("/{user_id}/password", dependencies=[Depends(own_form)])
def draw_password(request: Request, engine: Database, viewer: Keeper, web: Web, user_id: str) -> Response:
    """A drawn password, shown on this one page; sessions and tokens end."""
    member, password = _member(engine, user_id), auth.draw_password()
    users.change_password(engine, member.login, password, by=viewer.login, drawn=True)
    return _one(request, engine, viewer, web, _member(engine, user_id), password=password)


@router.post("/{user_id}/factor", dependencies=[Depends(own_form)])
def reset_factor(engine: Database, viewer: Keeper, user_id: str) -> Response:
    """The user has lost authenticator and recovery codes."""
    users.reset_second_factor(engine, _member(engine, user_id).login, by=viewer.login)
    return _to(user_id)


@router.post("/{user_id}/sessions", dependencies=[Depends(own_form)])
def end_sessions(
    engine: Database, viewer: Keeper, user_id: str, session: Annotated[str, Form(max_length=16)] = ""
) -> Response:
    """One session, or all."""
    users.end_sessions(engine, _member(engine, user_id).login, by=viewer.login, only=session)
    return _to(user_id)


@router.post("/{user_id}/tokens/{token_id}", dependencies=[Depends(own_form)])
def revoke_token(engine: Database, viewer: Keeper, user_id: str, token_id: str) -> Response:
    """Take a token back."""
    users.revoke_token(engine, token_id, by=viewer.login)
    return _to(user_id)


def _member(engine: Engine, user_id: str) -> Member:
    """Raises:
    Problem: 404, there is no such user, or they were removed.
    """
    with reading(engine) as db:
        found = next((member for member in members.members(db) if member.id == user_id), None)
    if found is None:
        raise Problem(HTTPStatus.NOT_FOUND, "not_found", "There is no such user.")
    return found


def _list(
    request: Request,
    engine: Engine,
    viewer: User,
    web: WebSettings,
    *,
    trouble: str = "",
    made: str = "",
    password: str = "",
) -> Response:
    with reading(engine) as db:
        known = members.members(db)
    return show(
        request,
        "users/users.html",
        viewer,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if trouble else HTTPStatus.OK,
        members=known,
        roles=tuple(Role),
        trouble=trouble,
        made=made,
        password=password,
        shared=web.shared_phones,
    )


def _one(
    request: Request,
    engine: Engine,
    viewer: User,
    web: WebSettings,
    member: Member,
    *,
    trouble: str = "",
    password: str = "",
) -> Response:
    with reading(engine) as db:
        sessions, tokens = members.open_sessions(db, member.id), members.tokens(db, member.id)
    return show(
        request,
        "users/user.html",
        viewer,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if trouble else HTTPStatus.OK,
        member=member,
        sessions=sessions,
        tokens=tokens,
        roles=tuple(Role),
        trouble=trouble,
        password=password,
        shared=web.shared_phones,
    )


def _to(user_id: str) -> Response:
    return RedirectResponse(f"/users/{user_id}", HTTPStatus.SEE_OTHER)
