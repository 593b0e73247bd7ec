"""Figures of eight calls, each counted by hand, on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from scipy.stats import binomtest
from sqlalchemy import Engine

from recordings.contacts.call import Outcome
from recordings.database import connect, migrate, reading, transaction
from recordings.kpi.forecast import Plan, forecast, mean_patience
from recordings.kpi.groups import BREAKDOWNS, groups, heat, transfers
from recordings.kpi.kpi import NAMES, Terms, behind, differs, figure, figures, share
from recordings.kpi.rows import Traffic, read_traffic
from recordings.tables import (
    AgentRow,
    CallRow,
    ChatRow,
    CustomerRow,
    LegRow,
    MeaningRow,
    QueueVisitRow,
    RecordingRow,
    SurveyRow,
    TranscriptRow,
    TurnRow,
)

pytestmark = pytest.mark.services

MONDAY = datetime(2026, 11, 2, 9, tzinfo=UTC)
SINCE, UNTIL = MONDAY.replace(hour=0), MONDAY.replace(hour=0) + timedelta(days=7)
TERMS = Terms(now=MONDAY + timedelta(days=60))
HERE = ZoneInfo("Europe/Moscow")


def call(name: str, at: datetime, outcome: Outcome | None, *, seconds: float = 100, **changes: Any) -> CallRow:
    ended = at + timedelta(seconds=seconds + 2) if outcome else None
    return CallRow(**{
        "id": name, "started_at": at, "answered_at": at + timedelta(seconds=2), "ended_at": ended, "outcome": outcome,
        "caller_number": "", "extension": "1000", "language": "ru", "scenario": "support", "scenario_version": "v",
        "engine": "e", "consent": True, "agent": "", "summary": "", "failure": "",
    } | changes)  # fmt: skip


def visit(name: str, joined: datetime, *, waited: float | None, answered: bool = True, **changes: Any) -> QueueVisitRow:
    end = None if waited is None else joined + timedelta(seconds=waited)
    times = {"answered_at": end if answered else None, "left_at": None if answered else end}
    return QueueVisitRow(**{"id": f"visit of {name}", "call_id": name, "queue": "sales", "joined_at": joined,
                            "agent": "", "reason": "asked"} | times | changes)  # fmt: skip


def hours(number: float) -> datetime:
    return MONDAY + timedelta(hours=number)


_read: dict[str, Traffic] = {}
"""By kind of database: written and read once, never changed."""


@pytest.fixture(params=["sqlite", "postgresql"])
def calls(request: pytest.FixtureRequest, tmp_path: Path) -> Traffic:
    """The week's calls as each kind of database gives them."""
    if request.param not in _read:
        on_sqlite = request.param == "sqlite"
        url = f"sqlite:///{tmp_path / 'kpi.db'}" if on_sqlite else str(request.getfixturevalue("postgres_url"))
        migrate(url)
        engine = connect(url)
        _read[request.param] = write_and_read(engine)
        engine.dispose()
    return _read[request.param]


