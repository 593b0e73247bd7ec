"""Voices of callers, and what the robot wrote down of a call."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from ivr.dialog.nodes import Scenario
from ivr.scenario.scenario import load
from recordings.audio_store import AudioStore
from recordings.database import connect, reading
from recordings.tables import CallbackRow, CallRow, LegRow, RecordingRow, TurnRow
from speech.audio.audio import Sound, read_sound
from speech.settings import SpeechSettings
from speech.synthesis.synthesizer import Voice
from speech.synthesis.voices import open_voice
from tests.telephony import Exchange, Robot

SCENARIOS = Path(__file__).parents[2] / "ivr" / "scenarios"


@pytest.fixture(scope="session")
def russian() -> Iterator[Voice]:
    voice = open_voice("ru", SpeechSettings())
    yield voice
    voice.close()


@pytest.fixture(scope="session")
def korean() -> Iterator[Voice]:
    voice = open_voice("ko", SpeechSettings())
    yield voice
    voice.close()


async def until(holds: Callable[[], Any], *, seconds: float, what: str) -> Any:
    """Wait for something without keeping the telephones from being heard; what ``holds`` gave at last."""
    end = time.monotonic() + seconds
    while True:
        if found := await asyncio.to_thread(holds):
            return found
        if time.monotonic() > end:
            pytest.fail(f"waited {seconds:g} s in vain for {what}")
        await asyncio.sleep(0.1)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBook:
    """The database and the sound of one robot."""

    engine: Engine
    store: AudioStore
    exchange: Exchange

    def calls(self) -> list[CallRow]:
        """Newest first."""
        with reading(self.engine) as db:
            return list(db.scalars(select(CallRow).order_by(CallRow.started_at.desc())))

    def rows(self, table: type[Any]) -> list[Any]:
        with reading(self.engine) as db:
            return list(db.scalars(select(table)))

    def turns(self) -> list[TurnRow]:
        return sorted(self.rows(TurnRow), key=lambda turn: turn.number)

    def agent_legs(self) -> list[LegRow]:
        return [leg for leg in self.rows(LegRow) if leg.speaker == "agent"]

    def callbacks(self) -> list[CallbackRow]:
        return self.rows(CallbackRow)

    def ended(self) -> CallRow | None:
        calls = self.calls()
        return calls[0] if calls and calls[0].ended_at else None

    async def ended_call(self, seconds: float = 15) -> CallRow:
        """The newest call, once it is over and nothing of it is left in Asterisk."""
        call = await until(self.ended, seconds=seconds, what="the end of the call in the database")
        await until(
            lambda: not self.exchange.channels() and not self.exchange.bridges(),
            seconds=seconds,
            what="an idle Asterisk",
        )
        assert isinstance(call, CallRow)
        return call

    async def recording(self, seconds: float = 15) -> tuple[RecordingRow, Sound]:
        """The registered recording of the only call."""
        (row,) = await until(lambda: self.rows(RecordingRow), seconds=seconds, what="the recording")
        return row, self._sound(row)

    def _sound(self, row: RecordingRow) -> Sound:
        with self.store.open(row.key) as stored:
            path = self.exchange.folder / f"{row.id}.wav"
            path.write_bytes(stored.read())
        return read_sound(path)

    def left_with_asterisk(self) -> list[Mapping[str, Any]]:
        """Sound of this robot's calls that Asterisk still has."""
        ours = [call.id for call in self.calls()]
        return [
            stored
            for stored in self.exchange.ari("recordings/stored")
            if any(f"call-{call}-" in stored["name"] for call in ours)
        ]


@pytest.fixture
def book(robot: Robot) -> Iterator[CallBook]:
    robot.environment["OTKLIK_AUDIO_URL"] = f"file://{robot.folder / 'recordings'}"
    engine = connect(robot.database_url)
    store = AudioStore(robot.environment["OTKLIK_AUDIO_URL"])
    yield CallBook(engine=engine, store=store, exchange=robot.exchange)
    engine.dispose()


@pytest.fixture
def russian_robot(robot: Robot, book: CallBook, tmp_path: Path) -> Robot:
    """A robot with one scenario, and so one recogniser to load; started."""
    folder = tmp_path / "scenarios"
    shutil.copytree(SCENARIOS, folder, ignore=shutil.ignore_patterns("support.en.yaml"))
    robot.environment |= {"OTKLIK_SCENARIOS": str(folder), "OTKLIK_AGENT_RING_SECONDS": "4"}
    robot.start()
    return robot


@pytest.fixture(scope="session")
def desk() -> Scenario:
    """A small scenario with everything the language has."""
    return load(Path(__file__).parent / "written" / "desk.yaml")
