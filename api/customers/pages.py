"""Pages for people: customers and their cards, conversations in writing, who waits for a call."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from api.calls.api import note_original
from api.customers.api import card_of, chat_of
from api.kit.deps import Database, Db, Original, Reader, needs, own_form
from api.kit.links import address_of, local
from api.kit.problems import Problem
from api.kit.render import render
from api.kit.roles import Permission
from recordings.calls.callbacks import finish_callback, open_callbacks
from recordings.contacts.chat import ContactKind, PastContact
from recordings.customers.cards import find_card
from recordings.customers.listing import list_customers
from recordings.database import transaction
from recordings.redaction.redacted import hide_reason

PAGE_SIZE = 50

router = APIRouter(include_in_schema=False)


@router.get("/customers")
def show_customers(request: Request, db: Db, viewer: Reader) -> Response:
    """The list by the filters of the address."""
    asked = {name: value.strip() for name, value in request.query_params.items()}
    filters = {"q": asked.get("q", "")[:200], "waiting": "1" if asked.get("waiting") == "1" else ""}
    start = int(asked["offset"]) if asked.get("offset", "").isdecimal() and len(asked["offset"]) < 9 else 0
    page = list_customers(db, text=filters["q"], waiting=bool(filters["waiting"]), offset=start, limit=PAGE_SIZE)
    return render(
        request,
        "customers/customers.html",
        viewer,
        section="customers",
        page=page,
        start=start,
        size=PAGE_SIZE,
        filters=filters,
        link=partial(_link, filters),
        here=address_of(request),
    )


@router.get("/customers/{customer_id}")
def show_customer(
    request: Request, db: Db, engine: Database, viewer: Reader, customer_id: str, original: Original
) -> Response:
    """One card with the history over all channels."""
    card, contacts = card_of(db, customer_id, original=original)
    if original:
        note_original(engine, viewer, "original.read", customer_id)
    return render(
        request,
        "customers/customer.html",
        viewer,
        section="customers",
        original=original,
        customer=card,
        contacts=contacts,
        address_of=contact_address,
        here=address_of(request),
    )


@router.get("/chats/{chat_id}")
def show_chat(request: Request, db: Db, engine: Database, viewer: Reader, chat_id: str, original: Original) -> Response:
    """One conversation in writing."""
    chat, messages = chat_of(db, chat_id, original=original)
    if original:
        note_original(engine, viewer, "original.read", chat_id)
    waiting = [hide_reason(callback) for callback in open_callbacks(db) if callback.chat_id == chat_id]
    return render(
        request,
        "customers/conversation.html",
        viewer,
        section="customers",
        original=original,
        chat=chat,
        messages=messages,
        customer=find_card(db, chat.customer_id) if chat.customer_id else None,
        callbacks=waiting,
        here=address_of(request),
    )


@router.get("/callbacks")
def show_callbacks(request: Request, db: Db, viewer: Reader) -> Response:
    """Who waits for a person, the longest waiting first."""
    return render(
        request,
        "customers/callbacks.html",
        viewer,
        section="callbacks",
        callbacks=[hide_reason(callback) for callback in open_callbacks(db)],
        here=address_of(request),
    )


@router.post("/callbacks/{callback_id}/done", dependencies=[Depends(own_form), Depends(needs(Permission.CALLS))])
def finish(engine: Database, callback_id: str, back: Annotated[str, Form(max_length=2048)] = "/callbacks") -> Response:
    """Somebody has rung back."""
    with transaction(engine) as db:
        known = finish_callback(db, callback_id, datetime.now(UTC))
    if not known:
        raise Problem(HTTPStatus.NOT_FOUND, "not_found", f"There is no call-back {callback_id}.")
    return RedirectResponse(local(back), HTTPStatus.SEE_OTHER)


def contact_address(contact: PastContact) -> str:
    """Page of a call or of a chat."""
    return f"/{'calls' if contact.kind is ContactKind.CALL else 'chats'}/{quote(contact.id, safe='')}"


def _link(filters: Mapping[str, str], **changes: object) -> str:
    query = urlencode({name: value for name, value in {**filters, **changes}.items() if value})
    return f"/customers?{query}" if query else "/customers"
