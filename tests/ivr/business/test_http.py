"""A company's system over REST: the real demonstration shop, and systems that are slow, away or tell nonsense."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from pybreaker import STATE_CLOSED, STATE_OPEN

from ivr.business import signature
from ivr.business.demo_shop import DemoShop
from ivr.business.http import FAILURES, HttpBusiness
from ivr.business.protocol import REQUESTS
from ivr.business.replies import checked
from ivr.errors import BusinessError, BusinessRefused
from tests.ivr.business.test_demo_shop import EVERY_WAY
from tests.ivr.company import SECRET, OddServer, ShopServer, odd_server
from tests.services import ROOT, free_port

pytestmark = pytest.mark.services

ORDER = {"order.number": "4127"}
TICKET = {
    "ticket.problem": "ваза",
    "ticket.since": "вчера",
    "ticket.urgency": "urgent",
    "contact.phone": "+79161234567",
}
FOUND = {
    "outcome": "found",
    "facts": {"order.number": "4127", "order.state": "в пути", "order.items": "ваза", "order.sum": "100.00 RUB"},
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShopServer]:
    server = ShopServer(folder=tmp_path_factory.mktemp("shop"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def odd() -> Iterator[OddServer]:
    with odd_server() as server:
        yield server


@pytest.fixture
def business() -> Iterator[Callable[..., HttpBusiness]]:
    opened: list[HttpBusiness] = []

    def make(url: str, *, secret: str = SECRET, seconds: float = 3.0, **more: Callable[[], float]) -> HttpBusiness:
        opened.append(HttpBusiness(url, secret, seconds=seconds, **more))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


def test_the_shop_says_the_same_over_rest(
    shop: ShopServer, business: Callable[..., HttpBusiness], tmp_path: Path
) -> None:
    asker = business(shop.url, seconds=20.0)
    direct = DemoShop(f"sqlite:///{tmp_path / 'direct.db'}")
    try:
        for name, _, facts in EVERY_WAY:
            if REQUESTS[name].writes:
                continue
            for language in ("ru", "en"):
                assert asker.ask(name, facts, language) == checked(name, direct.ask(name, facts, language))
    finally:
        direct.close()


def test_a_write_under_one_key_is_done_once(shop: ShopServer, business: Callable[..., HttpBusiness]) -> None:
    asker = business(shop.url, seconds=20.0)
    first = asker.ask("tickets.create", TICKET, "ru", key="once")
    assert asker.ask("tickets.create", TICKET, "ru", key="once") == first
    assert asker.ask("tickets.create", TICKET, "ru", key="twice") != first
    with pytest.raises(BusinessRefused, match="another"):
        asker.ask("tickets.create", TICKET | {"ticket.since": "сегодня"}, "ru", key="once")
    with pytest.raises(BusinessRefused, match="Idempotency-Key"):
        asker.ask("tickets.create", TICKET, "ru")


def test_wrong_requests_are_refused_and_the_system_stays_trusted(
    shop: ShopServer, business: Callable[..., HttpBusiness]
) -> None:
    asker = business(shop.url, seconds=20.0)
    for _ in range(FAILURES + 1):
        with pytest.raises(BusinessRefused, match="422"):
            asker.ask("bookings.free", {"booking.service": "florist", "booking.day": "завтра"}, "ru")
    with pytest.raises(BusinessRefused, match="404"):
        asker.ask("knowledge.search", {"question.text": "часы"}, "ru")
    assert asker.ask("orders.status", ORDER, "ru").outcome == "found"


def test_a_wrong_secret_or_clock_is_refused(shop: ShopServer, business: Callable[..., HttpBusiness]) -> None:
    with pytest.raises(BusinessError, match=r"401.*Signature"):
        business(shop.url, secret="another").ask("orders.status", ORDER, "ru")
    for off in (-signature.WINDOW_SECONDS - 60, signature.WINDOW_SECONDS + 60):
        with pytest.raises(BusinessError, match=r"401.*clock"):
            business(shop.url, now=lambda off=off: time.time() + off).ask("orders.status", ORDER, "ru")


def _post(shop: ShopServer, name: str, body: bytes, key: str = "", **changed: str) -> httpx.Response:
    path = f"/v1/requests/{name}"
    headers = signature.headers(SECRET, "POST", path, body, now=time.time(), key=key) | changed
    return httpx.post(shop.url + path, content=body, headers=headers, trust_env=False, timeout=20)


def test_nothing_signed_can_be_turned_into_something_else(shop: ShopServer) -> None:
    body = json.dumps({"facts": ORDER, "language": "ru"}).encode()
    assert _post(shop, "orders.status", body).status_code == 200
    signed = signature.headers(SECRET, "POST", "/v1/requests/orders.status", body, now=time.time())
    for url, content, headers in (
        ("/v1/requests/orders.status", body.replace(b"4127", b"5206"), signed),
        ("/v1/requests/orders.recent", body, signed),
        ("/v1/requests/orders.status", body, signed | {signature.KEY: "new"}),
        ("/v1/requests/orders.status", body, signed | {signature.TIMESTAMP: str(int(time.time()) + 1)}),
        ("/v1/requests/orders.status", body, signed | {signature.TIMESTAMP: "now"}),
        ("/v1/requests/orders.status", body, {}),
    ):
        answer = httpx.post(shop.url + url, content=content, headers=headers, trust_env=False, timeout=20)
        assert answer.status_code == 401


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 422),
        (b'{"facts": {"order.number": 4127}, "language": "ru"}', 422),
        (b'{"facts": {"order.number": "\\ud800"}, "language": "ru"}', 422),
        (b'{"facts": {}, "language": "ru"}', 422),
        (b'{"facts": {"order.number": "4127"}, "language": "ru", "more": 1}', 422),
        (b'{"facts": {"order.number": "41\\u000027"}, "language": "ru"}', 200),
        (b'{"facts": {"order.number": "' + b"4" * 70_000 + b'"}, "language": "ru"}', 413),
    ],
)
def test_bad_bodies(shop: ShopServer, body: bytes, status: int) -> None:
    assert _post(shop, "orders.status", body).status_code == status


def test_the_wire_is_described(shop: ShopServer) -> None:
    described = httpx.get(f"{shop.url}/openapi.json", trust_env=False, timeout=20).json()
    operation = described["paths"]["/v1/requests/{name}"]["post"]
    assert {"200", "401", "404", "413", "422", "503"} <= set(operation["responses"])
    assert {"X-Otklik-Timestamp", "X-Otklik-Signature", "Idempotency-Key"} <= {
        p["name"] for p in operation["parameters"]
    }
    assert "facts" in operation["requestBody"]["content"]["application/json"]["schema"]["properties"]


def _with(**changes: object) -> str:
    return json.dumps(FOUND | changes)


def _fact(name: str, value: object) -> str:
    return _with(facts={**FOUND["facts"], name: value})  # type: ignore[dict-item]


LIES: dict[str, tuple[str | bytes, str]] = {
    "number": (_fact("order.sum", 100), "order.sum"),
    "null": (_fact("order.state", None), "order.state"),
    "nested": (_fact("order.items", ["ваза"]), "order.items"),
    "a fact is missing": (_with(facts={"order.number": "4127"}), "lacks"),
    "a fact is empty": (_fact("order.state", " \u0000 "), "lacks order.state"),
    "money in words": (_fact("order.sum", "сто рублей"), "wrongly written"),
    "unknown outcome": (_with(outcome="teapot"), "teapot"),
    "our own outcome": (_with(outcome="stored"), "stored"),
    "no outcome": ("{}", "outcome"),
    "list": ("[]", "makes no sense"),
    "cut off": (_with()[:-10], "makes no sense"),
    "deep": (b"[" * 200_000, "makes no sense"),
    "not UTF-8": (b'{"outcome": "\xff"}', "makes no sense"),
    "100 kB of a fact": (_fact("order.items", "я" * 100_000), "order.items"),
    "too many facts": (_with(facts={str(n): "1" for n in range(1000)}), "facts"),
    "2 MB": (_fact("order.items", "я" * 1_000_000), "longer than"),
    "empty": ("", "makes no sense"),
}


@pytest.mark.parametrize("lie", LIES)
def test_lies(odd: OddServer, business: Callable[..., HttpBusiness], lie: str) -> None:
    body, reason = LIES[lie]
    odd.says(body)
    with pytest.raises(BusinessError, match=reason) as refusal:
        business(odd.url).ask("orders.status", ORDER, "ru")
    assert not isinstance(refusal.value, BusinessRefused)
    assert len(str(refusal.value)) < 600


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ([], "want 1 to 3 options, got 0"),
        ([{"facts": {"product.id": "1"}}], "lacks"),
        ([{"facts": {"product.id": "1", "product.name": "a", "product.price": "1.00 RUB"}}] * 4, "got 4"),
        ([{"ways": []}], "facts"),
        ("many", "options"),
    ],
)
def test_lies_about_options(
    odd: OddServer, business: Callable[..., HttpBusiness], options: object, reason: str
) -> None:
    odd.says(json.dumps({"outcome": "found", "options": options}))
    with pytest.raises(BusinessError, match=reason):
        business(odd.url).ask("catalogue.find", {"product.category": "gift"}, "ru")


@pytest.mark.parametrize(
    ("status", "kind", "reason"),
    [
        ("500 Internal Server Error", "text/html", "status 500"),
        ("302 Found", "text/html", "status 302"),
        ("200 OK", "text/html", "no JSON"),
        ("204 No Content", "application/json", "status 204"),
        ("404 Not Found", "text/html", "status 404"),
        ("429 Too Many Requests", "application/json", "status 429"),
    ],
)
def test_odd_statuses(
    odd: OddServer, business: Callable[..., HttpBusiness], status: str, kind: str, reason: str
) -> None:
    odd.says(
        "<h1>Oops</h1>" if status[:3] != "204" else "", status=status, kind=kind, more=f"Location: {odd.url}/no\r\n"
    )
    with pytest.raises(BusinessError, match=reason) as refusal:
        business(odd.url).ask("orders.status", ORDER, "ru")
    assert not isinstance(refusal.value, BusinessRefused)  # a write would be sent again
    assert len(odd.heard) == 1  # no redirect was followed


def test_what_it_says_is_made_harmless(odd: OddServer, business: Callable[..., HttpBusiness]) -> None:
    odd.says(_fact("order.items", "  ваза\u0000\u001b[31m \r\nX-Evil: 1 \u202eдалее\u200f 🌹 <b>  "))
    reply = business(odd.url).ask("orders.status", ORDER, "ru")
    assert reply.facts["order.items"] == "ваза [31m X-Evil: 1 далее 🌹 <b>"
    odd.says(_with(facts=FOUND["facts"] | {"secret.more": "x"}, options=[{"facts": {}}]))  # type: ignore[operator]
    reply = business(odd.url).ask("orders.status", ORDER, "ru")
    assert {name for name, value in reply.facts.items() if value} == set(FOUND["facts"])
    assert reply.options == ()


@pytest.mark.parametrize("pace", ["hangs", "drips headers", "drips the body"])
def test_slow_systems_are_given_up_in_time(odd: OddServer, business: Callable[..., HttpBusiness], pace: str) -> None:
    data = _with().encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n".encode()
    if pace == "hangs":
        odd.hangs()
    elif pace == "drips headers":
        odd.drips(head + data)
    else:
        odd.drips(data, head=head)
    with pytest.raises(BusinessError, match=r"Timeout|no answer within"):
        business(odd.url, seconds=0.3).ask("orders.status", ORDER, "ru")
    assert len(odd.heard) == 1  # what was slow is not tried again


def test_a_connection_that_breaks_is_tried_once_more(odd: OddServer, business: Callable[..., HttpBusiness]) -> None:
    asker = business(odd.url)
    odd.answer = lambda _: None  # closes without a word
    with pytest.raises(BusinessError, match="RemoteProtocolError"):
        asker.ask("orders.status", ORDER, "ru")
    assert len(odd.heard) == 2
    with pytest.raises(BusinessError):
        asker.ask("tickets.create", TICKET, "ru", key="k")
    assert len(odd.heard) == 4
    assert all(b"idempotency-key: k" in request.lower() for request in odd.heard[2:])
    with pytest.raises(BusinessError):
        asker.ask("tickets.create", TICKET, "ru")  # nobody could tell whether it was done
    assert len(odd.heard) == 5
    odd.says(_with())
    assert asker.ask("orders.status", ORDER, "ru").outcome == "found"


def test_a_system_that_is_down_is_left_alone(odd: OddServer, business: Callable[..., HttpBusiness]) -> None:
    asker = business(odd.url)
    odd.says("oops", status="503 Service Unavailable")
    for _ in range(FAILURES):
        with pytest.raises(BusinessError, match="503"):
            asker.ask("orders.status", ORDER, "ru")
    for _ in range(3):
        with pytest.raises(BusinessError, match="left alone"):
            asker.ask("orders.status", ORDER, "ru")
    assert len(odd.heard) == FAILURES
    asker.breaker.reset_timeout = 0  # time has passed
    with pytest.raises(BusinessError, match="503"):
        asker.ask("orders.status", ORDER, "ru")
    assert (asker.breaker.current_state, len(odd.heard)) == (STATE_OPEN, FAILURES + 1)
    odd.says(_with())
    assert asker.ask("orders.status", ORDER, "ru").outcome == "found"
    assert asker.breaker.current_state == STATE_CLOSED


def test_one_caller_tries_it_again_and_the_others_do_not_wait(
    odd: OddServer, business: Callable[..., HttpBusiness]
) -> None:
    asker = business(odd.url)
    odd.says("oops", status="503 Service Unavailable")
    for _ in range(FAILURES):
        with pytest.raises(BusinessError):
            asker.ask("orders.status", ORDER, "ru")
    asker.breaker.reset_timeout = 0
    arrived, go_on = threading.Event(), threading.Event()

    def wait(line: socket.socket) -> None:
        arrived.set()
        go_on.wait(10)

    odd.answer = wait
    with ThreadPoolExecutor(1) as callers:
        first = callers.submit(asker.ask, "orders.status", ORDER, "ru")
        assert arrived.wait(10)
        with pytest.raises(BusinessError, match="tried again"):
            asker.ask("orders.status", ORDER, "ru")
        go_on.set()
        assert isinstance(first.exception(), BusinessError)


def test_slow_answers_do_not_wait_for_each_other(odd: OddServer, business: Callable[..., HttpBusiness]) -> None:
    asker, together = business(odd.url), threading.Barrier(4, timeout=10)
    odd.says(_with())
    answer = odd.answer

    def when_all_are_there(line: socket.socket) -> None:
        together.wait()
        answer(line)

    odd.answer = when_all_are_there
    with ThreadPoolExecutor(4) as callers:
        replies = list(callers.map(lambda _: asker.ask("orders.status", ORDER, "ru"), range(4)))
    assert {reply.outcome for reply in replies} == {"found"}


def test_what_is_under_way_ends_with_the_robot(odd: OddServer) -> None:
    asker, arrived = HttpBusiness(odd.url, SECRET, seconds=20.0), threading.Event()

    def hang(line: socket.socket) -> None:
        arrived.set()
        odd.over.wait(20)

    odd.answer = hang
    with ThreadPoolExecutor(1) as callers:
        caller = callers.submit(asker.ask, "orders.status", ORDER, "ru")
        assert arrived.wait(10)
        asker.close()
        assert isinstance(caller.exception(10), BusinessError)
    with pytest.raises(BusinessError, match="being stopped"):
        asker.ask("orders.status", ORDER, "ru")


def test_the_shop_without_a_secret_does_not_start(tmp_path: Path) -> None:
    env = {"PATH": os.environ["PATH"], "OTKLIK_HOME": str(tmp_path)}
    command = [sys.executable, "-m", "ivr.business.demo_shop_rest", "--port", str(free_port())]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert "OTKLIK_BUSINESS_SECRET" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_nobody_there(business: Callable[..., HttpBusiness]) -> None:
    with pytest.raises(BusinessError, match="ConnectError"):
        business(f"http://127.0.0.1:{free_port()}").ask("orders.status", ORDER, "ru")


def test_below_a_path_of_a_proxy(odd: OddServer, business: Callable[..., HttpBusiness]) -> None:
    odd.says(_with())
    business(f"{odd.url}/otklik/").ask("orders.status", ORDER, "ru")
    assert odd.heard[0].startswith(b"POST /otklik/v1/requests/orders.status HTTP/1.1\r\n")


@pytest.mark.parametrize(
    "url", ["crm.example.com", "ftp://crm", "http://", "https://user:pw@crm", "http://crm?x=1", "http://[::"]
)
def test_addresses_that_are_none(url: str) -> None:
    with pytest.raises(BusinessError, match="OTKLIK_BUSINESS_URL") as refusal:
        HttpBusiness(url, SECRET)
    assert "pw" not in str(refusal.value)


def test_no_secret_no_requests() -> None:
    with pytest.raises(BusinessError, match="OTKLIK_BUSINESS_SECRET"):
        HttpBusiness("https://crm.example.com", "")
