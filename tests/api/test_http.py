"""The interface and the pages over HTTP, on SQLite and PostgreSQL."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from sqlalchemy import Engine, update

from api.chat.webhook import signed_body
from api.kit.deps import own_form
from api.kit.problems import MEDIA_TYPE
from api.kit.security_headers import SAFE_METHODS
from recordings.audio_store import AudioStore
from recordings.calls import call_log
from recordings.calls.detail import find_recording
from recordings.contacts.call import Outcome, RecordingState, Turn
from recordings.contacts.failure import Failure
from recordings.database import reading, transaction
from recordings.tables import RecordingRow, TopicCallRow
from speech.recognition.words import Speaker
from tests.api.example import write_call
from tests.api.live_call import CALL, open_call

pytestmark = pytest.mark.services


def test_nobody_gets_in_without_a_log_in(visitor: TestClient) -> None:
    page = visitor.get("/calls/1.7?t=5")
    assert (page.status_code, page.headers["location"]) == (303, "/login?next=/calls/1.7%3Ft%3D5")
    for path in ("/api/calls", CALL, f"{CALL}/audio", f"{CALL}/peaks", f"{CALL}/transcript", f"{CALL}/findings"):
        refused = visitor.get(path, headers={"Accept": "application/json"})
        assert (refused.status_code, refused.headers["content-type"]) == (401, MEDIA_TYPE)
        assert refused.json()["code"] == "unauthenticated"
    assert visitor.get("/api/calls", headers={"Authorization": "Bearer otk_wrong"}).status_code == 401


def test_a_part_of_a_page_leads_to_the_log_in_when_the_session_is_over(visitor: TestClient) -> None:
    asking = {"Accept": "*/*", "HX-Request": "true", "HX-Current-URL": "http://testserver/calls?q=x"}
    refused = visitor.get("/calls", headers=asking)
    assert (refused.status_code, refused.headers["hx-redirect"]) == (401, "/login?next=%2Fcalls%3Fq%3Dx")


def test_log_in_leads_to_the_page_asked_for_and_out_again(visitor: TestClient) -> None:
    wrong = visitor.post("/login", data={"login": "olga", "password": "wrong"})
    assert wrong.status_code == 401
    assert "Wrong login or password" in wrong.text
    entered = visitor.post("/login", data={"login": "olga", "password": "correct horse", "next": "/calls?q=x"})
    assert (entered.status_code, entered.headers["location"]) == (303, "/calls?q=x")
    cookie = entered.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    page = visitor.get("/calls")
    assert page.status_code == 200
    csrf = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert csrf
    assert visitor.post("/logout", data={"csrf": csrf[1]}).status_code == 303
    assert visitor.get("/calls").status_code == 303


def test_guessing_is_slowed_down(visitor: TestClient) -> None:
    for _ in range(5):
        assert visitor.post("/login", data={"login": "olga", "password": "guess"}).status_code == 401
    slowed = visitor.post("/login", data={"login": "olga", "password": "correct horse"})
    assert slowed.status_code == 429
    assert 0 < int(slowed.headers["retry-after"]) <= 901


def test_a_form_of_another_page_changes_nothing(browser_of_olga: TestClient) -> None:
    for headers, csrf in (({}, ""), ({}, "wrong"), ({"Sec-Fetch-Site": "cross-site"}, "")):
        refused = browser_of_olga.post("/language", data={"language": "en", "csrf": csrf}, headers=headers)
        assert refused.status_code == 403
    assert 'lang="ru"' in browser_of_olga.get("/calls").text


def routes_in(parts: Iterable[object]) -> Iterator[object]:
    """Every route of an application, those of routers in it, and of routers in those, too."""
    for part in parts:
        inner = getattr(getattr(part, "original_router", None), "routes", None)
        if inner is None:
            yield part
        else:
            yield from routes_in(inner)


def depends_on(dependant: Dependant) -> Iterator[object]:
    for inner in dependant.dependencies:
        yield inner.call
        yield from depends_on(inner)


def test_every_change_is_guarded(visitor: TestClient) -> None:
    """It looked at a list of routers, which had 6 of 19. What is none of FastAPI's own routes is named here."""
    others, changing = set(), []
    for route in routes_in(visitor.app.routes):  # type: ignore[attr-defined]
        if not isinstance(route, APIRoute):
            others.add(route.path)  # type: ignore[attr-defined]
        elif set(route.methods or ()) - SAFE_METHODS:
            changing.append(route)
    assert others == {"/static", "/chat/{language}"}  # files; the chat's socket, which looks at the page it comes from
    assert len(changing) > 40
    assert {route.path for route in changing} > {"/logout", "/calls/{call_id}/retry", "/users/{user_id}/off"}
    before_a_session = {"/login", "/login/code"}  # the password and the code are the secret
    for route in changing:
        guard = signed_body if route.path.startswith("/webhooks/") else own_form
        assert route.path in before_a_session or guard in depends_on(route.dependant), route.path


