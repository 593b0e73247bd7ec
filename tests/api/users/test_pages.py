"""An administrator and a newcomer at work, in Debian's Chromium: users, drawn password, second factor, own account."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from time import time

import pyotp
import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect
from pydantic import SecretStr

from api.app import create_app
from api.kit import auth
from api.kit.roles import Role
from api.settings import WebSettings
from recordings.database import migrate, transaction
from tests.api.browsing import answers, enter, faults, open_page
from tests.services import free_port, wait_until

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 390, "height": 844}, "bypass_csp": True, "color_scheme": "dark"}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    database = f"sqlite:///{tmp_path / 'otklik.db'}"
    migrate(database)
    app = create_app(
        WebSettings(
            database_url=database,
            audio_url=f"file://{tmp_path / 'sound'}",
            web_https=False,
            second_factor="originals",
            login_secret=SecretStr("secret of this installation"),
        )
    )
    with transaction(app.state.engine) as db:
        auth.create_user(db, "olga", "correct horse", "ru", role=Role.ADMIN)
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_until(lambda: answers(f"http://127.0.0.1:{port}"), seconds=10, what="the web server to answer")
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


def log_in(page: Page, site: str, login: str, password: str) -> None:
    page.goto(f"{site}/login?next=/calls")
    enter(page, login, password)
    expect(page).not_to_have_url(re.compile("/login[?]"))


def look(page: Page, name: str) -> None:
    """Accessible and not wider than the screen; ``OTKLIK_SCREENSHOTS`` keeps a picture."""
    if folder := os.environ.get("OTKLIK_SCREENSHOTS"):
        page.screenshot(path=f"{folder}/{name}-{page.viewport_size['width'] if page.viewport_size else 0}.png", full_page=True)  # fmt: skip  # noqa: E501
    assert faults(page) == [], name
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name


def test_a_newcomer_from_the_first_password_to_the_second_factor(site: str, browser: Browser) -> None:
    with open_page(browser, bypass_csp=True) as page:
        log_in(page, site, "olga", "correct horse")
        expect(page).to_have_url(re.compile("/account/factor"))
        look(page, "wanted")
        page.get_by_role("link", name="Позже").click()
        expect(page).to_have_url(f"{site}/calls")
        page.get_by_role("link", name="Пользователи").click()
        page.fill("#login", "sven")
        page.select_option("#role", "supervisor")
        page.select_option("#language", "en")
        page.get_by_role("button", name="Добавить").click()
        password = page.locator("#secret").inner_text()
        look(page, "users")
        page.get_by_role("link", name="sven").click()
        look(page, "user")

    with open_page(browser, **PHONE) as page:
        log_in(page, site, "sven", password)
        expect(page).to_have_url(f"{site}/account/password")
        look(page, "password")
        page.fill("#old", password)
        page.fill("#new", "battery staple")
        page.fill("#again", "battery staple")
        page.keyboard.press("Enter")
        expect(page).to_have_url(f"{site}/account/factor")
        expect(page.get_by_role("img", name="QR code")).to_be_visible()
        look(page, "factor")
        made = pyotp.TOTP(page.locator("#key").inner_text().replace(" ", ""))
        page.fill("#code", made.at(time() - 30))
        page.keyboard.press("Enter")
        expect(page.locator("#codes li")).to_have_count(10)
        look(page, "recovery")
        recovery = page.locator("#codes li").first.inner_text()
        page.goto(f"{site}/calls?original=1")
        expect(page).to_have_url(f"{site}/calls?original=1")
        page.goto(f"{site}/account/factor")
        look(page, "factor-on")
        page.goto(f"{site}/account")
        page.get_by_role("button", name="Log out").click()
        log_in(page, site, "sven", "battery staple")
        expect(page).to_have_url(re.compile("/login/code"))
        look(page, "code")
        page.fill("#code", recovery)
        page.keyboard.press("Enter")
        expect(page).to_have_url(f"{site}/calls")
        page.goto(f"{site}/account")
        page.fill("#name", "report")
        page.get_by_role("button", name="Make a token").click()
        expect(page.locator("#secret")).to_contain_text("otk_")
        look(page, "account")
        page.get_by_role("button", name="Revoke: report").click()
        expect(page.get_by_role("button", name="Revoke: report")).to_have_count(0)


def test_who_is_switched_off_is_out_of_their_browser(site: str, browser: Browser) -> None:
    with open_page(browser, bypass_csp=True) as page, open_page(browser) as other:
        log_in(page, site, "olga", "correct horse")
        page.goto(f"{site}/users")
        page.fill("#login", "ann")
        page.select_option("#role", "analyst")
        page.get_by_role("button", name="Добавить").click()
        log_in(other, site, "ann", page.locator("#secret").inner_text())
        expect(other).to_have_url(f"{site}/account/password")
        page.get_by_role("link", name="ann").click()
        expect(page.get_by_role("heading", name="Сеансы")).to_be_visible()
        look(page, "user-open")
        page.get_by_role("button", name="Отключить").click()
        expect(page.get_by_role("button", name="Включить")).to_be_visible()
        other.reload()
        expect(other).to_have_url(re.compile("/login"))
        page.fill("#again", "ann")
        page.get_by_role("button", name="Удалить").click()
        expect(page).to_have_url(f"{site}/users")
        expect(page.get_by_role("link", name="ann")).to_have_count(0)
