"""The whole web application under inputs nobody thought of: no answer is a fault of the server."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import given, seed, settings
from schemathesis import Case

from api.kit import auth
from api.kit.roles import Role
from recordings.database import transaction
from tests.fuzz.site import routes, site, walk

pytestmark = pytest.mark.services

STEPS = 1500
EXAMPLES = 8
"""Of each operation, as one role; ``OPERATIONS`` in all have it as the admin."""


@pytest.fixture(scope="module")
def app(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    with site(sqlite_template, tmp_path_factory.mktemp("site")) as made:
        yield made


def test_pages_and_forms(app: FastAPI) -> None:
    assert len(routes(app)) > 100
    drawn = random.randrange(1 << 32)
    tally = walk(app, seed=drawn, runs=STEPS)
    told = "\n".join(f"{fault.what}\n{fault.input!r:.500}\n{fault.trace}" for fault in tally.faults.values())
    assert not tally.faults, f"seed {drawn}\n{told}"
    assert tally.refused < tally.runs


@pytest.mark.parametrize("role", Role)
def test_operations_of_the_api(app: FastAPI, role: Role) -> None:
    attack(app, role, examples=EXAMPLES if role is Role.ADMIN else 2, drawn=random.randrange(1 << 32))


def attack(app: FastAPI, role: Role, *, examples: int, drawn: int) -> int:
    """Every operation of the description with schemathesis's inputs; how many operations there are."""
    with transaction(app.state.engine) as db:
        token = auth.create_token(db, role, "fuzz")
    described = schemathesis.openapi.from_asgi("/openapi.json", app)
    count = 0
    for found in described.get_all_operations():
        operation = found.ok()
        count += 1

        @seed(drawn)
        @settings(settings.get_profile("fuzz"), max_examples=examples)
        @given(operation.as_strategy())
        def ask(case: Case) -> None:
            answer = case.call(headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code < 500 or answer.status_code == 503, f"seed {drawn}: {case.as_curl_command()}"

        ask()
    assert count > 15
    return count
