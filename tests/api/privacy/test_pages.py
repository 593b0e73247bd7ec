"""Who guards personal data at work, in Debian's Chromium on the real server."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from api.kit import auth
from api.kit.roles import Role
from recordings.audio_store import AudioStore
from recordings.database import connect, migrate, transaction
from tests.api.browsing import answers, enter, faults, open_page
from tests.api.example import write_call
from tests.services import ROOT, free_port, process, wait_until

pytestmark = pytest.mark.browser

PHONE = "+79161234567"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    url: str
    folder: Path
    env: dict[str, str]


@pytest.fixture
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("privacy")
    database, sound = f"sqlite:///{folder / 'otklik.db'}", f"file://{folder / 'recordings'}"
    migrate(database)
    engine, store = connect(database), AudioStore(sound)
    with transaction(engine) as db:
        auth.create_user(db, "olga", "correct horse", "ru", role=Role.ADMIN)
        auth.create_user(db, "sven", "correct horse", "en", role=Role.SUPERVISOR)
    write_call(engine, store)
    engine.dispose()
    (folder / "retention.yaml").write_text(
        "rules:\n- {keep: sound, days: 90, outcome: settled}\n- {keep: call, days: 1095}\n", encoding="utf-8"
    )
    port = free_port()
    env = os.environ | {
        "OTKLIK_HOME": str(folder),
        "OTKLIK_SCENARIOS": str(folder),  # no conversations: they take seconds to load
        "OTKLIK_REDIS_URL": "redis://127.0.0.1:1/0",
        "OTKLIK_DATABASE_URL": database,
        "OTKLIK_AUDIO_URL": sound,
        "OTKLIK_WEB_PORT": str(port),
        "PYTHONPATH": str(ROOT),
    }
    url = f"http://127.0.0.1:{port}"
    with process(sys.executable, "-m", "api", env=env, log=folder / "web.log"):
        wait_until(lambda: answers(url), seconds=60, what=f"the web server, see {folder / 'web.log'}")
        yield Site(url=url, folder=folder, env=env)


def log_in(page: Page, site: Site, login: str, path: str) -> None:
    page.goto(site.url + path)
    enter(page, login)
    page.wait_for_url(site.url + path)


def find(page: Page, site: Site, phone: str) -> None:
    page.goto(f"{site.url}/privacy")
    page.fill("#phone", phone)
    page.keyboard.press("Enter")


def look(page: Page, site: Site) -> None:
    """Every tab: accessible and not wider than the screen."""
    for path in ("/holds", "/retention", "/audit", "/erasures"):
        page.goto(f"{site.url}/privacy{path}")
        assert faults(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_a_person_is_found_held_exported_and_erased(site: Site, browser: Browser, tmp_path: Path) -> None:
    with open_page(browser, viewport={"width": 390, "height": 844}, bypass_csp=True) as page:
        log_in(page, site, "olga", "/privacy")
        find(page, site, "12")
        expect(page.locator("#fault")).to_contain_text("Это не похоже на номер телефона")
        find(page, site, "8 916 123-45-67")
        expect(page.locator("#found-title")).to_contain_text(PHONE)
        expect(page.locator(".counts")).to_contain_text("Звонки")
        assert faults(page) == []

        page.goto(f"{site.url}/privacy/holds")
        page.fill("#phone", PHONE)
        page.fill("#reason", "Запрос суда")
        page.keyboard.press("Enter")
        expect(page.locator("tbody")).to_contain_text("Запрос суда")
        assert PHONE not in page.content()
        find(page, site, PHONE)
        expect(page.locator("#held")).to_contain_text("Запрос суда")
        expect(page.locator("#erase")).to_have_count(0)
        page.goto(f"{site.url}/privacy/holds")
        page.get_by_role("button", name="Снять").click()
        expect(page.locator("tbody")).to_contain_text("Снят")

        find(page, site, PHONE)
        with page.expect_download() as download:
            page.click("#export")
        download.value.save_as(tmp_path / "person.zip")
        with zipfile.ZipFile(tmp_path / "person.zip") as archive:
            assert "person.json" in archive.namelist()

        look(page, site)


def test_erasing_wants_the_number_twice_and_leaves_a_receipt(site: Site, browser: Browser) -> None:
    with open_page(browser, bypass_csp=True, color_scheme="dark") as page:
        log_in(page, site, "olga", "/calls/1795327401.7")
        page.click("#original")
        expect(page.locator("#is-original")).to_be_visible()
        find(page, site, PHONE)
        page.fill("#again", "+79161234560")
        page.click("#erase")
        expect(page.locator("#fault")).to_contain_text("Номера не совпали")
        page.fill("#again", "8 (916) 123-45-67")
        page.click("#erase")
        page.wait_for_url("**/privacy/erasures/*")
        expect(page.locator(".erasure")).to_contain_text("Стирание идёт")
        assert faults(page) == []
        task = "from analytics.worker.retention_task import go_on_with_erasures as task; task()"
        subprocess.run([sys.executable, "-c", task], env=site.env, cwd=ROOT, check=True)
        expect(page.locator(".erasure")).to_contain_text("Готово")
        assert PHONE not in page.content()
        assert faults(page) == []
        find(page, site, PHONE)
        expect(page.locator("#main")).to_contain_text("На этот номер ничего нет")
        page.goto(f"{site.url}/privacy/audit?q=person.erased")
        expect(page.locator("tbody tr")).to_have_count(1)
        expect(page.locator(".notice")).to_contain_text("Цепочка цела")
        page.goto(f"{site.url}/privacy/audit?q=original.read")
        expect(page.locator("tbody")).to_contain_text("1795327401.7")
        assert not list((site.folder / "recordings").rglob("*.wav"))


def test_others_see_nothing_of_it(site: Site, browser: Browser) -> None:
    with open_page(browser) as page:
        log_in(page, site, "sven", "/calls")
        expect(page.locator(".rail nav")).not_to_contain_text("Privacy")
