"""The demonstration shop: every request of a company's system, answered from a real database."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ivr.business.demo_shop import KNOWN, DemoShop, phone_digits
from ivr.business.demo_shop.goods import ORDERS, PRODUCTS
from ivr.business.protocol import REQUESTS, Reply
from ivr.business.replies import checked
from ivr.errors import BusinessError, BusinessRefused

pytestmark = pytest.mark.unit

TUESDAY = datetime(2026, 11, 24, 12, 10)  # noqa: DTZ001  # the shop's own wall clock
ANNA, PAVEL, OLGA = "+79161234567", "+79031112233", "+79265554433"


@pytest.fixture
def open_shop(tmp_path: Path) -> Iterator[Callable[..., DemoShop]]:
    """Opens the shop of this test at a time; its database stays."""
    shops: list[DemoShop] = []

    def make(now: datetime = TUESDAY) -> DemoShop:
        shops.append(DemoShop(f"sqlite:///{tmp_path / 'shop' / 'shop.db'}", now=lambda: now, draw=lambda: CODE))
        return shops[-1]

    yield make
    for shop in shops:
        shop.close()


@pytest.fixture
def shop(open_shop: Callable[..., DemoShop]) -> DemoShop:
    return open_shop()


def slot(service: str, day: str, at: str = "") -> dict[str, str]:
    return {"booking.service": service, "booking.day": day} | ({"booking.time": at} if at else {})


def book(shop: DemoShop, service: str, day: str, at: str, *, phone: str = ANNA, key: str = "") -> Reply:
    return shop.ask("bookings.create", {**slot(service, day, at), "contact.phone": phone}, "ru", key=key)


def names(reply: Reply, fact: str) -> list[str]:
    return [option.facts[fact] for option in reply.options]


CODE = "482913"
EVERY_WAY: tuple[tuple[str, str, Mapping[str, str]], ...] = (
    ("customers.find", "found", {"caller.number": ANNA}),
    ("customers.find", "missing", {"caller.number": "+79990000000"}),
    ("orders.status", "found", {"order.number": "4127"}),
    ("orders.status", "missing", {"order.number": "9999"}),
    ("orders.recent", "one", {"caller.number": PAVEL}),
    ("orders.recent", "several", {"caller.number": OLGA}),
    ("orders.recent", "missing", {"caller.number": ""}),
    ("catalogue.find", "found", {"product.category": "gift"}),
    ("catalogue.find", "missing", {"product.category": "gift", "product.budget": "100.00 RUB"}),
    ("catalogue.reserve", "reserved", {"product.id": "b01", "contact.phone": ANNA}),
    ("catalogue.reserve", "gone", {"product.id": "none", "contact.phone": ANNA}),
    ("bookings.free", "exact", slot("florist", "2026-11-25", "15:00")),
    ("bookings.free", "found", slot("florist", "2026-11-25", "11:00")),
    ("bookings.free", "other_day", slot("workshop", "2026-11-30", "15:00")),
    ("bookings.free", "missing", slot("florist", "2027-11-25", "15:00")),
    ("bookings.create", "booked", {**slot("florist", "2026-11-25", "15:00"), "contact.phone": ANNA}),
    ("bookings.create", "taken", {**slot("florist", "2026-11-25", "11:00"), "contact.phone": ANNA}),
    ("bookings.find", "one", {"contact.phone": ANNA}),
    ("bookings.find", "several", {"contact.phone": PAVEL}),
    ("bookings.find", "missing", {"contact.phone": OLGA}),
    ("bookings.move", "moved", {"booking.number": "2001", "booking.day": "2026-11-26", "booking.time": "15:30"}),
    ("bookings.move", "taken", {"booking.number": "2001", "booking.day": "2026-11-26", "booking.time": "12:00"}),
    ("bookings.move", "missing", {"booking.number": "1", "booking.day": "2026-11-26", "booking.time": "12:00"}),
    ("bookings.cancel", "cancelled", {"booking.number": "2001"}),
    ("bookings.cancel", "missing", {"booking.number": "много"}),
    ("codes.send", "sent", {"contact.phone": ANNA}),
    ("codes.send", "unavailable", {"contact.phone": "101"}),
    ("codes.check", "right", {"contact.phone": ANNA, "code.number": CODE}),
    ("codes.check", "wrong", {"contact.phone": ANNA, "code.number": "482914"}),
    (
        "tickets.create",
        "created",
        {"ticket.problem": "ваза", "ticket.since": "вчера", "ticket.urgency": "urgent", "contact.phone": ANNA},
    ),
)


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize(("request_name", "outcome", "facts"), EVERY_WAY)
def test_every_outcome_keeps_the_contract(
    shop: DemoShop, request_name: str, outcome: str, facts: Mapping[str, str], language: str
) -> None:
    if (request_name, outcome) == ("bookings.move", "taken"):
        book(shop, "florist", "2026-11-26", "12:00", phone=OLGA)
    if request_name == "codes.check":
        shop.ask("codes.send", {"contact.phone": ANNA}, language)
    reply = shop.ask(request_name, facts, language)
    assert reply.outcome == outcome
    assert checked(request_name, reply).facts == reply.facts


def test_no_outcome_is_left_out() -> None:
    tried = {(name, outcome) for name, outcome, _ in EVERY_WAY}
    assert tried == {(name, outcome) for name in KNOWN for outcome in REQUESTS[name].outcomes}


@pytest.mark.parametrize(("language", "letters"), [("ru", "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"), ("en", "etaoin")])
def test_it_speaks_the_language(shop: DemoShop, language: str, letters: str) -> None:
    for order in ORDERS:
        facts = shop.ask("orders.status", {"order.number": order.number}, language).facts
        assert set(facts["order.state"]) & set(letters)
        assert set(facts["order.items"]) & set(letters)
    for option in shop.ask("catalogue.find", {"product.category": "plant"}, language).options:
        assert set(option.facts["product.name"]) & set(letters)
        assert option.facts["product.price"].endswith("RUB" if language == "ru" else "USD")


@pytest.mark.parametrize("number", ["+79161234567", "89161234567", "79161234567", "8 (916) 123-45-67"])
def test_customers_are_known_however_their_number_is_written(shop: DemoShop, number: str) -> None:
    assert shop.ask("customers.find", {"caller.number": number}, "ru").facts["customer.name"] == "Анна"
    assert phone_digits("") == ""
    assert phone_digits("٧٧٧") == ""


def test_the_three_newest_orders_are_told(shop: DemoShop) -> None:
    reply = shop.ask("orders.recent", {"caller.number": OLGA}, "ru")
    assert names(reply, "order.number") == ["4480", "3418", "2951"]
    assert "спатифиллум в белом кашпо" in reply.options[0].ways


def test_offers_suit_the_purpose_and_the_budget(shop: DemoShop) -> None:
    assert len(PRODUCTS) >= 20
    wish = {"product.category": "bouquet", "product.purpose": "birthday", "product.budget": "3000.00 RUB"}
    assert names(shop.ask("catalogue.find", wish, "ru"), "product.id") == ["b03", "b02", "b01"]
    in_dollars = wish | {"product.budget": "30.00 USD"}
    assert names(shop.ask("catalogue.find", in_dollars, "en"), "product.id") == ["b02", "b01"]
    a_little_more = wish | {"product.budget": "1300"}
    assert names(shop.ask("catalogue.find", a_little_more, "ru"), "product.id") == ["b01"]
    no_budget = {"product.category": "bouquet", "product.purpose": "wedding"}
    assert names(shop.ask("catalogue.find", no_budget, "ru"), "product.id") == ["b04", "b05", "b06"]
    any_purpose = {"product.category": "bouquet", "product.purpose": "other"}
    prices = names(shop.ask("catalogue.find", any_purpose, "ru"), "product.price")
    assert (prices[0], prices[-1]) == ("1190.00 RUB", "6990.00 RUB")


def test_the_last_one_goes_to_one_caller(shop: DemoShop) -> None:
    wish = {"product.id": "g07", "contact.phone": ANNA}
    with ThreadPoolExecutor(4) as callers:
        replies = list(callers.map(lambda _: shop.ask("catalogue.reserve", wish, "ru"), range(4)))
    assert sorted(reply.outcome for reply in replies) == ["gone", "gone", "gone", "reserved"]
    assert "g07" not in names(shop.ask("catalogue.find", {"product.category": "gift"}, "ru"), "product.id")


def test_tomorrow_at_three_is_free_on_any_day(open_shop: Callable[..., DemoShop]) -> None:
    for later in range(15):
        now = TUESDAY + timedelta(days=later)
        tomorrow = (now + timedelta(days=1)).date().isoformat()
        reply = open_shop(now).ask("bookings.free", slot("florist", tomorrow, "15:00"), "ru")
        assert reply.facts == slot("florist", tomorrow, "15:00")


def test_the_nearest_times_of_the_day_are_offered(shop: DemoShop) -> None:
    near = shop.ask("bookings.free", slot("florist", "2026-11-25", "11:00"), "ru")
    assert names(near, "booking.time") == ["10:00", "10:30", "12:00"]
    any_time = shop.ask("bookings.free", slot("workshop", "2026-11-25"), "ru")
    assert names(any_time, "booking.time") == ["09:00", "14:00", "17:00"]
    between = shop.ask("bookings.free", slot("design", "2026-11-25", "15:20"), "ru")
    assert names(between, "booking.time") == ["14:00", "15:00", "16:00"]


def test_today_is_offered_from_now_on(shop: DemoShop) -> None:
    today = TUESDAY.date().isoformat()
    assert names(shop.ask("bookings.free", slot("florist", today, "09:00"), "ru"), "booking.time") == [
        "12:30",
        "13:00",
        "13:30",
    ]
    assert book(shop, "florist", today, "12:00").outcome == "taken"
    yesterday = shop.ask("bookings.free", slot("florist", "2026-11-23", "15:00"), "ru")
    assert names(yesterday, "booking.day") == ["2026-11-25", "2026-11-26", "2026-11-27"]


def test_a_full_day_leads_to_the_next_ones(shop: DemoShop) -> None:
    for hour in (9, 10, 11, 13, 14, 15, 16, 17):
        assert book(shop, "workshop", "2026-11-26", f"{hour:02}:00").outcome == "booked"
    reply = shop.ask("bookings.free", slot("workshop", "2026-11-26", "13:00"), "ru")
    assert reply.outcome == "other_day"
    assert [(o.facts["booking.day"], o.facts["booking.time"]) for o in reply.options] == [
        ("2026-11-27", "13:00"),
        ("2026-11-28", "13:00"),
        ("2026-11-29", "14:00"),  # Павел has the workshop at one
    ]


def test_of_many_who_want_a_slot_one_gets_it(open_shop: Callable[..., DemoShop]) -> None:
    shops = [open_shop(), open_shop()]  # two processes, as it were
    with ThreadPoolExecutor(8) as callers:
        replies = list(callers.map(lambda n: book(shops[n % 2], "florist", "2026-11-25", "15:00"), range(8)))
    assert sorted(reply.outcome for reply in replies) == ["booked"] + ["taken"] * 7


def test_a_booking_is_moved_and_cancelled(shop: DemoShop) -> None:
    number = book(shop, "florist", "2026-11-25", "15:00", phone=OLGA).facts["booking.number"]
    moved = shop.ask(
        "bookings.move", {"booking.number": number, "booking.day": "2026-11-26", "booking.time": "10:00"}, "ru"
    )
    assert moved.facts == {"booking.number": number, **slot("florist", "2026-11-26", "10:00")}
    assert book(shop, "florist", "2026-11-26", "10:00").outcome == "taken"
    assert book(shop, "florist", "2026-11-25", "15:00").outcome == "booked"  # free again
    assert shop.ask("bookings.find", {"contact.phone": OLGA}, "ru").facts == moved.facts
    assert shop.ask("bookings.cancel", {"booking.number": number}, "ru").outcome == "cancelled"
    assert shop.ask("bookings.find", {"contact.phone": OLGA}, "ru").outcome == "missing"
    assert book(shop, "florist", "2026-11-26", "10:00").outcome == "booked"


def test_the_same_key_does_it_once(shop: DemoShop) -> None:
    first = book(shop, "florist", "2026-11-25", "15:00", key="k1")
    assert book(shop, "florist", "2026-11-25", "15:00", key="k1") == first
    assert book(shop, "florist", "2026-11-25", "15:00", key="k2").outcome == "taken"
    with pytest.raises(BusinessRefused, match="belongs to another"):
        book(shop, "florist", "2026-11-25", "15:30", key="k1")
    ticket = {"ticket.problem": "п", "ticket.since": "с", "ticket.urgency": "normal", "contact.phone": ANNA}
    with ThreadPoolExecutor(4) as senders:
        replies = list(senders.map(lambda _: shop.ask("tickets.create", ticket, "ru", key="k3"), range(4)))
    assert {reply.facts["ticket.number"] for reply in replies} == {"8001"}


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("bookings.free", slot("florist", "завтра")),
        ("bookings.free", slot("florist", "2026-02-30")),
        ("bookings.create", {**slot("florist", "2026-11-25", "три часа"), "contact.phone": ANNA}),
        ("bookings.create", {**slot("haircut", "2026-11-25", "15:00"), "contact.phone": ANNA}),
        ("catalogue.find", {"product.category": "gift", "product.budget": "сто"}),
        ("orders.status", {}),
    ],
)
def test_wrong_facts_are_refused(shop: DemoShop, name: str, facts: Mapping[str, str]) -> None:
    with pytest.raises(BusinessRefused):
        shop.ask(name, facts, "ru")


def test_what_is_not_the_shops_it_does_not_know(shop: DemoShop) -> None:
    with pytest.raises(ValueError, match=r"knowledge\.search"):
        shop.ask("knowledge.search", {"question.text": "часы"}, "ru")


def test_bookings_it_was_filled_with_stay_ahead(open_shop: Callable[..., DemoShop]) -> None:
    number = open_shop().ask("bookings.find", {"contact.phone": ANNA}, "ru").facts["booking.number"]
    later = open_shop(TUESDAY + timedelta(days=30))
    facts = later.ask("bookings.find", {"contact.phone": ANNA}, "ru").facts
    assert (facts["booking.number"], facts["booking.day"]) == (number, "2026-12-27")


def test_a_database_of_an_older_shop_is_made_anew(open_shop: Callable[..., DemoShop], tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    old = sqlite3.connect(tmp_path / "shop" / "shop.db")
    old.execute("CREATE TABLE shop_customers (phone VARCHAR(20) PRIMARY KEY, name VARCHAR NOT NULL)")
    old.execute("INSERT INTO shop_customers VALUES ('79161234567', 'Анна')")
    old.commit()
    old.close()
    shop = open_shop()
    assert shop.ask("customers.find", {"caller.number": PAVEL}, "ru").facts["customer.segment"] == "vip"
    number = book(shop, "florist", "2026-11-25", "15:00", phone=OLGA).facts["booking.number"]
    again = open_shop().ask("bookings.find", {"contact.phone": OLGA}, "ru")  # what is current stays
    assert again.facts["booking.number"] == number


def test_in_memory_threads_share_one_shop() -> None:
    shop = DemoShop("sqlite://", now=lambda: TUESDAY)
    with ThreadPoolExecutor(4) as callers:
        replies = list(callers.map(lambda _: book(shop, "florist", "2026-11-25", "15:00"), range(8)))
    assert sorted(reply.outcome for reply in replies) == ["booked"] + ["taken"] * 7
    shop.close()


def test_a_shop_that_is_not_there_does_not_tell_its_password() -> None:
    with pytest.raises(BusinessError, match="OTKLIK_SHOP_URL") as refusal:
        DemoShop("postgresql+psycopg://shop:very-secret@127.0.0.1:1/shop")
    assert "very-secret" not in str(refusal.value)


def test_a_shop_without_a_database_says_so(tmp_path: Path) -> None:
    (tmp_path / "shop.db").write_bytes(b"this is no database" * 100)
    with pytest.raises(BusinessError, match=r"shop\.db"):
        DemoShop(f"sqlite:///{tmp_path / 'shop.db'}")


def test_a_locked_database_is_an_error_of_the_shop(
    open_shop: Callable[..., DemoShop], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ivr.business.demo_shop.tables.WAIT_SECONDS", 0.1)
    shop = open_shop()
    other = sqlite3.connect(tmp_path / "shop" / "shop.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        with pytest.raises(BusinessError, match="locked"):
            shop.ask("orders.status", {"order.number": "4127"}, "ru")
    finally:
        other.close()


def test_a_code_is_good_once_for_a_while_and_for_few_tries(open_shop: Callable[..., DemoShop]) -> None:
    shop, later = open_shop(), open_shop(TUESDAY + timedelta(minutes=11))
    right = {"contact.phone": ANNA, "code.number": CODE}

    def send() -> None:
        assert shop.ask("codes.send", {"contact.phone": ANNA}, "ru").outcome == "sent"

    send()
    assert [shop.ask("codes.check", right, "ru").outcome for _ in range(2)] == ["right", "wrong"]
    send()
    assert later.ask("codes.check", right, "ru").outcome == "wrong"
    send()
    for _ in range(3):
        shop.ask("codes.check", right | {"code.number": "111111"}, "ru")
    assert shop.ask("codes.check", right, "ru").outcome == "wrong"


def test_whose_number_it_is_cannot_be_learned_by_codes_and_bookings(shop: DemoShop) -> None:
    assert shop.ask("codes.send", {"contact.phone": "+79990000000"}, "ru") == shop.ask(
        "codes.send", {"contact.phone": ANNA}, "ru"
    )
    others = {"contact.phone": OLGA, "booking.number": "2001"}
    assert shop.ask("bookings.find", others, "ru").outcome == "missing"
