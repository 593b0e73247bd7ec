"""The one place where conversations ask."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy.exc import OperationalError

from ivr.business.demo_shop import DemoShop
from ivr.business.protocol import LONGEST_FACT, Option, Reply
from ivr.business.replies import checked, clean
from ivr.business.requests import SAME_WRITE_SECONDS, Requests, open_business
from ivr.business.settings import BusinessSettings
from ivr.errors import BusinessError

pytestmark = pytest.mark.unit

TICKET = {"ticket.problem": "п", "ticket.since": "с", "ticket.urgency": "normal", "contact.phone": "+79161234567"}


class Listener:
    """A business system that notes what it is asked and answers as told."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)
        self.asked: list[tuple[str, Mapping[str, str], str, str]] = []

    def ask(self, request: str, facts: Mapping[str, str], language: str, *, key: str = "") -> Reply:
        self.asked.append((request, dict(facts), language, key))
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]

    def close(self) -> None: ...

    @property
    def keys(self) -> list[str]:
        return [key for *_, key in self.asked]


CREATED = Reply(outcome="created", facts={"ticket.number": "8001"})


def test_only_what_is_needed_goes_out() -> None:
    listener = Listener(Reply(outcome="missing"))
    known = {
        "product.category": " gift\u0000 ",
        "product.budget": "",
        "product.purpose": "home",
        "customer.name": "Анна",
        "ticket.problem": "тайна",
    }
    assert Requests(business=listener).ask("catalogue.find", known, "ru").outcome == "missing"
    assert listener.asked == [("catalogue.find", {"product.category": "gift", "product.purpose": "home"}, "ru", "")]


def test_long_words_are_cut() -> None:
    listener = Listener(CREATED)
    Requests(business=listener).ask("tickets.create", TICKET | {"ticket.problem": "я" * 100_000}, "ru")
    assert len(listener.asked[0][1]["ticket.problem"]) == LONGEST_FACT


def test_the_same_wish_in_one_conversation_is_one() -> None:
    listener = Listener(CREATED)
    now = [0.0]
    requests = Requests(business=listener, clock=lambda: now[0])
    for contact in ("call", "call", "other call", "call"):
        requests.ask("tickets.create", TICKET, "ru", contact=contact)
    first, again, other, once_more = listener.keys
    assert first == again == once_more
    assert other != first
    requests.ask("tickets.create", TICKET | {"ticket.since": "давно"}, "ru", contact="call")
    requests.ask("tickets.create", TICKET, "ru", contact="call")  # wanted anew, after something else
    now[0] = SAME_WRITE_SECONDS + 1
    requests.ask("tickets.create", TICKET, "ru", contact="call")  # or much later
    for _ in range(2):
        requests.ask("tickets.create", TICKET, "ru")  # nobody knows whose
    assert len(set(listener.keys)) == len(listener.keys) - 2
    assert all(listener.keys)


def test_a_slot_booked_cancelled_and_booked_again_is_booked(tmp_path: Path) -> None:
    shop = DemoShop(f"sqlite:///{tmp_path / 'shop.db'}")
    requests = Requests(business=shop)
    day = requests.ask("bookings.free", {"booking.service": "florist", "booking.day": "2020-01-01"}, "ru").options[1]
    wish = {**day.facts, "contact.phone": "+79265554433"}
    for _ in range(2):
        booked = requests.ask("bookings.create", wish, "ru", contact="c")
        assert requests.ask("bookings.create", wish, "ru", contact="c") == booked
        assert requests.ask("bookings.find", wish, "ru", contact="c").facts == booked.facts
        assert requests.ask("bookings.cancel", booked.facts, "ru", contact="c").outcome == "cancelled"
    shop.close()


def test_without_a_number_nothing_is_known_of_a_caller() -> None:
    listener = Listener(Reply(outcome="teapot"))
    requests = Requests(business=listener)
    for name, outcome in (("customers.find", "missing"), ("orders.recent", "missing"), ("history.recent", "none")):
        assert requests.ask(name, {"caller.number": ""}, "ru") == Reply(outcome=outcome)
    with pytest.raises(BusinessError, match=r"contact\.phone"):
        requests.ask("tickets.create", TICKET | {"contact.phone": " "}, "ru")
    assert listener.asked == []


