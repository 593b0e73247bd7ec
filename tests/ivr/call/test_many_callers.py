"""More callers than the machine holds: each is told or taken at once, and nothing of them is left."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import pytest

from bench.rtp_caller import RtpCaller
from ivr.call.turned_away import NODE
from ivr.dialog.keypad import wording_of
from tests.ivr.conftest import CallBook, until
from tests.telephony import Exchange, Robot

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(180)]

FIRST = "+79165550001"


async def test_speech_then_keys_then_a_call_back_then_a_busy_tone(
    robot: Robot, book: CallBook, asterisk: Exchange, tmp_path: Path
) -> None:
    robot.environment |= {"OTKLIK_MOST_CALLS": "3", "OTKLIK_MOST_SPEECH_CALLS": "1", "OTKLIK_MOST_CALLS_OF_NUMBER": "1"}
    robot.environment["OTKLIK_AGENT_RING_SECONDS"] = "2"
    await asyncio.to_thread(robot.start)

    def line(number: str) -> RtpCaller:
        return RtpCaller(extension="1000", sip_port=asterisk.settings.sip_port, number=number)

    async with AsyncExitStack() as stack:
        heard, same, keyed, last = [
            await stack.enter_async_context(line(number)) for number in (FIRST, FIRST, "+79165550002", "+79165550003")
        ]
        told = [await stack.enter_async_context(line(f"+791655501{at:02}")) for at in range(2)]
        with pytest.raises(ConnectionRefusedError, match="503"):
            await line("+79165550999").__aenter__()
        for caller in (heard, same, keyed, last, *told):
            await caller.wait_sound(after=caller.answered, within=20)
        pressed = await told[0].press("1")
        await keyed.press("4127#")
        await keyed.wait_sound(after=pressed, within=20)
        for caller in (same, *told):
            await until(partial(getattr, caller, "ended"), seconds=30, what="those told to be let go")
        await last.wait_quiet(seconds=1.5, within=30)  # the greeting, and why only keys are taken
        async with line("+79165550777") as newcomer:  # there is room for them again to be told
            await newcomer.wait_sound(after=newcomer.answered, within=20)
    await until(lambda: len(book.calls()) >= 8 and all(call.ended_at for call in book.calls()), seconds=30, what="ends")
    await asyncio.to_thread(asterisk.wait_idle)
    calls = {call.caller_number: call for call in book.calls() if call.caller_number != FIRST}
    twice = [call for call in book.calls() if call.caller_number == FIRST]
    assert sorted(call.failure for call in twice) == ["", "more calls of one number than are taken at once"]
    words = {call.id: [turn.text for turn in book.turns() if turn.call_id == call.id] for call in book.calls()}
    by_keys = [line for line in robot.log.read_text().splitlines() if "held by keys" in line]
    assert len(by_keys) == 2
    assert all(calls[number].id in "".join(by_keys) for number in ("+79165550002", "+79165550003"))
    wording = wording_of("ru")
    assert wording
    notice = wording.notice
    assert any(notice[:20] in text for text in words[calls["+79165550003"].id])  # who listened, heard why
    assert not any(notice[:20] in text for call in twice for text in words[call.id])
    assert "4127" in str(words[calls["+79165550002"].id])
    promised = calls["+79165550100"]
    assert (promised.outcome, promised.failure) == ("callback", "all lines were busy")
    assert [callback.phone for callback in book.callbacks()] == ["+79165550100"]
    assert calls["+79165550101"].outcome == "abandoned"
    assert {turn.node for turn in book.turns() if turn.call_id == promised.id} == {NODE}
    assert (calls["+79165550999"].outcome, calls["+79165550999"].failure) == ("failed", "all lines were busy")
    await until(lambda: not book.left_with_asterisk(), seconds=30, what="no sound left with Asterisk")
