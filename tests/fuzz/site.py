"""The whole web application with something on each of its pages, and who asks it."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import select
from starlette.routing import BaseRoute

from api.app import create_app
from api.chat.runtime import ChatRuntime
from api.demo_data.examine import examine_all, prepare
from api.demo_data.month import plan
from api.demo_data.quality import evaluate_some
from api.demo_data.write import write_agents, write_calls
from api.kit import auth
from api.kit.problems import OVERTAKEN
from api.kit.roles import Role
from api.settings import WebSettings
from ivr.business.signature import headers
from ivr.settings import RobotSettings
from recordings.database import reading, transaction
from recordings.tables import Table, UserRow
from tests.api.alerts.test_pages import fill
from tests.api.example import write_call
from tests.api.topics.test_pages import plant
from tests.fuzz.run import SLOW, Fault

LANGUAGES = ("ru", "en")
WEBHOOK, SECRET = "mail", "a secret of the mail bridge"
SCENARIOS = Path(__file__).parents[1] / "api" / "scenarios"
MOST_IDS = 4
"""Rows of a table that addresses name."""
STRANGER = "stranger"
"""Who is not logged in."""


@contextmanager
def site(url: str, folder: Path) -> Iterator[FastAPI]:
    """The application over a migrated database: calls, topics, alerts, evaluations and users of each role are there."""
    settings = WebSettings(
        database_url=url,
        audio_url=f"file://{folder / 'sound'}",
        redis_url="redis://127.0.0.1:1/0",
        webhooks={WEBHOOK: SecretStr(SECRET)},
        web_https=False,
        second_factor="off",
    )
    app = create_app(settings)
    engine = app.state.engine
    app.state.chat_runtime = ChatRuntime(
        engine, RobotSettings(scenarios=str(SCENARIOS), shop_url=f"sqlite:///{folder / 'shop.db'}")
    )
    plant(engine, app.state.store)
    write_call(engine, app.state.store, language="en", call_id="1795327402.7")
    fill(engine)
    with transaction(engine) as db:
        write_agents(db, LANGUAGES)
        write_calls(db, plan(calls=20, languages=LANGUAGES, seed=1, until=datetime.now(UTC)), sounding=frozenset())
    prepare(engine, LANGUAGES)
    examine_all(engine, LANGUAGES, advance=lambda _: None)
    with transaction(engine) as db:
        evaluate_some(db, seed=1)
        for login in (*Role, "one", "another"):
            role = Role(login) if login in set(Role) else Role.ANALYST
            auth.create_user(db, login, "correct horse", "en", role=role)
    with TestClient(app):
        yield app


def routes(app: FastAPI) -> list[APIRoute]:
    """Each page, form and operation; hidden from the description or not."""
    found = [route for route in _all(app.router.routes) if isinstance(route, APIRoute)]
    return sorted(found, key=lambda route: (route.path, sorted(route.methods or ())))


def _all(found: Iterable[BaseRoute]) -> Iterator[BaseRoute]:
    """Also those of included routers, which FastAPI keeps as they are."""
    for route in found:
        inner = getattr(route, "original_router", None)
        if isinstance(inner, APIRouter):
            yield from _all(inner.routes)
        else:
            yield route


@dataclass(slots=True, kw_only=True)
class Visitors:
    """Headers by which the application knows who asks: a browser of each role, and of nobody."""

    app: FastAPI
    known: dict[str, Mapping[str, str]] = field(default_factory=dict)

    def headers(self, who: str) -> Mapping[str, str]:
        """Of a role, or of the stranger; logs in who is not."""
        if who not in self.known:
            self.known[who] = {} if who == STRANGER else self._log_in(Role(who))
        return self.known[who]

    def forget(self, who: str) -> None:
        """They log in anew: their session was ended."""
        self.known.pop(who, None)

    def _log_in(self, role: Role) -> Mapping[str, str]:
        engine = self.app.state.engine
        with transaction(engine) as db:
            row = auth.find_user(db, role)
            cookie = auth.open_session(db, auth.user_of(db, row), hours=1, factor=True)
        with reading(engine) as db:
            session = auth.session_user(db, cookie)
        assert session
        return {"cookie": f"otklik_session={cookie}", "x-csrf-token": session[0].csrf}


def signed(body: str) -> tuple[bytes, dict[str, str]]:
    """A message of the bridge and its headers."""
    sent = body.encode("utf-8", "surrogatepass")
    return sent, headers(SECRET, "POST", f"/webhooks/{WEBHOOK}", sent, now=time.time())


def ids(app: FastAPI) -> Mapping[str, Sequence[str]]:
    """Keys of what is there, by the table's name and the key's; the roles' own users are left alone."""
    found: dict[str, Sequence[str]] = {}
    with reading(app.state.engine) as db:
        own = set(db.scalars(select(UserRow.id).where(UserRow.login.in_(list(Role)))))
        for mapper in Table.registry.mappers:
            key = mapper.primary_key[0]
            query = select(key).where(key.not_in(own)).distinct().order_by(key).limit(MOST_IDS)
            found[f"{key.table.name} {key.name}"] = [str(one) for one in db.scalars(query)]
    return {name: keys for name, keys in sorted(found.items()) if keys}


def judged(name: str, told: list[str], ask: Callable[[], tuple[int, str]]) -> Fault | int:
    """The status of an answer, or what is wrong with it. ``ask`` gives status and text."""
    began = time.process_time()
    try:
        status, text = ask()
    except (Exception, RecursionError) as error:  # noqa: BLE001 (each is a fault of ours)
        ours = [one for one in traceback.extract_tb(error.__traceback__) if "/.venv/" not in one.filename][-1]
        what = f"{name}: {type(error).__name__} at {Path(ours.filename).name}:{ours.lineno}"
        return Fault(what=what, input=told, trace="".join(traceback.format_exception(error)[-8:]))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Fault(what=f"{name}: {status}", input=told, trace=text[:300])
    if status == HTTPStatus.CONFLICT and OVERTAKEN in text:  # by nobody: one asks at a time
        return Fault(what=f"{name}: a row that is not there", input=told, trace=text[:300])
    if (spent := time.process_time() - began) > SLOW:
        return Fault(what=f"{name}: slow", input=told, trace=f"{spent:.1f} s")
    return status
