"""Nothing of a call is lost while its database is away."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from ivr.call_log.entries import Closed, Opened, Promised
from ivr.call_log.spool import Spool
from ivr.call_log.writer import CallLogWriter
from ivr.dialog.state import Frame, State
from recordings.contacts.call import Call, Callback, Leg, Outcome, Turn
from recordings.database import connect, migrate, reading
from recordings.tables import CallbackRow, CallRow, CustomerRow, LegRow, TurnRow
from speech.recognition.words import Speaker, Word

pytestmark = pytest.mark.unit

CALL = Call(
    id="otklik-1763800000.7",
    started_at=datetime(2026, 11, 22, 8, tzinfo=UTC),
    caller_number="+79161234567",
    extension="1000",
    language="ru",
    scenario="order_status",
    scenario_version="0123456789ab",
    engine="vosk-ru",
)


class Store:
    """A database that can go away."""

    def __init__(self, folder: Path) -> None:
        self._here, self._away = folder / "here", folder / "away"
        url = f"sqlite:///{self._here / 'otklik.db'}"
        migrate(url)
        self.engine: Engine = connect(url)

    def go(self) -> None:
        self.engine.dispose()
        self._here.rename(self._away)

    def come_back(self) -> None:
        self._away.rename(self._here)

    def call(self) -> CallRow | None:
        with reading(self.engine) as db:
            return db.get(CallRow, CALL.id)

    def all(self, table: type[Any]) -> list[Any]:
        with reading(self.engine) as db:
            return list(db.scalars(select(table)))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path)
    yield store
    store.engine.dispose()


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "unwritten")


@asynccontextmanager
async def writing(store: Store, spool: Spool) -> AsyncIterator[CallLogWriter]:
    """A call log with its writer; what is unwritten at the end is put aside."""
    call_log = CallLogWriter(store.engine, spool, CALL)
    writer = asyncio.create_task(call_log.run())
    yield call_log
    writer.cancel()
    await asyncio.gather(writer, return_exceptions=True)
    call_log.put_aside()


def said(text: str, *, confidence: float | None = None, words: tuple[Word, ...] = ()) -> Turn:
    return Turn(
        speaker=Speaker.CALLER, node="ask_topic", text=text, start=1.0, end=1.5, confidence=confidence, words=words
    )


def hold_a_call(call_log: CallLogWriter) -> None:
    """An entry of every kind but the refusal."""
    call_log.change(answered_at=datetime(2026, 11, 22, 8, 0, 1, tzinfo=UTC))
    call_log.customer(name="Анна", phone="+79161234567", language="ru")
    word = Word(text="оператора", start=1.0, end=1.5, confidence=0.9)
    call_log.turn(said("оператора", confidence=0.9, words=(word,)))
    call_log.leg(Leg(call_id=CALL.id, speaker=Speaker.AGENT, channel="PJSIP/agent-1", started=3.0))
    call_log.promise_callback("+79161234567", "оператора")
    call_log.close(Outcome.CALLBACK)


def assert_written(store: Store) -> None:
    call = store.call()
    assert call
    assert (call.outcome, bool(call.ended_at), bool(call.answered_at)) == (Outcome.CALLBACK, True, True)
    (customer,) = store.all(CustomerRow)
    assert call.customer_id == customer.id
    (turn,) = store.all(TurnRow)
    assert (turn.text, turn.words[0]["text"]) == ("оператора", "оператора")
    assert len(store.all(LegRow)) == 1
    (callback,) = store.all(CallbackRow)
    assert callback.phone == "+79161234567"


async def test_a_database_that_comes_back_during_the_call_gets_everything(store: Store, spool: Spool) -> None:
    store.go()
    async with writing(store, spool) as call_log:
        hold_a_call(call_log)
        assert not await call_log.written(0.1)
        store.come_back()
        assert await call_log.written(10)
    assert_written(store)
    assert not spool.has(CALL.id)


@pytest.mark.parametrize("when", ["before the call", "in the call"])
async def test_what_was_put_aside_is_written_once_the_database_is_back(store: Store, spool: Spool, when: str) -> None:
    async with writing(store, spool) as call_log:
        if when == "in the call":
            assert await call_log.written(10)
        store.go()
        hold_a_call(call_log)
    assert spool.has(CALL.id)
    spool.replay(store.engine)  # still away
    assert spool.has(CALL.id)
    store.come_back()
    spool.replay(store.engine)
    assert_written(store)
    assert not spool.has(CALL.id)


async def test_a_call_back_is_promised_once_however_often_it_is_written(
    store: Store, spool: Spool, tmp_path: Path
) -> None:
    store.go()
    async with writing(store, spool) as call_log:
        hold_a_call(call_log)
    store.come_back()
    (path,) = (tmp_path / "unwritten").iterdir()
    lines = path.read_bytes()
    for _ in range(2):
        path.write_bytes(lines)
        spool.replay(store.engine)
    assert_written(store)


async def test_words_of_who_refused_lie_in_no_file(store: Store, spool: Spool, tmp_path: Path) -> None:
    store.go()
    async with writing(store, spool) as call_log:
        call_log.turn(said("моя тайна"))
        call_log.change(summary="Звонит Анна. Тайна.")
        call_log.promise_callback("+79161234567", "моя тайна")
        call_log.state = State(at=Frame(node="unrecorded"), recorded=False)
        call_log.refuse_recording()
        call_log.close(Outcome.ABANDONED)
    (path,) = (tmp_path / "unwritten").iterdir()
    assert path.stat().st_mode & 0o077 == 0
    assert "тайна" not in path.read_text().lower()
    store.come_back()
    spool.replay(store.engine)
    call = store.call()
    assert call
    assert not call.consent


async def test_a_damaged_file_stays_and_stops_nobody_else(
    store: Store, spool: Spool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store.go()
    async with writing(store, spool) as call_log:
        hold_a_call(call_log)
    store.come_back()
    damaged = tmp_path / "unwritten" / "a.jsonl"
    damaged.write_text('{"kind": "opened"')
    spool.replay(store.engine)
    assert_written(store)
    assert damaged.exists()
    assert str(damaged) in caplog.text


async def test_without_room_for_the_file_the_promise_stands_in_the_log(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store.go()
    blocked = tmp_path / "unwritten"
    blocked.write_text("not a folder")
    async with writing(store, Spool(blocked)) as call_log:
        hold_a_call(call_log)
    assert "CALL BACK +79161234567" in caplog.text
    store.come_back()


def test_notes_from_before_there_were_codes_are_told_by_their_words(store: Store, spool: Spool, tmp_path: Path) -> None:
    spool.keep(CALL.id, [Opened(call=CALL)])
    (file,) = (tmp_path / "unwritten").glob("*.jsonl")
    opened = file.read_text("utf-8").replace('"failures":[],', "").replace(',"failures":[]', "")
    assert "failures" not in opened
    ended = {"call_id": CALL.id, "ended_at": "2026-11-22T09:00:00Z", "outcome": "failed", "kind": "closed"}
    closed = json.dumps({**ended, "failure": "voice: gone"})
    changed = json.dumps({"call_id": CALL.id, "texts": {"failure": "voice: gone; no recording: x"}, "kind": "changed"})
    file.write_text("\n".join([opened.rstrip(), closed, changed, ""]), "utf-8")
    spool.replay(store.engine)
    assert not spool.has(CALL.id)
    call = store.call()
    assert call
    assert [failure["code"] for failure in call.failures or []] == ["voice", "no_recording"]
    assert call.failure == "voice: gone; no recording: x"


async def test_an_entry_that_never_fits_does_not_hold_the_others(store: Store, spool: Spool) -> None:
    stranger = Callback(
        call_id="no such call", phone="+79161234567", reason="", requested_at=datetime(2026, 11, 22, tzinfo=UTC)
    )
    closed = Closed(call_id=CALL.id, ended_at=datetime(2026, 11, 22, 9, tzinfo=UTC), outcome=Outcome.SETTLED)
    spool.keep(CALL.id, [Opened(call=CALL), Promised(callback=stranger), closed])
    spool.replay(store.engine)
    assert not spool.has(CALL.id)
    call = store.call()
    assert call
    assert call.outcome == Outcome.SETTLED
    assert store.all(CallbackRow) == []


HOLD_AND_DIE = """
import asyncio, os, sys
from pathlib import Path
from ivr.call_log.spool import Spool
from ivr.call_log.writer import CallLogWriter
from ivr.dialog.state import Frame, State
from recordings.contacts.call import Outcome
from recordings.database import connect
from tests.ivr.call_log.test_writer import CALL, said, wait_for_lines

