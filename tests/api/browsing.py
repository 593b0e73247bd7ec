"""Debian's Chromium on a running server: pages that must keep to their policy, and what axe-core finds in them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import Browser, Page

from tests.services import ROOT

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
AXE = ROOT / "api" / "web" / "node_modules" / "axe-core" / "axe.min.js"


@dataclass(slots=True)
class Watch:
    """What a page must not do."""

    elsewhere: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@contextmanager
def open_page(browser: Browser, **options: Any) -> Iterator[Page]:
    """A page that at its end has asked no other machine and broken no policy."""
    watch = Watch()
    context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **options})
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.on(
        "request", lambda r: None if urlsplit(r.url).hostname in ("127.0.0.1", None) else watch.elsewhere.append(r.url)
    )
    page.on("console", lambda m: watch.complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: watch.complaints.append(str(error)))
    yield page
    context.close()
    assert watch == Watch(), watch


PASSWORD = "correct horse"
"""Of everybody who logs in with a browser, unless a test says otherwise."""


def enter(page: Page, login: str, password: str = PASSWORD) -> None:
    """Give both on the log-in page; comes back when the next page is whole: its scripts listen to keys by then."""
    page.fill("#login", login)
    page.fill("#password", password)
    with page.expect_navigation(wait_until="load"):
        page.keyboard.press("Enter")


def faults(page: Page) -> list[str]:
    """Serious findings of axe-core on the page as it is."""
    page.add_script_tag(path=AXE)
    result = page.evaluate("axe.run({resultTypes: ['violations']})")
    return [
        f"{fault['id']}: {fault['help']}: {[node['html'][:160] for node in fault['nodes'][:3]]}"
        for fault in result["violations"]
        if fault["impact"] in ("serious", "critical")
    ]


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", timeout=1).is_success
    except httpx.TransportError:
        return False