def write_and_read(database: Engine) -> Traffic:
    """Anna rings three times and writes once, Boris twice, two withhold their number; one call still goes on."""
    with transaction(database) as db:
        for name in ("anna", "boris"):
            db.add(CustomerRow(id=name, name=name, phone=None, language="ru", created_at=MONDAY))
        db.add(AgentRow(endpoint="PJSIP/101", name="Пётр", team="first"))
        db.flush()
        handed = {"agent": "PJSIP/101", "customer_id": "boris"}
        db.add_all([
            call("settled", hours(0), Outcome.SETTLED, seconds=60, customer_id="anna"),
            call("again", hours(24), Outcome.SETTLED, seconds=80, customer_id="anna"),  # and writes two days later
            call("handed", hours(1), Outcome.HANDED_OVER, seconds=300, language="en", **handed),
            call("late", hours(2), Outcome.HANDED_OVER, seconds=500, agent="PJSIP/102"),
            call("gone", hours(3), Outcome.ABANDONED, seconds=50),
            call("short", hours(4), Outcome.ABANDONED, seconds=13),
            call("promised", hours(5), Outcome.CALLBACK, seconds=90, caller_number="700"),
            call("asked", hours(6), Outcome.HANDED_OVER, seconds=120, caller_number="701"),  # no waiting line
            call("now", hours(7), None, customer_id="boris"),
            call("before", MONDAY - timedelta(days=2), Outcome.SETTLED, caller_number="701"),
            call("long before", MONDAY - timedelta(days=20), Outcome.SETTLED, caller_number="700"),
        ])  # fmt: skip
        db.flush()
        db.add(ChatRow(id="chat", channel="web", address="a", customer_id="anna", language="ru", scenario="s",
                       scenario_version="v", started_at=hours(72), last_at=hours(72)))  # fmt: skip
        db.add_all([
            visit("handed", hours(1), waited=10),
            visit("late", hours(2), waited=40, reason="anger", queue="claims"),
            visit("gone", hours(3), waited=30, answered=False),
            visit("short", hours(4), waited=3, answered=False),
            visit("promised", hours(5), waited=60, answered=False, reason="unclear"),
        ])  # fmt: skip
        for name, joined in (("handed", 50), ("late", 100)):
            db.add(LegRow(call_id=name, channel="PJSIP/101-1", speaker="agent", started=joined, ended=None))
        for number, intent in enumerate(("order", "person", "")):
            db.add(TurnRow(call_id="asked", number=number, speaker="caller", node="n", start=number, end=number + 1,
                           text="да", intent=intent))  # fmt: skip
        for number, (name, rating) in enumerate((("settled", 5), ("again", 3), ("handed", 4), ("late", None))):
            db.add(SurveyRow(id=str(number), call_id=name, asked_at=hours(0), rating=rating))
        db.add(RecordingRow(id="r", sha256="s", key="k", filename="f", call_id="handed", language="en", duration=1,
                            rate=8000, channels=2, size=1, created_at=MONDAY, state="analysed",
                            due_at=MONDAY))  # fmt: skip
        db.flush()
        db.add(TranscriptRow(id="t", recording_id="r", engine="e", language="en", body={}, text="", created_at=MONDAY))
        db.flush()
        for version, reason, day in (("1", "order", 0), ("2", "refund", 1)):
            db.add(MeaningRow(id=version, transcript_id="t", recording_id="r", version=version, reason=reason, body={},
                              created_at=hours(24 * day)))  # fmt: skip
    with reading(database) as db:
        return read_traffic(db, SINCE, UNTIL)


EXPECTED: dict[str, tuple[int | None, int, float]] = {
    # figure: those that count, of how many, value
    "calls": (None, 8, 8),
    "containment": (2, 8, 0.25),
    "contained_resolution": (0, 5, 0.0),  # of five known callers: Anna rang again, then wrote
    "first_contact": (0, 3, 0.0),  # Anna's first, Boris who rings again at once, 700 who was only promised a call
    "repeats": (2, 5, 0.4),  # Anna's second; 701 rang two days before, 700 too long ago
    "transfers": (4 + 2, 8, 0.75),
    "abandonment": (1, 4, 0.25),  # three seconds are too short to count, a promise is no abandonment
    "service_level": (1, 4, 0.25),
    "csat": (2, 3, 2 / 3),
    "response_rate": (3, 4, 0.75),
    "handling": (None, 2, (250 + 400) / 2),
    "robot": (None, 5, (60 + 80 + 50 + 13 + 90) / 5),
    "waiting": (None, 2, 25.0),
    "waiting_median": (None, 2, 25.0),
    "waiting_p90": (None, 2, 37.0),
}


def test_figures_are_those_counted_by_hand(calls: Traffic) -> None:
    found = figures(calls, TERMS)
    assert tuple(found) == NAMES
    for name, (hits, n, value) in EXPECTED.items():
        assert (name, found[name].hits, found[name].n) == (name, hits, n)
        assert found[name].value == pytest.approx(value), name


@pytest.mark.parametrize("name", NAMES)
def test_the_calls_behind_a_figure_are_those_it_counts(calls: Traffic, name: str) -> None:
    found = figure(name, calls, TERMS)
    assert int(np.sum(behind(name, calls, TERMS))) == found.n
    if found.hits is not None:
        assert int(np.sum(behind(name, calls, TERMS, hits=True))) == found.hits
        assert int(np.sum(behind(name, calls, TERMS, hits=False))) == found.n - found.hits


