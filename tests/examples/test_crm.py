"""The example of a company's own system, asked as the robot asks it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator

import httpx
import pytest

from ivr.business import signature
from ivr.business.http import HttpBusiness
from ivr.errors import BusinessError, BusinessRefused
from tests.services import ROOT, free_port, process, wait_until

pytestmark = pytest.mark.services

SECRET = "a secret of this test"
TICKET = {
    "ticket.problem": "the pizza was cold",
    "ticket.since": "today",
    "ticket.urgency": "urgent",
    "contact.phone": "+12025550143",
}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The example, served as its head says."""
    port = free_port()
    command = (sys.executable, "-m", "uvicorn", "--app-dir", ROOT / "examples/crm", "crm:app", "--port", str(port))
    log = tmp_path_factory.mktemp("crm") / "crm.log"
    env = {"OTKLIK_BUSINESS_SECRET": SECRET, "PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1"}
    with process(*command, env=env, log=log):
        wait_until(lambda: _answers(port), seconds=60, what=f"the example to answer, see {log}")
        yield f"http://127.0.0.1:{port}"


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/openapi.json", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture
def code(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], str]:
    """What the example has sent last, as its log shows it."""

    def last() -> str:
        logs = tmp_path_factory.getbasetemp().glob("crm*/crm.log")
        log = max(logs, key=lambda path: path.stat().st_mtime)
        wait_until(lambda: "your code is" in log.read_text(), seconds=10, what="the code")
        return log.read_text().rpartition("your code is ")[2][:6]

    return last


@pytest.fixture
def business(url: str) -> Iterator[HttpBusiness]:
    asking = HttpBusiness(url, SECRET)
    yield asking
    asking.close()


def test_orders_are_found_or_missing(business: HttpBusiness) -> None:
    found = business.ask("orders.status", {"order.number": "4127"}, "en")
    assert (found.outcome, found.facts["order.state"]) == ("found", "on its way")
    assert business.ask("orders.status", {"order.number": "1"}, "en").outcome == "missing"


def test_a_ticket_is_made_once_a_key(business: HttpBusiness) -> None:
    first = business.ask("tickets.create", TICKET, "en", key="first")
    assert business.ask("tickets.create", TICKET, "en", key="first") == first
    assert business.ask("tickets.create", TICKET, "en", key="second") != first


def test_what_it_does_not_offer_is_refused_for_good(business: HttpBusiness) -> None:
    with pytest.raises(BusinessRefused):
        business.ask("bookings.find", {"contact.phone": "+12025550143"}, "en")


def test_another_secret_is_turned_away(url: str) -> None:
    asking = HttpBusiness(url, "another secret")
    with pytest.raises(BusinessError, match="401"):
        asking.ask("orders.status", {"order.number": "4127"}, "en")
    asking.close()


def test_an_old_request_is_turned_away(url: str) -> None:
    asking = HttpBusiness(url, SECRET, now=lambda: 1_000_000.0)
    with pytest.raises(BusinessError, match="401"):
        asking.ask("orders.status", {"order.number": "4127"}, "en")
    asking.close()
    assert signature.WINDOW_SECONDS == 300  # as the example has it


def test_a_code_proves_whose_number_it_is_once(business: HttpBusiness, code: Callable[[], str]) -> None:
    phone = {"contact.phone": "+12025550143"}
    assert business.ask("codes.send", phone, "en", key="k1").outcome == "sent"
    named = {**phone, "code.number": code()}
    assert business.ask("codes.check", named | {"code.number": "1"}, "en").outcome == "wrong"
    assert [business.ask("codes.check", named, "en").outcome for _ in range(2)] == ["right", "wrong"]
    assert business.ask("codes.send", {"contact.phone": "+79990000000"}, "en", key="k2").outcome == "sent"
