"""The built documentation in Debian's Chromium: it asks no other machine, and is searched in both languages."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, Response, expect, sync_playwright

from tests.api.browsing import ARGUMENTS, CHROMIUM
from tests.services import ROOT, free_port, process, wait_until

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the pages as ``make docs`` builds them."""
    folder: Path = tmp_path_factory.mktemp("docs")
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"],
        cwd=ROOT,
        env=os.environ | {"OTKLIK_DOCS_DIR": str(folder), "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert (built.returncode, built.stdout, built.stderr) == (0, "", "")
    port = free_port()
    server = (sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", folder)
    address = f"http://127.0.0.1:{port}"
    with process(*server, log=folder / "server.log"):
        wait_until(lambda: _answers(address), seconds=30, what="the pages to be served")
        yield address


@pytest.fixture
def page(browser: Browser, site: str) -> Iterator[Page]:
    """A page that at its end has asked no other machine, and missed no file.

    Material asks the folder of each page for a ``sitemap.xml``, to change languages by; the menu does without.
    """
    tab = browser.new_page()
    answers: list[Response] = []
    tab.on("response", lambda answer: answers.append(answer))
    yield tab
    tab.close()
    asked = {(answer.url, answer.status) for answer in answers if not answer.url.endswith("/sitemap.xml")}
    assert {url for url, status in asked if not url.startswith(site) or status >= 400} == set()


def _answers(address: str) -> bool:
    try:
        return httpx.get(address, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


PAGES = [
    ("index.html", "en", "Otklik"),
    ("ru/index.html", "ru", "Отклик"),
    ("ru/settings.html", "ru", "Настройки"),
    ("commands.html", "en", "Command line"),
    ("ru/decisions/house.html", "ru", "The house"),
]


@pytest.mark.parametrize(("path", "language", "title"), PAGES, ids=[page[0] for page in PAGES])
def test_a_page_asks_nobody_else(page: Page, site: str, path: str, language: str, title: str) -> None:
    page.goto(f"{site}/{path}", wait_until="networkidle")
    expect(page.locator("h1")).to_contain_text(title)
    assert page.locator("html").get_attribute("lang") == language


FOUND = [("ru/index.html", "перезвон", "Телефония и транки"), ("index.html", "outbox", "Dialogue")]
READY = re.compile("Type to start searching|Начните печатать для поиска")


@pytest.mark.parametrize(("path", "word", "found"), FOUND, ids=["ru", "en"])
def test_pages_are_searched_without_a_server(page: Page, site: str, path: str, word: str, found: str) -> None:
    """In Russian by the stem: «перезвонить» is found, too."""
    page.goto(f"{site}/{path}")
    page.locator(".md-search__input").click()
    expect(page.locator(".md-search-result__meta")).to_have_text(READY, timeout=30_000)  # the index is read
    page.locator(".md-search__input").press_sequentially(word)
    page.locator(".md-search__input").press("End")  # Cyrillic is put in without the keyup that the search waits for
    expect(page.locator(".md-search-result__item").filter(has_text=found).first).to_be_visible(timeout=30_000)
