"""Every page, form and operation by its own description, with schemathesis's inputs: those it allows, and others."""

from __future__ import annotations

import copy
import random
import time
from collections.abc import Mapping, Sequence
from typing import Any, cast

import schemathesis
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.core.result import Ok
from schemathesis.python.asgi import ASGIClient, get_client
from schemathesis.schemas import APIOperation

from tests.fuzz.run import Fault, Tally
from tests.fuzz.site import Visitors, ids, judged, routes

KNOWN = 0.7
"""Part of the fields named after something that name something there is."""


def described(app: FastAPI) -> list[APIOperation[Any, Any, Any, Any]]:
    """All there is, also what programs are not told of; how to log in is left out of the description."""
    shown = [copy.copy(route) for route in routes(app)]
    for route in shown:
        route.include_in_schema = True
    text = get_openapi(title="Otklik", version="0", routes=shown)
    text["components"].pop("securitySchemes", None)
    for form in text["components"]["schemas"].values():
        form.get("properties", {}).pop("csrf", None)
    for operation in (operation for path in text["paths"].values() for operation in path.values()):
        operation.pop("security", None)
        known = operation.get("parameters", [])
        operation["parameters"] = [one for one in known if one["name"] != "x-csrf-token" and one["in"] != "cookie"]
    found = list(schemathesis.openapi.from_dict(text).get_all_operations())
    operations = [one.ok() for one in found if isinstance(one, Ok)]
    assert len(operations) == len(found)
    return operations


def attack(app: FastAPI, who: str, *, drawn: int, examples: int, below: str = "/", most_seconds: float = 1e9) -> Tally:
    """Each operation below a path asked so often by ``who``, half with what its description allows.

    As many as the time allows.
    """
    tally, visitors, until = Tally(), Visitors(app=app), time.monotonic() + most_seconds
    known = ids(app)
    client = get_client(cast("Any", app))  # not entered: the application was begun already
    operations = [operation for operation in described(app) if operation.path.startswith(below)]
    random.Random(drawn).shuffle(operations)
    for operation in operations:
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            if time.monotonic() > until:
                return tally

            @seed(drawn)
            @settings(
                max_examples=max(examples // 2, 1),
                phases=[Phase.generate],
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
            )
            @given(operation.as_strategy(generation_mode=mode), st.randoms(use_true_random=False))
            def ask(case: Case[Any], dice: random.Random) -> None:
                _name_something(case, known, dice)
                came = _asked(client, case, visitors, who)
                tally.runs += 1
                if isinstance(came, Fault):
                    tally.faults.setdefault(came.what, came)
                else:
                    tally.refused += came >= 400

            try:
                ask()
            except Unsatisfiable:  # nothing about it can be wrong
                continue
    return tally


def _name_something(case: Case[Any], known: Mapping[str, Sequence[str]], dice: random.Random) -> None:
    """Mostly ask for what is there."""
    for fields in (case.path_parameters, case.query, case.body):
        if isinstance(fields, dict):
            for name in fields:
                noun = str(name).removesuffix("_id")
                near = [key for table, keys in known.items() if noun in table for key in keys]
                if near and len(noun) > 3 and dice.random() < KNOWN:
                    fields[name] = dice.choice(near)


def _asked(client: ASGIClient, case: Case[Any], visitors: Visitors, who: str) -> Fault | int:
    """The status of the answer, or how asking failed."""
    name = case.operation.label
    told = [name, str(case.path_parameters), str(case.query)[:500], str(case.headers), str(case.body)[:1000], who]

    def ask() -> tuple[int, str]:
        client.cookies.clear()
        answer = case.call(session=client, app=client.app, headers=dict(visitors.headers(who)), allow_redirects=False)
        return answer.status_code, answer.content.decode(errors="replace")

    came = judged(name, told, ask)
    if came == 401:
        visitors.forget(who)
    return came
