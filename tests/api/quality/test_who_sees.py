"""Quality over HTTP: who sees and judges what."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from api.kit.roles import Role
from api.operations import quality as operations
from recordings.database import transaction
from recordings.quality import evaluations
from recordings.tables import UserRow
from tests.api.quality.desks import MANUAL, Desk

pytestmark = pytest.mark.services


def test_agents_see_their_own_and_nothing_else(desk: Desk) -> None:
    csrf = desk.as_("kate")
    path = desk.begin(csrf)
    call = {"call": desk.call.call.id}
    desk.as_("ivan")
    assert desk.client.get(path).status_code == 404  # a draft
    assert desk.client.get("/quality/sound", params=call).status_code == 404
    assert desk.client.get("/quality").headers["location"] == "/quality/mine"
    csrf = desk.as_("kate")
    assert desk.send(path, csrf, MANUAL).status_code == 303
    ivan = desk.as_("ivan")
    assert desk.client.get(path).status_code == 200
    assert path in desk.client.get("/quality/mine").text
    assert desk.client.get("/quality/call", params=call).status_code == 200
    assert desk.client.get("/quality/evaluations").status_code == 403
    assert desk.client.get(f"/calls/{desk.call.call.id}").status_code == 403
    petr = desk.as_("petr")
    assert desk.client.get(path).status_code == 404
    assert path not in desk.client.get("/quality/mine").text
    for where in ("/quality/call", "/quality/sound"):
        assert desk.client.get(where, params=call).status_code == 404
    reply = {"csrf": petr, "action": "acknowledge"}
    assert desk.client.post(f"{path}/reply", data=reply).status_code == 404
    kate = desk.as_("kate")
    assert desk.client.post(f"{path}/reply", data=reply | {"csrf": kate}).status_code == 403
    desk.as_("ivan")
    api = desk.client.get("/api/evaluations").json()
    assert (api["total"], api["evaluations"][0]["state"]) == (1, "submitted")
    assert ivan
    desk.as_("petr")
    assert desk.client.get("/api/evaluations", params={"agent": "PJSIP/agent"}).json()["total"] == 0
    identity = path.rsplit("/", 1)[-1]
    assert desk.client.get(f"/api/evaluations/{identity}").status_code == 404


def test_nobody_judges_what_they_said_or_did_themselves(desk: Desk) -> None:
    """The evaluator settled the appeal against their own evaluation."""
    csrf = desk.as_("boss")
    path = desk.begin(csrf)
    assert desk.send(path, csrf, MANUAL).status_code == 303
    csrf = desk.as_("ivan")
    desk.client.post(f"{path}/reply", data={"csrf": csrf, "action": "appeal", "words": "Ответ был полным."})
    with transaction(desk.engine) as db:
        for login, agent in (("chief", ""), ("head", "PJSIP/agent")):
            db.execute(update(UserRow).where(UserRow.login == "ivan").values(agent="" if agent else "PJSIP/agent"))
            db.add(
                UserRow(
                    id=login,
                    login=login,
                    password_hash="",
                    language="ru",
                    role=Role.SUPERVISOR,
                    agent=agent,
                    created_at=datetime.now(UTC),
                )
            )
    for login in ("boss", "head"):  # who evaluated, and whose call it is
        csrf = desk.as_(login)
        assert "рассматривает другой супервайзер" in desk.client.get(path).text
        assert f'action="{path}/settle"' not in desk.client.get(path).text
        assert desk.send(path, csrf, {}, "settle", decision="Верно.").status_code == 403
    with pytest.raises(PermissionError):
        operations.settle_appeal(desk.engine, path.rsplit("/", 1)[-1], answers={}, score=None, decision="x", by="boss")
    csrf = desk.as_("chief")
    assert desk.send(path, csrf, {}, "settle", decision="Верно.").status_code == 303
    csrf = desk.as_("head")
    form = {"csrf": csrf, "call": desk.call.call.id, "scorecard": desk.version}
    assert desk.client.post("/quality/evaluations", data=form).status_code == 403


def test_a_phone_handed_on_takes_no_calls_along(desk: Desk) -> None:
    """Who was given the phone of somebody who left read what was said of their calls."""
    csrf = desk.as_("kate")
    path = desk.begin(csrf)
    desk.send(path, csrf, MANUAL)
    note = {"csrf": csrf, "call": desk.call.call.id, "text": "Назовите срок", "start": "1"}
    desk.client.post("/quality/notes", data=note)
    call = {"call": desk.call.call.id}
    for since, status, total in ((None, 200, 1), (datetime.now(UTC), 404, 0)):
        with transaction(desk.engine) as db:
            db.execute(update(UserRow).where(UserRow.login == "ivan").values(agent_since=since))
        desk.as_("ivan")
        assert desk.client.get(path).status_code == status
        for where in ("/quality/call", "/quality/sound"):
            assert desk.client.get(where, params=call).status_code == status, where
        assert desk.client.get("/api/evaluations").json()["total"] == total
        assert ("Назовите срок" in desk.client.get("/quality/mine").text) is bool(total)


def test_two_who_answer_one_phone_see_nothing_of_it_unless_told_to(desk: Desk) -> None:
    csrf = desk.as_("kate")
    path = desk.begin(csrf)
    desk.send(path, csrf, MANUAL)
    with transaction(desk.engine) as db:
        db.execute(update(UserRow).where(UserRow.login == "petr").values(agent="PJSIP/agent"))
    state = desk.client.app.state  # type: ignore[attr-defined]
    for shared, status in ((False, 404), (True, 200)):
        state.settings = state.settings.model_copy(update={"shared_phones": shared})
        for login in ("ivan", "petr"):
            desk.as_(login)
            assert desk.client.get(path).status_code == status
            assert "На ваш телефон отвечают ещё" in desk.client.get("/quality/mine").text
    with transaction(desk.engine) as db:
        db.execute(update(UserRow).where(UserRow.login == "ivan").values(off_at=datetime.now(UTC)))
    state.settings = state.settings.model_copy(update={"shared_phones": False})
    desk.as_("petr")
    assert desk.client.get(path).status_code == 200, "who is switched off answers no phone"


def test_nobody_sees_the_others_before_all_have_submitted(desk: Desk) -> None:
    csrf = desk.as_("kate")
    form = {
        "csrf": csrf,
        "name": "ноябрь",
        "call": f"http://x/calls/{desk.call.call.id}?t=3",
        "scorecard": desk.version,
    }
    alone = desk.client.post("/quality/calibrations", data=form | {"evaluators": ["kate"]})
    assert "refused=evaluators" in alone.headers["location"]
    both = form | {"evaluators": ["kate", "boss", "ivan"]}  # an agent evaluates nobody
    session = desk.client.post("/quality/calibrations", data=both).headers["location"]
    assert "refused=name" in desk.client.post("/quality/calibrations", data=both).headers["location"]
    with transaction(desk.engine) as db:
        found = {e.evaluator: f"/quality/evaluations/{e.id}" for e in evaluations.calibration_of(db, "ноябрь")}
    assert found.keys() == {"kate", "boss"}
    assert desk.send(found["kate"], csrf, MANUAL).status_code == 303
    boss = desk.as_("boss")
    assert desk.client.get(found["kate"]).status_code == 404
    assert 'id="agreement"' not in desk.client.get(session).text
    assert desk.send(found["boss"], boss, MANUAL | {"tone": "1"}).status_code == 303
    assert desk.client.get(found["kate"]).status_code == 200
    page = desk.client.get(session).text
    assert 'id="agreement"' in page
    assert "80\N{NO-BREAK SPACE}%" in page  # the tone: 5 against 1 of 5
    assert "нет ни одной отправленной оценки" in desk.client.get("/quality").text  # calibration is not ranked
    desk.as_("ivan")
    assert desk.client.get(found["kate"]).status_code == 404
