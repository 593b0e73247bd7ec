"""From a wish the company's system could not take to the moment it has it: once, whatever happens in between."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from ivr.business import outbox
from ivr.business.demo_shop import DemoShop
from ivr.business.http import HttpBusiness
from ivr.business.protocol import STORED, Reply
from ivr.business.requests import Requests
from ivr.errors import BusinessError, BusinessRefused
from recordings.calls import call_log
from recordings.calls.outbox import OutboxState
from recordings.contacts.call import Call
from recordings.database import connect, reading, transaction
from recordings.tables import CallbackRow, OutboxRow
from speech.display.formatting import shown
from tests.ivr.company import SECRET, OddServer, ShopServer, odd_server
from tests.ivr.conftest import until

pytestmark = pytest.mark.services

CALL = Call(
    id="otklik-1763800000.1",
    started_at=datetime(2026, 11, 22, 9, tzinfo=UTC),
    caller_number="+79161234567",
    extension="1000",
    language="ru",
    scenario="support",
    scenario_version="0123456789ab",
    engine="vosk",
)
TICKET = {
    "ticket.problem": "ваза",
    "ticket.since": "вчера",
    "ticket.urgency": "urgent",
    "contact.phone": "+79161234567",
}


@pytest.fixture
def call(database: Engine) -> Call:
    with transaction(database) as db:
        call_log.open_call(db, CALL)
    return CALL


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[ShopServer]:
    server = ShopServer(folder=tmp_path)
    yield server
    server.kill()


@pytest.fixture
def odd() -> Iterator[OddServer]:
    with odd_server() as server:
        yield server


def business(url: str) -> HttpBusiness:
    asker = HttpBusiness(url, SECRET, seconds=20.0)
    asker.breaker.reset_timeout = 0
    return asker


def rows(engine: Engine) -> list[OutboxRow]:
    with reading(engine) as db:
        return list(db.scalars(select(OutboxRow).order_by(OutboxRow.created_at)))


def tickets(shop: ShopServer) -> int:
    with closing(sqlite3.connect(shop.folder / "shop.db")) as db:
        return int(db.execute("SELECT count(*) FROM shop_tickets").fetchone()[0])


async def deliver(engine: Engine, asker: HttpBusiness | DemoShop, *, after: timedelta = timedelta(minutes=1)) -> int:
    """Send what is due by then."""
    return await outbox.deliver(engine, asker, now=lambda: datetime.now(UTC) + after)


async def test_a_wish_survives_a_system_that_is_down(database: Engine, call: Call, shop: ShopServer) -> None:
    asker = business(shop.url)
    requests = Requests(business=asker, database=database)
    assert requests.ask("tickets.create", TICKET, "ru", contact=call.id) == Reply(outcome=STORED)
    assert requests.ask("tickets.create", TICKET, "ru", contact=call.id) == Reply(outcome=STORED)  # said twice
    assert await deliver(database, asker) == 1
    (waiting,) = rows(database)
    assert (waiting.state, waiting.attempts) == (OutboxState.WAITING, 1)
    assert "ConnectError" in waiting.failure
    asker.close()

    shop.start()
    asker = business(shop.url)  # and the robot was restarted, too
    assert await deliver(database, asker, after=timedelta(minutes=10)) == 1
    assert await deliver(database, asker, after=timedelta(days=1)) == 0
    (sent,) = rows(database)
    assert (sent.state, sent.failure, sent.reply["facts"]) == (OutboxState.SENT, "", {"ticket.number": "8001"})
    assert tickets(shop) == 1
    asker.close()


async def test_an_answer_lost_on_the_way_does_it_once(
    database: Engine, call: Call, shop: ShopServer, odd: OddServer
) -> None:
    """The shop commits, the answer never comes: the second sending finds it done."""
    shop.start()
    upstream = business(shop.url)

    def swallow(_: object) -> None:
        key = next(line for line in odd.heard[-1].lower().split(b"\r\n") if line.startswith(b"idempotency-key:"))
        upstream.ask("tickets.create", TICKET, "ru", key=key.split(b":")[1].strip().decode())

    odd.answer = swallow
    asker = business(odd.url)
    requests = Requests(business=asker, database=database)
    assert requests.ask("tickets.create", TICKET, "ru", contact=call.id).outcome == STORED
    assert tickets(shop) == 1
    assert await deliver(database, upstream) == 1
    (sent,) = rows(database)
    assert (sent.state, sent.reply["facts"]) == (OutboxState.SENT, {"ticket.number": "8001"})
    assert tickets(shop) == 1
    asker.close()
    upstream.close()


class Shop:
    """The demonstration shop, which a test can take away and give back."""

    def __init__(self, folder: Path) -> None:
        self.shop = DemoShop(f"sqlite:///{folder / 'shop.db'}")
        self.down = False
        self.asked = 0

    def ask(self, request: str, facts: Mapping[str, str], language: str, *, key: str = "") -> Reply:
        self.asked += 1
        if self.down:
            raise BusinessError("the shop is down")
        return self.shop.ask(request, facts, language, key=key)

    def close(self) -> None:
        self.shop.close()


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Shop]:
    company = Shop(tmp_path)
    yield company
    company.close()


def slot(**changes: str) -> dict[str, str]:
    day = (datetime.now().astimezone() + timedelta(days=1)).date().isoformat()
    facts = {"booking.service": "florist", "booking.day": day, "booking.time": "15:00", "contact.phone": "+79031112233"}
    return facts | {name.replace("_", "."): value for name, value in changes.items()}


async def test_a_slot_taken_meanwhile_is_a_call_back(database: Engine, call: Call, company: Shop) -> None:
    requests = Requests(business=company, database=database)
    company.down = True
    assert requests.ask("bookings.create", slot(), "ru", contact=call.id).outcome == STORED
    company.down = False
    other = slot(contact_phone="+79265554433")
    assert requests.ask("bookings.create", other, "ru", contact="another").outcome == "booked"
    assert await deliver(database, company.shop) == 1
    (refused,) = rows(database)
    assert (refused.state, refused.reply["outcome"]) == (OutboxState.REFUSED, "taken")
    assert refused.failure == "the business system answered: taken"
    with reading(database) as db:
        (callback,) = db.scalars(select(CallbackRow))
    assert (callback.call_id, callback.phone) == (call.id, "+79031112233")
    assert callback.reason == f"Не удалось записать: florist, {shown(slot()['booking.day'], 'date', 'ru')}, 15:00"


async def test_wishes_that_can_never_be_taken_stop_nobody(database: Engine, call: Call, company: Shop) -> None:
    requests = Requests(business=company, database=database)
    company.down = True
    assert requests.ask("bookings.create", slot(booking_day="вчера"), "ru", contact=call.id).outcome == STORED
    assert requests.ask("tickets.create", TICKET, "ru", contact=call.id).outcome == STORED
    with transaction(database) as db:
        db.add(OutboxRow(key="old", request="cakes.bake", state="waiting", body={"facts": {}, "language": "ko"},
                         created_at=datetime.now(UTC), due_at=datetime.now(UTC)))  # fmt: skip
    assert await deliver(database, company.shop) == 3
    assert [row.state for row in rows(database)] == [OutboxState.REFUSED, OutboxState.SENT, OutboxState.REFUSED]


def test_a_system_that_refuses_is_not_asked_again(database: Engine, company: Shop) -> None:
    requests = Requests(business=company, database=database)
    with pytest.raises(BusinessRefused):
        requests.ask("bookings.create", slot(booking_day="вчера"), "ru", contact="c")
    assert rows(database) == []


def test_with_the_database_away_the_caller_hears_so(tmp_path: Path, company: Shop) -> None:
    company.down = True
    away = connect(f"sqlite:///{tmp_path / 'never migrated.db'}")
    with pytest.raises(BusinessError, match="nor could it be kept"):
        Requests(business=company, database=away).ask("tickets.create", TICKET, "ru", contact="c")
    away.dispose()


@asynccontextmanager
async def sending(engine: Engine, company: Shop) -> AsyncIterator[asyncio.Task[None]]:
    """The sender as the robot runs it, an hour ahead of the clock."""
    later = timedelta(hours=1)
    sender = asyncio.create_task(outbox.run(engine, company, now=lambda: datetime.now(UTC) + later))
    yield sender
    sender.cancel()
    with suppress(asyncio.CancelledError):
        await sender


async def test_the_sender_takes_up_what_has_come(
    database: Engine, company: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "LOOK_SECONDS", 0.05)
    async with sending(database, company):
        company.down = True
        Requests(business=company, database=database).ask("tickets.create", TICKET, "ru", contact="c")
        company.down = False
        await until(lambda: rows(database)[0].state == OutboxState.SENT, seconds=10, what="the ticket to be sent")


async def test_the_sender_outlives_a_database_that_is_away(
    company: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(outbox, "LOOK_SECONDS", 0.05)
    away = connect(f"sqlite:///{tmp_path / 'never migrated.db'}")
    async with sending(away, company) as sender:
        await until(lambda: caplog.text.count("cannot be read now") > 1, seconds=10, what="two looks")
        assert not sender.done()
    away.dispose()


def test_the_shop_holds_its_word_on_postgresql(postgres_url: str) -> None:
    shops = [DemoShop(postgres_url), DemoShop(postgres_url)]
    with ThreadPoolExecutor(8) as callers:
        booked = list(callers.map(lambda n: shops[n % 2].ask("bookings.create", slot(), "ru"), range(8)))
        tickets = list(callers.map(lambda n: shops[n % 2].ask("tickets.create", TICKET, "ru", key="k"), range(8)))
        gone = {"product.id": "g07", "contact.phone": "+79161234567"}
        kept = list(callers.map(lambda n: shops[n % 2].ask("catalogue.reserve", gone, "ru"), range(4)))
    assert sorted(reply.outcome for reply in booked) == ["booked"] + ["taken"] * 7
    assert {reply.facts["ticket.number"] for reply in tickets} == {tickets[0].facts["ticket.number"]}
    assert sorted(reply.outcome for reply in kept) == ["gone", "gone", "gone", "reserved"]
    number = {"booking.number": next(reply.facts["booking.number"] for reply in booked if reply.facts)}
    again = shops[0].ask("bookings.create", slot(booking_time="15:30"), "ru").facts
    move = number | {"booking.day": again["booking.day"], "booking.time": "15:30"}
    assert shops[1].ask("bookings.move", move, "ru").outcome == "taken"
    assert shops[1].ask("bookings.cancel", number, "ru").outcome == "cancelled"
    for shop in shops:
        shop.close()
