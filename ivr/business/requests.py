"""What a conversation asks: the company's own system, our articles, our history. One place for phone, chat and console.

Requests that write go out under an idempotency key; those the system cannot take now are kept in the outbox.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from ivr.business.caller_history import look_back
from ivr.business.demo_shop import DemoShop
from ivr.business.http import HttpBusiness
from ivr.business.protocol import LONGEST_FACT, REQUESTS, STORED, Business, Reply
from ivr.business.replies import checked, clean
from ivr.business.settings import BusinessSettings
from ivr.errors import BusinessError, BusinessRefused
from recordings.calls import outbox
from recordings.database import transaction

if TYPE_CHECKING:
    from ivr.faq.search import Knowledge

log = logging.getLogger(__name__)

OWN = frozenset({"knowledge.search", "knowledge.follow", "history.recent", "callbacks.allow"})
"""Requests that we answer ourselves: a company's system that is slow does not delay them."""
SAME_WRITE_SECONDS = 600.0
"""How long the same request with the same facts, in one conversation, is the same one and not a second."""
MOST_CONTACTS = 10_000
"""Conversations whose last write is kept in mind."""

History = Callable[[str], Reply]
"""Answers ``history.recent`` for a telephone number. SQLAlchemyError when the database is away."""


class Requests:
    """Asks whoever knows. Thread-safe.

    Args:
        business: The company's own system.
        knowledge: Articles for ``knowledge.search``; without them nothing is found.
        history: What this caller wrote or rang about before; without it nothing.
        database: Where the outbox is; without one a write the system cannot take fails.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        *,
        business: Business,
        knowledge: Knowledge | None = None,
        history: History | None = None,
        database: Engine | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.business = business
        self.database = database
        self._knowledge = knowledge
        self._history = history
        self._clock = clock
        self._lock = threading.Lock()
        self._writes: OrderedDict[str, tuple[object, str, float]] = OrderedDict()

    def ask(self, request: str, facts: Mapping[str, str], language: str, *, contact: str = "") -> Reply:
        """Answer one of ``REQUESTS``; a write that cannot be done now is kept, outcome ``stored``.

        Whether the caller may be told is ``ivr.business.proof``'s affair: conversations ask through a ``Guard``.

        Args:
            request: Its name.
            facts: All that is known; only what the request needs and may use goes out.
            language: Of the conversation.
            contact: Call or chat: the same asked twice in it is done once.

        Raises:
            BusinessError: no answer, or one that makes no sense; the outcome is ``failed``. Of a write: not even the
                outbox could take it.
            ValueError: no such request.
        """
        if request not in REQUESTS:
            raise ValueError(f"no request {request!r}")
        given = _given(request, facts)
        if missing := [name for name in REQUESTS[request].needs if name not in given]:
            return _unasked(request, missing)
        if REQUESTS[request].writes:
            return self._write(request, given, language, contact)
        if request == "knowledge.search":
            reply = self._search(given["question.text"], language)
        elif request == "knowledge.follow":
            reply = self._search(given["answer.follow_up"], language)
        elif request == "history.recent":
            reply = self._look_back(given["caller.number"])
        elif request == "callbacks.allow":  # asked past the guard: nobody is there to be counted
            reply = Reply(outcome="allowed")
        else:
            reply = self.business.ask(request, given, language)
        return checked(request, reply)

    def close(self) -> None:
        self.business.close()

    def _write(self, request: str, facts: Mapping[str, str], language: str, contact: str) -> Reply:
        key = self._key(contact, request, facts)
        try:
            return checked(request, self.business.ask(request, facts, language, key=key))
        except BusinessRefused:
            raise  # it would be refused later, too
        except BusinessError as error:
            if self.database is None or not REQUESTS[request].waits:
                raise
            log.warning("%s: kept in the outbox: %s", request, error)
            entry = outbox.OutboxEntry(
                key=key,
                request=request,
                facts=facts,
                language=language,
                created_at=datetime.now(UTC),
                contact=contact,
            )
            try:
                with transaction(self.database) as db:
                    outbox.put(db, entry, failure=str(error))
            except SQLAlchemyError as away:
                raise BusinessError(f"{request}: {error}; nor could it be kept in the outbox: {away}") from error
        return Reply(outcome=STORED)

    def _key(self, contact: str, request: str, facts: Mapping[str, str]) -> str:
        """Idempotency key: that of the conversation's last write when this is the same one, otherwise a new one.

        Only the last one counts: a slot that is booked, cancelled and booked again is wanted twice.
        """
        if not REQUESTS[request].waits:  # asked again, another code is wanted
            return uuid4().hex
        write, now = (request, tuple(sorted(facts.items()))), self._clock()
        with self._lock:
            last, key, at = self._writes.pop(contact, (None, "", 0.0))
            if not contact or last != write or now - at > SAME_WRITE_SECONDS:
                key = uuid4().hex
            self._writes[contact] = (write, key, now)
            while len(self._writes) > MOST_CONTACTS:
                self._writes.popitem(last=False)
        return key

    def _search(self, question: str, language: str) -> Reply:
        found = self._knowledge.search(question, language) if self._knowledge else None
        if found is None:
            return Reply(outcome="missing")
        article = found.article
        facts = {"answer.title": article.title, "answer.text": article.text, "answer.follow_up": article.follow_up}
        return Reply(outcome="found", facts=facts)

    def _look_back(self, number: str) -> Reply:
        if self._history is None:
            return Reply(outcome="none")
        try:
            return self._history(number)
        except SQLAlchemyError as error:
            raise BusinessError(f"history.recent: the database does not answer: {error}") from error


def _given(request: str, facts: Mapping[str, str]) -> dict[str, str]:
    """The facts that go out: those the request knows, clean and bounded."""
    known = REQUESTS[request]
    wanted = {name: clean(facts.get(name, "")[:LONGEST_FACT]) for name in (*known.needs, *known.may_use)}
    return {name: value for name, value in wanted.items() if value}


def _unasked(request: str, missing: list[str]) -> Reply:
    """Of a caller whose number is withheld nothing is known, and nobody need be asked.

    Raises:
        BusinessRefused: there is no such answer to this request.
    """
    nothing = {"missing", "none"}.intersection(REQUESTS[request].outcomes)
    if nothing and missing == ["caller.number"]:
        return Reply(outcome=nothing.pop())
    raise BusinessRefused(f"{request}: not known: {', '.join(missing)}")


def open_business(settings: BusinessSettings) -> Business:
    """The company's own system, where its address is set; otherwise the demonstration shop.

    Raises:
        BusinessError: an address without a secret or that is none; the shop's database cannot be opened.
    """
    if not settings.business_url:
        return DemoShop(settings.shop_url)
    return HttpBusiness(
        settings.business_url,
        settings.business_secret.get_secret_value(),
        seconds=settings.business_seconds,
    )


def open_requests(settings: BusinessSettings, database: Engine | None, *, languages: Iterable[str] = ()) -> Requests:
    """All that conversations may ask, as the installation is set up.

    Args:
        settings: Where the company's system and its articles are.
        database: Of calls and chats: the callers' history and the outbox; None where nothing is to be kept.
        languages: Whose articles are made ready now rather than while the first caller waits.

    Raises:
        BusinessError: as ``open_business``.
        KnowledgeError: articles have faults.
    """
    from ivr.faq.search import Knowledge  # heavy

    knowledge = Knowledge.load(Path(settings.knowledge))
    for language in languages:
        knowledge.prepare(language)
    return Requests(
        business=open_business(settings),
        knowledge=knowledge,
        history=look_back(database) if database else None,
        database=database,
    )
