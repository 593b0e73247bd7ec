"""Who may be told what: the rule of every conversation, on the telephone as in writing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ivr.business.demo_shop import DemoShop
from ivr.business.proof import Access, Caller, Guard, Rules
from ivr.business.protocol import REQUESTS, Level, Reply
from ivr.business.requests import Requests
from recordings.calls.settings import CallbackSettings
from recordings.customers.tries import Tries

pytestmark = pytest.mark.unit

ANNA, PAVEL, OLGA = "+79161234567", "+79031112233", "+79265554433"
CODE = "482913"
NOTHING = frozenset({"missing", "none", "unproven"})


@pytest.fixture
def access() -> Iterator[Access]:
    """A shop on 24 November, whose codes are known."""
    shop = DemoShop("sqlite://", now=lambda: datetime(2026, 11, 24, 10, tzinfo=UTC), draw=lambda: CODE)
    with closing(shop):
        history = Reply(outcome="order", facts={"order.number": "4127", "history.channel": "chat"})
        requests = Requests(business=shop, history=lambda _: history)
        yield Access(requests=requests, rules=Rules(callbacks=CallbackSettings()), tries=Tries())


Open = Callable[..., Guard]


@pytest.fixture
def ring(access: Access) -> Open:
    """A call: ``ring()`` withheld, ``ring(ANNA)`` with her number from the network; each is another call."""
    calls = iter(range(100))

    def make(number: str = "", *, opens: Level | None = None, contact: str = "") -> Guard:
        rules = access.rules if opens is None else replace(access.rules, opens=opens)
        caller = Caller(contact=contact or f"call {next(calls)}", number=number)
        return replace(access, rules=rules).guard(caller, "ru")

    return make


def ask(guard: Guard, request: str, **facts: str) -> Reply:
    return guard.ask(request, {name.replace("_", ".", 1): value for name, value in facts.items()}, "ru")


def told(reply: Reply) -> set[str]:
    """Facts that are really told."""
    found = (reply.facts, *(option.facts for option in reply.options))
    return {name for facts in found for name, value in facts.items() if value}


def test_every_request_says_what_it_takes() -> None:
    """The table: who adds a request decides here, too, what a stranger may do with it."""
    open_to_all = {
        "orders.status", "catalogue.find", "catalogue.reserve", "bookings.free", "bookings.create", "tickets.create",
        "knowledge.search", "knowledge.follow", "codes.send", "codes.check", "callbacks.allow",
    }  # fmt: skip
    assert {name for name, request in REQUESTS.items() if request.level == Level.OPEN} == open_to_all
    assert {name: request.level for name, request in REQUESTS.items() if name not in open_to_all} == {
        "customers.find": Level.GREETING,
        "orders.recent": Level.ORDERS,
        "bookings.find": Level.PROOF,
        "bookings.move": Level.PROOF,
        "bookings.cancel": Level.PROOF,
        "history.recent": Level.PROOF,
    }
    for request in REQUESTS.values():  # what hides a fact must name one that is there
        brings = {name for facts in request.outcomes.values() for name in facts} | {*request.options}
        assert request.tells.keys() <= brings


@pytest.mark.parametrize(
    ("opens", "greeted", "orders"),
    [(Level.OPEN, False, False), (Level.GREETING, True, False), (Level.ORDERS, True, True)],
)
def test_what_a_number_of_the_network_opens(ring: Open, opens: Level, greeted: bool, orders: bool) -> None:
    guard = ring(PAVEL, opens=opens)
    assert (ask(guard, "customers.find", caller_number=PAVEL).outcome == "found") is greeted
    recent = ask(guard, "orders.recent", caller_number=PAVEL)
    assert told(recent) == ({"order.state"} if orders else set())
    for request in ("bookings.find", "history.recent"):
        assert ask(guard, request, caller_number=PAVEL, contact_phone=PAVEL).outcome == "unproven"


def test_of_several_orders_the_states_and_no_numbers(ring: Open) -> None:
    reply = ask(ring(OLGA), "orders.recent", caller_number=OLGA)
    assert (reply.outcome, reply.options) == ("states", ())
    assert set(reply.facts) == {"orders.first", "orders.second", "orders.third"}
    assert not any(char.isdecimal() for state in reply.facts.values() for char in state)


@pytest.mark.parametrize("network", ["", OLGA], ids=["withheld", "somebody else's"])
def test_a_number_that_is_said_opens_nothing(ring: Open, network: str) -> None:
    guard = ring(network)
    for request in ("customers.find", "orders.recent", "history.recent", "bookings.find"):
        reply = ask(guard, request, caller_number=ANNA, contact_phone=ANNA)
        assert "Анна" not in str(reply)
        assert not told(reply) & {"order.number", "booking.number", "booking.day", "order.items"}
        assert network or reply.outcome in NOTHING


def test_a_booking_is_changed_by_who_names_its_number_and_telephone(ring: Open) -> None:
    guard = ring()
    moved = {"booking_day": "2026-11-28", "booking_time": "15:00"}
    for phone, number in ((ANNA, ""), ("", "2001"), (PAVEL, "2001"), (ANNA, "2002")):
        named = {"contact_phone": phone, "booking_number": number}
        for request, more in (("bookings.find", {}), ("bookings.cancel", {}), ("bookings.move", moved)):
            fresh = ring()
            assert ask(fresh, request, **named, **more).outcome in NOTHING
            assert fresh.proven == frozenset()
    assert ask(guard, "bookings.find", contact_phone="8 916 123-45-67", booking_number="2001").outcome == "one"
    assert ask(guard, "bookings.cancel", contact_phone=ANNA, booking_number="2001").outcome == "cancelled"


def test_a_booking_may_be_cancelled_without_being_looked_up_first(ring: Open) -> None:
    assert ask(ring(ANNA), "bookings.cancel", contact_phone=ANNA, booking_number="2001").outcome == "cancelled"


def test_one_number_proves_one_thing(ring: Open) -> None:
    """Neither one's other booking nor anything else: who books for somebody is told a number of theirs, too."""
    slot = {"booking_service": "florist", "booking_day": "2026-11-26", "booking_time": "15:00"}
    stranger = ring()
    number = ask(stranger, "bookings.create", contact_phone=PAVEL, **slot).facts["booking.number"]
    assert ask(stranger, "bookings.find", contact_phone=PAVEL, booking_number=number).outcome == "one"
    assert ask(stranger, "bookings.find", contact_phone=PAVEL).outcome == "unproven"
    assert ask(stranger, "bookings.cancel", contact_phone=PAVEL, booking_number="2001").outcome == "missing"
    assert ask(stranger, "history.recent", caller_number=PAVEL, contact_phone=PAVEL).outcome == "unproven"
    assert ask(stranger, "orders.recent", caller_number=PAVEL, contact_phone=PAVEL).outcome == "missing"
    assert ask(stranger, "bookings.cancel", contact_phone=PAVEL, booking_number=number).outcome == "cancelled"