def test_breakdowns_hold_every_call_once(calls: Traffic) -> None:
    lines = {by: {g.name: g.figures["calls"].n for g in groups(calls, TERMS, by=by, here=HERE)} for by in BREAKDOWNS}
    assert lines["day"] == {"2026-11-02": 7, "2026-11-03": 1}
    assert lines["hour"] == {"12": 2, "13": 1, "14": 1, "15": 1, "16": 1, "17": 1, "18": 1}
    assert lines["language"] == {"ru": 7, "en": 1}
    assert lines["team"] == {"": 7, "first": 1}
    assert lines["queue"] == {"sales": 4, "": 3, "claims": 1}
    assert lines["reason"] == {"": 7, "refund": 1}  # the newest meaning
    assert lines["scenario"] == {"support": 8}
    assert heat(calls, here=HERE)[0, 12] == 1
    assert heat(calls, here=HERE).sum() == 8
    with pytest.raises(ValueError, match="want one of"):
        groups(calls, TERMS, by="colour", here=HERE)


def test_transfers_say_why(calls: Traffic) -> None:
    assert transfers(calls) == [("asked", 3), ("anger", 1), ("intent:person", 1), ("unclear", 1)]


def test_an_empty_period_has_no_figures_and_breaks_nothing(database: Engine) -> None:
    with reading(database) as db:
        nobody = read_traffic(db, SINCE, UNTIL)
    found = figures(nobody, TERMS)
    assert found.pop("calls").value == 0
    assert {f.value for f in found.values()} == {None}
    assert groups(nobody, TERMS, by="day", here=HERE) == []
    assert heat(nobody, here=HERE).sum() == 0
    assert mean_patience(nobody, TERMS) is None
    day = forecast(nobody, Plan(day=date(2026, 11, 23), handling=180), here=HERE)
    assert [slot.expected for slot in day] == [0.0] * 48
    assert day[0].staffing is None


def test_young_calls_wait_until_their_repeats_are_known(calls: Traffic) -> None:
    early = Terms(now=UNTIL)
    assert figure("contained_resolution", calls, early).n == 0
    assert figure("contained_resolution", calls, early).value is None
    assert figure("repeats", calls, early).n == 5


def test_intervals_are_scipys_and_tell_chance_from_change() -> None:
    for hits, n in ((0, 5), (3, 8), (8, 8), (812, 1000)):
        theirs = binomtest(hits, n).proportion_ci(method="wilson")
        ours = share("x", hits, n)
        assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=1e-9)
    # Newcombe 1998, table II, method 10: 56/70 - 48/80 = 0.2, 0.0524..0.3339
    assert differs(share("x", 56, 70), share("x", 48, 80)) is True
    assert differs(share("x", 5, 7), share("x", 4, 8)) is False
    assert differs(share("x", 0, 0), share("x", 4, 8)) is None


def test_a_day_is_expected_as_the_same_weekdays_before(calls: Traffic) -> None:
    plan = Plan(day=date(2026, 11, 16), weeks=4, handling=300.0, patience=mean_patience(calls, TERMS))
    assert plan.patience == 140.0  # 10 + 40 + 30 + 60 seconds waited, one gave up
    day = forecast(calls, plan, here=HERE)
    at_one = next(slot for slot in day if (slot.at.hour, slot.at.minute) == (13, 0))
    assert (at_one.expected, at_one.low) == (0.5, 0.0)  # one call on 2 November, none on the 9th; nothing before
    assert at_one.high is not None
    assert at_one.high > 0.5
    assert at_one.staffing is not None
    assert at_one.staffing.people == 1
    assert day[0].staffing is None


def test_the_night_the_clock_turns_has_all_its_hours(database: Engine) -> None:
    berlin, night = ZoneInfo("Europe/Berlin"), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    with transaction(database) as db:
        db.add_all(call(str(n), night + timedelta(hours=n), Outcome.SETTLED) for n in range(3))
    with reading(database) as db:
        found = read_traffic(db, night, night + timedelta(days=1))
    assert heat(found, here=berlin)[6, 2] == 2  # half past two comes twice
    assert heat(found, here=berlin)[6, 3] == 1
