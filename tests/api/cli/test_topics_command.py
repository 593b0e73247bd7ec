"""`otklik topics …` on a database of its own."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.cli.topics import find_topics, list_topics
from recordings.calls.meanings import insert_meaning_once
from recordings.database import connect, migrate, transaction
from recordings.results.finding import Evidence
from recordings.results.meaning import CallMeaning
from recordings.tables import RecordingRow, TranscriptRow

pytestmark = pytest.mark.services

SAID = (
    "у меня не открывается ваше приложение",
    "не могу войти в мобильное приложение",
    "приложение вылетает при оплате",
    "ваше приложение зависает на телефоне",
    "после обновления приложение не работает",
)


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls of yesterday that all are about the same thing."""
    url = f"sqlite:///{tmp_path / 'otklik.db'}"
    monkeypatch.setenv("OTKLIK_DATABASE_URL", url)
    migrate(url)
    engine, when = connect(url), datetime.now(UTC) - timedelta(days=1)
    with transaction(engine) as db:
        for number, text in enumerate(SAID):
            name = f"r{number}"
            db.add(
                RecordingRow(
                    id=name,
                    sha256=f"{number:064}",
                    key=name,
                    filename=name,
                    language="ru",
                    duration=9,
                    rate=8000,
                    channels=2,
                    size=1,
                    created_at=when,
                    state="analysed",
                    due_at=when,
                )
            )
            db.flush()
            db.add(
                TranscriptRow(
                    id=name, recording_id=name, engine="test", language="ru", body={}, text=text, created_at=when
                )
            )
            db.flush()
            meaning = CallMeaning(version="v", reason_evidence=Evidence(start=4.5, end=8.0, quote=text))
            insert_meaning_once(db, recording_id=name, transcript_id=name, meaning=meaning)
    engine.dispose()


@pytest.mark.usefixtures("calls")
def test_topics_are_found_once_and_listed(capsys: pytest.CaptureFixture[str]) -> None:
    find_topics("ru", days=30, as_json=True)
    assert json.loads(capsys.readouterr().out) == {
        "language": "ru", "questions": 5, "attached": 0, "topics": 1, "calls": 5
    }  # fmt: skip
    list_topics("", days=30, as_json=True)
    topic = json.loads(capsys.readouterr().out)
    assert "приложение" in topic["name"].lower()
    assert (topic["state"], topic["calls"], topic["change"]) == ("proposed", 5, 5)
    assert topic["examples"][0]["start"] == 4.5
    find_topics("", days=30, as_json=False)
    assert "0 unknown questions" in capsys.readouterr().out
    list_topics("en", days=30, as_json=False)
    list_topics("ru", days=30, as_json=False)
    assert "приложение" in capsys.readouterr().err.lower()