def test_an_order_is_told_whole_to_whose_it_is(ring: Open) -> None:
    whole = {"order.number", "order.state", "order.items", "order.sum"}
    assert whole <= told(ask(ring(ANNA), "orders.status", order_number="4127"))
    assert whole <= told(ask(ring(), "orders.status", order_number="4127", contact_phone=ANNA))
    for guard in (ring(), ring(PAVEL)):
        assert told(ask(guard, "orders.status", order_number="4127")) == {"order.number", "order.state"}
    assert told(ask(ring(), "orders.status", order_number="4127", contact_phone=PAVEL)) == {
        "order.number",
        "order.state",
    }


def test_a_code_opens_all_of_one_person(ring: Open) -> None:
    guard = ring()
    assert ask(guard, "codes.send", contact_phone="8 916 123 45 67").outcome == "sent"
    assert ask(guard, "codes.check", contact_phone=ANNA, code_number="111111").outcome == "wrong"
    right = ask(guard, "codes.check", contact_phone=ANNA, code_number=CODE)
    assert (right.outcome, set(right.proven), dict(right.facts)) == ("right", {f"phone:{ANNA}"}, {"code.number": ""})
    assert ask(guard, "bookings.find", contact_phone=ANNA).outcome == "one"
    assert ask(guard, "history.recent", caller_number="", contact_phone=ANNA).outcome == "order"
    assert ask(guard, "customers.find", caller_number="").facts["customer.name"] == "Анна"
    several = ask(guard, "orders.recent", caller_number="")
    assert {option.facts["order.number"] for option in several.options} == {"4127", "5206"}
    assert "order.sum" in told(ask(guard, "orders.status", order_number="4127"))
    for request in ("bookings.find", "history.recent"):  # and nothing of anybody else
        assert ask(guard, request, contact_phone=PAVEL).outcome in {"unproven", "order"}
    assert ask(guard, "bookings.cancel", contact_phone=PAVEL, booking_number="2005").outcome == "missing"


