"""Who waits for a person: call-backs promised in calls and chats, and visitors of a chat that nobody could take."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from uuid import uuid4

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from recordings.calls.callback_rules import number_to_ring
from recordings.contacts.call import Callback
from recordings.contacts.phone_numbers import number_in
from recordings.database import insert_once
from recordings.redaction.wordless import refused
from recordings.rows import callback_of
from recordings.tables import CallbackRow, CallRow, ChatRow


def wait_in_chat(db: Session, callback: Callback) -> None:
    """A visitor waits for a person; said again, a number and a reason that are known now replace what was there.

    A chat has one such row: who is called back has been taken care of. A number that is not rung is left out.
    """
    language = db.scalar(select(ChatRow.language).where(ChatRow.id == callback.chat_id)) or ""
    values = asdict(callback) | {"id": str(uuid4()), "phone": number_to_ring(callback.phone, language)}
    if callback.chat_id and refused(db, callback.chat_id):
        values["reason"] = ""
    if not insert_once(db, CallbackRow, values):
        row = db.scalars(select(CallbackRow).where(CallbackRow.chat_id == callback.chat_id)).one()
        row.phone = values["phone"] or row.phone
        row.number = number_in(row.phone)
        row.reason = values["reason"] or row.reason
        row.requested_at, row.done_at = callback.requested_at, None
        db.flush()


def open_callbacks(db: Session, *, customer_id: str | None = None) -> list[Callback]:
    """Those nobody has rung back yet, the longest waiting first; of one customer or of all."""
    rows = (
        select(CallbackRow)
        .outerjoin(CallRow, CallRow.id == CallbackRow.call_id)
        .outerjoin(ChatRow, ChatRow.id == CallbackRow.chat_id)
        .where(CallbackRow.done_at.is_(None))
        .order_by(CallbackRow.requested_at, CallbackRow.id)
    )
    if customer_id is not None:
        rows = rows.where(or_(CallRow.customer_id == customer_id, ChatRow.customer_id == customer_id))
    return [callback_of(row) for row in db.scalars(rows)]


def finish_callback(db: Session, callback_id: str, at: datetime) -> bool:
    """A person has rung back; False when there is no such call-back. The first one's time counts."""
    row = db.get(CallbackRow, callback_id)
    if row is None:
        return False
    still_open = CallbackRow.id == callback_id, CallbackRow.done_at.is_(None)
    db.execute(update(CallbackRow).where(*still_open).values(done_at=at))
    return True
