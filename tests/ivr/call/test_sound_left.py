"""Sound that still lies with Asterisk when its call was erased, or when nobody knows the call."""

from __future__ import annotations

import asyncio
import shutil
import time
import wave
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from ivr.telephony.recorder import SIDES, began_at, recording_name
from recordings.calls import call_log
from recordings.contacts.call import Call, Outcome
from recordings.database import migrate, reading, transaction
from recordings.privacy import privacy
from recordings.privacy.sound_spools import begin_look, end_look
from recordings.tables import ErasureRow
from tests.ivr.conftest import SCENARIOS, CallBook, until
from tests.recordings.privacy.installation import settings_in
from tests.telephony import Exchange, Robot

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(180)]

ANNA = "+79161234567"
DAY = 24 * 3600


def leave(asterisk: Exchange, call_id: str) -> None:
    for side in SIDES:
        spool = asterisk.folder / "run" / "spool" / "recording"
        with wave.open(str(spool / f"{recording_name(call_id, side)}.wav"), "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(8000)
            sound.writeframes(b"\1\0" * 8000)


def lies_there(asterisk: Exchange) -> set[str]:
    return {stored["name"] for stored in asterisk.ari("recordings/stored")}


async def test_an_erasure_ends_when_the_robot_has_deleted_the_sound_with_asterisk(
    robot: Robot, book: CallBook, asterisk: Exchange, tmp_path: Path
) -> None:
    """It was left there for ever, and the receipt said "done"."""
    now = int(time.time())
    erased, old, young = f"otklik-{now - 60}.1", f"otklik-{now - 9 * DAY}.1", f"otklik-{now - 5 * DAY}.1"
    for call_id in (erased, old, young):
        leave(asterisk, call_id)
    migrate(robot.database_url)
    system = asterisk.ari("asterisk/info")["config"]["name"]
    for name in (system, "branch"):
        end_look(book.engine, begin_look(book.engine, name), {erased})
    call = Call(
        id=erased, started_at=datetime.now(UTC), caller_number=ANNA, extension="1000", language="ru", scenario="s",
        scenario_version="v", engine="e",
    )  # fmt: skip
    with transaction(book.engine) as db:
        call_log.open_call(db, call)
        call_log.close_call(db, erased, ended_at=datetime.now(UTC), outcome=Outcome.FAILED)
    settings = settings_in(tmp_path)
    receipt = privacy.erase_person(book.engine, book.store, ANNA, by="olga", settings=settings)
    assert (receipt.state, [place["place"] for place in receipt.left]) == ("working", ["asterisk"])
    assert privacy.verify_erased(book.engine, book.store, ANNA, settings)
    assert privacy.finish_erasures(book.engine, book.store, settings) == []  # not due

    folder = tmp_path / "scenarios"
    shutil.copytree(SCENARIOS, folder, ignore=shutil.ignore_patterns("support.en.yaml"))
    await asyncio.to_thread(robot.start, OTKLIK_SCENARIOS=str(folder))
    await until(lambda: waits_for(book) == ["branch"], seconds=30, what="the robot to have looked")
    names = lies_there(asterisk)
    assert not any(erased in name or old in name for name in names)
    assert sum(young in name for name in names) == len(SIDES)
    end_look(book.engine, begin_look(book.engine, "branch"), set())
    (ended,) = privacy.finish_erasures(book.engine, book.store, settings)
    assert (ended.state, [place["place"] for place in ended.left]) == ("done", ["asterisk_unknown"])
    for side in SIDES:
        asterisk.ari(f"recordings/stored/{recording_name(young, side)}", "DELETE")


def waits_for(book: CallBook) -> list[str]:
    with reading(book.engine) as db:
        return list(db.scalars(select(ErasureRow.waits_for)).one() or ())


def test_an_id_tells_when_the_call_began() -> None:
    assert began_at("otklik-1795327401.7") == began_at("1795327401.7") == datetime.fromtimestamp(1795327401, UTC)
    assert began_at("media-x") is None
