"""The rules at work in Chromium: a faulty change is refused beside its line, a good one is tried, run, judged, put in
force."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine, insert

from analytics.dictionary.running_rules import running
from analytics.pipeline.dependencies import Dependencies
from analytics.settings import AnalyticsSettings
from analytics.worker.jobs import run_job
from api.kit import auth
from api.kit.roles import Role
from recordings.audio_store import AudioStore
from recordings.database import connect, migrate, reading, transaction
from recordings.jobs import JobState, list_jobs
from recordings.rules.rule_sets import list_rule_sets
from recordings.settings import StoreSettings
from recordings.tables import RecordingRow, TranscriptRow
from speech.recognition.words import Speaker, Transcript, Utterance, Word
from speech.settings import SpeechSettings
from tests.api.browsing import AXE, answers, enter, faults, open_page
from tests.api.example import write_call
from tests.services import ROOT, free_port, process, wait_until

pytestmark = pytest.mark.browser

CALL = "1795327401.7"
FAULTY = "возврат:\n  speaker: boss\n  phrases: [вернуть деньги]\n"
GOOD = "возврат:\n  speaker: caller\n  phrases: [вернуть деньги]\nприветствие: [здравствуйте]\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    url: str
    engine: Engine
    folder: Path


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("rules")
    database, sound = f"sqlite:///{folder / 'otklik.db'}", f"file://{folder / 'recordings'}"
    migrate(database)
    engine = connect(database)
    with transaction(engine) as db:
        auth.create_user(db, "olga", "correct horse", "ru", role=Role.QUALITY)
        auth.create_user(db, "kate", "correct horse", "en", role=Role.ANALYST)
    write_call(engine, AudioStore(sound), call_id=CALL)
    fill(engine, 5)
    port = free_port()
    env = os.environ | {
        "OTKLIK_HOME": str(folder),
        "OTKLIK_SCENARIOS": str(folder),  # no conversations: they take seconds to load
        "OTKLIK_DATABASE_URL": database,
        "OTKLIK_AUDIO_URL": sound,
        "OTKLIK_REDIS_URL": "redis://127.0.0.1:1/0",
        "OTKLIK_WEB_PORT": str(port),
        "PYTHONPATH": str(ROOT),
    }
    url = f"http://127.0.0.1:{port}"
    with process(sys.executable, "-m", "api", env=env, log=folder / "web.log"):
        wait_until(lambda: answers(url), seconds=60, what=f"the web server, see {folder / 'web.log'}")
        yield Site(url=url, engine=engine, folder=folder)
    engine.dispose()


def fill(engine: Engine, count: int) -> None:
    """Older recordings in which nobody does more than greet."""
    word = Word(text="здравствуйте", start=1, end=2)
    said = Utterance(speaker=Speaker.CALLER, start=1, end=2, text=word.text, words=(word,))
    body = Transcript(language="ru", engine="e-1", duration=3, utterances=(said,)).to_json()
    for name in map(str, range(count)):
        at = datetime(2026, 1, 1, tzinfo=UTC)
        recording = {
            "id": name, "sha256": name, "key": name, "filename": f"{name}.wav", "language": "ru", "duration": 3.0,
            "rate": 8000, "channels": 1, "size": 1, "created_at": at, "state": "analysed", "due_at": at,
        }  # fmt: skip
        transcript = {"id": name, "recording_id": name, "engine": "e-1", "language": "ru", "body": body, "text": ""}
        with transaction(engine) as db:
            db.execute(insert(RecordingRow).values(recording))
            db.execute(insert(TranscriptRow).values(transcript | {"created_at": at}))


def log_in(page: Page, site: Site, login: str) -> None:
    page.goto(f"{site.url}/rules")
    enter(page, login)
    page.wait_for_url(f"{site.url}/rules")


def write(page: Page, name: str, text: str) -> None:
    """Leave one file in the editor: the others are cleared, as the page says."""
    page.locator("details.rules-more summary").click()
    fields = page.locator("input[name=name]")
    for number in range(fields.count()):
        last = number == fields.count() - 1
        fields.nth(number).fill(name if last else "")
        page.locator("textarea[name=text]").nth(number).fill(text if last else "")


def run_jobs(site: Site) -> None:
    """What a worker would do."""
    here = Dependencies(
        engine=site.engine,
        sounds=AudioStore(f"file://{site.folder / 'recordings'}"),
        store=StoreSettings(),
        analytics=AnalyticsSettings(),
        speech=SpeechSettings(),
    )
    with reading(site.engine) as db:
        (job,) = list_jobs(db, kind="rerun")
    done = run_job(here, job.id)
    assert done
    assert done.state is JobState.DONE


def test_a_change_is_tried_run_judged_and_put_in_force(site: Site, browser: Browser) -> None:
    with open_page(browser) as page:
        log_in(page, site, "olga")
        expect(page.locator(".state-running")).to_have_text("действует")
        before = running(site.engine).version
        page.click("#new")
        write(page, "ru/shop.yaml", GOOD)
        page.click("#try")
        row = page.locator("#trial tr", has_text="возврат")
        expect(row.locator("a").first).to_have_attribute("href", f"/calls/{CALL}?t=21.7")
        expect(page.locator(".rules-warn")).to_contain_text("в 100")
        page.fill("#note", "Только возврат")
        page.click("#save")
        expect(page.locator("h1")).to_contain_text("Версия")
        page.click("#rerun")
        expect(page.locator("#runs .dot").first).to_be_visible()
        run_jobs(site)
        expect(page.locator("#runs .dot.settled")).to_be_visible()
        page.select_option("#label", "возврат")
        page.click("#draw")
        audio = page.locator("audio")
        expect(audio).to_have_attribute("src", re.compile(rf"/api/calls/{CALL}/audio#t=19\.7,\d"))
        page.click("button[value=right]")
        expect(page.locator(".empty")).to_be_visible()
        expect(page.locator(".rules-figure")).to_contain_text("Прослушано 1")
        page.click(".back")
        expect(page.locator("#precision")).to_contain_text("100")
        page.click("#activate")
        expect(page.locator(".state-running")).to_be_visible()
        assert running(site.engine).version != before
        page.goto(f"{site.url}/calls")
        expect(page.locator("#calls table")).to_contain_text("возврат")


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
def test_pages_are_accessible_and_fit(site: Site, browser: Browser, scheme: str, width: int) -> None:
    if not AXE.exists():
        pytest.fail("axe-core is missing: run `npm ci` in api/web")
    found = []
    # the checker itself is put in past the policy of the page, which other tests hold to
    viewport = {"width": width, "height": 844}
    with open_page(browser, color_scheme=scheme, viewport=viewport, bypass_csp=True) as page:
        log_in(page, site, "olga")
        version = running(site.engine).version
        for address in ("", "/new", f"/{version}", f"/{version}/review"):
            page.goto(f"{site.url}/rules{address}")
            found += faults(page)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
    assert found == []


def test_a_faulty_change_is_refused_beside_its_line(site: Site, browser: Browser) -> None:
    before = running(site.engine).version
    with browser.new_context() as context:  # a browser complains of a refused form
        page = context.new_page()
        log_in(page, site, "olga")
        page.click("#new")
        write(page, "ru/shop.yaml", FAULTY)
        with page.expect_response(lambda response: response.request.method == "POST") as refused:
            page.click("#save")
        assert refused.value.status == 422
        expect(page.locator(".rules-faults")).to_contain_text("Строка 2: возврат.speaker")
        expect(page.locator("textarea[aria-invalid=true]")).to_have_value(FAULTY)
    assert running(site.engine).version == before
    with reading(site.engine) as db:
        assert all(FAULTY not in card.files.values() for card in list_rule_sets(db))


def test_who_may_not_change_rules_does_not_see_them(site: Site, browser: Browser) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{site.url}/calls")
        enter(page, "kate")
        page.wait_for_selector("#calls")
        expect(page.locator(".rail nav a[href='/rules']")).to_have_count(0)
        answer = page.goto(f"{site.url}/rules")
        assert answer
        assert answer.status == 403
