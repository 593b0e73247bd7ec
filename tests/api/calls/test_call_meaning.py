"""What a call was about, on its page and for programs: each line at its second, private parts put out."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, delete, select

from api.kit.wording import amount, due
from recordings.audio_store import AudioStore
from recordings.calls.meanings import insert_meaning_once
from recordings.database import migrate, transaction
from recordings.results.finding import Evidence
from recordings.results.meaning import CallMeaning, Entity, Promise
from recordings.tables import RedactionRow, TranscriptRow
from tests.api.example import write_call

pytestmark = pytest.mark.services

SAID = "мой телефон 8 916 123 45 67"
PROOF = Evidence(start=12.4, end=15.0, quote=SAID)
MEANING = CallMeaning(
    version="0123456789ab",
    reason="order_status",
    reason_confidence=0.91,
    reason_evidence=Evidence(start=7.5, end=9.0, quote="где мой заказ"),
    outcome="promised",
    outcome_evidence=PROOF,
    promises=(Promise(kind="callback", speaker="agent", due="2026-11-25T12:00", evidence=PROOF),),
    entities=(
        Entity(kind="order", value="4127", speaker="caller", evidence=PROOF),
        Entity(kind="money", value="1990.00 RUB", speaker="caller", evidence=PROOF),
        Entity(kind="phone", value="+79161234567", speaker="caller", evidence=PROOF),
    ),
    summary=(Evidence(start=7.5, end=9.0, quote="где мой заказ"),),
)


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """SQLite alone: the query itself is tested on both with recordings."""
    url = f"sqlite:///{tmp_path / 'otklik.db'}"
    migrate(url)
    return url


def plant(engine: Engine, store: AudioStore, meaning: CallMeaning | None = MEANING) -> None:
    recording = write_call(engine, store).recording
    if meaning:
        with transaction(engine) as db:
            db.execute(delete(RedactionRow))  # its words are others than those of this meaning
            transcript = db.scalars(select(TranscriptRow.id)).one()
            insert_meaning_once(db, recording_id=recording.id, transcript_id=transcript, meaning=meaning)


def test_the_page_says_what_it_was_about(browser_of_olga: TestClient, store: AudioStore) -> None:
    plant(browser_of_olga.app.state.engine, store)  # type: ignore[attr-defined]
    page = browser_of_olga.get("/calls/1795327401.7").text
    assert "О чём звонок" in page
    assert "Перезвонить" in page
    assert "25 ноября, 12:00" in page
    assert "1\xa0990 ₽" in page
    assert 'data-moment="12.4"' in page
    assert "123 45" not in page.replace("\xa0", " ")


def test_a_call_that_is_not_understood_yet_has_no_such_part(browser_of_olga: TestClient, store: AudioStore) -> None:
    plant(browser_of_olga.app.state.engine, store, None)  # type: ignore[attr-defined]
    assert "О чём звонок" not in browser_of_olga.get("/calls/1795327401.7").text


def test_nothing_but_robot_draws_no_empty_part(browser_of_olga: TestClient, store: AudioStore) -> None:
    plant(browser_of_olga.app.state.engine, store, CallMeaning(version="v", sentiments=(None,)))  # type: ignore[attr-defined]
    assert "О чём звонок" not in browser_of_olga.get("/calls/1795327401.7").text


def test_programs_get_the_same(program: TestClient, store: AudioStore) -> None:
    plant(program.app.state.engine, store)  # type: ignore[attr-defined]
    meaning = program.get("/api/calls/1795327401.7").json()["meaning"]
    assert (meaning["reason"], meaning["outcome"]) == ("order_status", "promised")
    assert meaning["promises"][0]["due"] == "2026-11-25T12:00"
    assert meaning["promises"][0]["evidence"]["start"] == 12.4
    assert meaning["entities"][2]["value"] == "+7 916 •••-••-67"
    assert "123 45" not in str(meaning)


def test_days_and_sums_as_people_read_them() -> None:
    assert due("2026-11-25", "en") == "November 25"
    assert due("2026-11-25T09:05", "ru") == "25 ноября, 09:05"
    assert due("when it suits", "en") == "when it suits"
    assert amount("12.50 USD", "en") == "$12.50"
    assert amount("much", "ru") == "much"
    assert amount("12.50", "ru") == "12.50"
