"""Quality over HTTP: who sees what, forms that lose nothing, and every fault in a clear state."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, delete, select, update

from analytics.quality.scoring import EXAMPLES, add_card, keep_scores, running_cards
from api.cli import app
from api.installation import installation
from api.kit import auth
from api.kit.deps import SESSION_COOKIE
from api.kit.roles import Role
from api.operations import quality as operations
from recordings.audio_store import AudioStore
from recordings.calls.detail import contact_detail
from recordings.calls.facts import call_facts
from recordings.database import migrate, transaction
from recordings.quality import coaching, evaluations
from recordings.quality.evaluation import EvaluationState
from recordings.tables import AnalysisRow, RecordingRow, UserRow
from tests.api.example import Example, write_call

pytestmark = pytest.mark.services

TEXT = (EXAMPLES / "ru" / "service.yaml").read_text("utf-8")
MANUAL = {"understood": "4", "correct": "full", "tone": "5", "apology": "na"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A company with one call, one scorecard, and a browser that changes hands."""

    client: TestClient
    engine: Engine
    call: Example
    version: str

    def as_(self, login: str) -> str:
        """Give the browser to somebody; gives the secret of their forms."""
        with transaction(self.engine) as db:
            row = db.scalar(select(UserRow).where(UserRow.login == login))
            assert row is not None
            user = auth.User(id=row.id, login=login, language="ru")
            session = auth.open_session(db, user, hours=1)
        self.client.cookies.clear()
        self.client.cookies.set(SESSION_COOKIE, session)
        return secret(self.client.get("/quality/mine"))

    def begin(self, csrf: str) -> str:
        """Path of the evaluation of the call."""
        form = {"csrf": csrf, "call": self.call.call.id, "scorecard": self.version}
        opened = self.client.post("/quality/evaluations", data=form)
        assert opened.status_code == 303, opened.text
        return opened.headers["location"]

    def send(self, path: str, csrf: str, answers: dict[str, str], action: str = "submit", **more: str) -> Any:
        """Fill in the form as it is shown, with ``answers`` changed."""
        page = self.client.get(path).text
        lines = [
            (name, answers.get(name) or chosen(block), comment(block) or more.get(name, ""))
            for name, block in items(page)
        ]
        form: dict[str, object] = {
            "csrf": csrf,
            "action": action,
            "item": [name for name, _, _ in lines],
            "answer": [answer for _, answer, _ in lines],
            "comment": [words for _, _, words in lines],
            "start": ["0:12"] * len(lines),
            "end": [""] * len(lines),
            "about": "в целом",
        }
        return self.client.post(path if action != "settle" else f"{path}/settle", data=form | more)


