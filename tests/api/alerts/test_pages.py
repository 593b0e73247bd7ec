"""The pages of alerts: seen, taken, closed; rules refused with their line; in Chromium, both themes, both widths."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine

from api.kit import auth
from api.kit.roles import Role
from recordings.alerts.alerts import (
    Alert,
    AlertState,
    deliveries_of,
    list_alerts,
    raise_once,
    running_alert_rules,
    settle,
)
from recordings.alerts.alerts import DeliveryState as Delivered
from recordings.database import connect, migrate, reading, transaction
from recordings.results.finding import Evidence
from recordings.tables import CallRow
from tests.api.browsing import AXE, answers, enter, faults, open_page
from tests.services import ROOT, free_port, process, wait_until

pytestmark = pytest.mark.browser

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOOK = "http://127.0.0.1:9/hook"


def fill(engine: Engine) -> None:
    """One call that mentions a court, told to a program that never answered."""
    with transaction(engine) as db:
        db.add(
            CallRow(
                id="1.7", started_at=NOW, answered_at=NOW, ended_at=NOW, caller_number="+79161234567", extension="1000",
                language="ru", scenario="s", scenario_version="v", engine="e", facts={},
            )
        )  # fmt: skip
        evidence = Evidence(
            start=12, end=15, quote="я подам в суд, мой номер восемь девятьсот шестнадцать сто двадцать"
        )
        alert = Alert(rule="court", contact_id="1.7", evidence=evidence, at=NOW)
        raise_once(db, alert, deliveries=[("webhook", HOOK)], body={})
    with reading(engine) as db:
        (delivery,) = deliveries_of(db, [alert.id])[alert.id]
    settle(engine, delivery, Delivered.GIVEN_UP, what="given up: the receiver answered 500", now=NOW)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("alerts")
    database = f"sqlite:///{folder / 'otklik.db'}"
    migrate(database)
    engine = connect(database)
    with transaction(engine) as db:
        auth.create_user(db, "olga", "correct horse", "ru", role=Role.SUPERVISOR)
    fill(engine)
    engine.dispose()
    port = free_port()
    env = os.environ | {"OTKLIK_HOME": str(folder), "OTKLIK_DATABASE_URL": database, "OTKLIK_WEB_PORT": str(port)}
    env |= {"PYTHONPATH": str(ROOT), "OTKLIK_SCENARIOS": str(folder)}  # no conversations: they take seconds to load
    url = f"http://127.0.0.1:{port}"
    with process(
        sys.executable,
        "-m",
        "api",
        env=env,
        log=folder / "web.log",
    ):
        wait_until(lambda: answers(url), seconds=60, what=f"the web server, see {folder / 'web.log'}")
        yield url


def log_in(page: Page, site: str) -> None:
    page.goto(f"{site}/alerts")
    enter(page, "olga")
    page.wait_for_selector(".page-head")


def test_rules_are_edited_and_a_faulty_change_is_refused(site: str, browser: Browser) -> None:
    with open_page(browser) as page:
        log_in(page, site)
        expect(page.locator(".alert h2")).to_have_text("Упомянут суд или надзор")
        page.click("text=Правила сигналов")
        text = page.locator("#text").input_value()
        page.fill("#text", text.replace("court", "lawsuit").replace("Упомянут суд или надзор", "Грозит судом"))
        page.click("text=Сохранить и включить")
        expect(page.locator(".notice")).to_contain_text("Правила включены")
        assert "Грозит судом" in page.locator("#text").input_value()


def test_an_alert_is_taken_closed_and_sent_again(site: str, browser: Browser) -> None:
    with open_page(browser) as page:
        log_in(page, site)
        page.click("summary:has-text('не доставлено')")
        expect(page.locator(".alert ol")).to_contain_text("500")
        page.click("text=Отправить снова")
        expect(page.locator(".alert summary")).to_contain_text("ждёт отправки")
        page.click("text=Взять в работу")
        expect(page.locator(".empty")).to_contain_text("Сигналов нет")
        page.select_option("select[name=state]", "seen")
        page.click("text=Показать")
        expect(page.locator(".alert")).to_contain_text("olga")
        assert page.locator(".alert h2 a").get_attribute("href") == "/calls/1.7?t=12.0"
        page.click(".alert-do >> text=Закрыть")
        page.goto(f"{site}/alerts?state=done")
        page.click("text=Открыть снова")
        page.goto(f"{site}/alerts")
        expect(page.locator(".alert")).to_have_count(1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_pages_are_accessible_and_fit(site: str, browser: Browser, scheme: str, width: int) -> None:
    if not AXE.exists():
        pytest.fail("axe-core is missing: run `npm ci` in api/web")
    options = {"color_scheme": scheme, "viewport": {"width": width, "height": 844}, "bypass_csp": True}
    found = {}
    with open_page(browser, **options) as page:
        log_in(page, site)
        for path in ("/alerts?state=all", "/alerts/rules"):
            page.goto(f"{site}{path}")
            found[path] = faults(page)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert found == {"/alerts?state=all": [], "/alerts/rules": []}


def test_words_are_shown_without_private_parts_and_faults_with_their_line(browser_of_olga: TestClient) -> None:
    engine = browser_of_olga.app.state.engine  # type: ignore[attr-defined]
    fill(engine)
    page = browser_of_olga.get("/alerts").text
    assert "я подам в суд" in page
    assert "девятьсот" not in page
    with reading(engine) as db:
        before = running_alert_rules(db)
        (alert,) = list_alerts(db)
    with transaction(engine) as db:
        csrf = page.split('name="csrf" value="')[1].split('"')[0]
    faulty = {"csrf": csrf, "text": "alerts:\n- name: x\n  title: {ru: а}\n"}
    answer = browser_of_olga.post("/alerts/rules", data=faulty)
    assert answer.status_code == 422
    assert "line 2" in answer.text or "строка 2" in answer.text
    assert "want a condition" in answer.text
    with reading(engine) as db:
        assert running_alert_rules(db) == before
    assert browser_of_olga.post(f"/alerts/{alert.id}/state", data={"csrf": "wrong", "state": "done"}).status_code == 403
    assert browser_of_olga.post(f"/alerts/{alert.id}/state", data={"csrf": csrf, "state": "done"}).status_code == 303
    with reading(engine) as db:
        assert list_alerts(db)[0].state is AlertState.DONE
