"""The company's system of a simulated conversation: the demonstration shop, or one that is broken in some way."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from ivr.business.demo_shop import DemoShop
from ivr.business.http import HttpBusiness
from ivr.business.protocol import REQUESTS, Business, Reply
from ivr.business.requests import Requests
from ivr.errors import BusinessError
from ivr.faq.search import Knowledge
from ivr.simulation.conversation_file import Conversation, Shop
from speech.settings import local_zone

SLOW_SECONDS = 0.3
"""How long a shop that never answers is waited for."""
CODE = "482913"
"""What the shop sends to whoever asks for a code."""
SLOTS = frozenset({"bookings.create", "bookings.move"})
QUICKER = "+79990009999"
"""Somebody else, who takes the slot in the last moment."""


class Broken:
    """A shop that is in trouble."""

    def __init__(self, shop: DemoShop, trouble: Shop) -> None:
        self._shop = shop
        self._trouble = trouble
        self._taken = False

    def ask(self, request: str, facts: Mapping[str, str], language: str, *, key: str = "") -> Reply:
        """Answer as the trouble has it.

        Raises:
            BusinessError: no answer.
        """
        writes = REQUESTS[request].writes
        if self._trouble == "down" or (self._trouble == "reads_only" and writes):
            raise BusinessError(f"{request}: nobody answers")
        if self._trouble == "lying" and request != "customers.find":
            return Reply(outcome="found", facts={"order.number": "", "booking.day": "some day"})
        if self._trouble == "taken_once" and request in SLOTS and not self._taken:
            self._taken = True
            self._shop.ask("bookings.create", {**facts, "contact.phone": QUICKER}, language)
        return self._shop.ask(request, facts, language, key=key)

    def close(self) -> None:
        self._shop.close()


@contextmanager
def open_requests(
    conversation: Conversation, *, knowledge: Knowledge | None, outbox: Engine | None
) -> Iterator[Requests]:
    """All a conversation may ask, with a fresh shop whose calendar shows the conversation's day.

    Args:
        conversation: Says how the shop behaves and what the caller's history is.
        knowledge: Articles of the company.
        outbox: Database for what the shop cannot take; None: such requests fail.
    """
    with ExitStack() as stack:
        business = _business(conversation, stack)
        requests = Requests(
            business=business, knowledge=knowledge, history=lambda _: _history(conversation), database=outbox
        )
        yield requests


def _business(conversation: Conversation, stack: ExitStack) -> Business:
    if conversation.shop == "slow":  # a real connection that stays silent
        deaf = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        address = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        return stack.enter_context(closing(HttpBusiness(address, "a secret of sixteen letters", seconds=SLOW_SECONDS)))
    shop = DemoShop("sqlite://", now=clock(conversation), draw=lambda: CODE)
    business = shop if conversation.shop == "open" else Broken(shop, conversation.shop)
    return stack.enter_context(closing(business))


def clock(conversation: Conversation) -> Callable[[], datetime]:
    """Shows the conversation's time, whenever asked."""
    now = conversation.now if conversation.now.tzinfo else conversation.now.replace(tzinfo=local_zone())
    return lambda: now


def _history(conversation: Conversation) -> Reply:
    if not conversation.history:
        return Reply(outcome="none")
    facts = {"history.channel": conversation.history["channel"]}
    if order := conversation.history["order"]:
        return Reply(outcome="order", facts={**facts, "order.number": order})
    return Reply(outcome="other", facts=facts)


ARTICLES = Path(__file__).parents[1] / "knowledge"
"""The demonstration company's articles."""
