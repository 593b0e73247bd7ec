"""Asterisk's REST interface: requests, and the stream of events of our application."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import aiohttp

from ivr.errors import AriError, AriNotFound, AriRefused, AriUnreachable

log = logging.getLogger(__name__)

REQUEST_TIMEOUT = 5.0
"""Seconds; Asterisk answers on loopback within milliseconds or not at all."""
BLOCK_BYTES = 1 << 20
"""Of a file that is read from Asterisk, in memory at once."""
HEARTBEAT = 10.0
"""Seconds between pings of the event stream: a listener that died unseen is found within two."""
FIRST_RETRY, LAST_RETRY = 0.25, 5.0
"""Seconds between attempts to reconnect: doubled from the first to the last."""
SAFE_VERSION = (22, 10)
"""Older ones lack security fixes of 2026 in ARI and in the HTTP server."""

CONNECTED, DISCONNECTED = "Connected", "Disconnected"
"""Events of our own: Asterisk keeps none for us while nobody listens, so after each ``Connected`` we read the state."""
REPLACED = "ApplicationReplaced"
"""Asterisk's own: somebody else has connected under our name and gets our events from now on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AriEvent:
    """One event, reduced to what every kind has."""

    type: str
    channel: str = ""
    """Id of the channel it is about."""
    name: str = ""
    """Name of that channel, as ``PJSIP/trunk-00000001``."""
    body: Mapping[str, Any] = field(default_factory=dict)


