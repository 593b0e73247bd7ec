"""The list of customers: who they are and when they last turned to us. Plain SQL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from recordings.contacts.call import Customer
from recordings.redaction.masked_search import email_fits, holds, number_fits
from recordings.rows import customer_of
from recordings.tables import CallbackRow, CallRow, ChatRow, CustomerRow


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerSummary:
    """One line of the list."""

    customer: Customer
    contacts: int
    """Calls and chats."""
    last_at: datetime | None
    """Start of the newest; None for a card nobody has turned to us with yet."""
    waiting: bool
    """Somebody still has to ring back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomersPage:
    customers: tuple[CustomerSummary, ...]
    total: int
    """Customers that fit, on all pages."""


def list_customers(
    db: Session, *, text: str = "", waiting: bool = False, offset: int = 0, limit: int = 50
) -> CustomersPage:
    """One page of customers, who turned to us last first.

    ``text`` is part of the name, or of the number or the e-mail address as far as their masks show them: also where
    numbers are seen whole, since this list masks them. ``waiting`` takes only those somebody still has to ring back.
    """
    both = union_all(
        select(CallRow.customer_id.label("customer_id"), CallRow.started_at.label("at")),
        select(ChatRow.customer_id, ChatRow.started_at),
    ).subquery()
    figures = (
        select(
            both.c.customer_id, func.count().label("contacts"), func.max(both.c.at, type_=both.c.at.type).label("at")
        )
        .group_by(both.c.customer_id)
        .subquery()
    )
    fits = _fits(text)
    if waiting:
        fits.append(_waits())
    total = db.scalar(select(func.count()).select_from(CustomerRow).where(*fits)) or 0
    lines: Select[Any] = (
        select(CustomerRow, func.coalesce(figures.c.contacts, 0), figures.c.at, _waits())
        .outerjoin(figures, figures.c.customer_id == CustomerRow.id)
        .where(*fits)
        .order_by(func.coalesce(figures.c.at, CustomerRow.created_at).desc(), CustomerRow.id)
        .offset(offset)
        .limit(limit)
    )
    return CustomersPage(
        total=total,
        customers=tuple(
            CustomerSummary(customer=customer_of(row), contacts=contacts, last_at=at, waiting=waits)
            for row, contacts, at, waits in db.execute(lines)
        ),
    )


def _fits(text: str) -> list[ColumnElement[bool]]:
    if not text:
        return []
    return [
        or_(holds(CustomerRow.name, text), number_fits(CustomerRow.phone, text), email_fits(CustomerRow.email, text))
    ]


def _waits() -> ColumnElement[bool]:
    of_call = and_(CallbackRow.call_id == CallRow.id, CallRow.customer_id == CustomerRow.id)
    of_chat = and_(CallbackRow.chat_id == ChatRow.id, ChatRow.customer_id == CustomerRow.id)
    still = CallbackRow.done_at.is_(None)
    calls = exists(literal(1)).where(of_call, still).correlate(CustomerRow)
    return or_(calls, exists(literal(1)).where(of_chat, still).correlate(CustomerRow))
