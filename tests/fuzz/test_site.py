"""The whole web application under inputs nobody thought of: no answer is a fault of the server.

``python -m tests.fuzz site --runs N --seed S`` asks as often as wanted.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI, HTTPException
from fastapi.testclient import TestClient

from api.kit.roles import Role
from tests.fuzz.operations import attack, described
from tests.fuzz.run import Tally
from tests.fuzz.site import STRANGER, WEBHOOK, Visitors, routes, signed, site
from tests.fuzz.walk import walk

pytestmark = pytest.mark.services

SEED = 10
"""The same inputs each time: new ones are for the long runs."""
STEPS = 400


@pytest.fixture(scope="module")
def app(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    folder = tmp_path_factory.mktemp("site")
    shutil.copy(sqlite_template, folder / "otklik.db")
    with site(f"sqlite:///{folder / 'otklik.db'}", folder) as made:
        yield made


def told(tally: Tally) -> str:
    return "\n".join(f"{fault.what}\n{fault.input!r:.1000}\n{fault.trace}" for fault in tally.faults.values())


def test_each_address_is_described(app: FastAPI) -> None:
    """Then schemathesis asks all of them."""
    known = {f"{method} {route.path}" for route in routes(app) for method in route.methods or ()}
    assert known == {operation.label for operation in described(app)}
    assert {
        f"{method.upper()} {path}" for path, methods in app.openapi()["paths"].items() for method in methods
    } < known


def test_a_fault_would_be_seen(app: FastAPI) -> None:
    """The harness itself: somebody of each role is let in, and what fails is told."""
    visitors = Visitors(app=app)
    with TestClient(app, follow_redirects=False) as client:
        for role in Role:
            page = client.get("/account", headers=dict(visitors.headers(role)))
            assert (page.status_code, role in page.text) == (200, True)
            form = client.post("/language", data={"language": "en"}, headers=dict(visitors.headers(role)))
            assert form.status_code == 303
        body, head = signed('{"id": "1", "from": "a@b.ru", "text": "4127"}')
        assert client.post(f"/webhooks/{WEBHOOK}", content=body, headers=head).status_code == 200

    broken = FastAPI()

    @broken.get("/a/{name}")
    def fail(name: str) -> str:
        return name[len(name)]

    @broken.get("/b")
    def refuse() -> None:
        raise HTTPException(500)

    broken.state.engine = app.state.engine
    for tally in (walk(broken, seed=SEED, runs=50), attack(broken, STRANGER, drawn=SEED, examples=6)):
        assert {what.partition(":")[0] for what in tally.faults} == {"GET /a/{name}", "GET /b"}, told(tally)


@pytest.mark.timeout(400)
def test_no_answer_is_a_fault(app: FastAPI) -> None:
    """In this order: what the first leave is there for the last."""
    tally = walk(app, seed=SEED, runs=STEPS)
    assert not tally.faults, told(tally)
    assert tally.refused < tally.runs * 0.8
    tally = attack(app, Role.ADMIN, drawn=SEED, examples=4)
    assert not tally.faults, told(tally)
    assert tally.runs > 3 * len(routes(app))
    for who in (*Role, STRANGER):
        tally = attack(app, who, drawn=SEED, examples=2, below="/api/")
        assert not tally.faults, told(tally)
        assert tally.runs >= len(app.openapi()["paths"])
