"""Customers: one card a person, over every channel.

A card begins with the first call or message. Somebody who has only written has a card without a number, until a number
they give joins it with the card of that number.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from recordings.contacts.call import Call, Customer
from recordings.contacts.phone_numbers import e164
from recordings.customers.chats import fit
from recordings.database import insert_once
from recordings.rows import customer_of
from recordings.tables import CallRow, ChatRow, CustomerRow

PHONE = "phone"
"""Source of customers who rang first."""


def find_card(db: Session, customer_id: str) -> Customer | None:
    row = db.get(CustomerRow, customer_id)
    return customer_of(row) if row else None


def find_customer(db: Session, phone: str, *, language: str = "ru") -> Customer | None:
    """By telephone number, however it is written."""
    row = db.scalar(select(CustomerRow).where(CustomerRow.phone == (e164(phone, language) or phone)))
    return customer_of(row) if row else None


def find_by_email(db: Session, email: str) -> Customer | None:
    row = db.scalar(select(CustomerRow).where(CustomerRow.email == email.lower()))
    return customer_of(row) if row else None


def find_by_visitor(db: Session, channel: str, address: str) -> Customer | None:
    """By who wrote before, in the channel's own terms."""
    row = db.scalar(
        select(CustomerRow)
        .join(ChatRow, ChatRow.customer_id == CustomerRow.id)
        .where(ChatRow.channel == channel, ChatRow.address == fit("address", address))
        .order_by(ChatRow.started_at.desc(), ChatRow.id)
        .limit(1)
    )
    return customer_of(row) if row else None


def save_customer(db: Session, customer: Customer) -> Customer:
    """Keep a card. Whoever is known by number or e-mail keeps their id; what is given replaces what was known.

    Except for the source: what brought a customer does not change.
    """
    phone = e164(customer.phone, customer.language) or customer.phone[:32] if customer.phone else None
    email = customer.email.lower()[:254] if customer.email else None
    fitted = {"language": customer.language[:8], "segment": customer.segment[:32], "source": customer.source[:64]}
    values = asdict(customer) | fitted | {"phone": phone, "email": email}
    insert_once(db, CustomerRow, values | {"created_at": datetime.now(UTC)})
    ways: list[ColumnElement[bool]] = [CustomerRow.id == customer.id]
    ways += [CustomerRow.phone == phone] if phone else []
    ways += [CustomerRow.email == email] if email else []
    for way in reversed(ways):  # a number says more than an e-mail, both more than an id of ours
        if row := db.scalar(select(CustomerRow).where(way)):
            break
    else:
        raise ValueError(f"customer {customer.id} is neither there nor new")
    row.name = customer.name or row.name
    row.language = fitted["language"] or row.language
    row.segment = fitted["segment"] or row.segment
    row.source = row.source or fitted["source"]
    db.flush()
    return customer_of(row)


def meet_caller(db: Session, call: Call) -> Customer | None:
    """The card of who rings, a new one for a number never seen, written into the call; None for no proper number.

    For numbers that the network vouches for: one that is only claimed says nothing about who rang.
    """
    phone = e164(call.caller_number, call.language)
    if phone is None:
        return None
    known = find_customer(db, phone)
    card = known or save_customer(
        db, Customer(id=str(uuid4()), name="", phone=phone, language=call.language, source=PHONE)
    )
    unknown = CallRow.id == call.id, CallRow.customer_id.is_(None)
    db.execute(update(CallRow).where(*unknown).values(customer_id=card.id))
    return card


def meet_visitor(
    db: Session, chat_id: str, *, phone: str = "", email: str = "", language: str, source: str
) -> Customer:
    """The card of who writes, written into the chat; a new one gets the source.

    Args:
        db: An open transaction.
        chat_id: The chat, already there.
        phone: Number the channel itself vouches for, empty where it does not.
        email: Address a mail says it is from: it finds the card of those mails and changes no other.
        language: Of the conversation.
        source: What brought them.
    """
    chat = db.get_one(ChatRow, chat_id)
    if number := e164(phone, language) if phone else None:
        return bind(db, chat_id, number, language=language)
    card = (find_by_email(db, email) if email else None) or find_by_visitor(db, chat.channel, chat.address)
    if card and card.phone and _is_claimed(chat):  # whose number it is was proved in another chat
        card = None
    card = card or save_customer(
        db,
        Customer(
            id=str(uuid4()),
            name="",
            phone=None,
            email=email or None,
            language=language,
            source=source or chat.channel,
        ),
    )
    chat.customer_id = card.id
    db.flush()
    return card


def bind(db: Session, chat_id: str, phone: str, *, language: str) -> Customer:
    """A visitor has proved that a number is theirs: who has rung from it and who writes are one customer from now on.

    Only the card of a browser's own secret, without a number, moves as a whole. Of somebody who proved another number
    before, and of a mail, whose sender anybody may write, only this chat moves: two known customers never become one.
    """
    chat = db.get_one(ChatRow, chat_id)
    number = e164(phone, language) or phone[:32]
    own = db.get(CustomerRow, chat.customer_id) if chat.customer_id else None
    if own is not None and own.phone == number:
        return customer_of(own)
    known = db.scalar(select(CustomerRow).where(CustomerRow.phone == number))
    if own is not None and own.phone is None and own.email is None and not _is_claimed(chat):
        if known is None:
            own.phone = number
            db.flush()
            return customer_of(own)
        return merge(db, into=known.id, gone=own.id)
    card = known or CustomerRow(
        id=str(uuid4()),
        name="",
        phone=number,
        language=language,
        source=chat.source or chat.channel,
        created_at=datetime.now(UTC),
    )
    db.add(card)
    db.flush()
    chat.customer_id = card.id
    db.flush()
    return customer_of(card)


def _is_claimed(chat: ChatRow) -> bool:
    """Whether the address is a mail's, which is whatever the sender wrote."""
    return "@" in chat.address[1:]


def merge(db: Session, *, into: str, gone: str) -> Customer:
    """Make two cards one: every contact moves, what one lacks comes from the other, the older one's source stays."""
    kept, other = db.get_one(CustomerRow, into), db.get_one(CustomerRow, gone)
    if other.created_at < kept.created_at:
        kept.source = other.source or kept.source
        kept.created_at = other.created_at
    for table in (CallRow, ChatRow):
        db.execute(update(table).where(table.customer_id == gone).values(customer_id=into))
    values = customer_of(other)
    db.delete(other)
    db.flush()
    kept.name = kept.name or values.name
    kept.phone = kept.phone or values.phone
    kept.email = kept.email or values.email
    kept.segment = kept.segment or values.segment
    kept.source = kept.source or values.source
    db.flush()
    return customer_of(kept)
