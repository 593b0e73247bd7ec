"""One card a customer and one history over every channel, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from recordings.calls import call_log
from recordings.calls.callbacks import finish_callback, open_callbacks, wait_in_chat
from recordings.contacts.call import Call, Callback, Customer, Outcome, Turn
from recordings.contacts.chat import Chat, Message, Recent
from recordings.contacts.phone_numbers import e164
from recordings.customers import chats
from recordings.customers.cards import (
    bind,
    find_by_email,
    find_by_visitor,
    find_card,
    find_customer,
    meet_caller,
    meet_visitor,
    merge,
    save_customer,
)
from recordings.customers.history import history, recent
from recordings.customers.listing import list_customers
from recordings.database import reading, transaction
from recordings.tables import CustomerRow
from speech.recognition.words import Speaker

pytestmark = pytest.mark.services

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PHONE = "+79161234567"


CHAT = Chat(
    id="1",
    channel="web",
    address="",
    language="ru",
    scenario="support",
    scenario_version="0" * 12,
    started_at=NOW,
    last_at=NOW,
)


def chat(chat_id: str, **changes: Any) -> Chat:
    return replace(CHAT, **({"id": chat_id, "address": f"visitor of {chat_id}"} | changes))


def write(db: Session, opened: Chat, text: str, facts: dict[str, str] | None = None) -> None:
    """A chat with one message in it."""
    chats.open_chat(db, opened)
    message = Message(number=1, speaker=Speaker.CALLER, node="ask", text=text, at=opened.last_at)
    chats.note_message(db, opened.id, message)
    chats.save_state(db, opened.id, at=opened.last_at, state={}, facts=facts or {}, outcome=None)


def ring(db: Session, call: Call, text: str, *, facts: dict[str, str], ended: datetime) -> None:
    """A call with one turn in it, over."""
    call_log.open_call(db, call)
    meet_caller(db, call)
    turn = Turn(number=1, speaker=Speaker.CALLER, node="ask", start=1, end=2, text=text)
    call_log.note_turn(db, call.id, turn)
    call_log.close_call(db, call.id, ended_at=ended, outcome=Outcome.SETTLED, facts=facts)


@pytest.mark.parametrize(
    ("number", "language", "kept"),
    [
        ("+79161234567", "ru", PHONE),
        ("8 (916) 123-45-67", "ru", PHONE),
        ("79161234567", "ru", PHONE),
        ("(202) 555-0143", "en", "+12025550143"),
        ("1000", "ru", None),
        ("", "ru", None),
        ("<script>alert(1)</script>", "ru", None),
        ("9" * 500, "en", None),
    ],
)
def test_numbers_are_kept_in_one_way(number: str, language: str, kept: str | None) -> None:
    assert e164(number, language) == kept


def test_a_caller_gets_one_card_and_is_found_again(database: Engine, ringing: Callable[..., Call]) -> None:
    with transaction(database) as db:
        for number, caller in enumerate(("+79161234567", "89161234567", "anonymous")):
            call = ringing(id=str(number), caller_number=caller)
            call_log.open_call(db, call)
            meet_caller(db, call)
        anna = find_customer(db, "8 916 123 45 67")
        assert anna is not None
        assert (anna.phone, anna.source) == (PHONE, "phone")
        calls = [call_log.find_call(db, str(number)) for number in range(3)]
        assert [call and call.customer_id for call in calls] == [anna.id, anna.id, None]
        assert list_customers(db).total == 1


def test_the_source_of_a_customer_never_changes_and_nothing_known_is_lost(database: Engine) -> None:
    with transaction(database) as db:
        save_customer(db, Customer(id="1", name="", phone=PHONE, language="ru", source="yandex"))
        named = save_customer(
            db, Customer(id="2", name="Анна", phone="89161234567", language="ru", segment="vip", source="phone")
        )
        again = save_customer(db, Customer(id="3", name="", phone=PHONE, language="ru"))
    assert (named.id, named.source) == ("1", "yandex")
    assert (again.name, again.segment, again.source) == ("Анна", "vip", "yandex")


def test_what_a_company_calls_its_customers_fits(database: Engine) -> None:
    """PostgreSQL refuses what is longer than the column."""
    long = Customer(id="1", name="Я" * 500, phone="x" * 99, email="a" * 300, language="ru-RU-x-a", segment="s" * 99)
    with transaction(database) as db:
        kept = save_customer(db, long)
    assert (kept.name, kept.segment) == ("Я" * 500, "s" * 32)


def test_cards_without_a_number_stay_apart(database: Engine) -> None:
    """Of two who have only written, neither takes the other's name."""
    with transaction(database) as db:
        save_customer(db, Customer(id="1", name="Анна", phone=None, language="ru"))
        save_customer(db, Customer(id="2", name="Павел", phone=None, language="ru"))
        assert [card and card.name for card in (find_card(db, "1"), find_card(db, "2"))] == ["Анна", "Павел"]


