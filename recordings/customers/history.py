"""All a customer turned to us with, over calls and chats: for their card, and for the robot that meets them again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from recordings.calls.callbacks import open_callbacks
from recordings.contacts.call import Callback, Outcome
from recordings.contacts.chat import WEB, ContactKind, PastContact, Recent
from recordings.customers.cards import PHONE, find_customer
from recordings.tables import CallRow, ChatRow, MessageRow, TurnRow
from speech.recognition.words import Speaker

LONGEST_HISTORY = 200
"""Contacts of one kind that are shown."""


def history(db: Session, customer_id: str) -> list[PastContact]:
    """All a customer turned to us with, newest first."""
    waiting = {}
    for callback in open_callbacks(db, customer_id=customer_id):
        waiting[callback.call_id or callback.chat_id or ""] = callback
    both = [*_calls(db, customer_id, waiting), *_chats(db, customer_id, waiting)]
    return sorted(both, key=lambda contact: contact.at, reverse=True)


def recent(
    db: Session,
    phone: str,
    *,
    hours: float = 24.0,
    language: str = "ru",
    now: datetime | None = None,
    besides: str = "",
) -> Recent | None:
    """What this customer wrote or rang about lately: the newest contact about an order, or else the newest one.

    Calls that still go on do not count, nor contacts in which the customer said nothing, nor the one with the id
    ``besides``.
    """
    card = find_customer(db, phone, language=language)
    if card is None:
        return None
    since = (now or datetime.now(UTC)) - timedelta(hours=hours)
    said = [
        contact
        for contact in history(db, card.id)
        if contact.at >= since
        and contact.id != besides
        and (contact.ended or contact.kind is ContactKind.CHAT)
        and (contact.summary or contact.facts)
    ]
    about = next((contact for contact in said if contact.facts.get("order.number")), None) or next(iter(said), None)
    if about is None:
        return None
    return Recent(channel=way_of(about), at=about.at, order=about.facts.get("order.number", ""))


def way_of(contact: PastContact) -> str:
    """``call``, ``chat`` or ``mail``: how people name the channel."""
    if contact.kind is ContactKind.CALL:
        return "call"
    return "mail" if contact.channel != WEB and "mail" in contact.channel.lower() else "chat"


def _calls(db: Session, customer_id: str, waiting: Mapping[str, Callback]) -> list[PastContact]:
    of_customer = select(CallRow).where(CallRow.customer_id == customer_id)
    rows = db.scalars(of_customer.order_by(CallRow.started_at.desc()).limit(LONGEST_HISTORY)).all()
    first = _first_words(db, TurnRow, TurnRow.call_id, [row.id for row in rows])
    return [
        PastContact(
            kind=ContactKind.CALL,
            id=row.id,
            at=row.started_at,
            channel=PHONE,
            language=row.language,
            outcome=Outcome(row.outcome) if row.outcome else None,
            ended=row.ended_at is not None,
            summary=row.summary or first.get(row.id, ""),
            facts=row.facts or {},
            callback=waiting.get(row.id),
        )
        for row in rows
    ]


def _chats(db: Session, customer_id: str, waiting: Mapping[str, Callback]) -> list[PastContact]:
    of_customer = select(ChatRow).where(ChatRow.customer_id == customer_id)
    rows = db.scalars(of_customer.order_by(ChatRow.started_at.desc()).limit(LONGEST_HISTORY)).all()
    first = _first_words(db, MessageRow, MessageRow.chat_id, [row.id for row in rows])
    return [
        PastContact(
            kind=ContactKind.CHAT,
            id=row.id,
            at=row.last_at,
            channel=row.channel,
            language=row.language,
            outcome=Outcome(row.outcome) if row.outcome else None,
            ended=row.ended_at is not None,
            summary=row.summary or first.get(row.id, ""),
            facts=row.facts,
            callback=waiting.get(row.id),
        )
        for row in rows
    ]


def _first_words(
    db: Session, table: type[TurnRow] | type[MessageRow], contact: InstrumentedAttribute[Any], ids: Sequence[str]
) -> dict[str, str]:
    """What the customer said or wrote first, by contact."""
    said = select(contact, table.text).where(contact.in_(ids), table.speaker == Speaker.CALLER, table.text != "")
    first: dict[str, str] = {}
    for contact_id, text in db.execute(said.order_by(table.number)):
        first.setdefault(contact_id, text)
    return first