def secret(page: Any) -> str:
    found = re.search('name="csrf" value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


def items(page: str) -> list[tuple[str, str]]:
    return re.findall(r'name="item" value="(\w+)">(.*?)</div>', page, re.DOTALL)


def chosen(block: str) -> str:
    found = re.search(r'value="(\w+)" selected', block)
    return found[1] if found else ""


def comment(block: str) -> str:
    found = re.search(r'name="comment" value="([^"]*)"', block)
    return found[1] if found else ""


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """SQLite alone: what the stores do on PostgreSQL is asked in tests/recordings."""
    url = f"sqlite:///{tmp_path / 'otklik.db'}"
    migrate(url)
    return url


@pytest.fixture
def desk(visitor: TestClient, store: AudioStore) -> Desk:
    engine = visitor.app.state.engine  # type: ignore[attr-defined]
    call = write_call(engine, store)
    people = (
        ("kate", Role.QUALITY, ""),
        ("boss", Role.SUPERVISOR, ""),
        ("ivan", Role.AGENT, "PJSIP/agent"),
        ("petr", Role.AGENT, "PJSIP/other"),
    )
    with transaction(engine) as db:
        for login, role, agent in people:  # nobody gives a password here: hashing takes its time
            db.add(
                UserRow(
                    id=login,
                    login=login,
                    password_hash="",
                    language="ru",
                    role=role,
                    agent=agent,
                    created_at=datetime.now(UTC),
                )
            )
        card, problems = add_card(db, TEXT, by="olga")
    assert card, problems
    return Desk(client=visitor, engine=engine, call=call, version=card.version)


def test_a_form_that_names_a_draw_that_is_not_there(desk: Desk) -> None:
    """It was a fault of the server: the database refused the row."""
    csrf = desk.as_("kate")
    sent = {"csrf": csrf, "call": desk.call.call.id, "scorecard": desk.version, "draw": "nothing"}
    refused = desk.client.post("/quality/evaluations", data=sent)
    assert refused.status_code == 404


def test_what_is_missing_is_said_beside_its_field_and_nothing_is_lost(desk: Desk) -> None:
    csrf = desk.as_("kate")
    path = desk.begin(csrf)
    refused = desk.send(path, csrf, {"tone": "5", "pace": "no"})
    assert refused.status_code == 422
    wrong = set(re.findall(r'class="item-line wrong" id="item-(\w+)"', refused.text))
    assert {"understood", "correct", "pace"} <= wrong  # no answer, no answer, and a rule overridden without a word
    assert "в целом" in desk.client.get(path).text
    sent = desk.send(path, csrf, MANUAL | {"pace": "no"}, pace="клиент переспрашивал")
    assert (sent.status_code, sent.headers["location"]) == (303, path)
    page = desk.client.get(path).text
    assert "исправлено человеком" in page
    assert "0:12" in page
    again = desk.send(path, csrf, MANUAL)
    assert again.status_code == 409


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


def test_an_appeal_is_settled_by_who_may(desk: Desk) -> None:
    csrf = desk.as_("kate")
    path = desk.begin(csrf)
    desk.send(path, csrf, MANUAL)
    csrf = desk.as_("ivan")
    empty = desk.client.post(f"{path}/reply", data={"csrf": csrf, "action": "appeal", "words": " "})
    assert empty.status_code == 422
    appealed = desk.client.post(f"{path}/reply", data={"csrf": csrf, "action": "appeal", "words": "Ответ был полным."})
    assert appealed.status_code == 303
    late = desk.client.post(f"{path}/reply", data={"csrf": csrf, "action": "acknowledge"})
    assert late.status_code == 409
    csrf = desk.as_("kate")
    assert desk.client.post(f"{path}/settle", data={"csrf": csrf, "decision": "нет"}).status_code == 403
    csrf = desk.as_("boss")
    assert desk.send(path, csrf, {}, "settle").status_code == 422  # no words
    assert desk.send(path, csrf, {"tone": "0"}, "settle", decision="Тон ниже.").status_code == 303
    found = desk.client.get(f"/api/evaluations/{path.rsplit('/', 1)[-1]}").json()
    assert found["state"] == "settled"
    assert found["result"] < found["score"]
    assert (found["answers"]["tone"]["answer"], found["standing"]["tone"]["answer"]) == ("5", "0")
    assert (found["appeal"], found["decision"], found["decided_by"]) == ("Ответ был полным.", "Тон ниже.", "boss")


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


def test_a_recording_erased_while_its_call_is_evaluated(desk: Desk) -> None:
    csrf = desk.as_("kate")
    path = desk.begin(csrf)
    with transaction(desk.engine) as db:
        db.execute(delete(RecordingRow).where(RecordingRow.id == desk.call.recording.id))
    gone = desk.client.post(path, data={"csrf": csrf, "action": "submit", "item": ["tone"], "answer": ["5"]})
    assert gone.status_code == 404
    assert "такой оценки нет" in gone.text.lower() or "no such evaluation" in gone.text.lower()
    form = {"csrf": csrf, "call": desk.call.call.id, "scorecard": desk.version}
    assert desk.client.post("/quality/evaluations", data=form).status_code == 404


def test_two_evaluators_of_one_call(desk: Desk) -> None:
    path = desk.begin(desk.as_("kate"))
    csrf = desk.as_("boss")
    form = {"csrf": csrf, "call": desk.call.call.id, "scorecard": desk.version}
    assert desk.client.post("/quality/evaluations", data=form).status_code == 409
    assert desk.client.get(path).status_code == 404
    kate = desk.as_("kate")
    assert desk.begin(kate) == path
    assert desk.send(path, kate, {}, "discard").headers["location"] == "/quality/evaluations"
    assert desk.begin(desk.as_("boss")) != path


def test_a_scorecard_with_an_error_is_refused_and_the_running_one_stays(desk: Desk) -> None:
    csrf = desk.as_("kate")
    path = desk.begin(csrf)
    broken = TEXT.replace("answer: scale", "answer: stars", 1)
    refused = desk.client.post("/quality/scorecards/edit", data={"csrf": csrf, "text": broken, "action": "run"})
    assert refused.status_code == 422
    line = 1 + broken[: broken.index("answer: stars")].count("\n")
    assert f"строка {line}" in refused.text
    misspelt = TEXT.replace("category: приветствие", "category: преветствие")
    checked = desk.client.post("/quality/scorecards/edit", data={"csrf": csrf, "text": misspelt, "action": "check"})
    assert re.search('id="unknown".*преветствие', checked.text)
    assert "answer: stars" in refused.text  # what was typed is still there
    assert desk.version in desk.client.get("/quality/scorecards").text
    changed = TEXT.replace("weight: 25", "weight: 20", 1)
    assert desk.client.post(
        "/quality/scorecards/edit", data={"csrf": csrf, "text": changed, "action": "run"}
    ).is_redirect
    assert desk.send(path, csrf, MANUAL).status_code == 303  # the draft keeps its version
    retired = desk.client.post("/quality/scorecards/retire", data={"csrf": csrf, "name": "service"})
    assert retired.is_redirect
    chooser = desk.client.get("/quality/evaluate", params={"call": desk.call.call.id})
    assert "Анкет нет" in chooser.text


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


def test_notes_reach_the_agent(desk: Desk) -> None:
    csrf = desk.as_("kate")
    assert "заметк" in desk.client.get(f"/calls/{desk.call.call.id}").text
    form = {"csrf": csrf, "call": desk.call.call.id, "text": "Назовите срок", "start": "12.5"}
    assert desk.client.post("/quality/notes", data=form).is_redirect
    assert desk.client.post("/quality/notes", data=form | {"start": "9999"}).status_code == 422
    assert desk.client.post("/quality/notes", data=form | {"call": "nothing"}).status_code == 404
    csrf = desk.as_("ivan")
    page = desk.client.get("/quality/mine").text
    assert "Назовите срок" in page
    (path,) = re.findall(r'action="(/quality/notes/[^"]+/seen)"', page)
    desk.as_("petr")
    assert "Назовите срок" not in desk.client.get("/quality/mine").text
    csrf = desk.as_("ivan")
    assert desk.client.post(path, data={"csrf": csrf}).is_redirect
    with transaction(desk.engine) as db:
        assert all(note.seen_at for note in coaching.notes_for(db, "PJSIP/agent"))


def test_everything_not_applicable_is_a_dash(desk: Desk) -> None:
    csrf = desk.as_("kate")
    text = "name: one\ntitle: Одно\nsections: [{name: s, title: С, items: [{name: a, title: А, weight: 1}]}]\n"
    desk.client.post("/quality/scorecards/edit", data={"csrf": csrf, "text": text, "action": "run"})
    page = desk.client.get("/quality/evaluate", params={"call": desk.call.call.id}).text
    (version,) = set(re.findall(r'name="scorecard" value="(\w+)"', page)) - {desk.version}
    opened = desk.client.post(
        "/quality/evaluations", data={"csrf": csrf, "call": desk.call.call.id, "scorecard": version}
    )
    path = opened.headers["location"]
    assert desk.send(path, csrf, {"a": "na"}).status_code == 303
    assert '<span class="big" id="score">—</span>' in desk.client.get(path).text
    listed = desk.client.get("/quality/evaluations", params={"state": EvaluationState.SUBMITTED}).text
    assert '<td class="right score">—</td>' in listed


def test_automatic_scores_are_kept_without_words_and_read_by_programs(desk: Desk) -> None:
    recording = desk.call.recording.id
    with transaction(desk.engine) as db:
        analysis = db.scalar(select(AnalysisRow).where(AnalysisRow.recording_id == recording))
        found = contact_detail(db, desk.call.call.id, original=True)
        assert analysis is not None
        assert found is not None
        assert found.measures is not None
        stored: dict[str, Any] = {
            "recording_id": recording,
            "analysis_id": analysis.id,
            "measures": found.measures,
            "findings": found.findings,
            "call": call_facts(db, [recording])[recording],
        }
        assert keep_scores(db, running_cards(db), **stored) == 1
        assert keep_scores(db, running_cards(db), **stored) == 0  # a worker that comes twice
    desk.as_("kate")
    (score,) = desk.client.get(f"/api/calls/{desk.call.call.id}/scores").json()
    assert score["scorecard"] == desk.version
    assert score["answers"]["silence"]["answer"] == "yes"
    assert score["answers"]["silence"]["end"] > score["answers"]["silence"]["start"]
    assert {answer["quote"] for answer in score["answers"].values()} == {""}
    assert 0 < score["score"] <= 100


def test_commands(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(installation, "open_database", lambda: desk.engine)

    def otklik(*arguments: object) -> int:
        return app([str(argument) for argument in arguments], standalone_mode=False) or 0

    broken, good = tmp_path / "broken.yaml", tmp_path / "good.yaml"
    broken.write_text(TEXT.replace("answer: scale", "answer: stars", 1), "utf-8")
    good.write_text(TEXT + "\n", "utf-8")
    assert otklik("scorecard", "check", good, broken) == 1
    said = capsys.readouterr()
    assert re.match(rf"{re.escape(str(broken))}:\d+: sections\.1\.items\.0\.answer: ", said.out)
    assert otklik("scorecard", "add", good, broken) == 1
    assert otklik("scorecard", "list", "--json") == 0
    assert desk.version in capsys.readouterr().out
    assert otklik("scorecard", "add", good) == 0
    assert otklik("agents", "set", "PJSIP/agent", "--name", "Пётр", "--team", "первая") == 0
    assert otklik("agents", "set", "PJSIP/agent", "--name", " ") == 1
    assert otklik("agents", "list", "--json") == 0
    assert '{"endpoint": "PJSIP/agent", "name": "Пётр", "team": "первая"}' in capsys.readouterr().out
    assert otklik("draws", "verify", "nothing") == 1
    csrf = desk.as_("kate")
    drawn = desk.client.post(
        "/quality/draws", data={"csrf": csrf, "scorecard": desk.version, "count": "5", "seed": "7"}
    ).headers["location"]
    assert 'id="checked"' in desk.client.get(f"{drawn}?check=1").text
    assert otklik("draws", "verify", drawn.rsplit("/", 1)[-1]) == 0
    assert "the same 1 of 1 recordings" in capsys.readouterr().out
    none = desk.client.post("/quality/draws", data={"csrf": csrf, "scorecard": desk.version, "count": "0"})
    assert "refused=count" in none.headers["location"]