def test_a_visitor_is_met_by_what_they_wrote_before(database: Engine) -> None:
    with transaction(database) as db:
        for name, address in (("1", "a"), ("2", "b"), ("3", "a")):
            chats.open_chat(db, chat(name, address=address))
        first, other, again = (
            meet_visitor(db, name, language="ru", source=source)
            for name, source in (("1", "direct"), ("2", ""), ("3", "yandex"))
        )
        assert first == again != other
        assert (first.phone, first.source, other.source) == (None, "direct", "web")
        assert find_by_visitor(db, "web", "a") == first
        assert find_by_visitor(db, "telegram", "a") is None


def test_a_mail_is_met_by_its_address(database: Engine) -> None:
    with transaction(database) as db:
        for name in ("1", "2"):
            chats.open_chat(db, chat(name, channel="mail", address=f"thread {name}"))
        first = meet_visitor(db, "1", email="Anna@Example.org", language="ru", source="mail")
        second = meet_visitor(db, "2", email="anna@example.ORG", language="ru", source="mail")
        assert first == second == find_by_email(db, "ANNA@example.org")
        assert first.email == "anna@example.org"


def test_a_visitor_who_proves_a_known_number_becomes_that_customer(
    database: Engine, ringing: Callable[..., Call]
) -> None:
    with transaction(database) as db:
        ring(db, ringing(), "где мой заказ", facts={"order.number": "4127"}, ended=NOW)
        anna = save_customer(db, Customer(id="x", name="Анна", phone=PHONE, language="ru"))
        for name in ("1", "2"):
            write(db, chat(name, address="a"), "здравствуйте")
            meet_visitor(db, name, language="ru", source="yandex")
        assert bind(db, "2", "8 916 123-45-67", language="ru") == anna
        moved = chats.find_chat(db, "1")
        assert moved is not None
        assert moved.customer_id == anna.id
        assert db.scalar(select(func.count()).select_from(CustomerRow)) == 1
        assert [(c.kind, c.id) for c in history(db, anna.id)] == [
            ("chat", "1"),
            ("chat", "2"),
            ("call", "1763800000.1"),
        ]


def test_a_new_number_makes_the_visitors_card_a_callers(database: Engine, ringing: Callable[..., Call]) -> None:
    with transaction(database) as db:
        write(db, chat("1"), "где заказ 4127", {"order.number": "4127"})
        card = meet_visitor(db, "1", language="ru", source="yandex")
        assert bind(db, "1", PHONE, language="ru").id == card.id
        call = ringing()
        call_log.open_call(db, call)
        caller = meet_caller(db, call)
        assert caller is not None
        assert (caller.id, caller.source) == (card.id, "yandex")


@pytest.mark.parametrize("channel", ["mail", "post"])
def test_a_forged_mail_rebinds_no_card(database: Engine, channel: str) -> None:
    """Whatever sender a mail has and whatever number is typed or even proved in it."""
    forger, victim = "+79031112233", "anna@example.org"
    mail = victim if channel == "mail" else ""  # a bridge by another name tells of no address
    with transaction(database) as db:
        write(db, chat("1", channel=channel, address=victim), "где заказ 4127", {"order.number": "4127"})
        anna = meet_visitor(db, "1", email=mail, language="ru", source="mail")
        write(db, chat("2", channel=channel, address=victim), f"мой номер {forger}", {"contact.phone": forger})
        assert meet_visitor(db, "2", email=mail, language="ru", source="mail") == anna
        theirs = bind(db, "2", forger, language="ru")
        assert (theirs.phone, theirs.email, theirs.id == anna.id) == (forger, None, False)
        assert find_card(db, anna.id) == anna
        assert recent(db, forger, now=NOW) == Recent(channel=way_of_mail(channel), at=NOW)
        write(db, chat("3", channel=channel, address=victim), "спасибо")
        later = meet_visitor(db, "3", email=mail, language="ru", source="mail")
        assert later.phone is None
        assert [contact.id for contact in history(db, theirs.id)] == ["2"]


