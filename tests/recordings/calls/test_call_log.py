"""What the robot writes during a call, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, null, update

from recordings.calls.call_log import (
    close_call,
    find_call,
    note_failures,
    note_leg,
    note_turn,
    open_call,
    open_calls,
    refuse_recording,
    request_callback,
    update_call,
)
from recordings.calls.detail import contact_detail
from recordings.contacts.call import Call, Callback, Customer, Leg, Outcome, Turn
from recordings.contacts.failure import Failure
from recordings.customers.cards import find_customer, save_customer
from recordings.database import reading, transaction
from recordings.tables import CallRow
from speech.recognition.words import Speaker, Word

pytestmark = pytest.mark.services

ENDED = datetime(2026, 11, 22, 9, 3, tzinfo=UTC)


def said(number: int, text: str, speaker: Speaker = Speaker.CALLER) -> Turn:
    word = Word(text=text.split()[0], start=number + 0.1, end=number + 0.4, confidence=0.8)
    return Turn(number=number, speaker=speaker, node="ask", start=number, end=number + 0.5, text=text, words=(word,))


def test_whole_call_comes_back_as_it_was_written(database: Engine, ringing: Callable[..., Call]) -> None:
    call = ringing()
    with transaction(database) as db:
        assert open_call(db, call)
        anna = save_customer(db, Customer(id="c1", name="Анна", phone=call.caller_number, language="ru"))
        update_call(
            db, call.id, answered_at=call.started_at, customer_id=anna.id, agent="PJSIP/agent", summary="Заказ."
        )
        note_turn(db, call.id, said(1, "где мой заказ"))
        note_turn(db, call.id, said(2, "Соединяю.", Speaker.ROBOT))
        leg = Leg(call_id=call.id, speaker=Speaker.AGENT, channel="PJSIP/agent-1", started=12.5)
        note_leg(db, leg)
        note_leg(db, Leg(call_id=call.id, speaker=leg.speaker, channel=leg.channel, started=leg.started, ended=20.0))
        request_callback(db, Callback(call_id=call.id, phone="+7", reason="никого", requested_at=ENDED))
        close_call(db, call.id, ended_at=ENDED, outcome=Outcome.HANDED_OVER)
    with reading(database) as db:
        detail = contact_detail(db, call.id, original=True)
        assert find_customer(db, call.caller_number) == anna
    assert detail is not None
    assert detail.call == ringing(
        answered_at=call.started_at,
        ended_at=ENDED,
        outcome=Outcome.HANDED_OVER,
        customer_id="c1",
        agent="PJSIP/agent",
        summary="Заказ.",
    )
    assert detail.turns == (said(1, "где мой заказ"), said(2, "Соединяю.", Speaker.ROBOT))
    assert [leg.ended for leg in detail.legs] == [20.0]
    assert [promise.reason for promise in detail.callbacks] == ["никого"]
    assert detail.customer == anna
    assert detail.contact.duration == 180


def test_what_is_written_twice_is_kept_once(database: Engine, ringing: Callable[..., Call]) -> None:
    call = ringing()
    with transaction(database) as db:
        assert open_call(db, call)
        note_turn(db, call.id, said(1, "да"))
    with transaction(database) as db:
        assert not open_call(db, ringing(caller_number="+70000000000"))
        note_turn(db, call.id, said(1, "нет"))
        close_call(db, call.id, ended_at=ENDED, outcome=Outcome.SETTLED)
        close_call(
            db,
            call.id,
            ended_at=datetime.now(UTC),
            outcome=Outcome.FAILED,
            failures=[Failure(code="asterisk_lost", text="Asterisk is gone")],
        )
    with reading(database) as db:
        detail = contact_detail(db, call.id, original=True)
    assert detail is not None
    assert detail.call == ringing(ended_at=ENDED, outcome=Outcome.SETTLED)
    assert [turn.text for turn in detail.turns] == ["да"]


def test_what_broke_is_known_by_its_code_however_it_is_worded(database: Engine, ringing: Callable[..., Call]) -> None:
    broke = (Failure(code="voice", text="the throat is sore"), Failure(code="of_tomorrow", text="who knows"))
    with transaction(database) as db:
        open_call(db, ringing())
        close_call(db, ringing().id, ended_at=ENDED, outcome=Outcome.FAILED, failures=broke[:1])
        note_failures(db, ringing().id, broke)
    with reading(database) as db:
        call = find_call(db, ringing().id)
    assert call
    assert (call.failures, call.failure) == (broke, "the throat is sore; who knows")


def test_a_call_from_before_there_were_codes_is_told_by_its_words(
    database: Engine, ringing: Callable[..., Call]
) -> None:
    with transaction(database) as db:
        open_call(db, ringing())
        db.execute(update(CallRow).values(failure="voice: gone; the recording waits with Asterisk: x", failures=null()))
    with reading(database) as db:
        call = find_call(db, ringing().id)
    assert call
    assert [failure.code for failure in call.failures] == ["voice", "recording_waits"]


def test_after_a_refusal_no_word_is_kept(database: Engine, ringing: Callable[..., Call]) -> None:
    call = ringing()
    with transaction(database) as db:
        open_call(db, call)
        update_call(db, call.id, summary="Анна спрашивает о заказе.")
        note_turn(db, call.id, said(1, "где мой заказ"))
        request_callback(db, Callback(call_id=call.id, phone="+7916", reason="где мой заказ", requested_at=ENDED))
        refuse_recording(db, call.id)
        note_turn(db, call.id, said(2, "четыре один"))
        update_call(db, call.id, summary="Заказ 41.", agent="PJSIP/agent")
    with reading(database) as db:
        detail = contact_detail(db, call.id, original=True)
    assert detail is not None
    assert detail.call == ringing(consent=False, agent="PJSIP/agent")
    assert [(turn.text, turn.words, turn.start) for turn in detail.turns] == [("", (), 1), ("", (), 2)]
    assert [callback.reason for callback in detail.callbacks] == [""]


def test_calls_left_open_are_found_oldest_first(database: Engine, ringing: Callable[..., Call]) -> None:
    with transaction(database) as db:
        for number in (2, 1, 3):
            started = datetime(2026, 11, 22, 9, number, tzinfo=UTC)
            open_call(db, ringing(id=f"{number}", started_at=started))
        close_call(db, "3", ended_at=ENDED, outcome=Outcome.ABANDONED)
    with reading(database) as db:
        assert [call.id for call in open_calls(db)] == ["1", "2"]
        assert find_call(db, "unknown") is None


def test_known_number_keeps_its_customer(database: Engine) -> None:
    with transaction(database) as db:
        save_customer(db, Customer(id="c1", name="Анна", phone="+7916", language="ru"))
        again = save_customer(db, Customer(id="c2", name="Anna", phone="+7916", language="en"))
        assert again == Customer(id="c1", name="Anna", phone="+7916", language="en")
        assert find_customer(db, "+7000") is None


def test_number_longer_than_any_real_one_is_cut_and_the_call_kept(
    database: Engine, ringing: Callable[..., Call]
) -> None:
    """Who calls over SIP chooses what stands there; PostgreSQL takes no more than the column holds."""
    call = ringing(caller_number="9" * 80, extension="1" * 80)
    with transaction(database) as db:
        assert open_call(db, call)
        request_callback(db, Callback(call_id=call.id, phone=call.caller_number, reason="", requested_at=ENDED))
    with reading(database) as db:
        detail = contact_detail(db, call.id, original=True)
    assert detail is not None
    assert detail.contact.caller_number == "9" * 64
    assert detail.callbacks[0].phone == ""  # nobody is rung there
