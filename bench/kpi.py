"""The page of figures over 100,000 calls of eight weeks: what one request reads, counts and draws."""

from __future__ import annotations

import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import Engine, insert

from api.figures.view import asked_for, report
from bench.report import spread, write
from recordings.database import connect, migrate, reading, transaction
from recordings.tables import AgentRow, CallRow, CustomerRow, LegRow, QueueVisitRow, SurveyRow

CALLS = 100_000
CUSTOMERS = 30_000
ROUNDS = 5
WEEKS = 8
TARGET_SECONDS = 2.0


def run() -> None:
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'kpi.db'}"
        migrate(url)
        engine = connect(url)
        _fill(engine, now)
        took = []
        asked = asked_for({"by": "team"}, ZoneInfo("Europe/Moscow"), now)
        for _ in range(ROUNDS):
            start = time.perf_counter()
            with reading(engine) as db:
                found = report(db, asked)
            took.append(time.perf_counter() - start)
        engine.dispose()
    counted = found.figures[0]
    seconds = spread(took)
    write(
        "kpi",
        {
            "calls": CALLS,
            "in_period": counted.now.n,
            "in_period_before": counted.before.n,
            "seconds": seconds,
            "target_seconds": TARGET_SECONDS,
            "met": seconds["p95"] < TARGET_SECONDS,
        },
    )


def _fill(engine: Engine, now: datetime) -> None:
    draw = np.random.default_rng(1)
    begun = np.sort(draw.uniform(0, WEEKS * 7 * 86400, CALLS))
    outcomes = draw.choice(["settled", "handed_over", "callback", "abandoned"], CALLS, p=[0.45, 0.4, 0.05, 0.1])
    who = draw.integers(0, CUSTOMERS, CALLS)
    teams = [{"endpoint": f"PJSIP/{n}", "name": f"Agent {n}", "team": f"team {n % 5}"} for n in range(40)]
    people = [
        {"id": str(n), "name": "", "phone": f"+7916{n:07}", "language": "ru", "created_at": now}
        for n in range(CUSTOMERS)
    ]
    calls: list[dict[str, Any]] = []
    rest: dict[type[Any], list[dict[str, Any]]] = {LegRow: [], QueueVisitRow: [], SurveyRow: []}
    for number in range(CALLS):
        at = now - timedelta(seconds=WEEKS * 7 * 86400 - begun[number])
        taken = outcomes[number] == "handed_over"
        calls.append({
            "id": f"{number}.1", "started_at": at, "answered_at": at + timedelta(seconds=2),
            "ended_at": at + timedelta(seconds=200), "caller_number": "", "extension": "1000",
            "language": "ru" if number % 3 else "en", "scenario": "support", "scenario_version": "v", "engine": "e",
            "outcome": outcomes[number], "consent": True, "customer_id": str(who[number]),
            "agent": f"PJSIP/{number % 40}" if taken else "", "summary": "", "facts": None, "failure": "",
        })  # fmt: skip
        if outcomes[number] != "settled":
            left = at + timedelta(seconds=60 + number % 90)
            rest[QueueVisitRow].append({
                "id": str(number), "call_id": f"{number}.1", "queue": "first", "joined_at": at + timedelta(seconds=60),
                "answered_at": left if taken else None, "left_at": None if taken else left, "agent": "",
                "reason": "asked",
            })  # fmt: skip
        if taken:
            rest[LegRow].append(
                {"call_id": f"{number}.1", "channel": "a", "speaker": "agent", "started": 90.0, "ended": None}
            )
        if number % 3 == 0:
            rest[SurveyRow].append({
                "id": str(number), "call_id": f"{number}.1", "chat_id": None, "asked_at": at, "answered_at": None,
                "rating": 1 + number % 5 if number % 4 == 0 else None, "comment": "",
            })  # fmt: skip
    with transaction(engine) as db:
        for table, rows in ((AgentRow, teams), (CustomerRow, people), (CallRow, calls), *rest.items()):
            db.execute(insert(table), rows)