def way_of_mail(channel: str) -> str:
    return "mail" if channel == "mail" else "chat"


def test_a_proved_number_in_a_browser_moves_the_whole_card_and_in_a_mail_only_the_chat(database: Engine) -> None:
    with transaction(database) as db:
        for name, address in (("1", "secret"), ("2", "secret"), ("3", "a@b.ru"), ("4", "a@b.ru")):
            write(db, chat(name, channel="web" if "@" not in address else "mail", address=address), "здравствуйте")
            meet_visitor(db, name, email=address if "@" in address else "", language="ru", source="web")
        whole, alone = bind(db, "2", PHONE, language="ru"), bind(db, "4", "+79031112233", language="ru")
        assert {contact.id for contact in history(db, whole.id)} == {"1", "2"}
        assert {contact.id for contact in history(db, alone.id)} == {"4"}


def test_what_somebody_types_never_makes_two_known_customers_one(database: Engine) -> None:
    with transaction(database) as db:
        for phone in (PHONE, "+79031112233"):
            save_customer(db, Customer(id=phone, name=phone, phone=phone, language="ru"))
        for name in ("1", "2"):
            chats.open_chat(db, chat(name, address="a"))
            meet_visitor(db, name, language="ru", source="web")
        bind(db, "1", PHONE, language="ru")
        bind(db, "2", "+79031112233", language="ru")
        owners = [found.customer_id for name in ("1", "2") if (found := chats.find_chat(db, name))]
        assert owners == [PHONE, "+79031112233"]
        assert find_card(db, PHONE) is not None


def test_merging_keeps_the_older_cards_source(database: Engine) -> None:
    with transaction(database) as db:
        save_customer(db, Customer(id="web", name="", phone=None, email="a@b.ru", language="ru", source="yandex"))
        save_customer(db, Customer(id="ring", name="Анна", phone=PHONE, language="ru", source="phone"))
        merged = merge(db, into="ring", gone="web")
    assert merged == Customer(id="ring", name="Анна", phone=PHONE, email="a@b.ru", language="ru", source="yandex")


def test_history_is_one_over_all_channels_newest_first(database: Engine, ringing: Callable[..., Call]) -> None:
    hour = timedelta(hours=1)
    with transaction(database) as db:
        ring(db, ringing(started_at=NOW - 3 * hour), "где мой заказ", facts={"order.number": "4127"}, ended=NOW)
        write(db, chat("1", started_at=NOW - 2 * hour, last_at=NOW - 2 * hour), "хочу записаться")
        write(db, chat("2", channel="mail", last_at=NOW - hour), "пришлите счёт")
        for name in ("1", "2"):
            meet_visitor(db, name, phone=PHONE, language="ru", source="web")
        wait_in_chat(db, Callback(chat_id="1", phone=PHONE, reason="хочу записаться", requested_at=NOW))
        card = find_customer(db, PHONE)
        assert card is not None
        lines = history(db, card.id)
    assert [(line.channel, line.summary, line.facts) for line in lines] == [
        ("mail", "пришлите счёт", {}),
        ("web", "хочу записаться", {}),
        ("phone", "где мой заказ", {"order.number": "4127"}),
    ]
    assert [line.callback is not None for line in lines] == [False, True, False]
    assert lines[2].outcome is Outcome.SETTLED


