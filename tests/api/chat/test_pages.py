"""A visitor writes in the chat, and a supervisor reads it: Debian's Chromium on the real server."""

from __future__ import annotations

import http.server
import os
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from api.kit import auth
from api.kit.roles import Role
from recordings.audio_store import AudioStore
from recordings.database import connect, migrate, transaction
from tests.api.browsing import AXE, answers, enter, faults, open_page
from tests.api.customers.test_customers import write_chat
from tests.api.example import write_call
from tests.services import ROOT, free_port, process, wait_until

pytestmark = pytest.mark.browser

SCRIPT = "<script>document.title='hacked'</script><img src=x onerror=alert(1)>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A running server, and somebody else's site that shows its chat."""

    url: str
    site: str


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("shop")
    database, sound = f"sqlite:///{folder / 'otklik.db'}", f"file://{folder / 'recordings'}"
    migrate(database)
    engine = connect(database)
    with transaction(engine) as db:
        auth.create_user(db, "olga", "correct horse", "ru", role=Role.ADMIN)
    write_call(engine, AudioStore(sound))
    write_chat(engine)
    engine.dispose()
    port, other = free_port(), free_port()
    url, site = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{other}"
    env = os.environ | {
        "OTKLIK_HOME": str(folder),
        "OTKLIK_DATABASE_URL": database,
        "OTKLIK_AUDIO_URL": sound,
        "OTKLIK_WEB_PORT": str(port),
        "OTKLIK_SCENARIOS": str(Path(__file__).parents[1] / "scenarios"),
        "OTKLIK_SHOP_URL": f"sqlite:///{folder / 'shop.db'}",
        "OTKLIK_CHAT_ORIGINS": f'["{site}"]',
        "PYTHONPATH": str(ROOT),
    }
    (folder / "site").mkdir()
    script = f'<script type="module" src="{url}/widget.js?language=ru"></script>'
    page = f'<!doctype html><link rel="icon" href="data:,"><title>Shop</title><p>Flowers</p>{script}'
    (folder / "site" / "index.html").write_text(page, encoding="utf-8")
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=str(folder / "site"))
    with (
        process(sys.executable, "-m", "api", env=env, log=folder / "web.log"),
        http.server.ThreadingHTTPServer(("127.0.0.1", other), handler) as server,
    ):
        threading.Thread(target=server.serve_forever, daemon=True).start()
        wait_until(lambda: answers(url), seconds=60, what=f"the web server, see {folder / 'web.log'}")
        yield Shop(url=url, site=site)
        server.shutdown()


def write(page: Page, text: str) -> None:
    page.locator("#text").fill(text)
    page.keyboard.press("Enter")


def test_a_visitor_asks_about_an_order_and_a_reload_keeps_it(shop: Shop, browser: Browser) -> None:
    with open_page(browser) as page:
        page.goto(f"{shop.url}/chat?language=ru&utm_source=yandex")
        expect(page.locator(".line")).to_have_count(2)
        expect(page.locator("#suggestions button")).to_have_text(["Запись", "Время"])
        write(page, "где мой заказ 4127?")
        expect(page.locator(".line").nth(3)).to_contain_text("передан курьеру")
        expect(page.locator("#typing")).to_be_hidden()
        write(page, SCRIPT)
        expect(page.locator(".line").nth(6)).to_be_visible()
        page.reload()
        expect(page.locator(".line")).to_have_count(7)
        expect(page.locator(".line.mine").nth(1)).to_contain_text(SCRIPT)
        expect(page.locator(".line").nth(3)).to_contain_text("Заказ 4127")
        assert page.title() == "Напишите нам"
        page.locator("#suggestions button", has_text="Нет").click()
        expect(page.locator("#state")).to_contain_text("Разговор завершён")


def test_the_button_asks_for_a_person(shop: Shop, browser: Browser) -> None:
    with open_page(browser) as page:
        page.goto(f"{shop.url}/chat?language=ru")
        page.locator("#person").click()
        expect(page.locator(".line").last).to_contain_text("Перезвонить вам?")


def test_what_is_too_long_comes_back_to_be_mended(shop: Shop, browser: Browser) -> None:
    with open_page(browser) as page:
        page.goto(f"{shop.url}/chat?language=ru")
        expect(page.locator(".line")).to_have_count(2)
        write(page, "слово " * 2500)
        expect(page.locator(".line.failed .why")).to_contain_text("слишком длинное")
        expect(page.locator("#text")).not_to_be_empty()


def test_the_chat_is_shown_on_another_site(shop: Shop, browser: Browser) -> None:
    with open_page(browser) as page:
        page.goto(f"{shop.site}/index.html?utm_source=partner")
        opener = page.get_by_role("button", name="Написать нам")
        opener.click()
        inside = page.frame_locator("iframe")
        inside.locator("#text").fill("4127")
        inside.locator("#text").press("Enter")
        expect(inside.locator(".line").nth(3)).to_contain_text("передан курьеру")
        page.get_by_role("button", name="Закрыть чат").click()
        expect(page.locator("iframe")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_pages_are_accessible_and_fit(shop: Shop, browser: Browser, scheme: str, width: int) -> None:
    if not AXE.exists():
        pytest.fail("axe-core is missing: run `npm ci` in api/web")
    # the checker itself is put in past the policy of the page, which other tests hold to
    options = {"color_scheme": scheme, "viewport": {"width": width, "height": 844}, "bypass_csp": True}
    with open_page(browser, **options) as page:
        page.goto(f"{shop.url}/chat?language=ru")
        write(page, "где мой заказ 4127?")
        expect(page.locator(".line").nth(4)).to_be_visible()
        expect(page.locator(".line.waiting")).to_have_count(0)
        found = [faults(page)]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.goto(f"{shop.url}/login")
        enter(page, "olga")
        page.wait_for_selector("#calls table")
        for path in ("/customers", "/customers/7", "/chats/chat-1", "/callbacks"):
            page.goto(shop.url + path)
            found.append(faults(page))
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    assert found == [[]] * 5


def test_a_supervisor_goes_from_the_call_to_the_chat_by_keyboard(shop: Shop, browser: Browser) -> None:
    with open_page(browser) as page:
        page.goto(f"{shop.url}/login?next=/customers")
        enter(page, "olga")
        page.wait_for_selector("#customers table")
        page.keyboard.press("/")
        page.keyboard.type("смирнова")
        expect(page.locator("#customers tbody tr")).to_have_count(1)
        page.wait_for_url("**q=*")
        page.locator("#q").blur()
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        page.wait_for_url("**/customers/7")
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        page.wait_for_url("**/chats/chat-1")
        expect(page.locator(".turns")).to_contain_text("где мой заказ 4127")
