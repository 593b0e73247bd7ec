"""Customers, their history and their chats for programs."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from sqlalchemy.orm import Session

from api.calls.api import note_original
from api.customers.shapes import ChatDetailOut, CustomerDetailOut, CustomerQuery, CustomersOut
from api.kit.deps import Database, Db, Original, Reader, needs
from api.kit.problems import Problem, described
from api.kit.roles import Permission
from recordings.contacts.call import Customer
from recordings.contacts.chat import Chat, Message, PastContact
from recordings.customers.cards import find_card
from recordings.customers.chats import find_chat, messages_of
from recordings.customers.history import history
from recordings.customers.listing import list_customers as list_lines
from recordings.redaction.redacted import hide_chat, hide_customer, hide_message, hide_past

LONGEST_ID = 64

router = APIRouter(
    prefix="/api",
    tags=["customers"],
    dependencies=[Depends(needs(Permission.CALLS))],
    responses=described(
        s401="Neither a log-in nor a valid API token", s422="Wrong fields of the request; `errors` names them"
    ),
)


@router.get("/customers")
def list_customers(db: Db, wanted: Annotated[CustomerQuery, Query()]) -> CustomersOut:
    """Customers, who turned to us last first."""
    page = list_lines(db, text=wanted.q, waiting=wanted.waiting, offset=wanted.offset, limit=wanted.limit)
    lines = tuple(replace(line, customer=hide_customer(line.customer)) for line in page.customers)
    return CustomersOut.model_validate(replace(page, customers=lines))


@router.get("/customers/{customer_id}", responses=described(s404="No such customer"))
def show_customer(
    db: Db,
    engine: Database,
    viewer: Reader,
    customer_id: Annotated[str, Path(max_length=LONGEST_ID)],
    original: Original,
) -> CustomerDetailOut:
    """One customer with their history over all channels."""
    card, contacts = card_of(db, customer_id, original=original)
    if original:
        note_original(engine, viewer, "original.read", customer_id)
    return CustomerDetailOut.model_validate({"customer": card, "history": contacts})


@router.get("/chats/{chat_id}", responses=described(s404="No such chat"))
def show_chat(
    db: Db,
    engine: Database,
    viewer: Reader,
    chat_id: Annotated[str, Path(max_length=LONGEST_ID)],
    original: Original,
) -> ChatDetailOut:
    """One conversation in writing, with its messages."""
    chat, messages = chat_of(db, chat_id, original=original)
    if original:
        note_original(engine, viewer, "original.read", chat_id)
    return ChatDetailOut.model_validate({"chat": chat, "messages": messages})


def card_of(db: Session, customer_id: str, *, original: bool) -> tuple[Customer, tuple[PastContact, ...]]:
    """A card and its history, newest first; private parts taken out, unless the original is wanted.

    Raises:
        Problem: 404, there is none.
    """
    card = find_card(db, customer_id)
    if card is None:
        raise Problem(HTTPStatus.NOT_FOUND, "customer_unknown", f"There is no customer {customer_id}.")
    contacts = history(db, customer_id)
    if original:
        return card, tuple(contacts)
    return hide_customer(card), tuple(map(hide_past, contacts))


def chat_of(db: Session, chat_id: str, *, original: bool) -> tuple[Chat, tuple[Message, ...]]:
    """A conversation in writing and its messages; private parts taken out, unless the original is wanted.

    Raises:
        Problem: 404, there is none.
    """
    chat = find_chat(db, chat_id)
    if chat is None:
        raise Problem(HTTPStatus.NOT_FOUND, "chat_unknown", f"There is no chat {chat_id}.")
    messages = messages_of(db, chat_id)
    if original:
        return chat, tuple(messages)
    return hide_chat(chat), tuple(hide_message(message, chat.language) for message in messages)