def test_recent_prefers_what_was_about_an_order(database: Engine, ringing: Callable[..., Call]) -> None:
    hour = timedelta(hours=1)
    with transaction(database) as db:
        assert recent(db, PHONE, now=NOW) is None
        write(db, chat("1", last_at=NOW - 3 * hour), "где 4127", {"order.number": "4127", "contact.phone": PHONE})
        write(db, chat("2", channel="email", address="x", last_at=NOW - hour), "спасибо")
        for name in ("1", "2"):
            meet_visitor(db, name, phone=PHONE, language="ru", source="web")
        assert recent(db, "89161234567", now=NOW) == Recent(channel="chat", at=NOW - 3 * hour, order="4127")
        assert recent(db, PHONE, now=NOW, hours=2) == Recent(channel="mail", at=NOW - hour)
        assert recent(db, PHONE, now=NOW, hours=2, besides="2") is None
        assert recent(db, PHONE, now=NOW + 30 * hour) is None
        assert recent(db, "+79031112233", now=NOW) is None


def test_the_call_that_asks_does_not_remember_itself(database: Engine, ringing: Callable[..., Call]) -> None:
    call = ringing(started_at=NOW)
    with transaction(database) as db:
        call_log.open_call(db, call)
        meet_caller(db, call)
        call_log.note_turn(
            db, call.id, Turn(number=1, speaker=Speaker.CALLER, node="ask", start=1, end=2, text="где заказ")
        )
        assert recent(db, PHONE, now=NOW) is None
        call_log.close_call(
            db, call.id, ended_at=NOW, outcome=Outcome.SETTLED, facts={"order.number": "4127", "caller.number": PHONE}
        )
        assert recent(db, PHONE, now=NOW) == Recent(channel="call", at=NOW, order="4127")


def test_a_refused_recording_is_not_remembered(database: Engine, ringing: Callable[..., Call]) -> None:
    call = ringing(started_at=NOW)
    with transaction(database) as db:
        call_log.open_call(db, call)
        meet_caller(db, call)
        call_log.refuse_recording(db, call.id)
        call_log.close_call(db, call.id, ended_at=NOW, outcome=Outcome.SETTLED, facts={"order.number": "4127"})
        assert recent(db, PHONE, now=NOW) is None
        found = call_log.find_call(db, call.id)
        assert found is not None
        assert found.facts is None


def test_who_waits_is_listed_until_somebody_rang_back(database: Engine, ringing: Callable[..., Call]) -> None:
    with transaction(database) as db:
        call_log.open_call(db, ringing())
        meet_caller(db, ringing())
        call_log.request_callback(
            db, Callback(call_id=ringing().id, phone=PHONE, reason="никого", requested_at=NOW - timedelta(hours=1))
        )
        chats.open_chat(db, chat("1"))
        for phone, reason in (("", "где заказ"), (PHONE, "")):
            wait_in_chat(db, Callback(chat_id="1", phone=phone, reason=reason, requested_at=NOW))
        waiting = open_callbacks(db)
        assert [(c.call_id, c.chat_id, c.phone, c.reason) for c in waiting] == [
            (ringing().id, None, PHONE, "никого"),
            (None, "1", PHONE, "где заказ"),
        ]
        assert [line.waiting for line in list_customers(db, waiting=True).customers] == [True]
        assert finish_callback(db, waiting[0].id, NOW)
        assert not finish_callback(db, "nobody", NOW)
        assert [c.chat_id for c in open_callbacks(db)] == ["1"]
        assert list_customers(db, waiting=True).total == 0


def test_the_list_is_searched_and_paged(database: Engine) -> None:
    with transaction(database) as db:
        for number, name in enumerate(("Анна Смирнова", "Павел", "O'Brien <b>%_")):
            save_customer(db, Customer(id=f"{number}", name=name, phone=f"+7916000000{number}", language="ru"))
        write(db, chat("1"), "привет")
        meet_visitor(db, "1", phone="+79160000001", language="ru", source="")
    with reading(database) as db:

        def names(**wanted: Any) -> list[str]:
            return [line.customer.name for line in list_customers(db, **wanted).customers]

        assert names(text="анна") == ["Анна Смирнова"]
        assert names(text="8 (916) 000-00-02") == ["O'Brien <b>%_"]
        assert names(text="%_") == ["O'Brien <b>%_"]
        page = list_customers(db, limit=2)
        assert (page.total, len(page.customers)) == (3, 2)
        assert {line.contacts for line in list_customers(db, text="Павел").customers} == {1}
        assert len(names(offset=2, limit=2)) == 1
