"""The pages of topics and bottlenecks, as people use them, and in Chromium."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import uvicorn
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, expect
from sqlalchemy import Engine, select

from api.app import create_app
from api.kit import auth
from api.kit.roles import Role
from api.settings import WebSettings
from recordings.audio_store import AudioStore
from recordings.calls import call_log
from recordings.contacts.call import Call, Outcome, Turn
from recordings.database import migrate, reading, transaction
from recordings.jobs import list_jobs
from recordings.learning import samples, topics
from recordings.learning.topics import Member, Proposal, Question
from recordings.results.finding import Evidence
from recordings.tables import QueueVisitRow, RecordingRow, TopicRow
from speech.recognition.words import Speaker
from tests.api.browsing import answers, faults, open_page
from tests.api.example import write_call
from tests.services import free_port, wait_until

pytestmark = pytest.mark.browser

PASSWORD = "correct horse"
SAID = "а воздушные шары к букету можно"


def plant(engine: Engine, store: AudioStore) -> str:
    """A proposed topic of one call, a node where it was given up, a line that was left; id of the topic."""
    write_call(engine, store)
    now = datetime.now(UTC)
    with transaction(engine) as db:
        recording = db.scalars(select(RecordingRow)).one()
        question = Question(
            recording_id=recording.id, at=now - timedelta(days=1), evidence=Evidence(start=6.2, end=9.0, quote=SAID)
        )
        proposal = Proposal(
            name="Воздушные шары", centre=(0.1,) * 384, members=(Member(question=question, likeness=0.9),)
        )
        topics.keep_found(db, "ru", attached=[], proposals=[proposal])
        samples.keep_examples(db, "ru", {"где мой заказ": "order_status", "часы работы": "hours"})
        given_up = Call(
            id="given-up",
            started_at=now - timedelta(hours=1),
            caller_number="+79161234568",
            extension="1000",
            language="ru",
            scenario="order_status",
            scenario_version="3f9a1c07be42",
            engine="test",
        )
        call_log.open_call(db, given_up)
        for number, node in enumerate(("greeting", "ask_number", "ask_number"), 1):
            turn = Turn(
                number=number, speaker=Speaker.ROBOT, node=node, start=5.0 * number, end=5.0 * number + 3, text="Номер?"
            )
            call_log.note_turn(db, given_up.id, turn)
        call_log.close_call(db, given_up.id, ended_at=now, outcome=Outcome.ABANDONED)
        db.add(
            QueueVisitRow(id="v", call_id="given-up", queue="sales", joined_at=now, left_at=now + timedelta(seconds=75))
        )
        return db.scalars(select(TopicRow.id)).one()


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """SQLite alone: that the queries say the same on PostgreSQL, tests of recordings prove."""
    url = f"sqlite:///{tmp_path / 'otklik.db'}"
    migrate(url)
    return url


@pytest.fixture
def planted(browser_of_olga: TestClient, store: AudioStore) -> tuple[TestClient, str]:
    return browser_of_olga, plant(browser_of_olga.app.state.engine, store)  # type: ignore[attr-defined]


def csrf(client: TestClient, address: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', client.get(address).text)
    assert found
    return found[1]


def test_topics_with_examples_and_bottlenecks_with_their_calls(planted: tuple[TestClient, str]) -> None:
    client, topic = planted
    page = client.get("/topics").text
    assert "Воздушные шары" in page
    assert "/calls/1795327401.7?t=6.2" in page
    assert SAID in page
    given_up = client.get("/topics/where?scenario=order_status&node=ask_number&trouble=left").text
    assert "/calls/given-up?t=15.0" in given_up
    assert "/calls/given-up" in client.get("/topics/where?queue=sales").text
    assert "1:15" in client.get("/topics/where?queue=sales").text
    assert client.get("/topics/where?scenario=x&node=y&trouble=anything").status_code == 404
    assert SAID in client.get(f"/topics/{topic}").text
    assert client.get("/topics/unknown").status_code == 404


def test_the_period_stands_in_the_address(planted: tuple[TestClient, str]) -> None:
    client, _ = planted
    old = client.get("/topics?since=2020-01-01&until=2020-02-01").text
    assert "Воздушные шары" not in old
    assert "ask_number" not in old
    assert "2020-01-01" in old
    assert SAID not in client.get("/topics?language=en").text
    for odd in ("since=x&until=y", "since=2026-01-01&until=2020-01-01", "since=0001-01-01&until=9999-12-31"):
        assert client.get(f"/topics?{odd}").status_code == 200


def test_a_person_renames_accepts_and_dismisses(planted: tuple[TestClient, str]) -> None:
    client, topic = planted
    engine = client.app.state.engine  # type: ignore[attr-defined]
    secret = csrf(client, f"/topics/{topic}")
    assert client.post(f"/topics/{topic}/rename", data={"name": "Шары"}).status_code == 403
    answer = client.post(f"/topics/{topic}/rename", data={"csrf": secret, "name": " Шары  к букету "})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/topics/{topic}")
    assert client.post(f"/topics/{topic}/accept", data={"csrf": secret, "intent": "nobody"}).status_code == 422
    assert client.post(f"/topics/{topic}/accept", data={"csrf": secret, "intent": "hours"}).status_code == 303
    with reading(engine) as db:
        row = db.get_one(TopicRow, topic)
        assert (row.name, row.state, row.decided_by) == ("Шары к букету", "accepted", "olga")
        assert [one.intent for one in samples.labelled(db, "ru") if one.text == SAID] == ["hours"]
    assert client.post(f"/topics/{topic}/dismiss", data={"csrf": secret}).headers["location"] == "/topics"
    assert "Шары к букету" not in client.get("/topics").text
    for action in ("rename", "accept", "dismiss"):
        assert client.post(f"/topics/unknown/{action}", data={"csrf": secret, "name": "x"}).status_code == 404


def test_a_search_is_ordered_once(planted: tuple[TestClient, str]) -> None:
    client, _ = planted
    engine = client.app.state.engine  # type: ignore[attr-defined]
    secret = csrf(client, "/topics")
    for _ in range(2):
        assert client.post("/topics/find", data={"csrf": secret}).status_code == 303
    with reading(engine) as db:
        assert [(job.kind, job.created_by) for job in list_jobs(db)] == [("topics", "olga")]
    assert "disabled" in client.get("/topics").text


def test_an_analyst_reads_and_changes_nothing(planted: tuple[TestClient, str]) -> None:
    client, topic = planted
    with transaction(client.app.state.engine) as db:  # type: ignore[attr-defined]
        auth.create_user(db, "anna", PASSWORD, "ru", role=Role.ANALYST)
    client.cookies.clear()
    client.post("/login", data={"login": "anna", "password": PASSWORD})
    page = client.get(f"/topics/{topic}").text
    assert SAID in page
    assert "accept" not in page
    assert client.post(f"/topics/{topic}/dismiss", data={"csrf": csrf(client, "/topics")}).status_code == 403


@pytest.fixture
def site(web_settings: WebSettings, store: AudioStore) -> Iterator[tuple[str, str]]:
    """Address of a running server and id of its topic."""
    app = create_app(web_settings)
    with transaction(app.state.engine) as db:
        auth.create_user(db, "olga", PASSWORD, "ru", role=Role.ADMIN)
    topic = plant(app.state.engine, store)
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_until(lambda: answers(f"http://127.0.0.1:{port}"), seconds=10, what="the web server to answer")
    yield f"http://127.0.0.1:{port}", topic
    server.should_exit = True
    thread.join()


def test_topics_in_chromium(site: tuple[str, str], browser: Browser) -> None:
    url, topic = site
    for width, theme in ((1440, "light"), (390, "dark")):
        options = {"viewport": {"width": width, "height": 900}, "color_scheme": theme, "bypass_csp": True}
        with open_page(browser, **options) as page:
            page.goto(f"{url}/login?next=/topics")
            page.get_by_label("Имя").or_(page.locator("[name=login]")).first.fill("olga")
            page.locator("[name=password]").fill(PASSWORD)
            page.locator("[name=password]").press("Enter")
            expect(page.get_by_role("heading", name="С чем ещё звонят")).to_be_visible()
            assert faults(page) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            page.goto(f"{url}/topics/{topic}")
            assert faults(page) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            page.get_by_role("link", name=SAID).click()
            expect(page).to_have_url(re.compile(r"/calls/1795327401\.7\?t=6\.2"))
            page.goto(f"{url}/topics/where?scenario=order_status&node=ask_number&trouble=again")
            assert faults(page) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width
