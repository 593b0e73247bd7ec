"""Whole calls: a telephone with a voice rings the robot on a real Asterisk and is understood, handed over, recorded."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import psutil
import pytest

from ivr.simulation.softphone import Softphone
from recordings.contacts.call import Customer
from recordings.customers.cards import save_customer
from recordings.database import migrate, transaction
from recordings.tables import RecordingRow
from speech.audio.audio import Sound
from speech.synthesis.synthesizer import Voice
from tests.ivr.conftest import CallBook, until
from tests.telephony import Exchange, OpenPhone, Robot

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(240)]

ANNA = "+79161234567"
STRANGER = "+79990000000"
SURVEY = Path(__file__).parents[1] / "scenarios"


def loudness(sound: Sound, start: float, end: float) -> float:
    """Mean square of a mono sound between two seconds."""
    samples = sound.samples[0, int(start * sound.rate) : int(end * sound.rate)].astype(float)
    return float((samples**2).mean()) if samples.size else 0.0


async def reach_agent(caller: Softphone, agent: Softphone) -> dict[str, object]:
    """Ask for a person by key and have the agent answer, hear the summary and be joined; the context of the INVITE."""
    await caller.press("0")
    ringing = await agent.ring(timeout=20)
    await agent.answer()
    await agent.listen(pause=0.6, timeout=20)  # the summary
    body: dict[str, object] = json.loads(unquote(ringing.values["headers"]["X-Call-Context"]))
    return body


async def test_from_the_greeting_to_the_person(
    russian_robot: Robot, softphones: OpenPhone, russian: Voice, book: CallBook
) -> None:
    agent, caller = await softphones("agent"), await softphones(ANNA)
    await caller.dial("1000")
    await caller.listen(timeout=30)
    await caller.say(russian.speak("Скажите, где мой заказ?"))
    await caller.listen(timeout=30)
    context = await reach_agent(caller, agent)
    await agent.say(russian.speak("Здравствуйте, Анна!"))
    await caller.say(russian.speak("Спасибо, до свидания."))
    await caller.hang_up()
    await agent.closed(timeout=10)

    call = await book.ended_call()
    assert (call.outcome, call.failure, call.scenario, call.caller_number) == ("handed_over", "", "support", ANNA)
    assert call.customer_id
    assert call.summary.startswith("Звонит Анна.")
    assert call.agent == "PJSIP/agent"
    assert call.engine
    assert context["call"] == call.id
    assert "заказ" in " ".join(context["said"]).lower()  # type: ignore[arg-type]
    assert context["number"] == ANNA
    turns = book.turns()
    assert turns[0].text.startswith("Здравствуйте, Анна!")
    assert "tell_states" in [turn.node for turn in turns]
    assert any("заказ" in turn.text.lower() and turn.engine for turn in turns if turn.speaker == "caller")
    assert any(turn.node == "tell" and "курьеру" in turn.text for turn in turns)
    assert all(turn.start < turn.end for turn in turns if turn.speaker == "robot")
    (leg,) = book.agent_legs()
    assert leg.channel.startswith("PJSIP/agent-")
    row, sound = await book.recording()
    assert row.call_id == call.id
    assert sound.channels == 2
    left, right = sound.channel(0), sound.channel(1)
    greeting, spoken = turns[0], next(turn for turn in turns if turn.speaker == "caller")
    assert loudness(right, greeting.start, greeting.end) > 100 * loudness(left, greeting.start, greeting.end)
    # on a busy machine the caller may begin over the last words of a prompt: somewhere only they are heard
    pieces = np.arange(spoken.start, spoken.end - 0.5, 0.25)
    assert any(loudness(left, at, at + 0.5) > 100 * loudness(right, at, at + 0.5) for at in pieces)
    assert loudness(right, leg.started, leg.ended or 0) > 1000  # the person was recorded, too
    await until(lambda: not book.left_with_asterisk(), seconds=10, what="Asterisk's copy to be deleted")


async def test_vosk_hears_a_whole_call(robot: Robot, softphones: OpenPhone, korean: Voice, book: CallBook) -> None:
    robot.start(OTKLIK_SCENARIOS=str(SURVEY), OTKLIK_ENGINE="vosk")
    caller = await softphones(STRANGER)
    await caller.dial("3000")
    await caller.listen(timeout=20)
    await caller.say(korean.speak("네"))
    await caller.listen(timeout=20)
    await caller.say(korean.speak("아니요"))
    await caller.closed(timeout=20)
    call = await book.ended_call()
    assert call.engine.startswith("vosk-")
    assert call.outcome == "settled"
    answers = [turn for turn in book.turns() if turn.speaker == "caller"]
    assert [turn.text for turn in answers] == ["네", "아니요"]
    assert all(turn.engine == call.engine and turn.confidence and turn.words for turn in answers)
    assert [turn.node for turn in book.turns() if turn.speaker == "robot"] == [
        "satisfied",
        "again",
        "thanks",
        "goodbye",
    ]


async def test_time_is_up(robot: Robot, softphones: OpenPhone, book: CallBook) -> None:
    robot.start(OTKLIK_SCENARIOS=str(SURVEY), OTKLIK_ENGINE="vosk")
    caller = await softphones(STRANGER)
    await caller.dial("3100")
    await caller.closed(timeout=25)  # the question alone would wait for half a minute
    call = await book.ended_call()
    assert (call.scenario, call.outcome, call.failure) == ("short", "abandoned", "")
    assert [turn.node for turn in book.turns()] == ["ask", "time_is_up"]
    assert not book.turns()[-1].text.endswith("…")
    assert book.turns()[-1].start > 4.5


async def test_a_call_over_tls_with_encrypted_sound(
    russian_robot: Robot, softphones: OpenPhone, book: CallBook, asterisk: Exchange
) -> None:
    caller = await softphones("phone", transport="tls")
    await caller.dial("1000")  # refuses sound that is not encrypted
    await caller.next("speech_started", timeout=15)
    assert asterisk.running
    ports = range(asterisk.settings.rtp_first, asterisk.settings.rtp_last + 1)
    exchange = psutil.Process(asterisk.running.pid)
    sockets = [process.net_connections("udp") for process in (exchange, *exchange.children(recursive=True))]
    heard_at = {udp.laddr.ip for found in sockets for udp in found if udp.laddr.port in ports}
    assert heard_at == {"127.0.0.1"}  # the sound, like the signalling, on the address of OTKLIK_SIP_BIND alone
    await caller.press("4127#")
    await until(lambda: [turn for turn in book.turns() if turn.node == "tell"], seconds=30, what="the order's state")
    await caller.hang_up()
    call = await book.ended_call()
    assert (call.caller_number, call.outcome, call.failure) == ("phone", "settled", "")
    assert call.id.startswith(f"{asterisk.settings.system_name}-")
    assert (await book.recording())[1].duration > 1


async def test_talking_over_the_greeting_stops_it(
    russian_robot: Robot, softphones: OpenPhone, russian: Voice, book: CallBook
) -> None:
    caller, question = await softphones(ANNA), russian.speak("Скажите пожалуйста, где мой заказ?")
    await caller.dial("1000")
    begun = await caller.next("speech_started", timeout=15)
    said = await caller.say(question)
    stopped = await caller.next("speech_ended", timeout=15)
    assert stopped.at - float(said.values["start"]) < 1.5
    assert stopped.at - begun.at < 8  # of a greeting of some 13 s
    await caller.listen(timeout=30)  # what was said over the greeting is answered
    await caller.hang_up()
    await book.ended_call()
    turns = book.turns()
    assert turns[0].text.endswith("…")
    heard = next(turn for turn in turns if turn.speaker == "caller")
    assert heard.text.lower().startswith("скаж")  # no first letter is lost
    assert "tell_states" in [turn.node for turn in turns]


async def test_a_cough_does_not_stop_the_greeting(russian_robot: Robot, softphones: OpenPhone, book: CallBook) -> None:
    caller = await softphones(ANNA)
    await caller.dial("1000")
    await caller.next("speech_started", timeout=15)
    noise = np.random.default_rng(1).normal(0, 6000, (1, 1200)).astype(np.int16)  # 150 ms
    await caller.say(Sound(samples=noise, rate=8000))
    await until(lambda: len(book.turns()) > 1, seconds=30, what="the greeting and the first question")
    await caller.hang_up()
    await book.ended_call()
    assert [turn.text.endswith("…") for turn in book.turns()[:2]] == [False, False]


async def test_who_refuses_is_served_unrecorded(russian_robot: Robot, softphones: OpenPhone, book: CallBook) -> None:
    caller = await softphones(ANNA)
    await caller.dial("1000")
    await caller.next("speech_started", timeout=15)
    await caller.press("9")
    await caller.listen(pause=1.5, timeout=30)  # it is off; how can I help?
    await caller.press("4127#")
    await caller.listen(timeout=30)
    await caller.hang_up()
    call = await book.ended_call()
    assert (call.consent, call.outcome, call.failure) == (False, "settled", "")
    assert {turn.text for turn in book.turns()} == {""}
    await asyncio.to_thread(russian_robot.stop)
    assert not book.rows(RecordingRow)
    assert not book.left_with_asterisk()


async def test_a_customer_is_greeted_in_the_language_of_their_card(
    robot: Robot, softphones: OpenPhone, book: CallBook
) -> None:
    await asyncio.to_thread(migrate, robot.database_url)
    emma = Customer(id="emma", name="Emma", phone="+12025550143", language="en")
    with transaction(book.engine) as db:
        save_customer(db, emma)
    await asyncio.to_thread(robot.start)
    caller = await softphones(emma.phone)
    await caller.dial("1000")
    await caller.listen(timeout=30)
    await caller.hang_up()
    call = await book.ended_call()
    assert (call.extension, call.language, call.scenario) == ("1000", "en", "support")
    assert book.turns()[0].text.startswith("Hello, Emma!")
