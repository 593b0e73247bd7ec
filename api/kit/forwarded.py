"""Behind a proxy: who really asks, and by which scheme, as proxies that are trusted say it.

uvicorn's own layer does the reading: of X-Forwarded-For the right-most address that is no trusted proxy counts, since
everything left of it is what somebody claimed. Here is which proxies are trusted, that an address has to be one, and
that headers from elsewhere are ignored aloud.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from ipaddress import IPv6Address, ip_address

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from api.settings import Network

log = logging.getLogger(__name__)

HEADERS = {b"x-forwarded-for", b"x-forwarded-proto"}
MOST_TOLD = 8
"""Addresses whose headers were ignored that are told of; more of them are no news."""


class ForwardedHeaders:
    """ASGI layer: the client and the scheme of a request are those that a trusted proxy tells.

    Args:
        ignored: Called once for each address that sends such headers and is not trusted.
    """

    def __init__(self, app: ASGIApp, *, trusted: Sequence[Network], ignored: Callable[[str], None]) -> None:
        self._app, self._trusted, self._tell = app, tuple(trusted), ignored
        self._told: set[str] = set()
        self._reading = ProxyHeadersMiddleware(self._checked, [str(network) for network in trusted])  # type: ignore[arg-type]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        peer = scope.get("client") if scope["type"] in ("http", "websocket") else None
        if peer is None:
            await self._app(scope, receive, send)
            return
        host = _plain(peer[0])
        scope["client"] = scope["peer"] = (host, peer[1])
        if any(name in HEADERS for name, _ in scope["headers"]):
            if not is_in(host, self._trusted):
                self._ignore(host)
            else:
                await self._reading(scope, receive, send)  # type: ignore[arg-type]
                return
        await self._app(scope, receive, send)

    async def _checked(self, scope: Scope, receive: Receive, send: Send) -> None:
        """What a proxy calls its client counts only if it is an address: some write ``unknown``."""
        told = _plain(scope["client"][0])
        scope["client"] = (told, scope["client"][1]) if _is_address(told) else scope["peer"]
        await self._app(scope, receive, send)

    def _ignore(self, host: str) -> None:
        if host in self._told or len(self._told) >= MOST_TOLD:
            return
        self._told.add(host)
        log.warning("X-Forwarded-* from %s is ignored: it is not one of OTKLIK_TRUSTED_PROXIES", host)
        self._tell(host)


def is_in(host: str, networks: Sequence[Network]) -> bool:
    """Whether an address is of one of the networks; what is no address is of none."""
    return _is_address(host) and any(ip_address(host) in network for network in networks)


def _plain(host: str) -> str:
    """An IPv4 address that came to an IPv6 socket as what it is."""
    if _is_address(host) and isinstance(found := ip_address(host), IPv6Address) and found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return host


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
