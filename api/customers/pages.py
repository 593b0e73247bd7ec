"""Pages for people: customers and their cards, conversations in writing, who waits for a call."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from api.customers.api import chat_for, customer_for, may_ring
from api.kit.auth import User
from api.kit.deps import Database, Db, Original, Reader, Viewer, needs, own_form
from api.kit.links import address_of, asked_of, contact_link, link, local
from api.kit.paging import PAGE_SIZE, Paging, offset_of
from api.kit.problems import Problem
from api.kit.render import render
from api.kit.roles import Permission
from api.operations.callbacks import finish_callback
from api.operations.originals import list_customers, waiting_callbacks

router = APIRouter(include_in_schema=False)


@router.get("/customers")
def show_customers(request: Request, db: Db, viewer: Reader) -> Response:
    """The list by the filters of the address."""
    asked = asked_of(request)
    filters = {"q": asked.get("q", "")[:200], "waiting": "1" if asked.get("waiting") == "1" else ""}
    start = offset_of(asked)
    page = list_customers(db, text=filters["q"], waiting=bool(filters["waiting"]), offset=start, limit=PAGE_SIZE)
    return render(
        request,
        "customers/customers.html",
        viewer,
        section="customers",
        page=page,
        paging=Paging(start=start, total=page.total),
        filters=filters,
        link=partial(link, "/customers", filters),
        here=address_of(request),
    )


@router.get("/customers/{customer_id}")
def show_customer(
    request: Request, db: Db, engine: Database, viewer: Reader, customer_id: str, original: Original
) -> Response:
    """One card with the history over all channels."""
    found = customer_for(db, engine, viewer, customer_id, original=original)
    return render(
        request,
        "customers/customer.html",
        viewer,
        section="customers",
        original=original,
        customer=found.card,
        contacts=found.contacts,
        contact_link=contact_link,
        here=address_of(request),
    )


@router.get("/chats/{chat_id}")
def show_chat(request: Request, db: Db, engine: Database, viewer: Reader, chat_id: str, original: Original) -> Response:
    """One conversation in writing."""
    found = chat_for(db, engine, viewer, chat_id, original=original)
    return render(
        request,
        "customers/conversation.html",
        viewer,
        section="customers",
        original=original,
        chat=found.chat,
        messages=found.messages,
        customer=found.customer,
        callbacks=found.callbacks,
        here=address_of(request),
    )


@router.get("/callbacks")
def show_callbacks(
    request: Request, db: Db, viewer: Annotated[User, Depends(needs(Permission.CALLS, Permission.CALLBACKS))]
) -> Response:
    """Who waits for a person, the longest waiting first; the whole number is for who may ring back."""
    return render(
        request,
        "customers/callbacks.html",
        viewer,
        section="callbacks",
        callbacks=waiting_callbacks(db, numbers=may_ring(viewer)),
        here=address_of(request),
    )


@router.post("/callbacks/{callback_id}/done", dependencies=[Depends(own_form), Depends(needs(Permission.CALLBACKS))])
def finish(
    engine: Database, viewer: Viewer, callback_id: str, back: Annotated[str, Form(max_length=2048)] = "/callbacks"
) -> Response:
    """Somebody has rung back."""
    if not finish_callback(engine, callback_id, by=viewer.login):
        raise Problem(HTTPStatus.NOT_FOUND, "not_found", f"There is no call-back {callback_id}.")
    return RedirectResponse(local(back), HTTPStatus.SEE_OTHER)