def test_the_language_is_kept_with_the_user(browser_of_olga: TestClient) -> None:
    page = browser_of_olga.get("/calls").text
    csrf = re.search(r'name="csrf" value="([^"]+)"', page)
    assert csrf
    assert "Звонков пока нет" in page
    assert ".venv/bin/otklik import ПАПКА --language ru" in page
    browser_of_olga.post("/language", data={"language": "en", "csrf": csrf[1]})
    assert "No calls yet" in browser_of_olga.get("/calls").text


@pytest.mark.parametrize("path", ["/login", "/static/app.css", "/health", "/api/calls", "/nowhere", "/openapi.json"])
def test_every_answer_is_guarded(visitor: TestClient, path: str) -> None:
    headers = visitor.get(path).headers
    assert "script-src 'self';" in headers["content-security-policy"]
    assert "unsafe-inline" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == ("no-cache" if path.startswith("/static") else "no-store")


def test_pages_hold_no_inline_code(browser_of_olga: TestClient, database: Engine, store: AudioStore) -> None:
    write_call(database, store)
    for path in ("/calls", "/calls/1795327401.7", "/docs", "/nowhere"):
        page = browser_of_olga.get(path).text
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", page), path
        assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", page)), path


def test_large_bodies_stop_at_the_door(visitor: TestClient) -> None:
    assert visitor.post("/login", content=b"x" * (1 << 20) + b"y").status_code == 413


def test_the_page_of_a_live_call_grows_and_then_moves_on(browser_of_olga: TestClient, database: Engine) -> None:
    call = open_call(database, "4.1")
    assert "Разговор только начался" in browser_of_olga.get("/calls/4.1").text
    asking = {"HX-Request": "true"}
    assert browser_of_olga.get("/calls/4.1?stage=live&turns=0", headers=asking).status_code == 204
    turn = Turn(number=0, speaker=Speaker.CALLER, node="greeting", start=1, end=2, text="где мой <заказ>")
    with transaction(database) as db:
        call_log.note_turn(db, "4.1", turn)
    grown = browser_of_olga.get("/calls/4.1?stage=live&turns=0", headers=asking)
    assert "где мой &lt;заказ&gt;" in grown.text
    assert "<html" not in grown.text
    with transaction(database) as db:
        call_log.close_call(db, "4.1", ended_at=call.started_at + timedelta(seconds=9), outcome=Outcome.SETTLED)
    moved = browser_of_olga.get("/calls/4.1?stage=live&turns=1", headers=asking)
    assert (moved.status_code, moved.headers["hx-trigger"]) == (204, "callMovedOn")


def test_a_refused_recording_shows_no_words(browser_of_olga: TestClient, database: Engine) -> None:
    open_call(database, "5.1")
    with transaction(database) as db:
        turn = Turn(number=0, speaker=Speaker.CALLER, node="greeting", start=1, end=2, text="не записывайте меня")
        call_log.note_turn(db, "5.1", turn)
        call_log.refuse_recording(db, "5.1")
        call_log.close_call(db, "5.1", ended_at=datetime.now(UTC), outcome=Outcome.SETTLED)
    page = browser_of_olga.get("/calls/5.1").text
    assert "Клиент отказался от записи. Звук и слова не сохранены." in page
    assert "не записывайте" not in page
    assert "<audio" not in page
    assert "отказ от записи" in browser_of_olga.get("/calls").text


def test_a_call_without_recording_says_so_and_why(browser_of_olga: TestClient, database: Engine) -> None:
    call = open_call(database, "6.1")
    failure = "no recording: POST channels/6.1/snoop answered 500"
    with transaction(database) as db:
        call_log.close_call(
            db,
            "6.1",
            ended_at=call.started_at + timedelta(seconds=1),
            outcome=Outcome.SETTLED,
            failures=[Failure(code="no_recording", text=failure)],
        )
    page = browser_of_olga.get("/calls/6.1").text
    assert "Записи этого разговора нет" in page
    assert "Asterisk не смог её вести" in page
    assert re.search(rf"<details.*<summary>Подробнее</summary>.*{failure}", page)


