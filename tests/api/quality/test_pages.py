"""Quality in Chromium: a sample is drawn and evaluated, the agent appeals, a supervisor settles, people are ranked."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import Engine

from analytics.quality.scoring import EXAMPLES, add_card
from api.kit import auth
from api.kit.roles import Role
from recordings.audio_store import AudioStore
from recordings.database import connect, migrate, transaction
from recordings.quality import agents, evaluations
from tests.api.browsing import AXE, answers, enter, faults, open_page
from tests.api.example import write_call
from tests.recordings.archive import keep_call
from tests.services import ROOT, free_port, process, wait_until

pytestmark = pytest.mark.browser

CALL = "1795327401.7"
ME, OTHER = "PJSIP/agent", "PJSIP/anna"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    url: str
    engine: Engine


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One call to evaluate of Ivan, who has nine scores of 90 already; Anna has three of 100."""
    folder = tmp_path_factory.mktemp("quality")
    database, sound = f"sqlite:///{folder / 'otklik.db'}", f"file://{folder / 'recordings'}"
    migrate(database)
    engine = connect(database)
    write_call(engine, AudioStore(sound), call_id=CALL)
    with transaction(engine) as db:
        for login, role, agent in (("kate", Role.QUALITY, ""), ("boss", Role.SUPERVISOR, ""), ("ivan", Role.AGENT, ME)):
            auth.create_user(db, login, "correct horse", "ru", role=role, agent=agent)
        agents.set_agent(db, ME, name="Иван Петров", team="первая")
        agents.set_agent(db, OTHER, name="Анна", team="вторая")
        card, problems = add_card(db, (EXAMPLES / "ru" / "service.yaml").read_text("utf-8"), by="kate")
        assert card, problems
    before = datetime.now(UTC) - timedelta(days=90)
    for number in range(12):
        agent, score = (ME, 90.0 + number % 2) if number < 9 else (OTHER, 100.0)
        recording = keep_call(engine, f"old{number}", agent=agent, started=before)
        with transaction(engine) as db:
            kept, _ = evaluations.open_evaluation(
                db, recording_id=recording, scorecard=card.version, evaluator="kate", answers={}
            )
            evaluations.submit(db, kept.id, answers={}, comment="", score=score)
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
        yield Site(url=url, engine=engine)
    engine.dispose()


def log_in(page: Page, site: Site, login: str) -> None:
    page.goto(f"{site.url}/login?next=/")
    enter(page, login)
    page.wait_for_selector(".rail")


def test_from_the_draw_to_the_ranking(site: Site, browser: Browser) -> None:
    with open_page(browser) as page:
        log_in(page, site, "kate")
        page.goto(f"{site.url}/quality")
        expect(mine_of(page)).to_contain_text("мало данных")
        page.get_by_role("link", name="Выборки").click()
        page.fill("input[name=seed]", "7")
        page.get_by_role("button", name="Выбрать").click()
        expect(page.locator(".facts")).to_contain_text("7")
        page.get_by_role("link", name="Проверить выборку").click()
        expect(page.locator("#checked")).to_contain_text("Выборка повторяется")
        page.get_by_role("button", name="Оценить").click()
        page.wait_for_selector("#evaluation")
        # what the rules have found leads to its sound
        proof = page.locator("#item-apology [data-moment]")
        if proof.count():
            proof.click()
        for item in ("understood", "tone"):
            page.select_option(f"#item-{item} select", "5")
        page.select_option("#item-correct select", "full")
        page.locator("#item-correct [data-now]").click()
        page.fill("#item-correct .comment", "Назвал срок")
        page.fill("#about", "Хороший разговор")
        for block in page.locator(".item-line").all():
            if not block.locator("select").input_value():
                block.locator("select").select_option("na")
        page.get_by_role("button", name="Отправить").click()
        expect(page.locator(".page-head")).to_contain_text("Отправлена")
        evaluation = page.url
        score = score_of(page)

    with open_page(browser) as page:
        log_in(page, site, "ivan")
        expect(page).to_have_url(f"{site.url}/quality/mine")
        page.goto(evaluation)
        expect(page.locator("#item-correct")).to_contain_text("Назвал срок")
        page.fill("#words", "Я представился, правило не расслышало.")
        page.get_by_role("button", name="Оспорить").click()
        expect(page.locator(".page-head")).to_contain_text("Оспорена")
        assert page.locator("#reply").count() == 0

    with open_page(browser) as page:
        log_in(page, site, "boss")
        page.goto(f"{site.url}/quality")
        expect(mine_of(page)).to_contain_text("мало данных")  # nine: what is under appeal does not count
        page.get_by_role("region", name="Ждут вас").get_by_role("link").click()
        expect(page.locator("#appeal")).to_contain_text("не расслышало")
        page.select_option("#item-tone select", "2")
        page.fill("#decision", "Тон был ниже, чем поставили.")
        page.get_by_role("button", name="Решить").click()
        expect(page.locator(".page-head")).to_contain_text("Решена")
        expect(page.locator(".verdict")).to_contain_text("было:")
        assert score_of(page) < score
        page.goto(f"{site.url}/quality")
        ranked = mine_of(page)
        expect(ranked.locator("td").first).to_have_text("1")
        expect(ranked.locator("td").last).to_have_text("10")
        expect(page.locator(f"#quality tr[data-agent='{OTHER}']")).to_contain_text("мало данных")
        ranked.get_by_role("link").click()
        expect(page.locator("h1")).to_have_text("Иван Петров")
        expect(page.locator("#quality tbody tr")).to_have_count(10)


