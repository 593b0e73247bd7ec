"""What once froze or ended the web process, thrown at a real one: it answers others meanwhile, and lives."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from api.kit import auth
from api.kit.roles import Role
from ivr.business.signature import headers
from recordings.database import connect, migrate, transaction
from tests.fuzz.site import SCENARIOS
from tests.services import ROOT, free_port, process, wait_until

pytestmark = pytest.mark.services

PATIENCE = 20.0
"""Seconds within which somebody else is answered, on a busy machine; the faults took minutes to hours."""
SECRET = "a secret of the mail bridge"
MAILS = (
    "original message" + " " * 100_000 + "x",
    "on " + " " * 100_000,
    "password" * 30_000,
    "+7" * 60_000,
    "анти" * 30_000,
    "7." * 60_000,
    "собака точка " * 8_000,
)
FORMS = (
    ("/rules/new", {"name": "ru/x.yaml", "do": "try", "text": "[" * 40_000}),
    ("/rules/new", {"name": "ru/x.yaml", "do": "try", "text": "within: 20\na: [да да да да да да да нет]"}),
    # any order: as many ways as subsets
    ("/rules/new", {"name": "ru/x.yaml", "do": "try", "text": "any_order: true\na: [а б в г д е ж з и к л м]"}),
    ("/alerts/rules", {"text": "{" * 40_000}),
    ("/quality/scorecards/edit", {"text": "a: &a [x, x]\n" + "".join(f"a{n}: &a{n} [*a, *a]\n" for n in range(50))}),
    ("/quality/scorecards/edit", {"text": "name: 2026-02-30"}),
)  # fmt: skip


@pytest.fixture
def web(tmp_path: Path) -> Iterator[tuple[str, str, str]]:
    """Address of a real web process, a cookie of its admin, and the secret of the forms."""
    port, url = free_port(), f"sqlite:///{tmp_path / 'otklik.db'}"
    migrate(url)
    engine = connect(url)
    with transaction(engine) as db:
        user = auth.create_user(db, "olga", "correct horse", "en", role=Role.ADMIN)
        cookie = auth.open_session(db, user, hours=1)
    with transaction(engine) as db:
        session = auth.session_user(db, cookie)
    assert session
    engine.dispose()
    env = os.environ | {
        "OTKLIK_HOME": str(tmp_path), "OTKLIK_DATABASE_URL": url, "OTKLIK_WEB_PORT": str(port), "PYTHONPATH": str(ROOT),
        "OTKLIK_WEBHOOKS": json.dumps({"mail": SECRET}), "OTKLIK_REDIS_URL": "redis://127.0.0.1:1/0",
        "OTKLIK_SCENARIOS": str(SCENARIOS), "OTKLIK_SHOP_URL": f"sqlite:///{tmp_path / 'shop.db'}",
    }  # fmt: skip
    log = tmp_path / "web.log"
    with process(sys.executable, "-m", "api", env=env, log=log) as running:
        address = f"http://127.0.0.1:{port}"
        wait_until(lambda: _answers(address) is not None, seconds=60, what=f"the web process to answer, see {log}")
        yield address, cookie, session[0].csrf
        assert running.poll() is None, log.read_text()[-2000:]


def _answers(address: str) -> float | None:
    began = time.monotonic()
    try:
        answer = httpx.get(f"{address}/health", timeout=PATIENCE)
    except httpx.HTTPError:
        return None
    return time.monotonic() - began if answer.status_code == 200 else None


def test_it_lives_and_answers_others(web: tuple[str, str, str]) -> None:
    address, cookie, csrf = web
    ended, waits = threading.Event(), list[float | None]()

    def others() -> None:
        while not ended.wait(0.05):
            waits.append(_answers(address))

    def mail(number: int) -> int:
        body = json.dumps({"id": str(number), "from": "a@b.ru", "text": MAILS[number]}, ensure_ascii=False).encode()
        signed = headers(SECRET, "POST", "/webhooks/mail", body, now=time.time())
        return httpx.post(f"{address}/webhooks/mail", content=body, headers=signed, timeout=60).status_code

    def form(number: int) -> int:
        path, fields = FORMS[number]
        sent = {"cookie": f"otklik_session={cookie}", "x-csrf-token": csrf}
        return httpx.post(f"{address}{path}", data=fields, headers=sent, timeout=60).status_code

    watcher = threading.Thread(target=others)
    watcher.start()
    try:
        with ThreadPoolExecutor(4) as pool:
            answers = [*pool.map(mail, range(len(MAILS))), *pool.map(form, range(len(FORMS)))]
    finally:
        ended.set()
        watcher.join()
    assert waits
    assert None not in waits
    assert answers[: len(MAILS)] == [200] * len(MAILS)
    assert set(answers[len(MAILS) :]) <= {200, 422}, answers