def test_a_parked_recording_is_tried_again_by_one_click(
    browser_of_olga: TestClient, database: Engine, store: AudioStore
) -> None:
    example = write_call(database, store)
    parked = {"state": "parked", "failure_code": "engine", "failure": "EngineError: model gave nothing"}
    with transaction(database) as db:
        db.execute(update(RecordingRow).values(**parked))
    page = browser_of_olga.get("/calls/1795327401.7").text
    assert "Запись разобрать не удалось" in page
    assert "Распознавание не справилось с этой записью" in page
    assert re.search(r"<details.*EngineError: model gave nothing", page)
    address = "/calls/1795327401.7/retry"
    assert f'action="{address}"' in page
    assert browser_of_olga.post(address, data={}).status_code == 403
    csrf = re.search(r'name="csrf" value="([^"]+)"', page)
    assert csrf
    for _ in range(2):  # the second click finds it done
        back = browser_of_olga.post(address, data={"csrf": csrf[1]})
        assert (back.status_code, back.headers["location"]) == (303, "/calls/1795327401.7")
    with reading(database) as db:
        found = find_recording(db, example.recording.id)
    assert found is not None
    assert (found.state, found.attempts) == (RecordingState.REGISTERED, 0)
    waiting = browser_of_olga.get("/calls/1795327401.7").text
    assert "Запись в обработке" in waiting
    assert "Прошлая попытка не удалась." in waiting
    assert address not in waiting
    assert browser_of_olga.post("/calls/9.9/retry", data={"csrf": csrf[1]}).status_code == 404


def test_the_list_page_keeps_its_filters_and_answers_nothing_new_with_nothing(
    browser_of_olga: TestClient, database: Engine, store: AudioStore
) -> None:
    write_call(database, store)
    page = browser_of_olga.get("/calls?q=возврат&outcome=nonsense&offset=-3&sort=x")
    assert page.status_code == 200
    assert "Ничего не нашлось" in browser_of_olga.get("/calls?q=zzz").text
    page = browser_of_olga.get("/calls")
    assert "Анна Смирнова" in page.text
    assert "+79161234567" not in page.text
    call = browser_of_olga.get("/calls/1795327401.7").text
    assert re.search(r"Высота голоса · Клиент</th><td>214 Гц", call)
    seen = re.search(r'"X-Seen":"(\w+)"', page.text)
    assert seen
    assert browser_of_olga.get("/calls", headers={"X-Seen": seen[1]}).status_code == 204


def test_errors_are_pages_for_people_and_problems_for_programs(browser_of_olga: TestClient) -> None:
    page = browser_of_olga.get("/calls/9.9")
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "Такого звонка нет" in page.text
    assert browser_of_olga.get("/nowhere", headers={"Accept": "*/*"}).json()["code"] == "not_found"


def test_the_interface_is_described_to_who_is_logged_in(visitor: TestClient) -> None:
    for path in ("/docs", "/openapi.json"):
        assert visitor.get(path, headers={"Accept": "application/json"}).status_code == 401
    assert visitor.get("/docs").headers["location"] == "/login?next=/docs"
    visitor.post("/login", data={"login": "olga", "password": "correct horse"})
    assert "swagger" in visitor.get("/docs").text


def test_openapi_describes_every_path(program: TestClient) -> None:
    document = program.get("/openapi.json").json()
    assert set(document["paths"]) == {
        "/api/calls",
        "/api/calls/{call_id}",
        "/api/calls/{call_id}/audio",
        "/api/calls/{call_id}/findings",
        "/api/calls/{call_id}/peaks",
        "/api/calls/{call_id}/scores",
        "/api/calls/{call_id}/transcript",
        "/api/chats/{chat_id}",
        "/api/customers",
        "/api/customers/{customer_id}",
        "/api/evaluations",
        "/api/evaluations/{evaluation_id}",
        "/api/figures",
        "/api/figures/calls",
        "/health",
        "/webhooks/{name}",
    }
    for path, methods in document["paths"].items():
        for operation in methods.values():
            assert operation["description"], path
    assert document["components"]["schemas"]["CallOut"]["example"]["id"]
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_health_reaches_the_database(visitor: TestClient) -> None:
    assert visitor.get("/health").json()["status"] == "ok"


def test_who_is_overtaken_is_told(program: TestClient, database: Engine) -> None:
    """An erasure between looking and writing, on each page that writes: the database's refusal is no fault of ours."""
    app = program.app
    assert isinstance(app, FastAPI)

    @app.get("/overtaken")
    def write() -> None:
        with transaction(database) as db:
            db.add(
                TopicCallRow(topic_id="1", recording_id="1", at=datetime.now(UTC), quote="", start=0, end=1, likeness=1)
            )

    told = program.get("/overtaken")
    assert (told.status_code, told.json()["code"]) == (409, "changed_meanwhile")
