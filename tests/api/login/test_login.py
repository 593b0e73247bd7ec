"""Where the log-in leads whom."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

from api.kit import auth
from api.kit.roles import Role
from recordings.database import transaction

pytestmark = pytest.mark.services


@pytest.mark.parametrize(("role", "first"), [(Role.AGENT, "/quality/mine"), (Role.ANALYST, "/calls")])
def test_the_log_in_leads_to_a_page_the_user_may_see(visitor: TestClient, role: Role, first: str) -> None:
    with transaction(visitor.app.state.engine) as db:  # type: ignore[attr-defined]
        auth.create_user(db, "anna", "correct horse", "ru", role=role, agent="PJSIP/101")
    hidden = re.search(r'name="next" value="([^"]*)"', visitor.get("/login").text)
    assert hidden
    form = {"login": "anna", "password": "correct horse", "next": hidden[1]}
    entered = visitor.post("/login", data=form, follow_redirects=True)
    assert (entered.status_code, entered.url.path) == (200, first)


def test_a_page_one_may_not_see_leads_to_one_that_one_may(visitor: TestClient) -> None:
    with transaction(visitor.app.state.engine) as db:  # type: ignore[attr-defined]
        auth.create_user(db, "anna", "correct horse", "ru", role=Role.AGENT, agent="PJSIP/101")
    visitor.post("/login", data={"login": "anna", "password": "correct horse"})
    refused = visitor.get("/calls")
    way_out = re.search(r'<a class="button" href="([^"]*)"', refused.text)
    assert refused.status_code == 403
    assert way_out
    assert visitor.get(way_out[1], follow_redirects=True).status_code == 200
