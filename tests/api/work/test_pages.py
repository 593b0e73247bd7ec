"""What waits and what was given up: a supervisor retries, stops and resumes in Debian's Chromium."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update

from api.kit import auth
from api.kit.roles import Role
from recordings.audio_store import AudioStore
from recordings.contacts.call import RecordingState
from recordings.database import connect, migrate, transaction
from recordings.jobs import advance_job, fail_job, start_job, take_job
from recordings.tables import JobRow, RecordingRow
from tests.api.browsing import AXE, answers, enter, faults, open_page
from tests.api.example import write_call
from tests.services import ROOT, RedisServer, free_port, process, wait_until

pytestmark = pytest.mark.browser

CALLS = ("1795327401.7", "1795327300.3")


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A running server over two parked recordings and two jobs."""

    url: str
    database: str
    going: str
    """Id of the job that goes on."""


@pytest.fixture
def site(tmp_path: Path, redis_server: RedisServer) -> Iterator[Site]:
    database, sound = f"sqlite:///{tmp_path / 'otklik.db'}", f"file://{tmp_path / 'recordings'}"
    migrate(database)
    engine = connect(database)
    for number, call_id in enumerate(CALLS):
        write_call(engine, AudioStore(sound), call_id=call_id, language=("ru", "en")[number])
    with transaction(engine) as db:
        auth.create_user(db, "olga", "correct horse", "ru", role=Role.SUPERVISOR)
        auth.create_user(db, "ivan", "correct horse", "ru", role=Role.ANALYST)
        why = {"failure_code": "audio_format", "failure": "call.wav: not a sound file that can be decoded"}
        db.execute(update(RecordingRow).values(state=RecordingState.PARKED, attempts=1, **why))
        going = start_job(db, "import", {"files": [], "language": "ru"}, total=200, by="olga")
        failed = start_job(db, "rerun", {"version": "0"}, total=10)
    take_job(engine, going.id, worker="here", lease=600)
    advance_job(engine, going.id, worker="here", lease=600, cursor="50", done=48, failed=2)
    take_job(engine, failed.id, worker="here", lease=600)
    fail_job(engine, failed.id, worker="here", failure="there is no rule set 0")
    engine.dispose()
    port = free_port()
    env = os.environ | {
        "OTKLIK_HOME": str(tmp_path),
        "OTKLIK_SCENARIOS": str(tmp_path),  # no conversations: they take seconds to load
        "OTKLIK_DATABASE_URL": database,
        "OTKLIK_AUDIO_URL": sound,
        "OTKLIK_REDIS_URL": redis_server.url,
        "OTKLIK_WEB_PORT": str(port),
        "PYTHONPATH": str(ROOT),
    }
    url = f"http://127.0.0.1:{port}"
    with process(sys.executable, "-m", "api", env=env, log=tmp_path / "web.log"):
        wait_until(lambda: answers(url), seconds=60, what=f"the web server, see {tmp_path / 'web.log'}")
        yield Site(url=url, database=database, going=going.id)


def log_in(page: Page, site: Site, login: str, *, to: str = "/work") -> None:
    page.goto(f"{site.url}/login?next={to}")
    enter(page, login)


def test_a_supervisor_stops_resumes_and_retries(site: Site, browser: Browser, redis_server: RedisServer) -> None:
    with open_page(browser) as page:
        log_in(page, site, "olga")
        expect(page.locator("h1")).to_have_text("Обработка")
        parked = page.locator("section", has=page.locator("#parked-title"))
        expect(parked.locator("tbody tr")).to_have_count(2)
        expect(parked.locator("tbody tr").first).to_contain_text("Файл не читается как звук")
        jobs = page.locator("section", has=page.locator("#jobs-title"))
        importing = jobs.locator("tr", has_text="Загрузка файлов")
        expect(importing).to_contain_text("50 из 200")
        expect(importing).to_contain_text("2 с ошибкой")
        assert importing.locator("progress").get_attribute("value") == "0.2500"

        engine = connect(site.database)
        advance_job(engine, site.going, worker="here", lease=600, cursor="100", done=50)
        expect(importing).to_contain_text("100 из 200")  # by itself
        importing.get_by_role("button", name="Остановить").click()
        expect(importing).to_contain_text("Остановлено")
        assert advance_job(engine, site.going, worker="here", lease=600) is None
        importing.get_by_role("button", name="Продолжить").click()
        expect(importing).to_contain_text("Ждёт")
        with transaction(engine) as db:
            assert db.get_one(JobRow, site.going).cursor == "100"
        assert redis_server.waiting() == 1

        failed = jobs.locator("tr", has_text="Пересчёт правил")
        failed.locator("summary").click()
        expect(failed).to_contain_text("there is no rule set 0")

        parked.locator("tbody tr").first.get_by_role("button", name="Повторить").click()
        expect(parked.locator("tbody tr")).to_have_count(1)
        page.get_by_role("button", name="Повторить все").click()
        expect(parked).to_contain_text("Отложенных записей нет")
        with transaction(engine) as db:
            states = {row.state for row in db.query(RecordingRow)}
        assert states == {RecordingState.REGISTERED}
        assert redis_server.waiting() == 3
        engine.dispose()


def test_who_may_not_does_not_see_the_page(site: Site, browser: Browser) -> None:
    with open_page(browser) as page:
        log_in(page, site, "ivan", to="/calls")
        expect(page.locator("nav a[href='/calls']")).to_have_count(1)
        expect(page.locator("nav a[href='/work']")).to_have_count(0)
        assert page.request.get(f"{site.url}/work").status == 403


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
def test_the_page_is_accessible_and_fits(site: Site, browser: Browser, scheme: str, width: int) -> None:
    if not AXE.exists():
        pytest.fail("axe-core is missing: run `npm ci` in api/web")
    options = {"color_scheme": scheme, "viewport": {"width": width, "height": 844}, "bypass_csp": True}
    with open_page(browser, **options) as page:
        log_in(page, site, "olga")
        expect(page.locator("#jobs-title")).to_be_visible()
        assert faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
