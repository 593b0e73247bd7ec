"""The web application on a database of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, sync_playwright

from api.app import create_app
from api.chat.runtime import ChatRuntime
from api.kit import auth
from api.kit.roles import Role
from api.settings import WebSettings
from ivr.settings import RobotSettings
from recordings.audio_store import AudioStore
from recordings.database import transaction
from tests.api.browsing import ARGUMENTS, CHROMIUM


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture
def web_settings(database_url: str, tmp_path: Path) -> WebSettings:
    nowhere = "redis://127.0.0.1:1/0"
    return WebSettings(
        database_url=database_url, audio_url=f"file://{tmp_path / 'sound'}", redis_url=nowhere, web_https=False
    )


@pytest.fixture
def store(web_settings: WebSettings) -> AudioStore:
    return AudioStore(web_settings.audio_url)


@pytest.fixture
def visitor(web_settings: WebSettings) -> Iterator[TestClient]:
    """A browser nobody is logged in with; the user olga is there."""
    app = create_app(web_settings)
    with transaction(app.state.engine) as db:
        auth.create_user(db, "olga", "correct horse", "ru", role=Role.ADMIN)
    with TestClient(app, follow_redirects=False, headers={"Accept": "text/html", "Accept-Language": "en"}) as client:
        yield client


@pytest.fixture
def browser_of_olga(visitor: TestClient) -> TestClient:
    """A browser olga is logged in with."""
    assert visitor.post("/login", data={"login": "olga", "password": "correct horse"}).status_code == 303
    return visitor


@pytest.fixture
def program(visitor: TestClient) -> TestClient:
    """A program with an API token of olga."""
    with transaction(visitor.app.state.engine) as db:  # type: ignore[attr-defined]
        token = auth.create_token(db, "olga", "tests")
    visitor.headers.update({"Authorization": f"Bearer {token}", "Accept": "application/json"})
    return visitor


@pytest.fixture
def chat_runtime(visitor: TestClient, tmp_path: Path) -> ChatRuntime:
    """The server's conversations in writing, by a short scenario and a shop of their own."""
    settings = RobotSettings(
        scenarios=str(Path(__file__).parent / "scenarios"), shop_url=f"sqlite:///{tmp_path / 'shop.db'}"
    )
    app = visitor.app
    app.state.chat_runtime = ChatRuntime(app.state.engine, settings)  # type: ignore[attr-defined]
    return app.state.chat_runtime  # type: ignore[attr-defined, no-any-return]
