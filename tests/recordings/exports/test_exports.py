"""Tables taken out and read back, and the views other programs read, on SQLite and PostgreSQL."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from alembic import command
from alembic.config import Config
from pyarrow import parquet
from sqlalchemy import Engine, inspect, select, table, text

import recordings
from recordings.database import reading, transaction
from recordings.errors import ExportTooLarge
from recordings.exports.bi_views import VIEWS
from recordings.exports.exports import DATASETS, Type, Wanted
from recordings.exports.files import csv_lines, harmless, write_file
from recordings.tables import (
    AgentRow,
    AnalysisRow,
    CallRow,
    CustomerRow,
    EvaluationRow,
    FindingRow,
    QueueVisitRow,
    RecordingRow,
    RuleSetRow,
    ScorecardRow,
    SurveyRow,
    TranscriptRow,
)
from speech.recognition.words import Speaker, Transcript, Utterance

pytestmark = pytest.mark.services

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
SAID = "мой номер девять один шесть один два три четыре пять шесть семь"
NUMBER = "+79161234567"


@pytest.fixture
def archive(database: Engine) -> Engine:
    """One call with all that hangs on it, and one before."""
    said = Transcript(
        language="ru",
        engine="whisper",
        duration=9.0,
        utterances=(
            Utterance(speaker=Speaker.CALLER, start=0.5, end=4.0, text=SAID),
            Utterance(speaker=Speaker.AGENT, start=4.5, end=6.0, text="=спасибо", channel=1),
        ),
    )
    call: dict[str, Any] = {
        "caller_number": NUMBER, "extension": "1000", "language": "ru", "scenario": "support", "engine": "e",
        "scenario_version": "v", "outcome": "handed_over", "consent": True, "failure": "", "agent": "PJSIP/101",
    }  # fmt: skip
    with transaction(database) as db:
        db.add(CustomerRow(id="anna", name="Анна Смирнова", phone=NUMBER, language="ru", created_at=NOON))
        db.add(AgentRow(endpoint="PJSIP/101", name="Пётр", team="first"))
        db.flush()
        for name, days, summary in (("now", 0, f"Просит перезвонить на {NUMBER}"), ("old", 40, "=1+1")):
            at = NOON - timedelta(days=days)
            db.add(CallRow(**call, id=name, started_at=at, answered_at=at, ended_at=at + timedelta(seconds=90.5),
                           customer_id="anna", summary=summary))  # fmt: skip
        db.add(ScorecardRow(version="card", name="service", state="running", text="", created_at=NOON))
        db.flush()
        db.add(QueueVisitRow(id="v", call_id="now", queue="sales", joined_at=NOON, reason="asked",
                             answered_at=NOON + timedelta(seconds=12.5)))  # fmt: skip
        db.add(SurveyRow(id="s", call_id="now", asked_at=NOON, rating=5, answered_at=NOON))
        db.add(RecordingRow(id="r", sha256="s", key="k", filename="f", call_id="now", language="ru", duration=9.0,
                            rate=8000, channels=2, size=1, created_at=NOON, state="analysed", due_at=NOON))  # fmt: skip
        db.flush()
        db.add(TranscriptRow(id="t", recording_id="r", engine="whisper", language="ru", body=said.to_json(), text=SAID,
                             created_at=NOON))  # fmt: skip
        db.flush()
        for name, days in (("first", 0), ("second", 1)):
            db.add(AnalysisRow(id=name, transcript_id="t", recording_id="r", rule_set=name,
                               measures={"duration": 9.0, "sentiment": {"caller": -0.25}},
                               created_at=NOON + timedelta(days=days)))  # fmt: skip
        db.flush()
        for analysis in ("first", "second"):
            db.add(FindingRow(id=analysis, analysis_id=analysis, recording_id="r", kind="keyword", label="claim",
                              speaker="caller", start=0.5, end=4.0, quote=SAID))  # fmt: skip
        for name, state in (("done", "submitted"), ("draft", "draft")):
            db.add(EvaluationRow(id=name, recording_id="r", scorecard="card", evaluator=name, agent="PJSIP/101",
                                 calibration=name, state=state, answers={}, score=80.0, comment="",
                                 created_at=NOON))  # fmt: skip
    return database


def rows_of(engine: Engine, what: str, wanted: Wanted | None = None) -> list[dict[str, Any]]:
    names = [name for name, _ in DATASETS[what].columns]
    with reading(engine) as db:
        return [dict(zip(names, row, strict=True)) for row in DATASETS[what].rows(db, wanted or Wanted())]


def test_tables_hold_what_is_known_and_nothing_private(archive: Engine) -> None:
    old, now = rows_of(archive, "calls")
    assert (now["id"], now["agent_name"], now["team"], now["rating"]) == ("now", "Пётр", "first", 5)
    assert (now["caller_sentiment"], now["sound_seconds"]) == (-0.25, 9.0)
    assert old["sound_seconds"] is None
    (finding,) = rows_of(archive, "findings")  # of the newest analysis alone
    assert (finding["call"], finding["label"], finding["end_seconds"]) == ("now", "claim", 4.0)
    assert [line["text"] for line in rows_of(archive, "utterances")][1] == "=спасибо"
    assert [(line["id"], line["score"]) for line in rows_of(archive, "evaluations")] == [
        ("done", 80.0),
        ("draft", 80.0),
    ]
    everything = repr([rows_of(archive, what) for what in DATASETS])
    for private in ("1234567", "девять один шесть", "четыре пять", "Смирнова"):
        assert private not in everything


def test_time_and_language_choose(archive: Engine) -> None:
    assert [line["id"] for line in rows_of(archive, "calls", Wanted(since=NOON))] == ["now"]
    assert [line["id"] for line in rows_of(archive, "calls", Wanted(until=NOON))] == ["old"]
    assert [rows_of(archive, what, Wanted(language="en")) for what in DATASETS] == [[]] * len(DATASETS)
    days = rows_of(archive, "figures", Wanted(since=NOON - timedelta(days=60)))
    assert [(line["day"], line["calls"]) for line in days] == [(date(2026, 9, 23), 1), (date(2026, 11, 2), 1)]
    assert (days[1]["waiting"], days[1]["waiting_n"], days[0]["waiting"]) == (12.5, 1, None)


def test_csv_reads_back_and_runs_nothing(archive: Engine, tmp_path: Path) -> None:
    with reading(archive) as db:
        count = write_file(
            tmp_path / "calls.csv", "csv", DATASETS["calls"].columns, DATASETS["calls"].rows(db, Wanted()), bom=True
        )
    body = (tmp_path / "calls.csv").read_bytes()
    assert body.startswith(b"\xef\xbb\xbf")
    old, now = csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline=""))
    assert count == 2
    assert now["started_at_utc"] == "2026-11-02T12:00:00.000Z"
    assert now["consent"] == "true"
    assert (old["summary"], old["rating"]) == ("'=1+1", "")
    assert [harmless(text) for text in ("=1", "+7", "-1", "@a", "\tb", "нет")] == [
        "'=1",
        "'+7",
        "'-1",
        "'@a",
        "'\tb",
        "нет",
    ]


def test_xlsx_has_real_dates_and_no_formulas(archive: Engine, tmp_path: Path) -> None:
    with reading(archive) as db:
        write_file(tmp_path / "calls.xlsx", "xlsx", DATASETS["calls"].columns, DATASETS["calls"].rows(db, Wanted()))
    with zipfile.ZipFile(tmp_path / "calls.xlsx") as book:
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))  # noqa: S314 - our own file
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    cells = {cell.get("r"): cell for cell in sheet.iter(f"{space}c")}
    (serial,) = cells["B3"].itertext()
    assert datetime(1899, 12, 30, tzinfo=UTC) + timedelta(days=float(serial)) == NOON
    assert cells["B3"].get("s") != "0"  # shown as a date
    assert "".join(cells["B1"].itertext()) == "started_at_utc"
    assert "".join(cells["R2"].itertext()) == "=1+1"
    assert not list(sheet.iter(f"{space}f"))


def test_parquet_keeps_types(archive: Engine, tmp_path: Path) -> None:
    with reading(archive) as db:
        rows = DATASETS["calls"].rows(db, Wanted())
        assert write_file(tmp_path / "calls.parquet", "parquet", DATASETS["calls"].columns, rows) == 2
    table = parquet.read_table(tmp_path / "calls.parquet")
    assert str(table.schema.field("started_at").type) == "timestamp[us, tz=UTC]"
    assert table.column("started_at").to_pylist()[1] == NOON
    assert table.column("rating").to_pylist() == [None, 5]
    assert table.column("consent").to_pylist() == [True, True]


def test_a_file_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recordings.exports.files.MOST_ROWS", 3)

    def rows() -> Iterator[tuple[Any, ...]]:
        yield from ((number,) for number in range(5))

    with pytest.raises(ExportTooLarge, match="shorter time"):
        write_file(tmp_path / "x.xlsx", "xlsx", (("n", Type.WHOLE),), rows())
    assert list(tmp_path.iterdir()) == []
    # what is sent to a browser comes in parts: memory stays flat however long the table is
    parts = list(csv_lines((("n", Type.TEXT),), (("слово" * 100,) for _ in range(1000))))
    assert len(parts) > 5
    assert max(map(len, parts)) < 200_000


EXPECTED = {
    "bi_calls": {"call_id": "now", "seconds": 90.5, "agent_name": "Пётр", "customer": "anna", "reason": ""},
    "bi_findings": {"finding_id": "second", "call_id": "now", "label": "claim", "end_seconds": 4.0},
    "bi_evaluations": {"evaluation_id": "done", "scorecard": "service", "score": 80.0},
    "bi_queue_visits": {"visit_id": "v", "waited_seconds": 12.5, "answered": 1, "reason": "asked"},
    "bi_surveys": {"survey_id": "s", "call_id": "now", "rating": 5},
    "bi_days": {"outcome": "handed_over", "calls": 1, "seconds": 90.5},
}


def test_views_hold_what_is_promised_and_nothing_private(archive: Engine) -> None:
    with archive.connect() as connection:
        for name, view in VIEWS.items():
            rows = [dict(row) for row in connection.execute(select(text("*")).select_from(table(name))).mappings()]
            assert list(rows[0]) == list(view.columns), name
            found = [row for row in rows if EXPECTED[name].items() <= row.items()]
            assert len(found) == 1 if name != "bi_days" else len(found) == 2, (name, rows)
            assert not any(private in repr(rows) for private in ("1234567", "девять", "Смирнова", NUMBER))
        if connection.dialect.name == "postgresql":
            told = connection.scalar(text("SELECT col_description('bi_calls'::regclass, 1)"))
            assert told == VIEWS["bi_calls"].columns["call_id"]
            connection.execute(text("CREATE ROLE kpi_reader"))
            connection.execute(text("GRANT USAGE ON SCHEMA public TO kpi_reader"))
            connection.execute(text("GRANT SELECT ON bi_calls TO kpi_reader"))
            connection.execute(text("SET ROLE kpi_reader"))
            assert connection.scalar(text("SELECT count(*) FROM bi_calls")) == 2  # and needs no right on the tables
            connection.rollback()


def test_views_go_and_come_with_their_migration(database: Engine) -> None:
    config = Config(str(Path(recordings.__file__).parent / "migrations" / "alembic.ini"))
    with database.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0003")
        assert not set(VIEWS) & set(inspect(connection).get_view_names())
        command.upgrade(config, "head")
        assert set(VIEWS) <= set(inspect(connection).get_view_names())


VIEWS_OF_0004 = {
    "bi_calls": """
        SELECT c.id AS call_id, c.started_at, c.answered_at, c.ended_at,
            {seconds} AS seconds, c.language, c.scenario, c.outcome, c.agent,
            COALESCE(g.name, '') AS agent_name, COALESCE(g.team, '') AS team,
            COALESCE(c.customer_id, '') AS customer, COALESCE(k.segment, '') AS segment, c.consent,
            COALESCE((SELECT m.reason FROM meanings m WHERE m.recording_id = r.id
                ORDER BY m.created_at DESC, m.id LIMIT 1), '') AS reason,
            r.id AS recording_id, r.duration AS sound_seconds
        FROM calls c
        LEFT JOIN agents g ON g.endpoint = c.agent
        LEFT JOIN customers k ON k.id = c.customer_id
        LEFT JOIN recordings r ON r.call_id = c.id
        WHERE c.ended_at IS NOT NULL""",
    "bi_findings": """
        SELECT f.id AS finding_id, f.recording_id, COALESCE(r.call_id, r.id) AS call_id,
            COALESCE(c.started_at, r.created_at) AS at, f.kind, f.label, f.speaker, f.start AS start_seconds,
            f."end" AS end_seconds, f.value
        FROM findings f
        JOIN recordings r ON r.id = f.recording_id
        LEFT JOIN calls c ON c.id = r.call_id
        WHERE f.analysis_id = (SELECT a.id FROM analyses a WHERE a.recording_id = f.recording_id
            ORDER BY a.created_at DESC, a.id DESC LIMIT 1)""",
}
"""As version 0004 made them: with the findings of a draft."""
SECONDS = {
    "postgresql": "CAST(EXTRACT(EPOCH FROM c.ended_at - c.started_at) AS DOUBLE PRECISION)",
    "sqlite": "ROUND((JULIANDAY(c.ended_at) - JULIANDAY(c.started_at)) * 86400.0, 3)",
}


def test_an_upgrade_corrects_the_views_and_who_was_granted_one_keeps_it(archive: Engine) -> None:
    dialect = archive.dialect.name
    config = Config(str(Path(recordings.__file__).parent / "migrations" / "alembic.ini"))
    with transaction(archive) as db:
        db.add(RuleSetRow(version="second", state="draft", files={}, created_at=NOON))
    with archive.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0004")
        for name, query in VIEWS_OF_0004.items():
            connection.execute(text(f"DROP VIEW {name}"))
            connection.execute(text(f"CREATE VIEW {name} AS {query.replace('{seconds}', SECONDS[dialect])}"))
        if dialect == "postgresql":
            connection.execute(text("CREATE ROLE views_reader"))
            connection.execute(text("GRANT USAGE ON SCHEMA public TO views_reader"))
            connection.execute(text("GRANT SELECT ON bi_findings TO views_reader"))
        assert connection.scalars(text("SELECT finding_id FROM bi_findings")).all() == ["second"]
        command.upgrade(config, "head")
        if dialect == "postgresql":
            connection.execute(text("SET ROLE views_reader"))
        assert connection.scalars(text("SELECT finding_id FROM bi_findings")).all() == ["first"]
        connection.rollback()
