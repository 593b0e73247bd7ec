"""Several transcripts of one recording: all are kept, the one by the best model is shown."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import Engine, func, select

from recordings.calls.detail import contact_detail
from recordings.database import insert_once, reading, transaction
from recordings.results import results
from recordings.tables import RecordingRow, TranscriptRow
from speech.recognition.words import Speaker, Transcript, Utterance

pytestmark = pytest.mark.services

LARGE, SMALL = "vosk-0.3.45/vosk-model-ru-0.42", "vosk-0.3.45/vosk-model-small-ru-0.22"


def heard(engine: str, text: str) -> Transcript:
    said = Utterance(speaker=Speaker.CALLER, start=0, end=1, text=text)
    return Transcript(language="ru", engine=engine, duration=2, utterances=(said,))


@pytest.mark.parametrize("order", [(LARGE, SMALL), (SMALL, LARGE)])
def test_the_better_pass_is_shown_whichever_came_last(database: Engine, order: tuple[str, str]) -> None:
    recording, now = str(uuid4()), datetime.now(UTC)
    texts = {LARGE: "где мой заказ", SMALL: "где мои заказ"}
    with transaction(database) as db:
        row = {"id": recording, "sha256": recording, "key": "k", "filename": "f.wav", "language": "ru", "duration": 2}
        row |= {"rate": 8000, "channels": 2, "size": 1, "created_at": now, "state": "transcribed", "due_at": now}
        insert_once(db, RecordingRow, row)
    for engine in order:
        with transaction(database) as db:
            assert results.insert_transcript_once(db, recording, heard(engine, texts[engine]))
    with reading(database) as db:
        newest = results.best_transcript(db, recording)
        shown = contact_detail(db, recording)
        assert db.scalar(select(func.count()).select_from(TranscriptRow)) == 2
    assert newest is not None
    assert newest[1].engine == LARGE
    assert shown is not None
    assert shown.transcript is not None
    assert shown.transcript.utterances[0].text == texts[LARGE]
    assert set(shown.engines) == {LARGE, SMALL}
