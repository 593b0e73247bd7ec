"""The choice of a mood beside an utterance, in Chromium."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
import uvicorn
from playwright.sync_api import Browser, expect

from api.app import create_app
from api.kit import auth
from api.kit.roles import Role
from api.settings import WebSettings
from recordings.audio_store import AudioStore
from recordings.database import transaction
from tests.api.browsing import answers, enter, faults, open_page
from tests.api.example import write_call
from tests.services import free_port, wait_until

pytestmark = pytest.mark.browser


@pytest.fixture
def address(web_settings: WebSettings, store: AudioStore) -> Iterator[str]:
    """Of a call's page on a running server."""
    app = create_app(web_settings)
    with transaction(app.state.engine) as db:
        auth.create_user(db, "olga", "correct horse", "ru", role=Role.ADMIN)
    example = write_call(app.state.engine, store)
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_until(lambda: answers(f"http://127.0.0.1:{port}"), seconds=30, what="the web server to answer")
    yield f"http://127.0.0.1:{port}/calls/{example.call.id}"
    server.should_exit = True
    thread.join()


def test_a_mood_is_corrected_with_two_clicks(address: str, browser: Browser) -> None:
    for width, theme in ((1440, "light"), (390, "dark")):
        options = {"viewport": {"width": width, "height": 900}, "color_scheme": theme, "bypass_csp": True}
        with open_page(browser, **options) as page:
            page.goto(address)
            enter(page, "olga")
            page.wait_for_selector("#turn-2")
            turn = page.locator("#turn-2")
            turn.hover()
            turn.locator("details.feeling summary").click()
            assert faults(page) == []
            turn.get_by_role("button", name="нейтрально").click()
            expect(turn.locator(".mood.neutral")).to_contain_text("нейтрально")
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            turn.hover()
            turn.locator("details.feeling summary").click()
            turn.get_by_role("button", name="Убрать исправление").click()
            expect(turn.locator(".mood.negative")).to_be_visible()
