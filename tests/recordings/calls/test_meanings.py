"""What the models made of a transcript: kept once, shown without private parts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from recordings.calls.meanings import find_meaning, hide_meaning, insert_meaning_once
from recordings.database import reading, transaction
from recordings.redaction.redacted import Redacted
from recordings.results.finding import Evidence
from recordings.results.meaning import CallMeaning, Entity, Promise
from recordings.tables import RecordingRow, TranscriptRow
from speech.recognition.words import Speaker, Transcript, Utterance

pytestmark = pytest.mark.services

WORDS = "мой телефон 8 916 123 45 67 перезвоните"
PROOF = Evidence(start=1, end=4, quote=WORDS)
MEANING = CallMeaning(
    version="0123456789ab",
    sentiments=(0.5, None),
    reason="order_status",
    reason_confidence=0.9,
    reason_evidence=PROOF,
    outcome="promised",
    outcome_evidence=PROOF,
    promises=(Promise(kind="callback", speaker="agent", due="2026-11-25", evidence=PROOF),),
    entities=(
        Entity(kind="order", value="4127", speaker="caller", evidence=PROOF),
        Entity(kind="phone", value="+79161234567", speaker="caller", evidence=PROOF),
        Entity(kind="address", value="улица Ленина, 5", speaker="caller", evidence=PROOF),
    ),
    summary=(PROOF,),
)


def add_transcript(engine: Engine) -> None:
    now = datetime.now(UTC)
    said = Utterance(speaker=Speaker.CALLER, start=1, end=4, text=WORDS)
    body = Transcript(language="ru", engine="test", duration=5, utterances=(said,))
    with transaction(engine) as db:
        db.add(
            RecordingRow(
                id="r",
                sha256="0" * 64,
                key="r.wav",
                filename="r.wav",
                language="ru",
                duration=5,
                rate=8000,
                channels=2,
                size=1,
                created_at=now,
                state="transcribed",
                due_at=now,
            )
        )
        db.flush()
        db.add(
            TranscriptRow(
                id="t", recording_id="r", engine="test", language="ru", body=body.to_json(), text="", created_at=now
            )
        )


def test_a_meaning_is_kept_once_a_version_and_the_newest_is_given(database: Engine) -> None:
    add_transcript(database)
    with transaction(database) as db:
        assert find_meaning(db, "t") is None
        assert insert_meaning_once(db, recording_id="r", transcript_id="t", meaning=MEANING)
        assert not insert_meaning_once(db, recording_id="r", transcript_id="t", meaning=replace(MEANING, reason="x"))
    newer = replace(MEANING, version="ffffffffffff", reason="")
    with transaction(database) as db:
        assert insert_meaning_once(db, recording_id="r", transcript_id="t", meaning=newer)
    with reading(database) as db:
        assert find_meaning(db, "t") == newer
        assert find_meaning(db, "t", MEANING.version) == MEANING
        assert find_meaning(db, "t", "unknown") is None


def test_everyone_sees_the_redacted_quotes() -> None:
    shown = "мой телефон [телефон] перезвоните"
    said = Utterance(speaker=Speaker.CALLER, start=1, end=4, text=shown)
    redacted = Redacted(
        transcript=Transcript(language="ru", engine="test", duration=5, utterances=(said,)),
        spans=({"kind": "phone", "utterance": 0, "channel": 0, "start": 1.5, "end": 3.0},),
    )
    for hidden in (hide_meaning(MEANING, redacted, "ru"), hide_meaning(MEANING, None, "ru")):
        assert "123 45" not in str(hidden.to_json())
        assert "Ленина" not in str(hidden.to_json())
        assert hidden.entities[0].value == "4127"
        assert hidden.entities[1].value == "+7 916 •••-••-67"
        assert hidden.summary[0].quote == shown or "[" in hidden.summary[0].quote
