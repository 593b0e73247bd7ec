"""`otklik backup` and `otklik restore`, as an operator uses them: into a fresh home, by counts and hashes."""

from __future__ import annotations

import json
import os
import re
import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner

from api.cli import app as otklik
from api.installation.drawn_secrets import draw_secrets
from recordings.database import connect, migrate, reading, transaction
from recordings.privacy import audit
from recordings.privacy.settings import privacy_settings
from recordings.privacy.subject import digest_of_text
from recordings.settings import store_settings
from recordings.tables import AuditRow, CallRow, CustomerRow, ErasureRow
from tests.services import free_port
from tests.upgrade.old_installation import Old, put_up

pytestmark = pytest.mark.services


@pytest.fixture
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Old:
    """An installation with rows in every table, and this process as one of its programs."""
    there = put_up(tmp_path, f"sqlite:///{tmp_path / 'home' / 'otklik.db'}")
    for name in [name for name in os.environ if name.startswith("OTKLIK_")]:
        monkeypatch.delenv(name)
    for name, value in there.env.items():
        monkeypatch.setenv(name, value)
    for name in ("SIP_PORT", "SIP_TLS_PORT", "ARI_PORT", "WEB_PORT"):
        monkeypatch.setenv(f"OTKLIK_{name}", str(free_port()))
    return there


