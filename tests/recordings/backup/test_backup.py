"""A backup made while others write, restored into a fresh place by counts and hashes; and the ways it can go wrong."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import pytest
from sqlalchemy import Engine, func, select, update

from recordings.audio_store import AudioStore
from recordings.backup import backup
from recordings.backup.backup import check_backup, list_backups, make_backup, read_manifest, restore_backup
from recordings.backup.erasure_journal import add_to_journal
from recordings.backup.rows import dump_rows
from recordings.backup.sound import sound_keys
from recordings.database import connect, insert_once, migrate, transaction
from recordings.errors import BackupDamaged, NotEmpty, SchemaUnfit
from recordings.privacy import audit
from recordings.tables import CallRow, ErasedSoundRow, ErasureRow, RecordingRow
from tests.upgrade.old_installation import Old, put_up

pytestmark = [pytest.mark.services, pytest.mark.timeout(120)]

OTHER = {"sqlite": "postgresql", "postgresql": "sqlite"}


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def urls(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """Addresses of two empty databases, one of each kind."""
    postgres = str(request.getfixturevalue("postgres_url"))
    return {"sqlite": f"sqlite:///{tmp_path / 'database' / 'otklik.db'}", "postgresql": postgres}


@pytest.fixture
def old(urls: dict[str, str], kind: str, tmp_path: Path) -> Old:
    """An installation with rows in every table of its time, at today's schema."""
    there = put_up(tmp_path / "old", urls[kind])
    migrate(there.url)
    return there


@pytest.fixture
def engine(old: Old) -> Iterator[Engine]:
    engine = connect(old.url)
    yield engine
    engine.dispose()


def sounds_of(old: Old) -> AudioStore:
    return AudioStore(f"file://{old.home / 'recordings'}")


def quiet(done: int, total: int) -> None:
    """Nobody watches."""


def made_of(old: Old, engine: Engine, target: Path, *, keep: int = 0) -> Path:
    files = {"otklik.env": old.home / "otklik.env", "unwritten": old.home / "unwritten", "absent": old.home / "absent"}
    return make_backup(
        engine, sounds_of(old), target, files=files, models={"tiny": "a folder"}, version="1", keep=keep, progress=quiet
    )


def dumped(url: str, folder: Path) -> dict[str, list[str]]:
    """Every row of a database as text."""
    folder.mkdir()
    engine = connect(url)
    dump_rows(engine, folder)
    engine.dispose()
    return {
        path.name: sorted(gzip.decompress(path.read_bytes()).decode().splitlines()) for path in sorted(folder.iterdir())
    }


def test_fresh_place_has_every_row_and_every_sound(
    old: Old, engine: Engine, kind: str, urls: dict[str, str], tmp_path: Path
) -> None:
    made = made_of(old, engine, tmp_path / "backups")
    elsewhere = AudioStore(f"file://{tmp_path / 'new'}")

    restored = restore_backup(made, urls[OTHER[kind]], elsewhere, over=False, progress=quiet)

    before, after = dumped(old.url, tmp_path / "before"), dumped(urls[OTHER[kind]], tmp_path / "after")
    assert after == before
    assert sum(map(len, before.values())) > 100
    counted = {name.removesuffix(".jsonl.gz"): len(rows) - 1 for name, rows in before.items()}
    assert dict(restored.manifest.rows) == counted
    for key in sound_keys(engine):
        with elsewhere.open(key) as copy, sounds_of(old).open(key) as original:
            assert copy.read() == original.read()
    assert restored.sounds == len(sound_keys(engine)) > 0
    assert (made / "files/otklik.env").read_bytes() == (old.home / "otklik.env").read_bytes()
    assert made.stat().st_mode & 0o077 == 0


