"""The web application: pages, JSON interface, sound."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError, version
from threading import Thread

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from sqlalchemy import text

from api.alerts import pages as alert_pages
from api.calls import api as calls
from api.calls import pages as call_pages
from api.calls import sentiment_correction
from api.chat import pages as chat
from api.chat import webhook
from api.chat.runtime import ChatRuntime
from api.customers import api as customers
from api.customers import pages as customer_pages
from api.figures import api as figures
from api.figures import pages as figures_pages
from api.kit import problems
from api.kit.assets import static_files
from api.kit.bounds import Bounds
from api.kit.deps import Db, Viewer
from api.kit.forwarded import ForwardedHeaders
from api.kit.render import error_page, render
from api.kit.security_headers import SecurityHeaders
from api.login import account_pages
from api.login import pages as login_pages
from api.operations import logins
from api.privacy import pages as privacy_pages
from api.quality import api as evaluations
from api.quality import evaluation_pages, sampling_pages, scorecard_pages
from api.quality import pages as quality_pages
from api.rules import pages as rules_pages
from api.settings import WebSettings
from api.topics import pages as topics_pages
from api.users import pages as users_pages
from api.work import pages as work_pages
from recordings.audio_store import AudioStore
from recordings.database import connect

ABOUT = """Calls, their sound, words and findings; customers and what they wrote, for programs.

Send an API token (`otklik users token LOGIN`) as `Authorization: Bearer …`; a browser that is logged in needs none.
Errors are problem details by RFC 9457: `code` is for programs, `detail` says what to do. Times are UTC, spans are
seconds from the start of the recording.
"""

ROUTERS = tuple(
    part.router
    for part in (
        calls,
        customers,
        evaluations,
        webhook,
        chat,
        customer_pages,
        figures,
        figures_pages,
        work_pages,
        alert_pages,
        rules_pages,
        quality_pages,
        evaluation_pages,
        sampling_pages,
        scorecard_pages,
        privacy_pages,
        topics_pages,
        sentiment_correction,
        login_pages,
        account_pages,
        users_pages,
        call_pages,
    )
)
"""What each noun answers: a line a module. Of two routes with one address the first counts."""


class Health(BaseModel):
    """The server answers and reaches its database."""

    status: str
    version: str


def create_app(settings: WebSettings) -> FastAPI:
    """The application over one database and one store of sound."""
    engine = connect(settings.database_url)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        app.state.chat_runtime.close()
        engine.dispose()

    app = FastAPI(
        title="Otklik",
        version=_version(),
        description=ABOUT,
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    app.state.settings = settings
    app.state.engine = engine
    app.state.store = AudioStore(settings.audio_url)
    app.state.note_token_used = logins.note_token_used
    app.state.ignored_proxies = set()
    app.state.chat_runtime = ChatRuntime(engine)
    app.state.chat_bounds = chat.Bounds()

    def ignored(address: str) -> None:
        app.state.ignored_proxies.add(address)
        Thread(target=logins.note_ignored_proxy, args=(engine, address), name="ignored proxy").start()

    app.add_middleware(Bounds)
    app.add_middleware(SecurityHeaders, https=settings.web_https, chat_origins=settings.chat_origins)
    app.add_middleware(ForwardedHeaders, trusted=settings.trusted_proxies, ignored=ignored)
    problems.install(app, error_page)
    for router in ROUTERS:
        app.include_router(router)
    app.mount("/static", static_files(), name="static")

    @app.get("/health", tags=["server"])
    def health(db: Db) -> Health:
        """Whether the server answers and reaches its database; needs no log-in."""
        db.execute(text("SELECT 1"))
        return Health(status="ok", version=_version())

    @app.get("/docs", include_in_schema=False)
    def docs(request: Request, _viewer: Viewer) -> Response:
        return render(request, "kit/docs.html")

    @app.get("/openapi.json", include_in_schema=False)
    def openapi(_viewer: Viewer) -> Response:
        return JSONResponse(app.openapi())

    return app


def _version() -> str:
    try:
        return version("otklik")
    except PackageNotFoundError:
        return "0"
