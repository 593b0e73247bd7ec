"""Every route and every role: who gets in where. A new route that nobody guards fails here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from api.kit import auth
from api.kit.deps import current_user, in_browser, needs, signed_in
from api.kit.roles import PERMISSIONS, READING, Permission, Role
from recordings.calls import callbacks
from recordings.contacts.call import Callback, Customer
from recordings.contacts.chat import Chat
from recordings.customers import chats
from recordings.customers.cards import save_customer
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
"""Where everybody sees what is their own; tests/api/quality/test_who_sees.py asks them for what is not."""

GUARDS = {needs(permission): permission for permission in Permission}
EITHER = {"/callbacks": {Permission.CALLS, Permission.CALLBACKS}}
"""Pages for whoever has one of these."""


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


def lets_in(route: APIRoute, role: Role) -> bool:
    if route.path in EITHER:
        return bool(EITHER[route.path] & PERMISSIONS[role])
    return wants_of(route) <= PERMISSIONS[role]


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
        guarded = wants_of(route) or is_own(route) or route.path in EITHER
        assert guarded, f"{route.path} asks for no permission: give it needs(...)"


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
        address = re.sub(r"\{[^}]*\}", "1", route.path)
        for method in sorted(set(route.methods or ()) - {"HEAD"}):
            for asking, headers in clients.items():
                answer = visitor.request(method, address, headers={"Accept": "application/json", **headers})
                problem = answer.json() if "problem+json" in answer.headers.get("content-type", "") else {}
                refused = problem.get("code") == "not_allowed"
                if asking is None:
                    fine = answer.status_code == 401
                elif lets_in(route, asking):
                    fine = not refused and answer.status_code not in (401, 500)
                else:
                    fine = answer.status_code == 403 and refused
                if not fine:
                    wrong.append(f"{method} {address} as {asking or 'nobody'}: {answer.status_code} {problem}")
    assert not wrong, "\n".join(wrong)


def test_who_may_only_read_changes_nothing(visitor: TestClient) -> None:
    """By method: whatever is no reading asks for a permission that lets somebody change something.

    Failed before: whoever could read calls, a reporting token too, closed all call-backs.
    """
    changing = [route for route in routes_of(visitor) if set(route.methods or ()) - {"GET", "HEAD", "OPTIONS"}]
    assert len(changing) > 30
    for route in changing:
        if route.path not in PUBLIC | EVERYBODY | OWN:
            assert wants_of(route) - READING, f"{route.path} changes something for who may only read"
    assert PERMISSIONS[Role.ANALYST] <= READING


def test_a_number_to_ring_is_whole_only_for_who_rings(visitor: TestClient) -> None:
    engine = visitor.app.state.engine  # type: ignore[attr-defined]
    now = datetime.now(UTC)
    with transaction(engine) as db:
        customer = save_customer(db, Customer(id="7", name="Анна", phone="+79161234567", language="ru"))
        chat = Chat(
            id="c1", channel="web", address="a", customer_id=customer.id, language="ru", scenario="s",
            scenario_version="1", started_at=now, last_at=now,
        )  # fmt: skip
        chats.open_chat(db, chat)
        callbacks.wait_in_chat(db, Callback(chat_id="c1", phone="+79161234567", reason="", requested_at=now))
        (waiting,) = callbacks.open_callbacks(db)
        tokens = {}
        for role in Role:
            auth.create_user(db, role, "correct horse", "ru", role=role, agent="PJSIP/agent")
            tokens[role] = {"Authorization": f"Bearer {auth.create_token(db, role, 'tests')}"}
    whole = {}
    for role, headers in tokens.items():
        shown = [visitor.get("/callbacks", headers=headers).text]
        shown += [visitor.get(path, headers=headers).text for path in ("/chats/c1", "/customers/7", "/api/customers/7")]
        whole[role] = "+79161234567" in "".join(shown) or "1234567" in "".join(shown)
    assert whole == {role: role in (Role.AGENT, Role.SUPERVISOR, Role.ADMIN) for role in Role}
    for role in (Role.ANALYST, Role.QUALITY):
        refused = visitor.post(f"/callbacks/{waiting.id}/done", headers=tokens[role])
        assert refused.status_code == 403
    assert visitor.post(f"/callbacks/{waiting.id}/done", headers=tokens[Role.AGENT]).status_code == 303


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
