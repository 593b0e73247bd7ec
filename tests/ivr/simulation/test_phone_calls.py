"""A simulated caller on a real telephone: the robot answers, understands, and the database tells the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ivr.scenario.scenario import load
from ivr.settings import PhoneSettings
from ivr.simulation.conversation_file import Conversation, read_all
from ivr.simulation.phone_calls import Exchange, hold_call
from ivr.simulation.rehearsal import open_caller_voice
from recordings.contacts.call import Outcome
from speech.synthesis.synthesizer import Voice
from tests.ivr.conftest import SCENARIOS, CallBook
from tests.telephony import Robot

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(240)]

CONVERSATIONS = Path(__file__).parents[2] / "conversations" / "ru"


@pytest.fixture(scope="module")
def voice() -> Iterator[Voice]:
    voice = open_caller_voice("ru")
    yield voice
    voice.close()


@pytest.fixture
def exchange(russian_robot: Robot, book: CallBook, tmp_path: Path) -> Exchange:
    settings = russian_robot.exchange.settings
    phones = PhoneSettings(sip_port=settings.sip_port, agent_password=settings.agent_password)
    return Exchange(settings=phones, database=book.engine, folder=tmp_path / "phones")


def _named(name: str) -> Conversation:
    return next(one for one in read_all([CONVERSATIONS]) if one.name == name)


def test_a_call_is_held_and_compared(exchange: Exchange, voice: Voice, book: CallBook) -> None:
    scenario = load(SCENARIOS / "support.ru.yaml")
    good = _named("stranger_keys_number")
    asked = replace(good.turns[0], hear="Скажите, пожалуйста, где мой заказ?")
    wrong = replace(good.turns[1], expect=("offers",))
    held = hold_call(scenario, replace(good, turns=(asked, wrong)), exchange=exchange, voice=voice, noise=30)
    assert len(held.differences) == 1, (held.differences, held.exchange)
    assert "want offers, got tell, anything_else" in held.differences[0]
    assert held.outcome == Outcome.SETTLED, held.exchange
    assert held.replies
    book.exchange.wait_idle()


def test_a_call_that_is_handed_over_is_taken(exchange: Exchange, voice: Voice, book: CallBook) -> None:
    scenario = load(SCENARIOS / "support.ru.yaml")
    held = hold_call(scenario, _named("zero"), exchange=exchange, voice=voice, noise=30)
    assert (held.differences, held.outcome, held.person_turns) == ((), Outcome.HANDED_OVER, 1), held.exchange
    book.exchange.wait_idle()
