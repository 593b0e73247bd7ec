"""Quality over HTTP: who sees what, forms that lose nothing, and every fault in a clear state."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select

from analytics.quality.scoring import keep_scores, running_cards
from api.cli import app
from api.installation import installation
from recordings.calls.detail import contact_detail
from recordings.calls.facts import call_facts
from recordings.database import transaction
from recordings.quality import coaching
from recordings.quality.evaluation import EvaluationState
from recordings.tables import AnalysisRow, RecordingRow
from tests.api.quality.desks import MANUAL, TEXT, Desk

pytestmark = pytest.mark.services


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
