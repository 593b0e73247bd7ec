"""Erasing by the page: it answers at once, the workers do it, the receipt's page tells how far they are."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from datetime import UTC, datetime

import pytest
import redis
from fastapi.testclient import TestClient
from sqlalchemy import Engine, select

from analytics.worker.app import app
from api.operations import privacy as operations
from recordings.announce import BULK, announce_erasure
from recordings.audio_store import AudioStore
from recordings.calls import call_log
from recordings.contacts.call import Call, Outcome
from recordings.database import reading, transaction
from recordings.privacy import privacy
from recordings.tables import CallRow
from tests.api.example import write_call
from tests.services import RedisServer

pytestmark = pytest.mark.services

PHONE = "+79161234567"


def ask(browser: TestClient) -> str:
    secret = re.search(r'name="csrf" value="([^"]+)"', browser.get("/privacy").text)
    assert secret
    answer = browser.post("/privacy/erase", data={"csrf": secret[1], "phone": PHONE, "again": PHONE})
    return str(answer.headers.get("location", answer.text))


def test_the_page_does_not_wait_for_the_search(
    browser_of_olga: TestClient, database: Engine, store: AudioStore
) -> None:
    """It waited up to a minute at 100,000 calls."""
    write_call(database, store)
    receipt = ask(browser_of_olga)
    page = browser_of_olga.get(receipt).text
    assert ("hx-trigger" in page, "Стирание идёт" in page) == (True, True)
    with reading(database) as db:
        assert len(db.scalars(select(CallRow.id)).all()) == 1
    assert ask(browser_of_olga) == receipt
    (ended,) = privacy.finish_erasures(database, store, operations.privacy_settings())
    assert (ended.state, ended.requested_by, receipt.endswith(ended.id)) == ("done", "olga", True)
    page = browser_of_olga.get(receipt).text
    assert ("hx-trigger" in page.partition('id="main"')[2], "Готово" in page) == (False, True)


def test_who_is_talked_with_is_erased_after_the_call(
    browser_of_olga: TestClient, database: Engine, store: AudioStore
) -> None:
    call = Call(
        id="1795327401.9", started_at=datetime.now(UTC), caller_number=PHONE, extension="1000", language="ru",
        scenario="s", scenario_version="v", engine="e",
    )  # fmt: skip
    with transaction(database) as db:
        call_log.open_call(db, call)
    assert "сотрутся сами после разговора" in ask(browser_of_olga)
    assert privacy.finish_erasures(database, store, operations.privacy_settings()) == []
    with transaction(database) as db:
        call_log.close_call(db, call.id, ended_at=call.started_at, outcome=Outcome.SETTLED)
    ask(browser_of_olga)
    (ended,) = privacy.finish_erasures(database, store, operations.privacy_settings())
    assert ended.state == "done"


def test_a_worker_is_woken(redis_server: RedisServer) -> None:
    assert announce_erasure(redis_server.url, "any")
    with redis.Redis(port=redis_server.port) as client:
        message = json.loads(client.lindex(BULK, 0))
    assert message["headers"]["task"] in {job["task"] for job in app.conf.beat_schedule.values()}
    assert json.loads(b64decode(message["body"]))[0] == []  # whom it is about does not stand in a queue
