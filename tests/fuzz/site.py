"""The web application, attacked from without: every page, form and operation, as each role.

``python -m tests.fuzz site --runs N --seed S`` walks the routes with inputs of this folder; schemathesis takes the API
by its own description (``tests/fuzz/test_site.py``).
"""

from __future__ import annotations

import random
import shutil
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from api.app import ROUTERS, create_app
from api.kit import auth
from api.kit.roles import Role
from api.settings import WebSettings
from recordings.database import transaction
from tests.api.example import write_call
from tests.fuzz import examples
from tests.fuzz.making import SIGNS, VALUES, Dice, mutated
from tests.fuzz.run import Fault, Tally

TEXTS = tuple(
    mutated(text)
    for text in (examples.ALERTS[0], examples.DICTIONARY, examples.SCORECARD, examples.RUSSIAN, "2026-11-30")
)
SECRET = "correct horse"
LEFT_ALONE = {"/logout", "/login"}
"""Which would end the walk: forms of the log-in are attacked by nobody's browser."""


@contextmanager
def site(template: Path, folder: Path) -> Iterator[FastAPI]:
    """The application over a database with two calls in it, and a user of each role, called as the role."""
    database = folder / "otklik.db"
    shutil.copy(template, database)
    settings = WebSettings(
        database_url=f"sqlite:///{database}", audio_url=f"file://{folder / 'sound'}", redis_url="redis://127.0.0.1:1/0"
    )
    app = create_app(settings)
    with transaction(app.state.engine) as db:
        for role in Role:
            auth.create_user(db, role, SECRET, "en", role=role)
    write_call(app.state.engine, app.state.store)
    with TestClient(app):
        yield app


def browser(app: FastAPI, role: Role) -> TestClient:
    """A browser that role is logged in with; faults of the server are raised here."""
    client = TestClient(app, follow_redirects=False, headers={"Accept": "text/html", "Accept-Language": "en"})
    with transaction(app.state.engine) as db:
        user = auth.sign_in(db, role, SECRET)
        assert user
        client.cookies.set("otklik_session", auth.open_session(db, user, hours=1))
    with transaction(app.state.engine) as db:
        session = auth.session_user(db, str(client.cookies["otklik_session"]))
        assert session
        client.headers["x-csrf-token"] = session.csrf
    return client


def routes(app: FastAPI) -> list[APIRoute]:
    every = (route for router in (app.router, *ROUTERS) for route in router.routes)
    found = [route for route in every if isinstance(route, APIRoute) and route.path not in LEFT_ALONE]
    return sorted(found, key=lambda route: (route.path, sorted(route.methods)))


def walk(app: FastAPI, *, seed: int, runs: int) -> Tally:
    """Ask routes at random, with fields that are nearly right and quite wrong."""
    drawn, tally, clients = random.Random(seed), Tally(), {role: browser(app, role) for role in Role}
    every = routes(app)
    known = _ids(app)
    for _ in range(runs):
        route = drawn.choice(every)
        role = drawn.choice([*Role, Role.ADMIN, Role.ADMIN, Role.SUPERVISOR])
        dice = Dice(drawn.randbytes(200))
        path, asked = _request(route, dice, known)
        method = sorted(route.methods)[0]
        tally.runs += 1
        try:
            answer = clients[role].request(method, path, **asked)
            if answer.status_code >= 500 and answer.status_code != 503:
                raise RuntimeError(f"{answer.status_code}: {answer.text[:300]}")
            tally.refused += answer.status_code >= 400
            if answer.status_code == 401 or answer.headers.get("location", "").startswith("/login"):
                clients[role] = browser(app, role)
        except (Exception, RecursionError) as error:  # noqa: BLE001 (each is a fault of ours)
            ours = [one for one in traceback.extract_tb(error.__traceback__) if "/.venv/" not in one.filename][-1]
            what = f"{method} {route.path}: {type(error).__name__} at {Path(ours.filename).name}:{ours.lineno}"
            trace = "".join(traceback.format_exception(error)[-8:])
            tally.faults.setdefault(what, Fault(what=what, input=[method, path, str(asked)[:2000], role], trace=trace))
    return tally


def _ids(app: FastAPI) -> list[str]:
    with app.state.engine.connect() as db:
        calls = [row[0] for row in db.exec_driver_sql("SELECT id FROM calls")]
        sounds = [row[0] for row in db.exec_driver_sql("SELECT id FROM recordings")]
        cards = [row[0] for row in db.exec_driver_sql("SELECT id FROM customers")]
    return [*calls, *sounds, *cards, "olga", "0", "1"]


def _request(route: APIRoute, dice: Dice, known: list[str]) -> tuple[str, dict[str, Any]]:
    path = route.path
    for field in _fields(route.dependant, "path_params"):
        value = dice.of(known) if dice.below(4) else _value(dice, known)
        path = path.replace(f"{{{field.alias}}}", quote(value, safe="", errors="replace") or "x", 1)
        path = path.replace(f"{{{field.alias}:path}}", quote(value, errors="replace") or "x", 1)
    query = [(field.alias, _value(dice, known)) for field in _fields(route.dependant, "query_params") if dice.below(2)]
    form = [
        (field.alias, _value(dice, known))
        for field in _fields(route.dependant, "body_params")
        if dice.below(4)
        for _ in range(dice.below(3))
    ]
    asked: dict[str, Any] = {"params": _sayable(query)}
    if "GET" not in route.methods:
        asked["data"] = _form(_sayable(form))
    if not dice.below(4):
        asked["headers"] = {dice.of(("range", "hx-request", "accept", "referer", "if-none-match")): _latin(dice, known)}
    return path, asked


def _fields(wanted: Dependant, kind: str) -> Iterator[Any]:
    """Fields of a route and of all it depends on."""
    yield from getattr(wanted, kind)
    for below in wanted.dependencies:
        yield from _fields(below, kind)


def _value(dice: Dice, known: list[str]) -> str:
    match dice.below(8):
        case 0 | 1:
            return str(dice.of(known))
        case 2 | 3:
            return str(dice.of(VALUES))
        case 4:
            return str(dice.of(SIGNS)) * dice.times()
        case 5:
            return str(dice.of(TEXTS)(dice))[:20_000]
        case 6:
            return str(
                dice.of(("ru", "en", "day", "try", "save", "csv", "desc", "on", "true", "1", "new", "done", "2026-11"))
            )
        case _:
            return "".join(str(dice.of(SIGNS)) for _ in range(dice.below(5)))


def _sayable(fields: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Without halves of characters, which no browser can send."""
    return [(name, value.encode("utf-8", "replace").decode()) for name, value in fields]


def _form(fields: list[tuple[str, str]]) -> dict[str, list[str]]:
    form: dict[str, list[str]] = {}
    for name, value in fields:
        form.setdefault(name, []).append(value)
    return form


def _latin(dice: Dice, known: list[str]) -> str:
    value = _value(dice, known).encode("ascii", "replace").decode()
    return "".join(char for char in value if char.isprintable())[:500]
