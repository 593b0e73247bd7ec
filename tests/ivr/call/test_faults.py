"""What goes wrong in calls: each fault ends in a clear message, without a caller cut off and without a loss."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from functools import partial

import pytest

from recordings.tables import RecordingRow, TurnRow
from tests.ivr.conftest import CallBook, until
from tests.services import wait_until
from tests.telephony import Exchange, OpenPhone, Robot

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(180)]

ANNA = "+79161234567"


async def test_hanging_up_in_the_greeting(russian_robot: Robot, softphones: OpenPhone, book: CallBook) -> None:
    caller = await softphones(ANNA)
    await caller.dial("1000")
    await caller.next("speech_started", timeout=15)
    await caller.hang_up()
    call = await book.ended_call()
    assert (call.outcome, call.failure) == ("abandoned", "")
    assert book.turns()[0].text.endswith("…")  # only what was heard
    assert (await book.recording())[1].channels == 2


async def test_hanging_up_while_the_shop_looks(russian_robot: Robot, softphones: OpenPhone, book: CallBook) -> None:
    caller = await softphones(ANNA)
    await caller.dial("1000")
    await caller.next("speech_started", timeout=15)
    with closing(sqlite3.connect(russian_robot.folder / "demo_shop.db", isolation_level=None)) as shop:
        shop.execute("BEGIN EXCLUSIVE")  # from now on the shop is slow
        await caller.press("4127#")
        await until(
            lambda: [turn for turn in book.turns() if turn.text == "[4127]"], seconds=10, what="the number understood"
        )
        await caller.hang_up()
        call = await book.ended_call()
    assert (call.outcome, call.failure) == ("abandoned", "")
    assert "tell" not in [turn.node for turn in book.turns()]


def _asked(book: CallBook, node: str) -> list[TurnRow]:
    return [turn for turn in book.turns() if turn.node == node and turn.speaker == "robot"]


async def test_a_slow_shop_and_no_number(russian_robot: Robot, softphones: OpenPhone, book: CallBook) -> None:
    caller = await softphones("anonymous")
    await caller.dial("1000")
    await caller.next("speech_started", timeout=15)
    with closing(sqlite3.connect(russian_robot.folder / "demo_shop.db", isolation_level=None)) as shop:
        shop.execute("BEGIN EXCLUSIVE")
        await caller.press("4127#")
        for node, keys in (
            ("offer_person", "2"),
            ("ask_callback_number", "79161234567#"),
            ("confirm_callback_number", "1"),
        ):
            await until(
                partial(_asked, book, node),
                seconds=40,
                what=node,
            )
            await caller.press(keys)
        await caller.closed(timeout=30)
    call = await book.ended_call()
    (callback,) = book.callbacks()
    assert (call.outcome, callback.call_id) == ("callback", call.id)
    (confirmed,) = _asked(book, "confirm_callback_number")
    assert callback.phone in confirmed.text
    assert callback.phone.startswith("7")


async def test_a_locked_database_loses_no_note(russian_robot: Robot, softphones: OpenPhone, book: CallBook) -> None:
    caller = await softphones(ANNA)
    with closing(sqlite3.connect(russian_robot.folder / "otklik.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        await caller.dial("1000")
        await caller.next("speech_started", timeout=15)
        await caller.press("0")
        await until(
            lambda: "could not be reached" in russian_robot.log.read_text(), seconds=40, what="nobody to be found"
        )
        await caller.listen(after=caller.second, timeout=30)  # the offer
        await caller.press("1")
        await caller.closed(timeout=40)
        await asyncio.to_thread(russian_robot.stop)
    assert not book.calls()
    await asyncio.to_thread(russian_robot.start)
    call = await book.ended_call()
    assert (call.outcome, [callback.phone for callback in book.callbacks()]) == ("callback", [ANNA])
    assert (await book.recording(seconds=30))[0].call_id == call.id
    await until(lambda: not book.left_with_asterisk(), seconds=10, what="Asterisk's copy to be deleted")


async def test_hanging_up_while_the_agent_rings(russian_robot: Robot, softphones: OpenPhone, book: CallBook) -> None:
    agent, caller = await softphones("agent"), await softphones(ANNA)
    await caller.dial("1000")
    await caller.next("speech_started", timeout=15)
    await caller.press("0")
    await agent.ring(timeout=20)
    await caller.hang_up()
    await agent.closed(timeout=10)  # it stops ringing
    call = await book.ended_call()
    assert (call.outcome, call.failure) == ("abandoned", "")


async def test_hanging_up_while_the_agent_is_briefed(
    russian_robot: Robot, softphones: OpenPhone, book: CallBook
) -> None:
    agent, caller = await softphones("agent"), await softphones(ANNA)
    await caller.dial("1000")
    await caller.next("speech_started", timeout=15)
    await caller.press("0")
    await agent.ring(timeout=20)
    await agent.answer()
    await agent.next("speech_started", timeout=10)
    await caller.hang_up()
    await agent.closed(timeout=10)
    assert (await book.ended_call()).outcome == "abandoned"


async def test_the_agent_refuses_and_a_call_back_is_stored(
    russian_robot: Robot, softphones: OpenPhone, book: CallBook
) -> None:
    agent, caller = await softphones("agent"), await softphones(ANNA)
    await caller.dial("1000")
    await caller.next("speech_started", timeout=15)
    await caller.press("0")
    await agent.ring(timeout=20)
    await agent.refuse()
    await until(
        lambda: [turn for turn in book.turns() if turn.node == "offer_callback"],
        seconds=30,
        what="the offer of a call-back",
    )
    await caller.press("1")
    await caller.closed(timeout=20)
    call = await book.ended_call()
    (callback,) = book.callbacks()
    assert (call.outcome, callback.phone, callback.call_id) == ("callback", ANNA, call.id)
    assert not book.agent_legs()


async def test_nobody_answers_and_the_caller_is_silent(
    russian_robot: Robot, softphones: OpenPhone, book: CallBook
) -> None:
    agent, caller = await softphones("agent"), await softphones(ANNA)
    await caller.dial("1000")
    await caller.next("speech_started", timeout=15)
    await caller.press("0")
    await agent.ring(timeout=20)
    await agent.closed(timeout=15)  # it rings no longer than it should
    await caller.closed(timeout=90)  # asked, asked again, let go
    call = await book.ended_call()
    assert (call.outcome, call.failure) == ("abandoned", "")
    asked = [turn.text for turn in book.turns() if turn.node == "offer_callback"]
    first, second = asked  # in other words, and not a third time
    assert first != second
    assert book.turns()[-1].node == "goodbye"
    assert not book.turns()[-1].text.endswith("…")  # the farewell is not cut
    assert not book.callbacks()


async def test_the_agent_is_not_there(russian_robot: Robot, softphones: OpenPhone, book: CallBook) -> None:
    caller = await softphones(ANNA)
    await caller.dial("1000")
    await caller.next("speech_started", timeout=15)
    await caller.press("0")
    await until(
        lambda: [turn for turn in book.turns() if turn.node == "offer_callback"],
        seconds=30,
        what="the offer of a call-back",
    )
    await caller.press("2")
    await caller.closed(timeout=20)
    assert (await book.ended_call()).outcome == "abandoned"


async def test_the_agent_hangs_up_first(russian_robot: Robot, softphones: OpenPhone, book: CallBook) -> None:
    agent, caller = await softphones("agent"), await softphones(ANNA)
    await caller.dial("1000")
    await caller.next("speech_started", timeout=15)
    await caller.press("0")
    await agent.ring(timeout=20)
    await agent.answer()
    await until(book.agent_legs, seconds=20, what="caller and agent joined")
    await agent.hang_up()
    await caller.closed(timeout=20)
    call = await book.ended_call()
    assert (call.outcome, call.failure) == ("handed_over", "")
    last = book.turns()[-1]
    assert last.node == "after_person"
    assert last.text.endswith("до свидания!")
    (leg,) = book.agent_legs()
    assert leg.ended
    assert leg.ended > leg.started


async def test_asterisk_dies_in_the_middle_and_comes_back(
    russian_robot: Robot, softphones: OpenPhone, book: CallBook, asterisk: Exchange
) -> None:
    caller = await softphones(ANNA)
    await caller.dial("1000")
    await until(book.turns, seconds=40, what="the greeting")
    await asyncio.to_thread(asterisk.kill)
    call = await until(book.ended, seconds=30, what="the call closed without Asterisk")
    assert call.outcome == "failed"
    assert call.failure
    await asyncio.to_thread(asterisk.start)
    row, sound = await book.recording(seconds=30)
    assert row.call_id == call.id
    assert sound.duration > 8  # what was recorded until then is not lost
    await until(lambda: not book.left_with_asterisk(), seconds=10, what="Asterisk's copy to be deleted")

    other = await softphones("+79031112233")
    await other.dial("1000")
    await other.listen(timeout=30)  # the robot takes calls again
    await other.hang_up()
    assert (await book.ended_call()).outcome == "abandoned"


async def test_the_robot_dies_in_the_middle_and_the_caller_gets_a_person(
    russian_robot: Robot, softphones: OpenPhone, book: CallBook, asterisk: Exchange
) -> None:
    agent, caller = await softphones("agent"), await softphones(ANNA)
    await caller.dial("1000")
    await until(book.turns, seconds=40, what="the greeting")
    await asyncio.to_thread(russian_robot.kill)
    await asyncio.to_thread(russian_robot.start)
    await agent.ring(timeout=20)  # by way of the dialplan
    await agent.answer()
    await caller.press("5")
    assert (await agent.next("key", timeout=5)).values["digit"] == "5"
    await caller.hang_up()
    call = await until(book.ended, seconds=20, what="the call closed by the new robot")
    assert (call.outcome, call.agent) == ("handed_over", "PJSIP/agent")
    assert "restarted" in call.failure
    assert (await book.recording(seconds=30))[0].call_id == call.id


@pytest.mark.parametrize("end", ["stop", "kill"])
async def test_two_people_talk_on_without_the_robot(
    russian_robot: Robot, softphones: OpenPhone, book: CallBook, end: str
) -> None:
    agent, caller = await softphones("agent"), await softphones(ANNA)
    await caller.dial("1000")
    await caller.next("speech_started", timeout=15)
    await caller.press("0")
    await agent.ring(timeout=20)
    await agent.answer()
    await until(book.agent_legs, seconds=20, what="caller and agent joined")
    await asyncio.to_thread(getattr(russian_robot, end))
    await asyncio.to_thread(russian_robot.start)
    await until(
        lambda: "taken up from an earlier robot" in russian_robot.log.read_text(),
        seconds=60,
        what="the new robot to take the call up",
    )
    await caller.press("5")
    assert (await agent.next("key", timeout=5)).values["digit"] == "5"  # they are still connected
    await agent.hang_up()
    await caller.closed(timeout=10)
    call = await book.ended_call()
    assert (call.outcome, call.failure) == ("handed_over", "")
    assert (await book.recording(seconds=30))[0].call_id == call.id


async def test_a_robot_that_is_stopped_passes_its_callers_on(
    russian_robot: Robot, softphones: OpenPhone, book: CallBook
) -> None:
    agent, caller = await softphones("agent"), await softphones(ANNA)
    await caller.dial("1000")
    await caller.next("speech_started", timeout=15)
    assert await asyncio.to_thread(russian_robot.stop) == 0
    await agent.ring(timeout=10)
    await agent.answer()
    call = await until(book.ended, seconds=5, what="the call closed")
    assert "stopped" in call.failure
    await caller.hang_up()


async def test_no_room_for_recordings(
    russian_robot: Robot, softphones: OpenPhone, book: CallBook, asterisk: Exchange
) -> None:
    spool = asterisk.folder / "run" / "spool" / "recording"
    shutil.rmtree(spool)
    spool.write_text("not a folder: nothing can be written below it")
    try:
        caller = await softphones(ANNA)
        await caller.dial("1000")
        await caller.next("speech_started", timeout=15)
        await caller.press("4127#")
        await until(
            lambda: [turn for turn in book.turns() if turn.node == "tell"], seconds=30, what="the order's state told"
        )
        await caller.hang_up()
        call = await book.ended_call()
    finally:
        spool.unlink()
        spool.mkdir()
    assert call.outcome == "settled"
    failed = await until(lambda: book.calls()[0].failure, seconds=10, what="the failure in the call's row")
    assert "recording" in failed
    assert "recording" in russian_robot.log.read_text()
    assert not book.rows(RecordingRow)


@pytest.fixture
def small_spool(asterisk: Exchange) -> Iterator[None]:
    """Asterisk has room for four seconds of sound."""
    spool = asterisk.folder / "run" / "spool" / "recording"
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", spool], capture_output=True)
    if mounted.returncode:
        pytest.skip("mounting a small disk needs root")
    yield
    subprocess.run(["umount", "--lazy", spool], check=True)


@pytest.mark.usefixtures("small_spool")
async def test_the_disk_fills_up_while_recording(russian_robot: Robot, softphones: OpenPhone, book: CallBook) -> None:
    caller = await softphones(ANNA)
    await caller.dial("1000")
    await caller.next("speech_started", timeout=15)
    await caller.press("4127#")
    await until(
        lambda: [turn for turn in book.turns() if turn.node == "tell"], seconds=30, what="the order's state told"
    )
    await caller.listen(pause=3, timeout=30)
    await caller.hang_up()
    call = await book.ended_call()
    failed = await until(lambda: book.calls()[0].failure, seconds=15, what="the failure in the call's row")
    assert call.outcome == "settled"
    assert "disk full" in failed
    assert "disk full" in russian_robot.log.read_text()
    _, sound = await book.recording()
    assert sound.duration > 1  # what there was room for is kept


async def test_a_full_store_loses_no_recording(russian_robot: Robot, softphones: OpenPhone, book: CallBook) -> None:
    store = russian_robot.folder / "recordings"
    store.write_text("not a folder: nothing can be written below it")
    caller = await softphones(ANNA)
    await caller.dial("1000")
    await caller.next("speech_started", timeout=15)
    await caller.hang_up()
    await book.ended_call()
    await until(lambda: "waits with Asterisk" in book.calls()[0].failure, seconds=15, what="the reason in the row")
    store.unlink()
    await asyncio.to_thread(russian_robot.stop)
    await asyncio.to_thread(russian_robot.start)
    assert (await book.recording())[1].duration > 0.2
    await until(lambda: not book.calls()[0].failure, seconds=10, what="the reason to be taken back")
    await until(lambda: not book.left_with_asterisk(), seconds=10, what="Asterisk's copy to go")


async def test_asterisk_is_not_running_yet(robot: Robot, asterisk: Exchange, softphones: OpenPhone) -> None:
    await asyncio.to_thread(asterisk.stop)
    robot.launch()
    await until(
        lambda: "Asterisk does not answer at" in robot.log.read_text(), seconds=60, what="a clear message in the log"
    )
    await asyncio.to_thread(asterisk.start)
    await until(lambda: "taking calls" in robot.log.read_text(), seconds=20, what="the robot to connect by itself")


def test_the_database_is_not_there(robot: Robot) -> None:
    robot.launch(OTKLIK_DATABASE_URL="postgresql+psycopg://otklik:very-secret@127.0.0.1:1/otklik")
    running = robot.running
    assert running is not None
    wait_until(lambda: running.poll() is not None, seconds=150, what="the robot to give up")
    assert running.returncode == 1
    log = robot.log.read_text()
    assert "OTKLIK_DATABASE_URL" in log
    assert "very-secret" not in log
    assert "Traceback" not in log


def test_wrong_ari_password(robot: Robot, asterisk: Exchange) -> None:
    robot.launch(OTKLIK_ARI_PASSWORD="this-is-wrong-for-sure")
    running = robot.running
    assert running is not None
    wait_until(lambda: running.poll() is not None, seconds=150, what="the robot to give up")
    assert running.returncode == 1
    log = robot.log.read_text()
    assert "OTKLIK_ARI_PASSWORD" in log
    assert "this-is-wrong-for-sure" not in log
    assert "Traceback" not in log
