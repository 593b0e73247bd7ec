"""Customers, their history and their chats for programs."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from api.customers.shapes import ChatDetailOut, CustomerDetailOut, CustomerQuery, CustomersOut
from api.kit.auth import User
from api.kit.deps import Database, Db, Original, Reader, needs
from api.kit.problems import Problem, described
from api.kit.roles import Permission
from api.operations import originals
from api.operations.originals import Conversation, CustomerFile

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
    page = originals.list_customers(db, text=wanted.q, waiting=wanted.waiting, offset=wanted.offset, limit=wanted.limit)
    return CustomersOut.model_validate(page)


@router.get("/customers/{customer_id}", responses=described(s404="No such customer"))
def show_customer(
    db: Db,
    engine: Database,
    viewer: Reader,
    customer_id: Annotated[str, Path(max_length=LONGEST_ID)],
    original: Original,
) -> CustomerDetailOut:
    """One customer with their history over all channels."""
    found = customer_for(db, engine, viewer, customer_id, original=original)
    return CustomerDetailOut.model_validate({"customer": found.card, "history": found.contacts})


@router.get("/chats/{chat_id}", responses=described(s404="No such chat"))
def show_chat(
    db: Db,
    engine: Database,
    viewer: Reader,
    chat_id: Annotated[str, Path(max_length=LONGEST_ID)],
    original: Original,
) -> ChatDetailOut:
    """One conversation in writing, with its messages."""
    found = chat_for(db, engine, viewer, chat_id, original=original)
    return ChatDetailOut.model_validate({"chat": found.chat, "messages": found.messages})


def may_ring(viewer: User) -> bool:
    """Whether somebody sees the whole numbers of who waits for a call; a program that only reads does not."""
    return viewer.may(Permission.CALLBACKS) and viewer.writes


def customer_for(db: Db, engine: Database, viewer: Reader, customer_id: str, *, original: bool) -> CustomerFile:
    """A card and its history.

    Raises:
        Problem: 404, there is none.
    """
    numbers = may_ring(viewer)
    found = originals.read_customer(db, engine, customer_id, original=original, numbers=numbers, by=viewer.login)
    if found is None:
        raise Problem(HTTPStatus.NOT_FOUND, "customer_unknown", f"There is no customer {customer_id}.")
    return found


def chat_for(db: Db, engine: Database, viewer: Reader, chat_id: str, *, original: bool) -> Conversation:
    """A conversation in writing and its messages.

    Raises:
        Problem: 404, there is none.
    """
    numbers = may_ring(viewer)
    found = originals.read_chat(db, engine, chat_id, original=original, numbers=numbers, by=viewer.login)
    if found is None:
        raise Problem(HTTPStatus.NOT_FOUND, "chat_unknown", f"There is no chat {chat_id}.")
    return found
