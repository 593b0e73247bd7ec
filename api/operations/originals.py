"""The words that redaction takes out: nobody else in ``api`` reads it. The redacted copy comes from here, too.

Each function takes ``original``, for which one must be allowed, and ``db``, the request's view of the archive.
The audit line is written in a transaction of its own, before anything is given back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from api.operations.privacy import privacy_settings
from recordings.calls.callbacks import open_callbacks
from recordings.calls.detail import ContactDetail, contact_detail
from recordings.calls.listing import Order, Page, Wanted, list_contacts
from recordings.contacts.call import Callback, Customer
from recordings.contacts.chat import Chat, Message, PastContact
from recordings.customers import listing
from recordings.customers.cards import find_card
from recordings.customers.chats import find_chat, messages_of
from recordings.customers.history import history
from recordings.customers.listing import CustomersPage
from recordings.database import transaction
from recordings.errors import NotAPhone
from recordings.privacy import audit
from recordings.privacy.subject import digest_of, digest_of_text, subject_from
from recordings.redaction.redacted import (
    hide,
    hide_chat,
    hide_customer,
    hide_message,
    hide_past,
    hide_reason,
    masked,
)
from speech.redaction.masks import SHORTEST_PHONE

READ, SEARCHED = "original.read", "original.searched"


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerFile:
    """A customer's card and all they turned to us with, newest first."""

    card: Customer
    contacts: tuple[PastContact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A conversation in writing, with the card of who wrote and the call-backs promised in it."""

    chat: Chat
    messages: tuple[Message, ...]
    customer: Customer | None
    callbacks: tuple[Callback, ...]
    """With the number for who may ring back; the reason is redacted."""


def read_call(db: Session, engine: Engine, call_id: str, *, original: bool, by: str) -> ContactDetail | None:
    """All that is known of a call; None when there is no such call."""
    found = contact_detail(db, call_id, original=original)
    if found and original:
        _note(engine, by, READ, call_id)
    return found


def search_calls(
    db: Session,
    engine: Engine,
    wanted: Wanted,
    *,
    original: bool,
    by: str,
    order: Order = Order.NEWEST,
    offset: int = 0,
    limit: int = 50,
) -> Page:
    """One page of calls and imports; in the original the search sees all words, and numbers are whole."""
    found = list_contacts(db, replace(wanted, original=original), order=order, offset=offset, limit=limit)
    if original:  # each question, and each page of its answer, is a look of its own
        subject = _subject(wanted.text) if wanted.text else ""
        shown = {"asked": hide(hide(_known(wanted.text), "ru"), "en")} if wanted.text else {}
        detail = {**shown, **_filters(wanted), "order": order.value, "offset": offset, "rows": len(found.contacts)}
        _note(engine, by, SEARCHED, subject, detail)
    return found


def list_customers(db: Session, *, text: str, waiting: bool, offset: int, limit: int) -> CustomersPage:
    """One page of customers, who turned to us last first; numbers and addresses are masked."""
    page = listing.list_customers(db, text=text, waiting=waiting, offset=offset, limit=limit)
    lines = tuple(replace(line, customer=hide_customer(line.customer)) for line in page.customers)
    return replace(page, customers=lines)


def read_customer(
    db: Session, engine: Engine, customer_id: str, *, original: bool, numbers: bool, by: str
) -> CustomerFile | None:
    """A card with its history over all channels; ``numbers``: with those to ring back. None: no such customer."""
    card = find_card(db, customer_id)
    if card is None:
        return None
    contacts = history(db, customer_id)
    if original:
        _note(engine, by, READ, customer_id)
        return CustomerFile(card=card, contacts=tuple(contacts))
    return CustomerFile(card=hide_customer(card), contacts=tuple(hide_past(one, numbers=numbers) for one in contacts))


def read_chat(
    db: Session, engine: Engine, chat_id: str, *, original: bool, numbers: bool, by: str
) -> Conversation | None:
    """A conversation in writing; ``numbers``: with those to ring back. None when there is no such chat."""
    chat = find_chat(db, chat_id)
    if chat is None:
        return None
    messages = messages_of(db, chat_id)
    card = find_card(db, chat.customer_id) if chat.customer_id else None
    callbacks = tuple(callback for callback in waiting_callbacks(db, numbers=numbers) if callback.chat_id == chat_id)
    if original:
        _note(engine, by, READ, chat_id)
        return Conversation(chat=chat, messages=tuple(messages), customer=card, callbacks=callbacks)
    return Conversation(
        chat=hide_chat(chat),
        messages=tuple(hide_message(message, chat.language) for message in messages),
        customer=hide_customer(card) if card else None,
        callbacks=callbacks,
    )


def waiting_callbacks(db: Session, *, numbers: bool) -> list[Callback]:
    """Who waits for a person, the longest waiting first; ``numbers``: with the whole number, for who may ring back."""
    return [hide_reason(callback, numbers=numbers) for callback in open_callbacks(db)]


def _subject(text: str) -> str:
    """What a search was for: of a telephone number the digest that stands for its person in every other line, too."""
    try:
        return digest_of(subject_from(text), privacy_settings())
    except NotAPhone:
        return digest_of_text(text.lower(), privacy_settings())


def _known(text: str) -> str:
    """What was searched for as the trail may show it: it outlives whom it was about."""
    return masked(text) if sum(map(str.isdigit, text)) >= SHORTEST_PHONE else text


def _filters(wanted: Wanted) -> dict[str, Any]:
    """Filters that narrow a search, as JSON."""
    named = {name: getattr(wanted, name) for name in ("kind", "outcome", "state", "language", "label")}
    days = {name: at.isoformat() for name in ("since", "until") if (at := getattr(wanted, name))}
    return {name: str(value) for name, value in named.items() if value} | days


def _note(engine: Engine, by: str, action: str, subject: str, detail: Mapping[str, Any] | None = None) -> None:
    with transaction(engine) as db:
        audit.note_once(db, by, action, subject, detail)
