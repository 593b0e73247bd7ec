"""The page of figures in Chromium and over HTTP: numbers open their calls, terms live in the address."""

from __future__ import annotations

import csv
import io
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from pyarrow import parquet
from sqlalchemy import select

from api.demo_data.month import plan
from api.demo_data.write import write_agents, write_calls
from api.kit import auth
from api.kit.roles import Role
from recordings.database import connect, migrate, reading, transaction
from recordings.tables import AuditRow
from tests.api.browsing import answers, enter, faults, open_page
from tests.services import ROOT, free_port, process, wait_until

pytestmark = pytest.mark.browser

CALLS = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    url: str
    database: str
    token: str


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A running web server with a month of calls; olga reads Russian, kate English, pavel takes calls only."""
    folder = tmp_path_factory.mktemp("figures")
    database = f"sqlite:///{folder / 'otklik.db'}"
    migrate(database)
    engine = connect(database)
    with transaction(engine) as db:
        write_agents(db, ("ru", "en"))
        write_calls(
            db, plan(calls=CALLS, languages=("ru", "en"), seed=5, until=datetime.now(UTC)), sounding=frozenset()
        )
        auth.create_user(db, "olga", "correct horse", "ru", role=Role.ADMIN)
        auth.create_user(db, "kate", "correct horse", "en", role=Role.ADMIN)
        token = auth.create_token(db, "kate", "tests")
    engine.dispose()
    port = free_port()
    env = os.environ | {
        "OTKLIK_HOME": str(folder),
        "OTKLIK_SCENARIOS": str(folder),  # no conversations: they take seconds to load
        "OTKLIK_DATABASE_URL": database,
        "OTKLIK_AUDIO_URL": f"file://{folder / 'recordings'}",
        "OTKLIK_WEB_PORT": str(port),
        "PYTHONPATH": str(ROOT),
    }
    url = f"http://127.0.0.1:{port}"
    with process(sys.executable, "-m", "api", env=env, log=folder / "web.log"):
        wait_until(lambda: answers(url), seconds=60, what=f"the web server, see {folder / 'web.log'}")
        yield Site(url=url, database=database, token=token)


def open_figures(page: Page, site: Site, login: str, query: str = "") -> None:
    page.goto(f"{site.url}/figures{query}")
    enter(page, login)
    page.wait_for_selector("#main table")


def number(text: str) -> int:
    return int(re.sub(r"\D", "", text))


def test_a_number_opens_exactly_its_calls_and_these_their_page(site: Site, browser: Browser) -> None:
    with open_page(browser) as page:
        open_figures(page, site, "olga")
        expect(page.locator("h1")).to_have_text("Показатели")
        row = page.locator("#figure-abandonment")
        of_calls = number(row.locator("td").nth(3).inner_text())
        row.locator("summary").click()
        expect(row.locator("details p")).to_contain_text("ушли из очереди")
        share = float(row.locator("td.value").inner_text().split()[0].replace(",", "."))
        row.locator("td.value a").click()
        expect(page.locator("h1")).to_have_text("Не дождались · учтённые")
        lost = number(page.locator(".title .muted").inner_text().split("·")[0])
        assert share == pytest.approx(100 * lost / of_calls, abs=0.06)
        assert page.locator("#calls tbody tr").count() == min(lost, 50)
        page.locator("#calls a.open").first.click()
        expect(page.locator("h1")).not_to_have_text("Показатели")
        assert "/calls/demo-" in page.url


def test_terms_breakdown_and_plan_live_in_the_address(site: Site, browser: Browser) -> None:
    with open_page(browser) as page:
        open_figures(page, site, "kate")
        page.select_option("select[name=by]", "queue")
        page.select_option("select[name=language]", "ru")
        page.click(".terms summary")
        page.fill("#filters input[name=seconds]", "600")
        page.click("#filters button.primary")
        page.wait_for_url(re.compile("by=queue"))
        assert "language=ru" in page.url
        expect(page.locator("#figure-service_level details")).to_contain_text("within 600 s")
        expect(page.locator("#groups tbody th").first).not_to_be_empty()
        names = page.locator("#groups tbody th").all_inner_texts()
        assert {"delivery", "claims", "sales", "No queue"} == set(names)
        page.fill(".plan input[name=handling]", "240")
        page.fill(".plan input[name=patience]", "0")
        page.click(".plan button")
        page.wait_for_url(re.compile("handling=240"))
        assert "by=queue" in page.url
        people = [int(text) for text in page.locator("#staffing td.value").all_inner_texts()]
        assert people
        assert min(people) >= 1
        page.locator(".heat td a").first.click()
        expect(page.locator("h1")).to_contain_text(":00")


@pytest.mark.parametrize(("login", "theme"), [("olga", "light"), ("kate", "dark")])
def test_page_fits_a_telephone_and_has_no_serious_fault(site: Site, browser: Browser, login: str, theme: str) -> None:
    with open_page(browser, viewport={"width": 390, "height": 844}, color_scheme=theme, bypass_csp=True) as page:
        open_figures(page, site, login)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert faults(page) == []
        page.goto(f"{site.url}/figures?since=2020-01-01&until=2020-01-07")  # nobody rang then
        expect(page.locator("#figure-containment td.value")).to_have_text("—")
        expect(page.locator("#figure-calls td.value")).to_have_text("0")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert faults(page) == []


def test_programs_get_the_same_numbers_and_files(site: Site, tmp_path: Path) -> None:
    with httpx.Client(base_url=site.url, headers={"Authorization": f"Bearer {site.token}"}, timeout=60) as program:
        body = program.get("/api/figures", params={"by": "language", "zone": "Europe/Moscow"}).raise_for_status().json()
        found = {figure["name"]: figure for figure in body["figures"]}
        assert sum(group["figures"][0]["n"] for group in body["groups"]) == found["calls"]["n"]
        behind = program.get("/api/figures/calls", params={"figure": "csat", "part": "hits", "zone": "Europe/Moscow"})
        assert behind.raise_for_status().json()["total"] == found["csat"]["hits"]
        assert found["csat"]["low"] < found["csat"]["value"] < found["csat"]["high"]
        assert sum(map(sum, body["heat"])) == found["calls"]["n"]
        assert len(body["slots"]) == 48
        # an address that makes no sense shows what it can
        assert (
            program.get("/figures?since=x&until=9999-99-99&by=?&seconds=abc&day=&weeks=-1&offset=z").status_code == 200
        )
        assert program.get("/figures/calls?figure=luck").status_code == 404
        assert program.get("/figures/calls?by=day&name=never").status_code == 200
        assert program.get("/figures/export?what=secrets").status_code == 404
        asked = {"what": "calls", "language": "ru"}
        sheet = program.get("/figures/export", params=asked | {"form": "csv"}).raise_for_status()
        lines = list(csv.DictReader(io.StringIO(sheet.content.decode("utf-8-sig"), newline="")))
        assert lines
        assert {line["language"] for line in lines} == {"ru"}
        assert not any(re.search(r"\d{7}", line["caller"]) for line in lines)
        (tmp_path / "x.parquet").write_bytes(program.get("/figures/export", params=asked | {"form": "parquet"}).content)
        assert parquet.read_table(tmp_path / "x.parquet").num_rows == len(lines)
    engine = connect(site.database)
    with reading(engine) as db:
        noted = db.scalars(select(AuditRow).where(AuditRow.action == "export.made")).all()
    engine.dispose()
    assert [(line.login, line.subject, line.detail["rows"]) for line in noted] == [("kate", "calls", len(lines))] * 2
