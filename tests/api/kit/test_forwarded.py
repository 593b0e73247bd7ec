"""Who asks and by which scheme, behind proxies that are trusted, that are not, and in chains of both."""

from __future__ import annotations

import asyncio
from ipaddress import ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Receive, Scope, Send

from api.kit.forwarded import MOST_TOLD, ForwardedHeaders
from api.settings import WebSettings
from speech.settings import SettingsError

pytestmark = pytest.mark.unit

TRUSTED = tuple(map(ip_network, ("127.0.0.1", "::1", "10.1.0.0/16")))


def seen(
    peer: str, *headers: tuple[str, str], kind: str = "http", ignored: list[str] | None = None
) -> tuple[str, str, list[str]]:
    """Address and scheme that the application sees, and whose headers were ignored."""
    told = [] if ignored is None else ignored
    found: dict[str, Any] = {}

    async def application(scope: Scope, _receive: Receive, _send: Send) -> None:
        found.update(scope)

    layer = ForwardedHeaders(application, trusted=TRUSTED, ignored=told.append)
    scope = {
        "type": kind,
        "scheme": "http" if kind == "http" else "ws",
        "client": (peer, 5),
        "headers": [(name.lower().encode(), value.encode("latin1")) for name, value in headers],
    }
    asyncio.run(layer(scope, None, None))  # type: ignore[arg-type]
    return found["client"][0], found["scheme"], told


FOR, PROTO = "X-Forwarded-For", "X-Forwarded-Proto"


@pytest.mark.parametrize(
    ("peer", "headers", "address", "scheme"),
    [
        ("127.0.0.1", (), "127.0.0.1", "http"),
        ("127.0.0.1", ((FOR, "203.0.113.5"), (PROTO, "https")), "203.0.113.5", "https"),
        ("::1", ((FOR, "2001:db8::7"), (PROTO, "https")), "2001:db8::7", "https"),
        ("::ffff:127.0.0.1", ((FOR, "203.0.113.5"),), "203.0.113.5", "http"),
        ("127.0.0.1", ((FOR, "::ffff:203.0.113.5"),), "203.0.113.5", "http"),
        ("127.0.0.1", ((FOR, "203.0.113.5:61234"),), "203.0.113.5", "http"),
        ("127.0.0.1", ((FOR, "[2001:db8::7]:443"),), "2001:db8::7", "http"),
        # what the visitor claims stands on the left, and counts for nothing
        ("127.0.0.1", ((FOR, "8.8.8.8, 203.0.113.5"),), "203.0.113.5", "http"),
        ("127.0.0.1", ((FOR, "8.8.8.8"), (FOR, "203.0.113.5")), "203.0.113.5", "http"),
        ("127.0.0.1", ((FOR, "127.0.0.1, 8.8.8.8, 203.0.113.5, 10.1.2.3"),), "203.0.113.5", "http"),
        ("10.1.2.3", ((FOR, "203.0.113.5, 10.1.9.9"),), "203.0.113.5", "http"),
        # no address: the proxy's own counts
        ("127.0.0.1", ((FOR, "unknown"),), "127.0.0.1", "http"),
        ("127.0.0.1", ((FOR, ""),), "127.0.0.1", "http"),
        ("127.0.0.1", ((FOR, "203.0.113.5, <script>"),), "127.0.0.1", "http"),
        ("127.0.0.1", ((PROTO, "ftp"),), "127.0.0.1", "http"),
        # not trusted: ignored
        ("203.0.113.9", ((FOR, "8.8.8.8"), (PROTO, "https")), "203.0.113.9", "http"),
        ("10.2.0.1", ((FOR, "8.8.8.8"),), "10.2.0.1", "http"),
        ("testclient", ((FOR, "8.8.8.8"),), "testclient", "http"),
    ],
)
def test_who_asks(peer: str, headers: tuple[tuple[str, str], ...], address: str, scheme: str) -> None:
    found = seen(peer, *headers)
    assert found[:2] == (address, scheme)


def test_the_chats_socket_is_seen_alike() -> None:
    assert seen("127.0.0.1", (FOR, "203.0.113.5"), (PROTO, "https"), kind="websocket")[:2] == ("203.0.113.5", "wss")


def test_what_is_ignored_is_told_once_and_not_without_end() -> None:
    told: list[str] = []

    async def application(_scope: Scope, _receive: Receive, _send: Send) -> None:
        pass

    layer = ForwardedHeaders(application, trusted=TRUSTED, ignored=told.append)
    for number in range(3 * MOST_TOLD):
        for _ in range(2):
            scope = {
                "type": "http",
                "client": (f"203.0.113.{number}", 5),
                "headers": [(b"x-forwarded-for", b"8.8.8.8")],
            }
            asyncio.run(layer(scope, None, None))  # type: ignore[arg-type]
    assert told == [f"203.0.113.{number}" for number in range(MOST_TOLD)]


@given(claimed=st.text(st.characters(codec="latin1"), max_size=200))
def test_no_claim_of_a_visitor_changes_who_they_are(claimed: str) -> None:
    """A trusted proxy adds the visitor's address on the right, whatever stands there."""
    assert seen("127.0.0.1", (FOR, f"{claimed}, 203.0.113.5"))[0] == "203.0.113.5"
    assert seen("127.0.0.1", (FOR, claimed), (FOR, "203.0.113.5"))[0] == "203.0.113.5"


def test_who_is_trusted_is_told_by_networks_and_never_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [str(one) for one in WebSettings().trusted_proxies] == ["127.0.0.1/32", "::1/128"]
    monkeypatch.setenv("OTKLIK_TRUSTED_PROXIES", "10.0.0.5, 172.16.0.0/12 fd00::/8")
    assert [str(one) for one in WebSettings().trusted_proxies] == ["10.0.0.5/32", "172.16.0.0/12", "fd00::/8"]
    monkeypatch.setenv("OTKLIK_TRUSTED_PROXIES", "")
    assert WebSettings().trusted_proxies == ()
    for wrong in ("*", "0.0.0.0/0", "::/0", "10.0.0.1/8", "proxy.example"):
        monkeypatch.setenv("OTKLIK_TRUSTED_PROXIES", wrong)
        with pytest.raises(SettingsError, match="OTKLIK_TRUSTED_PROXIES"):
            WebSettings()
