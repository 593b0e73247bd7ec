"""Erasing one of 33,000 people out of 100,000 calls, and who waits meanwhile: SQLite's write lock, held by others."""

from __future__ import annotations

import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import Engine, func, insert, select

from bench.report import spread, write
from recordings.audio_store import AudioStore
from recordings.database import connect, migrate, reading, transaction
from recordings.privacy import audit, privacy
from recordings.privacy.person import find_person
from recordings.privacy.settings import PrivacySettings
from recordings.privacy.subject import subject_from
from recordings.tables import CallRow, CustomerRow, RecordingRow, TranscriptRow, TurnRow

CALLS = 100_000
CUSTOMERS = 33_000
RECORDINGS = 3_000
"""Of them; each with a transcript as large as that of a call of five minutes."""
TURNS = 6
ERASED = 10
"""Numbers that are erased, one after the other: one that nobody has among them."""
TARGET_SECONDS = 0.2


def run() -> None:
    with tempfile.TemporaryDirectory(prefix="otklik-bench-") as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'otklik.db'}"
        migrate(url)
        engine = connect(url)
        _fill(engine)
        places = {
            place: folder / place for place in ("notes_dir", "prompts_dir", "logs_dir", "models_dir", "spool_dir")
        }
        settings = PrivacySettings(erasure_secret=SecretStr("secret"), searched_dir=folder / "home", **places)
        sounds = AudioStore(f"file://{folder / 'recordings'}")
        numbers = [_number(who) for who in range(0, CUSTOMERS, CUSTOMERS // (ERASED - 1))][: ERASED - 1]
        looked = [_seconds(lambda number=number: _find(engine, number)) for number in numbers]
        waits, took, states = _erase(engine, sounds, settings, [*numbers, "+79990000000"])
        with reading(engine) as db:
            left = db.scalar(select(func.count()).select_from(CallRow)) or 0
        size = (folder / "otklik.db").stat().st_size
        engine.dispose()
    lock = spread(waits)
    write(
        "erasure",
        {
            "calls": CALLS,
            "calls_left": left,
            "recordings": RECORDINGS,
            "database_mb": round(size / 1e6),
            "erasures": ERASED,
            "done": sum(state == "done" for state in states),
            "find_seconds": spread(looked),
            "erasure_seconds": spread(took),
            "others_wait_seconds": lock,
            "longest_wait_seconds": round(max(waits), 4),
            "target_seconds": TARGET_SECONDS,
            "met": max(waits) <= TARGET_SECONDS,
        },
    )


def _erase(
    engine: Engine, sounds: AudioStore, settings: PrivacySettings, numbers: list[str]
) -> tuple[list[float], list[float], list[str]]:
    """Seconds that another writer waited for each of its writes, seconds each erasure took, and how it ended."""
    waits: list[float] = []
    over = threading.Event()

    def write_meanwhile() -> None:
        while not over.is_set():
            start = time.perf_counter()
            with transaction(engine) as db:
                waits.append(time.perf_counter() - start)
                audit.note(db, "bench", "bench.written", "")
            over.wait(0.01)

    other = threading.Thread(target=write_meanwhile)
    other.start()
    took, states = [], []
    try:
        for number in numbers:
            start = time.perf_counter()
            states.append(privacy.erase_person(engine, sounds, number, by="bench", settings=settings).state)
            took.append(time.perf_counter() - start)
    finally:
        over.set()
        other.join()
    return waits, took, states


def _find(engine: Engine, number: str) -> None:
    with reading(engine) as db:
        find_person(db, subject_from(number))


def _seconds(work: Any) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _number(who: int) -> str:
    return f"+7916{who:07}"


def _fill(engine: Engine) -> None:
    now = datetime.now(UTC)
    words = [{"speaker": "caller", "start": at / 3, "end": at / 3 + 0.3, "text": "слово"} for at in range(600)]
    with transaction(engine) as db:
        db.execute(
            insert(CustomerRow),
            [
                {"id": str(who), "name": "", "phone": _number(who), "language": "ru", "created_at": now}
                for who in range(CUSTOMERS)
            ],
        )
        for first in range(0, CALLS, 10_000):
            some = range(first, first + 10_000)
            db.execute(insert(CallRow), [_call(number, now) for number in some])
            db.execute(
                insert(TurnRow),
                [
                    {
                        "call_id": f"{number}.1", "number": turn, "speaker": "caller", "node": "", "start": turn,
                        "end": turn + 1, "text": "где мой заказ я жду уже вторую неделю", "engine": "e", "words": [],
                    }
                    for number in some
                    for turn in range(TURNS)
                ],
            )  # fmt: skip
        for number in range(RECORDINGS):
            db.add(
                RecordingRow(
                    id=f"r{number}", sha256=f"{number:064}", key=f"{number}.wav", filename=f"{number}.wav",
                    call_id=f"{number}.1", language="ru", duration=300, rate=8000, channels=2, size=1, created_at=now,
                    state="analysed", due_at=now,
                )
            )  # fmt: skip
            db.add(
                TranscriptRow(
                    id=f"t{number}", recording_id=f"r{number}", engine="e", language="ru", created_at=now,
                    text="слово " * 600, body={"utterances": words},
                )
            )  # fmt: skip


def _call(number: int, now: datetime) -> dict[str, Any]:
    at = now - timedelta(minutes=number)
    return {
        "id": f"{number}.1", "started_at": at, "answered_at": at, "ended_at": at, "extension": "1000", "language": "ru",
        "caller_number": _number(number % CUSTOMERS), "scenario": "s", "scenario_version": "v", "engine": "e",
        "outcome": "settled", "customer_id": str(number % CUSTOMERS), "facts": None,
    }  # fmt: skip
