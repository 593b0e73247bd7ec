"""Every route and every role: who gets in where. A new route that nobody guards fails here."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from api.kit import auth
from api.kit.deps import current_user, in_browser, needs, signed_in
from api.kit.roles import PERMISSIONS, Permission, Role
from recordings.database import transaction

pytestmark = pytest.mark.services

PUBLIC = {"/login", "/login/code", "/chat", "/widget.js", "/health", "/webhooks/{name}"}
"""For strangers: the log-in itself, the chat with its script, the messengers' bridges, which sign what they send."""
BEFORE = {
    "/logout",
    "/language",
    "/account/password",
    "/account/factor",
    "/account/factor/codes",
    "/account/factor/off",
}
"""For who is logged in and may owe a password of their own or a second factor; all others wait for that."""
EVERYBODY = BEFORE | {
    "/",
    "/docs",
    "/openapi.json",
    "/account",
    "/account/sessions/end",
    "/account/tokens",
    "/account/tokens/{token_id}/revoke",
}
"""For who is logged in, whatever their role."""
OWN = {
    "/quality",  # leads an agent to their own page
    "/quality/mine",
    "/quality/call",
    "/quality/sound",
    "/quality/notes/{note_id}/seen",
    "/quality/evaluations/{evaluation_id}",
    "/quality/evaluations/{evaluation_id}/reply",
    "/api/evaluations",
    "/api/evaluations/{evaluation_id}",
}
"""Where everybody sees what is their own; tests/api/quality/test_quality.py asks them for what is not."""

GUARDS = {needs(permission): permission for permission in Permission}


def calls_in(dependant: Dependant) -> Iterator[object]:
    """All that a route depends on, however deep."""
    for inner in dependant.dependencies:
        yield inner.call
        yield from calls_in(inner)


def routes_of(client: TestClient) -> list[APIRoute]:
    parts = client.app.routes  # type: ignore[attr-defined]
    routes = [route for part in parts for route in getattr(getattr(part, "original_router", None), "routes", [part])]
    return [route for route in routes if isinstance(route, APIRoute)]


def wants_of(route: APIRoute) -> set[Permission]:
    return {permission for guard, permission in GUARDS.items() if guard in set(calls_in(route.dependant))}


def is_own(route: APIRoute) -> bool:
    return route.path in EVERYBODY | OWN


def test_every_route_is_guarded(visitor: TestClient) -> None:
    routes = routes_of(visitor)
    assert len(routes) > 30
    for route in routes:
        if route.path in PUBLIC:
            continue
        guards = set(calls_in(route.dependant))
        assert signed_in in guards, f"{route.path} lets in who is not logged in"
        assert (current_user in guards) is (route.path not in BEFORE), f"{route.path} and who owes something"
        if route.path.startswith(("/account", "/users")):
            assert in_browser in guards, f"{route.path} lets a program's token make itself more of them"
        assert wants_of(route) or is_own(route), f"{route.path} asks for no permission: give it needs(...)"


def test_the_table_of_routes_and_roles(visitor: TestClient) -> None:
    """Really asks every route as everybody. Forms come without their secret: who gets as far as that was let in."""
    clients: dict[Role | None, dict[str, str]] = {None: {}}
    with transaction(visitor.app.state.engine) as db:  # type: ignore[attr-defined]
        for role in Role:
            auth.create_user(db, role, "correct horse", "ru", role=role, agent="PJSIP/agent")
            clients[role] = {"Authorization": f"Bearer {auth.create_token(db, role, 'tests')}"}
    wrong: list[str] = []
    for route in routes_of(visitor):
        if route.path in PUBLIC or route.path == "/logout":
            continue
        wants = wants_of(route)
        address = re.sub(r"\{[^}]*\}", "1", route.path)
        for method in sorted(set(route.methods or ()) - {"HEAD"}):
            for asking, headers in clients.items():
                answer = visitor.request(method, address, headers={"Accept": "application/json", **headers})
                problem = answer.json() if "problem+json" in answer.headers.get("content-type", "") else {}
                refused = problem.get("code") == "not_allowed"
                if asking is None:
                    fine = answer.status_code == 401
                elif wants <= PERMISSIONS[asking]:
                    fine = not refused and answer.status_code not in (401, 500)
                else:
                    fine = answer.status_code == 403 and refused
                if not fine:
                    wrong.append(f"{method} {address} as {asking or 'nobody'}: {answer.status_code} {problem}")
    assert not wrong, "\n".join(wrong)


def test_a_role_counts_at_once_also_for_tokens(program: TestClient) -> None:
    engine = program.app.state.engine  # type: ignore[attr-defined]
    assert program.get("/api/calls").status_code == 200
    with transaction(engine) as db:
        auth.create_user(db, "root", "correct horse", "ru", role=Role.ADMIN)
        auth.set_role(db, "olga", Role.AGENT, agent="PJSIP/7")
    refused = program.get("/api/calls")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    assert program.get("/").headers["location"] == "/quality/mine"
    with transaction(engine) as db, pytest.raises(ValueError, match="only administrator"):
        auth.set_role(db, "root", Role.ANALYST)


def test_the_rail_shows_what_a_role_may_see(visitor: TestClient) -> None:
    with transaction(visitor.app.state.engine) as db:  # type: ignore[attr-defined]
        auth.create_user(db, "ann", "correct horse", "ru", role=Role.ANALYST)
    visitor.post("/login", data={"login": "ann", "password": "correct horse"})
    page = visitor.get("/calls").text
    assert 'href="/calls"' in page
    assert 'href="/privacy"' not in page
    refused = visitor.get("/privacy")
    assert refused.status_code in (403, 404)
