"""What the dialplan noted of a call becomes its row: once, however often it is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from ivr.call.notes import Note, parse, settle
from recordings.calls import call_log
from recordings.contacts.call import Call, Outcome
from recordings.database import connect, insert_once, migrate, reading, transaction
from recordings.privacy.erasure import call_tombstone
from recordings.tables import CallbackRow, CallRow, ErasedSoundRow, ErasureRow, LegRow

pytestmark = pytest.mark.unit

CALL = "otklik-1763800000.7"
NINES = "9" * 40 + "||1|1000|||||||"
TAKEN = "1763800000|1763800030|1763800100|1000|+79161234567|ru|ANSWER|55|PJSIP/agent-00000002||"
NOBODY = "1763800000|1763800000|1763800035|1000|+79161234567|ru|NOANSWER|||1|"
LET_GO = "1763800000||1763800100|1000|+79161234567|||||{}|"


def noted(text: str) -> Note:
    note = parse(CALL, text)
    assert note
    return note


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    url = f"sqlite:///{tmp_path / 'otklik.db'}"
    migrate(url)
    engine = connect(url)
    yield engine
    engine.dispose()


def write(engine: Engine, note: Note) -> None:
    for _ in range(2):
        with transaction(engine) as db:
            settle(db, note, language="en")


def rows(engine: Engine, table: type[Any]) -> list[Any]:
    with reading(engine) as db:
        return list(db.scalars(select(table)))


def test_a_newcomer_whom_a_person_took(engine: Engine) -> None:
    write(engine, noted(TAKEN))
    (call,) = rows(engine, CallRow)
    assert (call.outcome, call.agent, call.caller_number, call.language) == (
        "handed_over",
        "PJSIP/agent",
        "+79161234567",
        "ru",
    )
    assert (call.ended_at - call.started_at, call.failures[0]["code"]) == (timedelta(seconds=100), "no_robot")
    (leg,) = rows(engine, LegRow)
    assert (leg.started, leg.ended) == (15, 70)


def test_nobody_was_there_and_somebody_calls_back_once(engine: Engine) -> None:
    write(engine, noted(NOBODY))
    (call,), (callback,) = rows(engine, CallRow), rows(engine, CallbackRow)
    assert (call.outcome, callback.call_id, callback.phone) == ("callback", CALL, "+79161234567")


def test_a_number_that_costs_more_is_rung_by_nobody(engine: Engine) -> None:
    write(engine, noted(NOBODY.replace("+79161234567", "+78091234567")))
    (callback,) = rows(engine, CallbackRow)
    assert (callback.call_id, callback.phone) == (CALL, "")


def test_a_withheld_number_is_promised_nothing(engine: Engine) -> None:
    write(engine, noted("1763800000|1763800000|1763800035|1000||ru|CHANUNAVAIL|||0|"))
    (call,) = rows(engine, CallRow)
    assert (call.outcome, rows(engine, CallbackRow)) == ("abandoned", [])


def test_asterisk_died_before_the_end(engine: Engine) -> None:
    write(engine, noted("1763800000|1763800030||1000|+79161234567|ru|||||"))
    (call,) = rows(engine, CallRow)
    assert (call.outcome, call.failures[0]["code"], call.caller_number) == ("failed", "restarted", "+79161234567")
    assert call.ended_at - call.started_at == timedelta(seconds=30)


@pytest.mark.parametrize("closed", [False, True])
def test_a_call_that_lost_its_robot_ends_as_it_ended(engine: Engine, closed: bool) -> None:
    began = datetime.fromtimestamp(1763800000, UTC)
    call = Call(
        id=CALL,
        started_at=began,
        answered_at=began,
        caller_number="+79161234567",
        extension="1000",
        language="ru",
        scenario="support",
        scenario_version="0",
        engine="vosk",
    )
    with transaction(engine) as db:
        call_log.open_call(db, call)
        if closed:
            call_log.close_call(db, CALL, ended_at=began + timedelta(seconds=30), outcome=Outcome.FAILED)
    write(engine, noted(TAKEN))
    (row,) = rows(engine, CallRow)
    assert (row.outcome, row.scenario, row.ended_at - row.started_at) == (
        "handed_over",
        "support",
        timedelta(seconds=100),
    )


@pytest.mark.parametrize(("joined", "outcome"), [("PJSIP/agent", "handed_over"), ("", "failed")])
def test_the_end_that_no_robot_saw(engine: Engine, joined: str, outcome: str) -> None:
    write(engine, replace(noted(LET_GO.format("")), joined=joined))
    (row,) = rows(engine, CallRow)
    assert (row.outcome, row.ended_at - row.started_at) == (outcome, timedelta(seconds=100))


def test_an_erased_call_does_not_come_back(engine: Engine) -> None:
    with transaction(engine) as db:
        now = datetime.now(UTC)
        erasure = ErasureRow(
            id="e",
            subject="",
            why="request",
            state="done",
            counts={},
            requested_at=now,
            requested_by="anna",
            due_at=now,
        )
        db.add(erasure)
        db.flush()
        insert_once(
            db,
            ErasedSoundRow,
            {"sha256": call_tombstone(CALL), "erasure_id": "e", "erased_at": datetime.now(UTC)},
        )
    write(engine, noted(NOBODY))
    assert (rows(engine, CallRow), rows(engine, CallbackRow)) == ([], [])


@pytest.mark.parametrize(
    "text",
    ["", "1|2", "a||b|1000|||||||", "RIFF\0\0" * 500, TAKEN + "|", "²||1|1000|||||||", "9" * 40 + "||1|1000|||||||"],
)
def test_what_is_no_note_is_none(text: str) -> None:
    assert parse(CALL, text) is None
