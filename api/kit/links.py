"""Addresses of pages: what a request asks for, links that carry it on, where a form may lead back to."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from fastapi import Request

from recordings.contacts.chat import ContactKind


def asked_of(request: Request) -> dict[str, str]:
    """What an address asks for; empty values are left out."""
    return {name: value.strip() for name, value in request.query_params.items() if value.strip()}


def address_of(request: Request) -> str:
    """Path and query of a request, to come back to."""
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def link(page: str, kept: Mapping[str, object], /, **changes: object) -> str:
    """An address that carries on what is ``kept``, empty values left out, with ``changes`` made; None takes one out."""
    pairs = {name: value for name, value in kept.items() if value not in ("", None)} | changes
    query = urlencode({name: value for name, value in pairs.items() if value is not None})
    return f"{page}?{query}" if query else page


def contact_link(contact_id: str, kind: str = ContactKind.CALL, second: float | None = None) -> str:
    """Page of a call, at a second of it, or of a chat."""
    page = f"/{'chats' if kind == ContactKind.CHAT else 'calls'}/{quote(contact_id, safe='')}"
    return page if second is None else f"{page}?t={second:.1f}"


def local(target: str) -> str:
    """An address of this site only: whoever makes a link must not send people elsewhere after the log-in."""
    fine = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return target if fine else "/"
