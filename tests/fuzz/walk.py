"""Every page, form and operation asked at random, with fields that are nearly right and quite wrong."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from api.kit.roles import Role
from tests.fuzz import examples
from tests.fuzz.making import SIGNS, VALUES, Dice, grown, mutated
from tests.fuzz.run import Fault, Tally
from tests.fuzz.site import STRANGER, WEBHOOK, Visitors, ids, judged, routes, signed

TEXTS = tuple(
    mutated(text)
    for text in (*examples.ALERTS, examples.DICTIONARY, examples.SCORECARD, examples.RUSSIAN, "2026-11-30")
)
MESSAGE = grown(*examples.MESSAGES)
WORDS = ("ru", "en", "day", "try", "save", "csv", "desc", "on", "true", "1", "new", "done", "2026-11", *Role)
HEADERS = ("range", "hx-request", "accept", "accept-language", "referer", "if-none-match", "cookie", "user-agent")
WHO = (*Role, Role.ADMIN, Role.ADMIN, Role.SUPERVISOR, STRANGER)
LOOK_EVERY = 100
"""Requests after which it is looked what else there is to be asked for."""
LONGEST_IN_PATH, LONGEST_IN_QUERY = 1_200, 2_000
"""Characters: more than we take, less than what the client of the test refuses to send."""


def walk(app: FastAPI, *, seed: int, runs: int, most_seconds: float = 1e9) -> Tally:
    """So many requests from a seed, or as many as the time allows."""
    drawn, tally, visitors = random.Random(seed), Tally(), Visitors(app=app)
    every, until = routes(app), time.monotonic() + most_seconds
    known: Mapping[str, Sequence[str]] = {}
    with TestClient(app, follow_redirects=False) as client:
        while tally.runs < runs and time.monotonic() < until:
            if tally.runs % LOOK_EVERY == 0:
                known = ids(app)
            route, who, dice = drawn.choice(every), drawn.choice(WHO), Dice(drawn.randbytes(200))
            tally.runs += 1
            client.cookies.clear()
            came = _asked(client, route, dice, known, visitors, who)
            if isinstance(came, Fault):
                tally.faults.setdefault(came.what, came)
            else:
                tally.refused += came >= 400
    return tally


def _asked(
    client: TestClient,
    route: APIRoute,
    dice: Dice,
    known: Mapping[str, Sequence[str]],
    visitors: Visitors,
    who: str,
) -> Fault | int:
    """The status of the answer, or how asking failed."""
    method = dice.of(sorted(route.methods or {"GET"}))
    path, asked = _request(route, dice, known)
    asked["headers"] = {**visitors.headers(who), **asked.get("headers", {})}
    name = f"{method} {route.path}"
    told = [method, path, str({key: value for key, value in asked.items() if key != "headers"})[:2000], who]
    location = ""

    def ask() -> tuple[int, str]:
        nonlocal location
        answer = client.request(method, path, **asked)
        location = answer.headers.get("location", "")
        return answer.status_code, answer.text

    came = judged(name, told, ask)
    if came == 401 or location.startswith("/login"):
        visitors.forget(who)
    return came


def _request(route: APIRoute, dice: Dice, known: Mapping[str, Sequence[str]]) -> tuple[str, dict[str, Any]]:
    path = route.path
    if route.path == "/webhooks/{name}" and dice.below(8):
        body, head = signed(MESSAGE(_some(dice)))
        return f"/webhooks/{WEBHOOK}", {"content": body, "headers": head}
    for one in _fields(route.dependant, "path_params"):
        value = _key(dice, known, one) if dice.below(5) else _value(dice, known)
        value = value[:LONGEST_IN_PATH]
        path = path.replace(f"{{{one}}}", quote(value, safe="", errors="replace") or "x", 1)
        path = path.replace(f"{{{one}:path}}", quote(value, errors="replace") or "x", 1)
    fields = list(_fields(route.dependant, "query_params"))
    query = [(one, _sayable(_value(dice, known))[:LONGEST_IN_QUERY]) for one in fields if dice.below(2)]
    asked: dict[str, Any] = {"params": query}
    if "POST" in (route.methods or ()):
        form: dict[str, list[str]] = {}
        for one in _fields(route.dependant, "body_params"):
            for _ in range((1, 1, 1, 1, 2, 0)[dice.below(6)]):
                form.setdefault(one, []).append(_sayable(_value(dice, known)))
        form.pop("csrf", None)
        asked["data"] = form
        if not dice.below(6):
            asked["files"] = {"odd": ("odd.yaml", _value(dice, known).encode("utf-8", "surrogatepass"))}
    asked["headers"] = {"accept": dice.of(("text/html", "text/html", "application/json", "*/*"))}
    if not dice.below(4):
        asked["headers"][dice.of(HEADERS)] = _latin(dice, known)
    return path, asked


def _fields(wanted: Dependant, kind: str) -> Iterator[str]:
    """Names of fields of a route and of all it depends on, each by itself where they come as one model."""
    for one in getattr(wanted, kind):
        model = one.field_info.annotation
        if hasattr(model, "model_fields"):
            yield from (info.alias or name for name, info in model.model_fields.items())
        else:
            yield str(one.alias)
    for below in wanted.dependencies:
        yield from _fields(below, kind)


def _key(dice: Dice, known: Mapping[str, Sequence[str]], name: str) -> str:
    """A key of something there is, of what the field is named after if it names any."""
    noun = name.removesuffix("_id")
    near = [table for table in known if noun in table] or list(known)
    return str(dice.of(known[dice.of(near)]))


def _value(dice: Dice, known: Mapping[str, Sequence[str]]) -> str:
    match dice.below(8):
        case 0 | 1:
            return str(dice.of(known[dice.of(list(known))]))
        case 2 | 3:
            return str(dice.of(VALUES))
        case 4:
            return str(dice.of(SIGNS)) * dice.times()
        case 5:
            return str(dice.of(TEXTS)(_some(dice)))[:20_000]
        case 6:
            return str(dice.of(WORDS))
        case _:
            return "".join(str(dice.of(SIGNS)) for _ in range(dice.below(5)))


def _sayable(value: str) -> str:
    """Without halves of characters, which no browser can send."""
    return value.encode("utf-8", "replace").decode()


def _some(dice: Dice) -> Dice:
    """A few of the dice: what is made of them is near to what is good."""
    return Dice(bytes(dice.below(256) for _ in range((0, 2, 4, 8, 20, 60)[dice.below(6)])))


def _latin(dice: Dice, known: Mapping[str, Sequence[str]]) -> str:
    value = _value(dice, known).encode("ascii", "replace").decode()
    return "".join(char for char in value if char.isprintable())[:500]