def become(place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """From now on this process belongs to a fresh installation."""
    monkeypatch.setenv("OTKLIK_HOME", str(place))
    monkeypatch.setenv("OTKLIK_DATABASE_URL", f"sqlite:///{place / 'otklik.db'}")
    monkeypatch.setenv("OTKLIK_AUDIO_URL", f"file://{place / 'recordings'}")
    return place


def run(*arguments: str) -> str:
    done = CliRunner().invoke(otklik, list(arguments))
    assert done.exit_code == 0, done.output
    return done.stdout


def test_fresh_home_answers_as_the_old_one(old: Old, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (old.home / "recorded" / "ru").mkdir(parents=True)
    (old.home / "recorded" / "ru" / "greeting.wav").write_bytes(b"RIFF")
    made = Path(run("backup", "--to", str(tmp_path / "backups")).strip())
    calls = run("calls", "list", "--json")
    new = become(tmp_path / "elsewhere", monkeypatch)

    told = json.loads(run("restore", str(made)))

    assert run("calls", "list", "--json") == calls != ""
    assert told["sounds"] == len(old.known["sounds"])
    for kept in ("otklik.env", "retention.yaml", "recorded/ru/greeting.wav"):
        assert (new / kept).read_bytes() == (old.home / kept).read_bytes()
    assert (new / "otklik.env").stat().st_mode & 0o077 == 0
    assert {note.name for note in (new / "unwritten").iterdir()} == {n.name for n in (old.home / "unwritten").iterdir()}
    engine = connect(f"sqlite:///{new / 'otklik.db'}")
    with reading(engine) as db:
        actions = db.scalars(select(AuditRow.action).order_by(AuditRow.number.desc()).limit(2)).all()
        assert actions == ["backup.restored", "backup.made"]
        assert audit.verify(db) is None
        assert db.scalar(select(func.count()).select_from(CallRow)) == len(old.rows["calls"])
    engine.dispose()


def test_installation_that_has_calls_keeps_them(old: Old, tmp_path: Path) -> None:
    made = run("backup", "--to", str(tmp_path / "backups")).strip()
    refused = CliRunner().invoke(otklik, ["restore", made])
    assert refused.exit_code == 1
    assert re.search(r"nothing was restored: .*already holds calls.*--replace", refused.output, re.DOTALL)
    run("restore", made, "--replace")


def test_replacing_nothing_is_no_error(old: Old, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = run("backup", "--to", str(tmp_path / "backups")).strip()
    become(tmp_path / "elsewhere", monkeypatch)
    assert json.loads(run("restore", made, "--replace"))["sounds"] == len(old.known["sounds"])


def test_check_tells_of_damage_and_changes_nothing(old: Old, tmp_path: Path) -> None:
    made = run("backup", "--to", str(tmp_path / "backups")).strip()
    assert json.loads(run("restore", made, "--check"))["rows"]["calls"] == len(old.rows["calls"])
    Path(made, "rows", "calls.jsonl.gz").write_bytes(b"")
    refused = CliRunner().invoke(otklik, ["restore", made, "--check"])
    assert refused.exit_code == 1
    assert "calls.jsonl.gz is not what was written" in refused.output


def test_nothing_is_restored_under_running_parts(old: Old, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = run("backup", "--to", str(tmp_path / "backups")).strip()
    new = become(tmp_path / "elsewhere", monkeypatch)
    draw_secrets()
    with socket.create_server(("127.0.0.1", 0)) as web:
        monkeypatch.setenv("OTKLIK_WEB_PORT", str(web.getsockname()[1]))
        refused = CliRunner().invoke(otklik, ["restore", made])
    assert refused.exit_code == 1
    assert "stop all parts first" in refused.output
    assert [path.name for path in new.iterdir()] == ["otklik.env"]


def test_secrets_of_the_rows_come_into_an_installation_that_has_others(
    old: Old, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (old.home / "otklik.env").open("a") as file:
        file.write("OTKLIK_ERASURE_SECRET=of-the-receipts\n")
    made = run("backup", "--to", str(tmp_path / "backups")).strip()
    new = become(tmp_path / "elsewhere", monkeypatch)
    new.mkdir()
    (new / "otklik.env").write_text("OTKLIK_ARI_PASSWORD=our-own-secret\nOTKLIK_ERASURE_SECRET=another\n")
    run("restore", made)
    lines = (new / "otklik.env").read_text().splitlines()
    assert "OTKLIK_ARI_PASSWORD=our-own-secret" in lines
    assert [line for line in lines if line.startswith("OTKLIK_ERASURE_SECRET")] == [
        "OTKLIK_ERASURE_SECRET=of-the-receipts"
    ]


def test_who_was_erased_after_the_backup_is_erased_again_and_who_came_back_before_stays(
    old: Old, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTKLIK_ERASURE_SECRET", "a-secret-of-the-receipts")
    monkeypatch.setenv("OTKLIK_BACKUP_DIR", str(tmp_path / "backups"))
    store_settings.cache_clear()
    privacy_settings.cache_clear()
    numbers = [row["phone"] for row in old.rows["customers"] if row["phone"]]
    gone, stays = numbers[0], numbers[1]
    engine = connect(old.url)
    migrate(old.url)
    with transaction(engine) as db:  # erased long ago, and a customer again since
        db.add(
            ErasureRow(
                id="long-ago", subject=digest_of_text(stays, privacy_settings()), why="request", state="done",
                counts={},
                requested_at=datetime(2026, 1, 1, tzinfo=UTC), requested_by="admin", due_at=datetime.now(UTC),
                ended_at=datetime(2026, 1, 1, tzinfo=UTC), pending=[],
            )
        )  # fmt: skip
    made = run("backup").strip()
    erased = CliRunner().invoke(otklik, ["privacy", "erase", gone, "--yes"])
    assert '"state"' in erased.output, erased.output
    new = become(tmp_path / "elsewhere", monkeypatch)

    told = json.loads(run("restore", made))

    assert told["erased_again"]["people"] == 1
    restored = connect(f"sqlite:///{new / 'otklik.db'}")
    with reading(restored) as db:
        phones = set(db.scalars(select(CustomerRow.phone)))
    assert gone not in phones
    assert stays in phones
    assert gone not in (tmp_path / "backups" / "erasures.jsonl").read_text()
    restored.dispose()
    engine.dispose()
    store_settings.cache_clear()
    privacy_settings.cache_clear()