def test_restored_database_goes_on(old: Old, engine: Engine, kind: str, urls: dict[str, str], tmp_path: Path) -> None:
    made = made_of(old, engine, tmp_path / "backups")
    url = urls[OTHER[kind]]
    restore_backup(made, url, AudioStore(f"file://{tmp_path / 'new'}"), over=False, progress=quiet)
    after = connect(url)
    with transaction(after) as db:
        audit.note(db, "test", "backup.restored", "x")  # numbers go on where they were
        assert audit.verify(db) is None
    after.dispose()


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
class TestOfOneKind:
    """What does not depend on the database."""

    def test_rows_are_of_one_moment_while_others_write(self, old: Old, engine: Engine, tmp_path: Path) -> None:
        stop = threading.Event()

        def write() -> None:
            """Two tables always change together."""
            count = 0
            while not stop.is_set():
                count += 1
                with transaction(engine) as db:
                    db.execute(update(CallRow).values(summary=f"state {count}"))
                    db.execute(update(RecordingRow).values(filename=f"state {count}"))

        with transaction(engine) as db:
            db.execute(update(CallRow).values(summary="state 0"))
            db.execute(update(RecordingRow).values(filename="state 0"))
        writer = threading.Thread(target=write)
        writer.start()
        try:
            made = [made_of(old, engine, tmp_path / f"backups{number}") for number in range(3)]
        finally:
            stop.set()
            writer.join()
        for folder in made:
            told = set()
            for table, column in (("calls", "summary"), ("recordings", "filename")):
                head, *rows = (
                    gzip.decompress((folder / "rows" / f"{table}.jsonl.gz").read_bytes()).decode().splitlines()
                )
                told |= {json.loads(row)[json.loads(head).index(column)] for row in rows}
            assert len(told) == 1

    def test_sound_that_did_not_change_costs_no_room(self, old: Old, engine: Engine, tmp_path: Path) -> None:
        first = made_of(old, engine, tmp_path / "backups")
        second = made_of(old, engine, tmp_path / "backups")
        key = sound_keys(engine)[0]
        assert second != first
        assert (first / "sound" / key).samefile(second / "sound" / key)
        check_backup(second)

    def test_interrupted_backup_is_none_and_the_next_one_goes_on(
        self, old: Old, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Killed(BaseException):
            pass

        def killed(done: int, _total: int) -> None:
            if done == 2:
                raise Killed

        with pytest.raises(Killed):
            make_backup(engine, sounds_of(old), tmp_path / "backups", files={}, models={}, version="1", progress=killed)
        assert list_backups(tmp_path / "backups") == []
        opened: list[str] = []
        open_sound = AudioStore.open

        def noted(store: AudioStore, key: str) -> BinaryIO:
            opened.append(key)
            return open_sound(store, key)

        monkeypatch.setattr(AudioStore, "open", noted)
        made = made_of(old, engine, tmp_path / "backups")
        check_backup(made)
        assert len(opened) == len(sound_keys(engine)) - 2
        assert {path.name for path in (tmp_path / "backups").iterdir()} == {made.name, "erasures.jsonl", ".lock"}

    def test_old_ones_go(self, old: Old, engine: Engine, tmp_path: Path) -> None:
        target = tmp_path / "backups"
        first = made_of(old, engine, target)
        first.rename(target / "otklik-20200101T000000Z")
        second = made_of(old, engine, target, keep=1)
        assert list_backups(target) == [second]

    def test_only_one_at_a_time(self, old: Old, engine: Engine, tmp_path: Path) -> None:
        with backup._alone(_made(tmp_path / "backups")), pytest.raises(BlockingIOError, match="another backup"):
            made_of(old, engine, tmp_path / "backups")

    @pytest.mark.parametrize("harm", ["cut", "gone", "changed", "list"])
    def test_damaged_backup_restores_nothing(self, old: Old, engine: Engine, tmp_path: Path, harm: str) -> None:
        made = made_of(old, engine, tmp_path / "backups")
        file = {
            "cut": "rows/calls.jsonl.gz",
            "gone": f"sound/{sound_keys(engine)[0]}",
            "list": "sound/files.jsonl",
        }.get(harm, "files/otklik.env")
        if harm == "gone":
            (made / file).unlink()
        else:
            (made / file).write_bytes((made / file).read_bytes()[:-3] + b"xxx"[: 0 if harm == "cut" else 3])
        url = f"sqlite:///{tmp_path / 'new.db'}"
        with pytest.raises(BackupDamaged, match=Path(file).name):
            restore_backup(made, url, AudioStore(f"file://{tmp_path / 'new'}"), over=False, progress=quiet)
        assert not (tmp_path / "new").exists()
        assert not (tmp_path / "new.db").exists()

    def test_calls_that_are_there_are_not_lost(self, old: Old, engine: Engine, tmp_path: Path) -> None:
        made = made_of(old, engine, tmp_path / "backups")
        with transaction(engine) as db:
            db.execute(update(CallRow).values(summary="newer"))
        with pytest.raises(NotEmpty):
            restore_backup(made, old.url, sounds_of(old), over=False, progress=quiet)
        with transaction(engine) as db:
            assert db.scalar(select(func.count()).where(CallRow.summary == "newer"))
        restore_backup(made, old.url, sounds_of(old), over=True, progress=quiet)
        with transaction(engine) as db:
            assert not db.scalar(select(func.count()).where(CallRow.summary == "newer"))

    def test_newer_schema_and_newer_backup_are_refused(self, old: Old, engine: Engine, tmp_path: Path) -> None:
        made = made_of(old, engine, tmp_path / "backups")
        manifest = json.loads((made / "manifest.json").read_text())
        url = f"sqlite:///{tmp_path / 'new.db'}"
        for change, error in (({"schema": "9999"}, SchemaUnfit), ({"format": 99}, BackupDamaged)):
            (made / "manifest.json").write_text(json.dumps(manifest | change))
            with pytest.raises(error):
                restore_backup(made, url, AudioStore(f"file://{tmp_path / 'new'}"), over=False, progress=quiet)

    def test_what_was_erased_since_is_told(self, old: Old, engine: Engine, tmp_path: Path) -> None:
        target = tmp_path / "backups"
        made = made_of(old, engine, target)
        now = datetime.now(UTC)
        with transaction(engine) as db:
            db.add(
                ErasureRow(
                    id="later", subject="digest", why="request", state="done", counts={"calls": 1}, requested_at=now,
                    requested_by="admin", due_at=now, ended_at=now, pending=[],
                )
            )  # fmt: skip
            db.flush()
            insert_once(db, ErasedSoundRow, {"sha256": "f" * 64, "erasure_id": "later", "erased_at": now})
        add_to_journal(engine, target)
        url = f"sqlite:///{tmp_path / 'new.db'}"
        restored = restore_backup(made, url, AudioStore(f"file://{tmp_path / 'new'}"), over=False, progress=quiet)
        assert restored.erased_since == 2
        after = connect(url)
        with transaction(after) as db:
            assert db.get_one(ErasureRow, "later").counts == {"calls": 1}
            assert db.get_one(ErasedSoundRow, "f" * 64).erasure_id == "later"
        after.dispose()

    def test_no_room_says_so_and_leaves_no_backup(self, old: Old, engine: Engine, tmp_path: Path) -> None:
        target = _made(tmp_path / "backups")
        (target / "otklik-20200101T000000Z.partial").mkdir()
        (target / "otklik-20200101T000000Z.partial" / "manifest.json").symlink_to("/dev/full")
        with pytest.raises(OSError, match="No space left"):
            made_of(old, engine, target)
        assert list_backups(target) == []


def test_what_is_no_backup_is_told(tmp_path: Path) -> None:
    with pytest.raises(BackupDamaged, match=r"no manifest\.json"):
        read_manifest(tmp_path)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
