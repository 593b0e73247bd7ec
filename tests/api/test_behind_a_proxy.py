"""The real server behind a real reverse proxy, as the README advises: one visitor's doings are not another's."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from websockets import Origin
from websockets.sync.client import ClientConnection
from websockets.sync.client import connect as open_socket

from api.chat.pages import MOST_SOCKETS_EACH
from api.kit import auth
from api.kit.roles import Role
from recordings.database import connect, migrate, reading, transaction
from recordings.privacy import audit
from tests.api.browsing import answers
from tests.services import ROOT, free_port, process, wait_until

pytestmark = pytest.mark.services

RIGHT, WRONG = {"login": "olga", "password": "correct horse"}, {"login": "olga", "password": "guess"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    proxy: str
    """Where visitors come in; each says in ``X-Test-Address`` from where."""
    server: str
    """Past the proxy."""
    database: str
    log: Path

    def actions(self) -> list[str]:
        engine = connect(self.database)
        with reading(engine) as db:
            found = [f"{line.action} {line.subject}" for line in audit.each_line(db)]
        engine.dispose()
        return found


@pytest.fixture(params=["trusted", "not trusted"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    database = f"sqlite:///{tmp_path / 'otklik.db'}"
    migrate(database)
    engine = connect(database)
    with transaction(engine) as db:
        auth.create_user(db, "olga", "correct horse", "ru", role=Role.ADMIN)
    engine.dispose()
    server, proxy = free_port(), free_port()
    env = os.environ | {
        "OTKLIK_HOME": str(tmp_path),
        "OTKLIK_SCENARIOS": str(ROOT / "tests" / "api" / "scenarios"),
        "OTKLIK_SHOP_URL": f"sqlite:///{tmp_path / 'shop.db'}",
        "OTKLIK_DATABASE_URL": database,
        "OTKLIK_AUDIO_URL": f"file://{tmp_path / 'recordings'}",
        "OTKLIK_WEB_PORT": str(server),
        "PYTHONPATH": str(ROOT),
    }
    if request.param == "not trusted":
        env["OTKLIK_TRUSTED_PROXIES"] = "10.0.0.1"
    log = tmp_path / "web.log"
    with (
        process(sys.executable, "-m", "api", env=env, log=log),
        process(sys.executable, "-m", "tests.api.reverse_proxy", str(proxy), str(server), log=tmp_path / "proxy.log"),
    ):
        url = f"http://127.0.0.1:{proxy}"
        wait_until(lambda: answers(url), seconds=60, what=f"the web server behind the proxy, see {log}")
        yield Site(proxy=url, server=f"http://127.0.0.1:{server}", database=database, log=log)


trusted = pytest.mark.parametrize("site", ["trusted"], indirect=True)
untrusted = pytest.mark.parametrize("site", ["not trusted"], indirect=True)


def visit(site: Site, address: str, form: dict[str, str], **headers: str) -> httpx.Response:
    return httpx.post(f"{site.proxy}/login", data=form, headers={"X-Test-Address": address} | headers, timeout=60)


@contextmanager
def talk(site: Site, address: str) -> Iterator[ClientConnection]:
    with open_socket(
        f"ws://{site.proxy.removeprefix('http://')}/chat/ru",
        origin=Origin(site.proxy.replace("http", "https")),
        additional_headers={"X-Test-Address": address},
        proxy=None,
    ) as socket:
        socket.send(json.dumps({"type": "hello"}))
        yield socket


@trusted
def test_wrong_log_ins_of_one_visitor_lock_nobody_else(site: Site) -> None:
    """Twenty of them locked everybody out: all visitors were one address."""
    with ThreadPoolExecutor(4) as threads:
        tries = [({"login": f"user{number}", "password": "guess"}) for number in range(30)]
        codes = [answer.status_code for answer in threads.map(lambda form: visit(site, "203.0.113.5", form), tries)]
    assert codes.count(401) == 20
    assert visit(site, "203.0.113.5", RIGHT).status_code == 429
    forged = visit(site, "203.0.113.5", RIGHT, **{"X-Forwarded-For": "198.51.100.1"})
    assert forged.status_code == 429, "what a visitor claims does not count"
    entered = visit(site, "198.51.100.7", RIGHT)
    assert entered.status_code == 303

    cookie = next(line for line in entered.headers.get_list("set-cookie") if "otklik_session" in line)
    assert re.match(r"__Host-otklik_session=.*; Secure", cookie), "the browser speaks TLS with the proxy"
    assert entered.headers["strict-transport-security"]
    past = httpx.get(f"{site.server}/login")
    assert "strict-transport-security" not in past.headers
    assert "login.opened olga" in site.actions()
    assert not any(action.startswith("proxy.ignored") for action in site.actions())


@trusted
def test_the_twenty_first_visitor_of_the_chat_is_served(site: Site) -> None:
    """The chat held twenty visitors of the whole site."""
    with ExitStack() as held:
        for number in range(MOST_SOCKETS_EACH + 2):
            socket = held.enter_context(talk(site, f"203.0.113.{number}"))
            assert json.loads(socket.recv(timeout=30))["type"] == "welcome", number


@untrusted
def test_a_proxy_that_nobody_named_is_told_of(site: Site) -> None:
    for _ in range(2):
        assert visit(site, "203.0.113.5", WRONG).status_code == 401
    wait_until(lambda: "proxy.ignored 127.0.0.1" in site.actions(), seconds=10, what="a line in the audit trail")
    assert site.actions().count("proxy.ignored 127.0.0.1") == 1
    assert site.log.read_text("utf-8").count("X-Forwarded-* from 127.0.0.1 is ignored") == 1
    with httpx.Client(headers={"X-Test-Address": "203.0.113.6"}, follow_redirects=True) as olga:
        olga.post(f"{site.proxy}/login", data=RIGHT)
        assert "OTKLIK_TRUSTED_PROXIES" in olga.get(f"{site.proxy}/calls").text
