"""What ``otklik doctor`` says of the company's system and of wishes that wait for it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from api.installation.doctor import (
    asterisk_check,
    business_check,
    ignored_proxies,
    outbox_check,
    trained_models,
)
from api.operations.logins import note_ignored_proxy
from recordings.calls import outbox
from recordings.calls.outbox import OutboxEntry
from recordings.database import transaction
from tests.ivr.company import odd_server

pytestmark = pytest.mark.services

LOST = "refused or given up in the last week:"


@pytest.fixture(autouse=True)
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OTKLIK_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_the_demonstration_shop(at_home: Path) -> None:
    assert business_check().ok
    assert not at_home.exists()  # looking changes nothing
    at_home.mkdir()
    assert (business_check().ok, business_check().found) == (True, "the demonstration shop")


def test_a_system_that_answers_and_one_that_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    with odd_server() as server:
        monkeypatch.setenv("OTKLIK_BUSINESS_URL", server.url)
        assert "OTKLIK_BUSINESS_SECRET" in business_check().found
        monkeypatch.setenv("OTKLIK_BUSINESS_SECRET", "another")
        server.says('{"outcome": "missing"}')
        assert (business_check().ok, business_check().found) == (True, server.url)
        server.says('{"detail": "X-Otklik-Signature: wrong"}', status="401 Unauthorized")
        refused = business_check()
        assert not refused.ok
        assert "401" in refused.found
        assert "OTKLIK_BUSINESS_SECRET" in refused.remedy


def test_wishes_that_wait_and_wishes_that_are_lost(
    database: Engine, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTKLIK_DATABASE_URL", database_url)
    now = datetime.now(UTC)
    with transaction(database) as db:
        for key in ("a", "b"):
            outbox.put(
                db, OutboxEntry(key=key, request="tickets.create", facts={}, language="ru", created_at=now), wait=0
            )
    assert [(check.ok, check.found) for check in outbox_check()] == [(True, f"waiting: 2; {LOST} 0")]
    (first, _) = outbox.take_due(database, limit=2, lease=60, now=datetime.now(UTC))
    outbox.refused(database, first, outcome="taken", failure="taken", reason="r", now=datetime.now(UTC))
    assert [(check.ok, check.found) for check in outbox_check()] == [(False, f"waiting: 1; {LOST} 1")]


def test_no_database_no_word_of_the_outbox() -> None:
    assert list(outbox_check()) == []


def test_models_that_were_trained_here_are_counted(tmp_path: Path) -> None:
    assert trained_models(tmp_path).found == "none yet: learned when first needed"
    for name in ("intents/a.intents", "intents/b.intents", "sentiment/ru-c.sentiment"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(bytes(1_000_000))
    assert trained_models(tmp_path).found.startswith("intents 2, sentiment 1; 3 MB, used last 20")


@pytest.mark.parametrize(("version", "ok"), [("22.10.1+dfsg+~cs6.17", True), ("22.9.3", False), ("20.19.0", False)])
def test_an_asterisk_without_the_fixes_of_2026_is_told(at_home: Path, version: str, ok: bool) -> None:
    launcher = at_home / "asterisk" / "asterisk"
    launcher.parent.mkdir(parents=True)
    launcher.write_text(f"#!/bin/sh\necho Asterisk {version}\n")
    launcher.chmod(0o755)
    check = asterisk_check()
    assert check.ok is ok
    assert ok or "install-asterisk.sh" in check.remedy


def test_a_proxy_that_nobody_trusts_is_told_of(database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTKLIK_DATABASE_URL", database.url.render_as_string(hide_password=False))
    (fine,) = ignored_proxies()
    assert fine.ok
    for _ in range(3):
        note_ignored_proxy(database, "10.0.0.5")
    (told,) = ignored_proxies()
    assert not told.ok
    assert told.found == "X-Forwarded-* from 10.0.0.5 is ignored"
    assert "OTKLIK_TRUSTED_PROXIES" in told.remedy
    monkeypatch.setenv("OTKLIK_TRUSTED_PROXIES", "10.0.0.0/24")
    (named,) = ignored_proxies()
    assert named.ok