def test_a_company_without_codes_goes_on_with_numbers(ring: Open, access: Access) -> None:
    class Old:
        def ask(self, *_: object, **__: object) -> Reply:
            facts = {"order.number": "1", "order.state": "s", "order.items": "i", "order.sum": "1.00 RUB"}
            return Reply(outcome="found", facts=facts)

        def close(self) -> None: ...

    old = replace(access, requests=Requests(business=Old())).guard(Caller(contact="1", number=ANNA), "ru")
    assert told(ask(old, "orders.status", order_number="1")) == {"order.number", "order.state"}


def test_the_last_try_of_a_conversation_closes_it(ring: Open) -> None:
    guard = ring()
    for number, outcome in (("2002", "missing"), ("2003", "missing"), ("2004", "locked"), ("2001", "locked")):
        assert ask(guard, "bookings.find", contact_phone=ANNA, booking_number=number).outcome == outcome
    assert ask(guard, "codes.check", contact_phone=ANNA, code_number=CODE).outcome == "locked"
    assert ask(guard, "orders.status", order_number="4127").outcome == "locked"
    assert ask(ring(), "bookings.find", contact_phone=ANNA, booking_number="2001").outcome == "one"


def test_one_caller_has_so_many_a_day_over_all_calls(ring: Open) -> None:
    outcomes = [
        ask(ring(PAVEL), "bookings.find", contact_phone=phone, booking_number="2001").outcome
        for phone in (ANNA[:-1] + str(last) for last in range(8))
    ]
    assert outcomes.count("missing") == 5
    assert outcomes[5:] == ["locked"] * 3
    assert ask(ring(), "bookings.find", contact_phone=ANNA, booking_number="2001").outcome == "one"


def test_one_customer_is_guessed_at_so_often_a_day_and_still_gets_in_from_their_own_line(ring: Open) -> None:
    outcomes = [
        ask(ring(), "bookings.find", contact_phone=ANNA, booking_number=str(number)).outcome
        for number in range(3000, 3014)
    ]
    assert outcomes.count("missing") == 9
    assert outcomes[-1] == "locked"
    assert ask(ring(), "bookings.find", contact_phone=ANNA, booking_number="2001").outcome == "locked"
    assert ask(ring(ANNA), "bookings.find", contact_phone=ANNA, booking_number="2001").outcome == "one"


def test_nobody_is_flooded_with_codes(ring: Open) -> None:
    guard = ring()
    assert [ask(guard, "codes.send", contact_phone=ANNA).outcome for _ in range(3)] == ["sent", "sent", "locked"]
    assert [ask(ring(), "codes.send", contact_phone=ANNA).outcome for _ in range(2)] == ["sent", "locked"]


@pytest.mark.parametrize(
    ("number", "outcome"),
    [("+79161234567", "allowed"), ("+78091234567", "refused"), ("+881612345678", "refused"), ("101", "refused")],
)
def test_call_backs_go_where_the_company_rings(ring: Open, number: str, outcome: str) -> None:
    assert ask(ring(), "callbacks.allow", callback_number=number).outcome == outcome


def test_call_backs_of_one_caller_and_to_one_number_have_an_end(ring: Open) -> None:
    theirs = [ask(ring(ANNA), "callbacks.allow", caller_number=ANNA).outcome for _ in range(4)]
    assert theirs == ["allowed"] * 3 + ["too_many"]
    flood = [ask(ring(), "callbacks.allow", callback_number=PAVEL).outcome for _ in range(4)]
    assert flood == ["allowed"] * 3 + ["too_many"]
    spread = [ask(ring(OLGA), "callbacks.allow", callback_number=f"+7926555443{last}").outcome for last in range(4)]
    assert spread == ["allowed"] * 3 + ["too_many"]
