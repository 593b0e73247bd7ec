"""A person is erased while workers are at their call: nothing comes back, and the worker ends cleanly."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, update

from analytics.leases.recording import take
from analytics.pipeline.redacting import redact_stored
from analytics.settings import AnalyticsSettings
from recordings.audio import progress
from recordings.audio_store import AudioStore
from recordings.contacts.call import RecordingState
from recordings.database import reading, transaction
from recordings.privacy import privacy
from recordings.results import results
from recordings.results.finding import Measures
from recordings.tables import AnalysisRow, CallRow, FindingRow, RecordingRow, RedactionRow, Table, TranscriptRow
from tests.api.example import write_call
from tests.recordings.privacy.installation import settings_in

pytestmark = pytest.mark.services

PHONE = "+79161234567"


@pytest.mark.parametrize("stage", ["transcribe", "analyse", "redact"])
def test_what_the_worker_brings_is_refused(
    database: Engine, tmp_path: Path, stage: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    store = AudioStore(f"file://{tmp_path / 'recordings'}")
    settings = settings_in(tmp_path)
    example = write_call(database, store)
    recording_id = example.recording.id
    with transaction(database) as db:
        db.execute(update(RecordingRow).values(state=RecordingState.REGISTERED))
        transcript_id = results.best_transcript(db, recording_id)
    assert transcript_id is not None

    work = take(database, recording_id, AnalyticsSettings())
    assert work is not None
    with work:  # the worker computes; meanwhile:
        receipt = privacy.erase_person(database, store, PHONE, by="olga", settings=settings)
        assert receipt.state == "done"
        if stage == "redact":
            assert not redact_stored(database, recording_id)
        with transaction(database) as db:
            if stage == "transcribe":
                results.insert_transcript_once(db, recording_id, example.transcript)
            else:
                results.insert_analysis_once(
                    db,
                    recording_id=recording_id,
                    transcript_id=transcript_id[0],
                    rule_set="r2",
                    measures=Measures(duration=1.0, sentiment={}, sentiment_by_quarter={}),
                    findings=[],
                )
    assert "was erased while it was worked on" in caplog.text
    with reading(database) as db:
        tables: tuple[type[Table], ...] = (CallRow, RecordingRow, TranscriptRow, RedactionRow, AnalysisRow, FindingRow)
        assert [db.scalar(select(func.count()).select_from(table)) for table in tables] == [0] * len(tables)
    assert store.stored() == []
    assert progress.find(database, recording_id) is None
    assert take(database, recording_id, AnalyticsSettings()) is None  # a message that comes late does nothing
    assert privacy.verify_erased(database, store, PHONE, settings) == ()
