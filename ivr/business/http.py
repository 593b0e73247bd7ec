"""A company's own system over signed REST.

``POST <url>/v1/requests/<name>`` with ``{"facts": {…}, "language": "ru"}`` brings
``{"outcome": "…", "facts": {…}, "options": [{"facts": {…}, "ways": […]}]}``. ``ivr.business.signature`` says how
requests are signed, ``ivr.business.protocol`` which there are;
``python -m ivr.business.demo_shop_rest`` is a system to look at.

Whatever such a system does — be slow, away, or tell nonsense — comes out as a ``BusinessError`` in good time.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError
from typing import Annotated

import httpx
from pybreaker import STATE_HALF_OPEN, CircuitBreaker, CircuitBreakerError
from pydantic import BaseModel, ConfigDict, Field, StrictStr, ValidationError

from ivr.business import signature
from ivr.business.protocol import LONGEST_FACT, REQUESTS, Option, Reply
from ivr.business.replies import checked
from ivr.errors import BusinessError, BusinessRefused

CONNECT_SECONDS = 1.5
"""Longer than any network of our own needs; what is further away is down."""
MOST_BYTES = 1_000_000
"""Bytes of one answer. No honest one has a hundredth of it."""
MOST_FACTS = 100
FAILURES = 5
"""Failures in a row after which the system is left alone."""
REST_SECONDS = 30.0
"""How long it is left alone before one request tries it again."""
REFUSED = frozenset({400, 404, 409, 413, 422})
"""Statuses by which a system says that this very request is wrong, not that it cannot answer now. In JSON: a page in
HTML is the word of some proxy before it."""

Fact = Annotated[StrictStr, Field(max_length=LONGEST_FACT)]
Facts = Annotated[dict[str, Fact], Field(max_length=MOST_FACTS)]


class OptionIn(BaseModel):
    """One option as it comes over the wire."""

    model_config = ConfigDict(extra="ignore")
    facts: Facts
    ways: list[StrictStr] = Field(default=[], max_length=100)


class ReplyIn(BaseModel):
    """An answer as it comes over the wire; ``ivr.business.replies`` then holds it to the request."""

    model_config = ConfigDict(extra="ignore")
    outcome: StrictStr = Field(max_length=64)
    facts: Facts = {}
    options: list[OptionIn] = Field(default=[], max_length=100)

    def reply(self) -> Reply:
        options = tuple(Option(facts=option.facts, ways=tuple(option.ways)) for option in self.options)
        return Reply(outcome=self.outcome, facts=self.facts, options=options)


class HttpBusiness:
    """Asks over a few kept connections. Thread-safe.

    The exchange runs on an event loop of its own thread, because only there a time limit holds for all of it: looking
    up the name, each of a thousand drips of a header, and the second try.

    Args:
        url: Where the system is, as ``https://crm.example.com/otklik``.
        secret: Shared with it; signs the requests.
        seconds: All the time one request may take, both tries together.
        breaker: Tells when the system is left alone.
        now: Unix seconds.

    Raises:
        BusinessError: no secret, or an address that is none.
    """

    def __init__(
        self,
        url: str,
        secret: str,
        *,
        seconds: float = 4.0,
        breaker: CircuitBreaker | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        address = _address(url)
        if not secret:
            raise BusinessError("OTKLIK_BUSINESS_URL wants a secret to sign with: set OTKLIK_BUSINESS_SECRET")
        self._secret, self._seconds, self._now = secret, seconds, now
        self.breaker = breaker or CircuitBreaker(
            fail_max=FAILURES, reset_timeout=REST_SECONDS, exclude=[BusinessRefused], throw_new_error_on_trip=False
        )
        self._client = httpx.AsyncClient(
            base_url=address,
            timeout=httpx.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds)),
            verify=ssl.create_default_context(),  # the machine's own certificates: a company's are among them
            trust_env=False,  # no proxy sees customers' data unless the address names it
        )
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="business", daemon=True)
        self._thread.start()

    def ask(self, request: str, facts: Mapping[str, str], language: str, *, key: str = "") -> Reply:
        """Answer one of ``REQUESTS``, as ``ivr.business.protocol.Business.ask``.

        A connection that breaks is tried once more, where that can do nothing twice.
        """
        if self._loop.is_closed():
            raise BusinessError(f"{request}: not asked, the robot is being stopped")
        if self.breaker.current_state == STATE_HALF_OPEN:
            raise BusinessError(f"{request}: the business system is being tried again; asked nothing")
        try:
            with self.breaker.calling():
                exchange = asyncio.run_coroutine_threadsafe(self._exchange(request, facts, language, key), self._loop)
                return checked(request, exchange.result())
        except CircuitBreakerError as error:
            raise BusinessError(f"{request}: the business system failed lately and is left alone for now") from error
        except CancelledError as error:
            raise BusinessError(f"{request}: given up, the robot is being stopped") from error

    def close(self) -> None:
        """Give up what is under way, and end."""
        asyncio.run_coroutine_threadsafe(self._give_up(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _give_up(self) -> None:
        under_way = asyncio.all_tasks() - {asyncio.current_task()}
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        await self._client.aclose()

    async def _exchange(self, request: str, facts: Mapping[str, str], language: str, key: str) -> Reply:
        body = json.dumps({"facts": dict(facts), "language": language}).encode()
        try:
            async with asyncio.timeout(self._seconds):
                try:
                    status, kind, answer = await self._post(request, body, key)
                except httpx.TransportError as error:
                    if isinstance(error, httpx.TimeoutException) or not (key or not REQUESTS[request].writes):
                        raise
                    status, kind, answer = await self._post(request, body, key)
        except TimeoutError as error:
            raise BusinessError(f"{request}: no answer within {self._seconds:g} s") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise BusinessError(f"{request}: {type(error).__name__} {error}".rstrip()) from error
        return _reply(request, status, kind, answer)

    async def _post(self, request: str, body: bytes, key: str) -> tuple[int, str, bytes]:
        """Send once: status, content type and body of the answer."""
        path = f"/v1/requests/{request}"
        sent = {
            **signature.headers(self._secret, "POST", path, body, now=self._now(), key=key),
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Accept-Encoding": "identity",  # a small packed body cannot become a huge one
        }
        message = self._client.build_request("POST", path, content=body, headers=sent)  # below the address's own path
        response = await self._client.send(message, stream=True)
        try:
            answer = bytearray()
            async for piece in response.aiter_raw():
                answer += piece
                if len(answer) > MOST_BYTES:
                    raise BusinessError(f"{request}: the answer is longer than {MOST_BYTES} bytes")
        finally:
            await response.aclose()
        return response.status_code, response.headers.get("Content-Type", ""), bytes(answer)


def _reply(request: str, status: int, kind: str, answer: bytes) -> Reply:
    """What the answer says.

    Raises:
        BusinessError: it is none.
    """
    is_json = kind.partition(";")[0].strip().lower() in {"application/json", "application/problem+json"}
    if status in REFUSED and is_json:
        raise BusinessRefused(f"{request}: refused with status {status}: {_shown(answer)}")
    if status != 200:
        raise BusinessError(f"{request}: status {status}: {_shown(answer)}")
    if not is_json:
        raise BusinessError(f"{request}: the answer is no JSON but {kind[:60]!r}")
    try:
        return ReplyIn.model_validate_json(answer).reply()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BusinessError(f"{request}: the answer makes no sense: {where}: {first['msg']}"[:500]) from error


def _shown(answer: bytes) -> str:
    """The beginning of an answer, for a log."""
    return repr(answer[:120].decode("utf-8", "replace"))


def _address(url: str) -> str:
    try:
        address = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise BusinessError(f"OTKLIK_BUSINESS_URL cannot be read: {error}") from error
    if address.scheme not in {"http", "https"} or not address.host or address.query or address.userinfo:
        raise BusinessError("OTKLIK_BUSINESS_URL: want https://host[:port][/path], without a user or a query")
    return str(address)