@pytest.mark.parametrize(
    ("request_name", "reply"),
    [
        ("orders.status", Reply(outcome="stored")),
        ("orders.status", Reply(outcome="failed")),
        ("orders.status", Reply(outcome="found", facts={"order.number": "1"})),
        ("bookings.free", Reply(outcome="found")),
        ("bookings.free", Reply(outcome="found", options=(Option(facts={}),) * 2)),
    ],
)
def test_nonsense_does_not_reach_a_conversation(request_name: str, reply: Reply) -> None:
    facts = {"order.number": "4127", "booking.service": "florist", "booking.day": "2026-11-24"}
    with pytest.raises(BusinessError, match=request_name):
        Requests(business=Listener(reply)).ask(request_name, facts, "ru")


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        ("booking.day", "2026-02-30"),
        ("booking.day", "завтра"),
        ("booking.time", "25:00"),
        ("booking.time", "15:00:00"),
        ("booking.number", "<b>2001</b>"),
        ("booking.number", "2" * 33),
        ("booking.service", "x" * (LONGEST_FACT + 1)),
    ],
)
def test_facts_are_written_as_their_kind_is(fact: str, value: str) -> None:
    good = {
        "booking.number": "2001",
        "booking.service": "florist",
        "booking.day": "2026-11-24",
        "booking.time": "15:00",
    }
    assert checked("bookings.find", Reply(outcome="one", facts=good)).facts == good
    with pytest.raises(BusinessError, match=fact):
        checked("bookings.find", Reply(outcome="one", facts=good | {fact: value}))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("  a\tb\r\nc\x00d\x7f ", "a b c d"),
        ("Хе\u0301лло 👩\u200d🌾 日本", "Хе\u0301лло 👩\u200d🌾 日本"),
        ("\u202etxt\u2069.exe", "txt.exe"),
        ("a\ud800b", "a b"),
    ],
)
def test_cleaning(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_our_own_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    article = SimpleNamespace(title="Часы работы", text="С девяти\nдо девятнадцати.", follow_up="")
    found: list[Any] = [SimpleNamespace(article=article, score=0.9), None]
    knowledge: Any = SimpleNamespace(search=lambda _text, _language: found.pop(0))
    order = Reply(outcome="order", facts={"order.number": "4127", "history.channel": "web"})
    numbers: list[str] = []

    def history(number: str) -> Reply:
        numbers.append(number)
        return order

    requests = Requests(business=Listener(CREATED), knowledge=knowledge, history=history)
    reply = requests.ask("knowledge.search", {"question.text": "когда вы открыты"}, "ru")
    assert reply.facts == {
        "answer.title": "Часы работы",
        "answer.text": "С девяти до девятнадцати.",
        "answer.follow_up": "",
    }
    assert requests.ask("knowledge.search", {"question.text": "?"}, "ru").outcome == "missing"
    assert requests.ask("history.recent", {"caller.number": "+79161234567"}, "ru") == order
    assert numbers == ["+79161234567"]
    bare = Requests(business=Listener(CREATED))
    assert bare.ask("knowledge.search", {"question.text": "часы"}, "ru").outcome == "missing"
    assert bare.ask("history.recent", {"caller.number": "+79161234567"}, "ru").outcome == "none"


def test_a_history_that_cannot_be_read_is_an_answer_that_failed() -> None:
    def away(number: str) -> Reply:
        raise OperationalError("SELECT", {}, Exception("gone"))

    with pytest.raises(BusinessError, match="database"):
        Requests(business=Listener(CREATED), history=away).ask("history.recent", {"caller.number": "+7916"}, "ru")


def test_unknown_requests_are_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="cakes"):
        Requests(business=Listener(CREATED)).ask("cakes.bake", {}, "ru")


@pytest.fixture
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OTKLIK_HOME", str(tmp_path))
    return tmp_path


def test_which_system_is_asked(at_home: Path) -> None:
    shop = open_business(BusinessSettings())
    assert isinstance(shop, DemoShop)
    assert (at_home / "demo_shop.db").exists()
    shop.close()
    with pytest.raises(BusinessError, match="OTKLIK_BUSINESS_SECRET"):
        open_business(BusinessSettings(business_url="https://crm.example.com"))
    company = open_business(BusinessSettings(business_url="https://crm.example.com", business_secret=SecretStr("s")))
    assert not isinstance(company, DemoShop)
    company.close()