class Ari:
    """One application's connection. Use as a context: ``async with Ari(…) as ari``."""

    def __init__(self, address: str, *, user: str, password: str, app: str) -> None:
        self.address = address
        self.app = app
        self._headers = {"Authorization": aiohttp.encode_basic_auth(user, password)}
        self._session: aiohttp.ClientSession | None = None
        self.left_over: set[str] = set()
        """Paths that could not be removed so far."""

    async def __aenter__(self) -> Self:
        # limit=0: every call holds a media socket, and the pool must never make a hang-up wait for a free one
        self._session = aiohttp.ClientSession(headers=self._headers, connector=aiohttp.TCPConnector(limit=0))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.session.close()

    @property
    def session(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("use Ari as a context: async with Ari(…) as ari")
        return self._session

    async def get(self, path: str, **params: str) -> Any:
        return await self._request("GET", path, params)

    async def post(self, path: str, *, body: Mapping[str, Any] | None = None, **params: str) -> Any:
        return await self._request("POST", path, params, body)

    async def delete(self, path: str, **params: str) -> None:
        """Delete what may be gone already: a caller who hung up first is no fault."""
        with suppress(AriNotFound):
            await self._request("DELETE", path, params)

    async def remove(self, path: str) -> None:
        """Delete for good: what Asterisk does not delete now is left over, and tried again until it is gone."""
        self.left_over.add(path)
        await self.delete(path)
        self.left_over.discard(path)

    async def remove_left_over(self) -> None:
        """Try again what could not be removed.

        Raises:
            AriError: Asterisk does not do it now either.
        """
        for path in sorted(self.left_over):
            await self.remove(path)

    async def read(self, path: str) -> AsyncIterator[bytes]:
        """A file, as of a stored recording, block by block: hours of sound are in memory at no time."""
        # the sound of a long call takes longer than any other answer: whoever reads has a limit of their own
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=REQUEST_TIMEOUT, sock_read=REQUEST_TIMEOUT)
        try:
            async with self.session.get(f"{self.address}/ari/{quote(path)}", timeout=timeout) as response:
                await self._check(response, "GET", path)
                async for block in response.content.iter_chunked(BLOCK_BYTES):
                    yield block
        except (aiohttp.ClientError, TimeoutError) as error:
            raise AriUnreachable(_unreachable(self.address, error)) from error

    async def _request(
        self, method: str, path: str, params: Mapping[str, str], body: Mapping[str, Any] | None = None
    ) -> Any:
        """Raises AriNotFound, AriRefused, AriUnreachable or AriError."""
        url = f"{self.address}/ari/{quote(path)}"
        timeout = aiohttp.ClientTimeout(total=REQUEST_TIMEOUT)
        try:
            async with self.session.request(method, url, params=params, json=body, timeout=timeout) as response:
                await self._check(response, method, path)
                return await response.json() if response.content_type == "application/json" else None
        except (aiohttp.ClientError, TimeoutError) as error:
            raise AriUnreachable(_unreachable(self.address, error)) from error

    async def _check(self, response: aiohttp.ClientResponse, method: str, path: str) -> None:
        if response.status == 401:
            raise AriRefused(_refusal(self.address))
        if response.status >= 400:
            text = (await response.text())[:300]
            kind = AriNotFound if response.status == 404 else AriError
            raise kind(f"{method} {path}: Asterisk answered {response.status} {text}")

    async def version(self) -> str:
        """Asterisk's version, as ``22.10.1``."""
        info = await self.get("asterisk/info", only="system")
        return str(info["system"]["version"]).partition("+")[0]  # what follows is the distribution's own

    async def system_name(self) -> str:
        """What the ids of this Asterisk's channels begin with; empty where nothing is set."""
        info = await self.get("asterisk/info", only="config")
        return str(info["config"].get("name", ""))

    async def events(self, before: Callable[[], Awaitable[None]]) -> AsyncGenerator[AriEvent, None]:
        """Events without end: reconnects by itself and says so by ``Connected`` and ``Disconnected``.

        Args:
            before: Done before each connection, while no call can come: ``app`` may be changed then.

        Raises:
            AriRefused: wrong user or password; trying again would not help.
        """
        wait = FIRST_RETRY
        while True:
            try:
                await before()
                async with self.session.ws_connect(
                    f"{self.address}/ari/events", params={"app": self.app}, heartbeat=HEARTBEAT
                ) as socket:
                    wait = FIRST_RETRY
                    yield AriEvent(type=CONNECTED)
                    async for message in socket:
                        if message.type == aiohttp.WSMsgType.TEXT and (event := event_of(message.data)):
                            yield event
                            if event.type == REPLACED:
                                break
                yield AriEvent(type=DISCONNECTED)
                log.warning("Asterisk closed the event stream at %s; reconnecting", self.address)
            except aiohttp.WSServerHandshakeError as error:
                if error.status == 401:
                    raise AriRefused(_refusal(self.address)) from error
                log.warning("Asterisk refused the event stream (%s); trying again in %.1f s", error.status, wait)
            except (aiohttp.ClientConnectionError, TimeoutError) as error:
                log.warning("%s; trying again in %.1f s", _unreachable(self.address, error), wait)
            except AriRefused:
                raise
            except AriError as error:
                log.warning("%s; trying again in %.1f s", error, wait)
            await asyncio.sleep(wait)
            wait = min(2 * wait, LAST_RETRY)


def is_safe(version: str) -> bool:
    """Whether a version has the security fixes of 2026; an unreadable one has not."""
    numbers = re.match(r"\D*(\d+)\.(\d+)", version)
    return numbers is not None and (int(numbers[1]), int(numbers[2])) >= SAFE_VERSION


def event_of(text: str) -> AriEvent | None:
    """An event of the stream; None for what is none: the stream goes on, whatever Asterisk says on it."""
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict) or not isinstance(body.get("type"), str):
        log.warning("Asterisk told something that is no event: %.200r", text)
        return None
    channel = body.get("channel")
    if not isinstance(channel, dict):
        channel = {}
    return AriEvent(type=body["type"], channel=str(channel.get("id", "")), name=str(channel.get("name", "")), body=body)


def _refusal(address: str) -> str:
    return (
        f"Asterisk at {address} does not know the robot: OTKLIK_ARI_USER and OTKLIK_ARI_PASSWORD must be those of "
        "its ari.conf"
    )


def _unreachable(address: str, error: BaseException) -> str:
    return f"Asterisk does not answer at {address} ({error or type(error).__name__})"