def score_of(page: Page) -> float:
    """The score as it is shown, written in the Russian way."""
    return float((page.locator("#score").text_content() or "nan").strip().replace(",", "."))


def mine_of(page: Page) -> Locator:
    return page.locator(f"#quality tr[data-agent='{ME}']")


def test_a_note_is_left_where_the_sound_stands(site: Site, browser: Browser) -> None:
    with open_page(browser) as page:
        log_in(page, site, "kate")
        page.goto(f"{site.url}/calls/{CALL}?t=20")
        wait_until(
            lambda: page.evaluate("document.querySelector('audio').currentTime") == 20, seconds=20, what="the moment"
        )
        page.locator("#coach summary").click()
        expect(page.locator("#coach-at")).to_have_text("0:20")
        page.fill("#coach-text", "Здесь лучше назвать срок")
        page.get_by_role("button", name="Оставить заметку").click()
        page.wait_for_url(re.compile(rf"/calls/{re.escape(CALL)}$"))
    with open_page(browser) as page:
        log_in(page, site, "ivan")
        page.get_by_role("link", name="0:20").click()
        page.wait_for_selector("audio")
        wait_until(
            lambda: page.evaluate("document.querySelector('audio').currentTime") == 20, seconds=20, what="the moment"
        )
        page.go_back()
        page.get_by_role("button", name="Прочитано").click()
        expect(page.locator(".note-line .tag")).to_have_text("прочитано")


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: npm ci in api/web")
@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_pages_are_accessible_and_fit(site: Site, browser: Browser, width: int, scheme: str) -> None:
    options = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme, "bypass_csp": True}
    with transaction(site.engine) as db:
        kept = evaluations.list_evaluations(db, evaluations.WantedEvaluations()).evaluations
    # of calls that have sound; there is one once another test has evaluated
    own = [f"/quality/evaluations/{one.id}" for one in kept if not one.recording_id.startswith("recording-")]
    with open_page(browser, **options) as page:
        log_in(page, site, "boss")
        for path in (
            "/quality",
            "/quality/evaluations",
            *own[:1],
            f"/quality/evaluate?call={CALL}",
            f"/quality/person?agent={ME}",
            "/quality/draws",
            "/quality/calibrations",
            "/quality/scorecards",
            "/quality/scorecards/edit?example=ru/service",
            "/quality/agents",
        ):
            page.goto(f"{site.url}{path}")
            assert faults(page) == [], path
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, f"{path} is {wide} px too wide"
            if folder := os.environ.get("OTKLIK_SHOTS"):
                name = re.sub(r"\W+", "-", path).strip("-")[:40]
                page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)
