"""`otklik export`: tables to stdout or a file, wrong wishes refused, and what it tells about the views."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer
from pyarrow import parquet
from sqlalchemy import select

from api.cli.export import export_table
from api.demo_data.month import plan
from api.demo_data.write import write_calls
from recordings.database import connect, migrate, reading, transaction
from recordings.exports.bi_views import VIEWS
from recordings.tables import AuditRow

pytestmark = pytest.mark.unit

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = f"sqlite:///{tmp_path / 'otklik.db'}"
    monkeypatch.setenv("OTKLIK_DATABASE_URL", url)
    migrate(url)
    engine = connect(url)
    with transaction(engine) as db:
        write_calls(db, plan(calls=30, languages=("ru",), seed=1, until=NOW), sounding=frozenset())
    engine.dispose()
    return url


def test_a_table_goes_to_stdout_and_leaves_a_line(archive: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    export_table("utterances", language="ru")
    lines = list(csv.DictReader(io.StringIO(capfdbinary.readouterr().out.decode(), newline="")))
    assert len({line["call"] for line in lines}) == 30
    assert {line["speaker"] for line in lines} == {"caller", "robot", "agent"}
    engine = connect(archive)
    with reading(engine) as db:
        line = db.scalars(select(AuditRow)).one()
    engine.dispose()
    assert (line.action, line.subject, line.login[:4]) == ("export.made", "utterances", "cli:")


def test_days_are_whole_and_the_last_one_is_included(archive: str, tmp_path: Path) -> None:
    file = tmp_path / "calls.parquet"
    day = (NOW - timedelta(days=1)).date()
    ways = {"since": str(day), "until": str(day), "language": "", "bom": False}
    export_table("calls", form="parquet", out=file, **ways)  # type: ignore[arg-type]
    assert {at.date() for at in parquet.read_table(file).column("started_at").to_pylist()} <= {day}


@pytest.mark.parametrize(("form", "since"), [("xlsx", ""), ("csv", "yesterday")])
def test_what_cannot_be_meant_is_refused(
    archive: str, capsys: pytest.CaptureFixture[str], form: str, since: str
) -> None:
    with pytest.raises(typer.Exit) as refused:
        export_table("calls", form=form, since=since)  # type: ignore[arg-type]
    assert refused.value.exit_code == 2
    assert "want a day" in (told := capsys.readouterr().err) or "needs --out" in told


def test_a_folder_that_is_not_there_is_said(archive: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "nowhere" / "x.csv"
    with pytest.raises(typer.Exit) as refused:
        export_table("calls", out=out)
    assert refused.value.exit_code == 1
    assert "nowhere" in capsys.readouterr().err


def test_views_are_told_column_by_column(capsys: pytest.CaptureFixture[str]) -> None:
    export_table("views")
    told = capsys.readouterr().out
    assert all(name in told and all(column in told for column in view.columns) for name, view in VIEWS.items())
    assert "GRANT SELECT" in told
