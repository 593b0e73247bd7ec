"""Corrections of sentiment as they are kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete

from recordings.audio.intake import register
from recordings.audio_store import AudioStore
from recordings.database import reading, transaction
from recordings.learning.sentiment_samples import correct, corrected, corrections, samples, withdraw
from recordings.tables import RecordingRow
from speech.sentiment.samples import Label, Sample

pytestmark = pytest.mark.services


def say(engine: Engine, text: str, sentiment: Label, *, recording: str | None = None, by: str = "olga") -> bool:
    with transaction(engine) as db:
        return correct(
            db, language="ru", text=text, sentiment=sentiment, guess="neutral", recording_id=recording, by=by
        )


def test_the_last_word_on_the_same_words_counts(database: Engine) -> None:
    assert say(database, "ну и сервис у вас", "neutral")
    assert say(database, "вот это скорость", "positive")
    assert say(database, "ну и  сервис у вас", "negative", by="ivan")
    with reading(database) as db:
        kept = corrections(db, "ru")
        assert [(one.text, one.sentiment, one.created_by) for one in kept] == [
            ("вот это скорость", "positive", "olga"),
            ("ну и сервис у вас", "negative", "ivan"),
        ]
        assert samples(db, "ru")[1] == Sample(text="ну и сервис у вас", label="negative")
        assert corrections(db, "en") == ()
        found = corrected(db, "ru", ["ну и сервис у вас", "где заказ"])
    assert found == {"ну и сервис у вас": "negative"}


def test_private_parts_are_not_kept(database: Engine) -> None:
    assert say(database, "мой номер +7 916 123-45-67 и я очень зла", "negative")
    with reading(database) as db:
        (kept,) = corrections(db, "ru")
        shown = corrected(db, "ru", ["мой номер +7 916 123-45-67 и я очень зла"])
    assert "123" not in kept.text
    assert "очень зла" in kept.text
    assert list(shown.values()) == ["negative"]


@pytest.mark.parametrize("text", ["", "  ", "👍👍", "?!"])
def test_without_words_nothing_is_kept(database: Engine, text: str) -> None:
    assert not say(database, text, "positive")
    with reading(database) as db:
        assert corrections(db, "ru") == ()


def test_a_long_text_is_cut(database: Engine) -> None:
    assert say(database, "безобразие " * 500, "negative")
    with reading(database) as db:
        (kept,) = corrections(db, "ru")
    assert len(kept.text) <= 500


def test_a_correction_is_taken_back(database: Engine) -> None:
    say(database, "вот это скорость", "positive")
    with transaction(database) as db:
        assert withdraw(db, language="ru", text="вот это скорость")
        assert not withdraw(db, language="ru", text="вот это скорость")
        assert corrections(db, "ru") == ()


def test_erasing_the_recording_erases_its_corrections(
    database: Engine, store: AudioStore, tone: Callable[..., Path]
) -> None:
    recording, _ = register(database, store, tone(), filename="a.wav", language="ru")
    say(database, "вот это скорость", "positive", recording=recording.id)
    say(database, "ну и сервис у вас", "negative")
    with transaction(database) as db:
        db.execute(delete(RecordingRow).where(RecordingRow.id == recording.id))
    with reading(database) as db:
        assert [one.text for one in corrections(db, "ru")] == ["ну и сервис у вас"]
