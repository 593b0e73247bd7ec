"""Names of files that older rules masked less are masked again: by whatever redacts old rows, and before words go."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update

from analytics.pipeline.redacting import redact_archive
from recordings.database import connect, reading, transaction
from recordings.redaction import shown_names
from recordings.redaction.shown_names import refill_names
from recordings.redaction.wordless import forget_words
from recordings.tables import CallRow, RecordingRow, Table
from speech.redaction.masks import masked_filename

pytestmark = pytest.mark.unit

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
NAME = "Иван Петров (+7 999 000-00-05) 2026-03-01 12-30.3gp"
OURS = "call-1.wav"


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setattr(shown_names, "AT_ONCE", 2)
    engine = connect(f"sqlite:///{tmp_path / 'otklik.db'}")
    Table.metadata.create_all(engine)
    with transaction(engine) as db:
        db.add(
            CallRow(
                id="call-1", started_at=NOW, caller_number="+79161234567", extension="1", language="ru", scenario="s",
                scenario_version="0", engine="e", facts={},
            )
        )  # fmt: skip
        db.flush()
        for number in range(5):
            db.add(_file(f"import {number}", NAME))
        db.add(_file("ours", OURS, call="call-1"))
        db.flush()
        db.execute(update(RecordingRow).where(RecordingRow.call_id.is_(None)).values(shown_name=NAME))  # by older rules
    yield engine
    engine.dispose()


def _file(id_: str, name: str, *, call: str | None = None) -> RecordingRow:
    return RecordingRow(
        id=id_, sha256=id_, key=id_, filename=name, call_id=call, language="ru", duration=1.0, rate=8000, channels=1,
        size=1, created_at=NOW, state="registered", due_at=NOW,
    )  # fmt: skip


def shown(engine: Engine) -> set[str]:
    with reading(engine) as db:
        return set(db.scalars(select(RecordingRow.shown_name)))


def test_what_redacts_old_rows_masks_their_names_again(database: Engine) -> None:
    """Failed before: a name stayed as the rules of its day had masked it, and was found by what it hides."""
    redact_archive(database)
    assert shown(database) == {masked_filename(NAME), OURS}


def test_only_what_has_changed_is_written(database: Engine) -> None:
    assert refill_names(database) == 5
    assert refill_names(database) == 0


def test_a_name_whose_words_are_forgotten_is_masked_by_the_rules_of_today(database: Engine) -> None:
    """Failed before: the file took the name that older rules had masked, for good."""
    with transaction(database) as db:
        forget_words(db, recordings=["import 1"])
    with reading(database) as db:
        assert db.get_one(RecordingRow, "import 1").filename == masked_filename(NAME)
    assert refill_names(database) == 4