async def main():
    call_log = CallLogWriter(connect(sys.argv[1]), Spool(Path(sys.argv[2])), CALL)
    writer = asyncio.create_task(call_log.run())
    call_log.turn(said("перезвоните мне"))
    call_log.promise_callback("+79161234567", "перезвоните мне")
    call_log.state = State(at=Frame(node="goodbye"), outcome=Outcome.CALLBACK, finished=True)
    await asyncio.to_thread(wait_for_lines, Path(sys.argv[2]), 4)
    os.kill(os.getpid(), 9)

asyncio.run(main())
"""


def wait_for_lines(folder: Path, lines: int) -> None:
    end = time.monotonic() + 10
    while sum(path.read_bytes().count(b"\n") for path in folder.glob("*")) < lines:
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.parametrize("database", ["away", "there"])
def test_a_kill_before_the_end_is_written_loses_nothing(
    store: Store, spool: Spool, tmp_path: Path, database: str
) -> None:
    away = "postgresql+psycopg://otklik@127.0.0.1:1/otklik"
    url = away if database == "away" else store.engine.url.render_as_string()
    died = subprocess.run([sys.executable, "-c", HOLD_AND_DIE, url, tmp_path / "unwritten"], check=False)
    assert died.returncode == -9
    assert spool.has(CALL.id)
    for _ in range(2):
        spool.replay(store.engine)
    call = store.call()
    assert call
    assert (call.outcome, bool(call.ended_at)) == (Outcome.CALLBACK, True)
    (turn,) = store.all(TurnRow)
    (callback,) = store.all(CallbackRow)
    assert (turn.text, callback.phone) == ("перезвоните мне", "+79161234567")
    assert not spool.has(CALL.id)


async def test_nobody_replays_the_journal_of_a_call_that_goes_on(store: Store, spool: Spool, tmp_path: Path) -> None:
    store.go()
    async with writing(store, spool) as call_log:
        call_log.turn(said("моя тайна"))
        await asyncio.to_thread(wait_for_lines, tmp_path / "unwritten", 2)
        store.come_back()
        spool.replay(store.engine)
        assert spool.has(CALL.id)
        (path,) = (tmp_path / "unwritten").iterdir()
        assert path.stat().st_mode & 0o077 == 0
        call_log.state = State(at=Frame(node="unrecorded"), recorded=False)
        call_log.refuse_recording()
        assert await call_log.written(10)
        await asyncio.to_thread(wait_until_gone, "тайна", path)
    assert not spool.has(CALL.id)


def wait_until_gone(words: str, path: Path) -> None:
    end = time.monotonic() + 5
    while words in path.read_text("utf-8"):
        assert time.monotonic() < end
        time.sleep(0.01)
