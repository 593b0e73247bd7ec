"""What is written down of a conversation in writing. Plain functions over one open transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from recordings.contacts.call import Outcome
from recordings.contacts.chat import Chat, Message, numbers_of
from recordings.database import insert_once
from recordings.redaction import wordless
from recordings.rows import chat_of, message_of
from recordings.tables import ChatRow, MessageRow
from speech.recognition.words import Speaker

IDLE = timedelta(hours=24)
"""A conversation nobody has written in for so long is over; the next message begins another."""
LONGEST = {"address": 128, "key": 128, "source": 64}
"""Letters the columns hold; PostgreSQL refuses longer values, and others choose them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What a message has been answered with already."""

    opening: tuple[Message, ...]
    """Words that began the conversation, where the message was the first of it."""
    replies: tuple[Message, ...]
    chat: Chat
    last: bool
    """Nothing was written after it."""


def open_chat(db: Session, chat: Chat) -> bool:
    """Write the chat down; False when it already is."""
    fitted = {"address": fit("address", chat.address), "source": chat.source[: LONGEST["source"]]}
    return insert_once(db, ChatRow, asdict(chat) | fitted)


def find_chat(db: Session, chat_id: str) -> Chat | None:
    row = db.get(ChatRow, chat_id)
    return chat_of(row) if row else None


def find_open(db: Session, channel: str, address: str, since: datetime) -> Chat | None:
    """The conversation of who writes, unless it has ended or nobody has written in it since then."""
    row = db.scalar(
        select(ChatRow)
        .where(
            ChatRow.channel == channel,
            ChatRow.address == fit("address", address),
            ChatRow.ended_at.is_(None),
            ChatRow.last_at >= since,
        )
        .order_by(ChatRow.started_at.desc(), ChatRow.id)
        .limit(1)
    )
    return chat_of(row) if row else None


def messages_of(db: Session, chat_id: str) -> list[Message]:
    rows = db.scalars(select(MessageRow).where(MessageRow.chat_id == chat_id).order_by(MessageRow.number))
    return [message_of(row) for row in rows]


def note_message(db: Session, chat_id: str, message: Message) -> bool:
    """Add what was written; False when its number is taken, by the same message or by one that was quicker.

    Once the visitor has asked for it, no words are kept.
    """
    values = asdict(message) | {"chat_id": chat_id, "key": fit("key", message.key)}
    if db.scalar(select(ChatRow.consent).where(ChatRow.id == chat_id)) is False:
        values |= {"text": "", "intent": "", "confidence": None}
    return insert_once(db, MessageRow, values)


def find_answered(db: Session, channel: str, address: str, key: str) -> Answered | None:
    """What was answered to the message the channel calls ``key``; None for one that never came."""
    found = db.execute(
        select(MessageRow.number, ChatRow)
        .join(ChatRow, ChatRow.id == MessageRow.chat_id)
        .where(MessageRow.key == fit("key", key), ChatRow.channel == channel)
        .where(ChatRow.address == fit("address", address))
        .order_by(MessageRow.at.desc())
        .limit(1)
    ).first()
    if found is None or not key:
        return None
    number, chat = found
    messages = messages_of(db, chat.id)
    sooner, later = messages[: number - 1], messages[number:]
    replies = tuple(takewhile(_by_robot, later))
    return Answered(
        opening=tuple(sooner) if all(map(_by_robot, sooner)) else (),
        replies=replies,
        chat=chat_of(chat),
        last=len(replies) == len(later),
    )


def _by_robot(message: Message) -> bool:
    return message.speaker is Speaker.ROBOT


def save_state(
    db: Session,
    chat_id: str,
    *,
    at: datetime,
    state: Mapping[str, Any],
    facts: Mapping[str, str],
    outcome: Outcome | None,
) -> None:
    """Keep where the dialogue stands; of the facts, the numbers a later contact may be about.

    Of who does not want their words to be kept nothing but the outcome: what was said is known to this process alone.
    """
    kept = db.scalar(select(ChatRow.consent).where(ChatRow.id == chat_id)) is not False
    known = {"state": dict(state), "facts": numbers_of(facts)} if kept else {"state": {}, "facts": {}}
    values = {"last_at": at, "outcome": outcome, **known}
    db.execute(update(ChatRow).where(ChatRow.id == chat_id).values(**values))


def hand_over(db: Session, chat_id: str, *, at: datetime, summary: str) -> None:
    """The visitor is to be handed to a person; ``summary`` is what that person is told."""
    kept = db.scalar(select(ChatRow.consent).where(ChatRow.id == chat_id)) is not False
    values = {"handed_over_at": at, "summary": summary if kept else ""}
    db.execute(update(ChatRow).where(ChatRow.id == chat_id).values(**values))


def forget_words(db: Session, chat_id: str) -> None:
    """The visitor does not want their words to be kept: forget those there are and keep none from now on."""
    wordless.forget_words(db, chats=[chat_id])
    db.execute(update(ChatRow).where(ChatRow.id == chat_id).values(consent=False))


def close_chat(db: Session, chat_id: str, *, ended_at: datetime, outcome: Outcome, failure: str = "") -> None:
    """Write how the chat ended. The first word counts: one closed already stays as it is."""
    values = {"ended_at": ended_at, "outcome": outcome, "failure": failure, "state": {}}
    db.execute(update(ChatRow).where(ChatRow.id == chat_id, ChatRow.ended_at.is_(None)).values(**values))


def close_idle(db: Session, before: datetime) -> int:
    """End the chats nobody has written in since ``before``, with what they had come to; tells how many."""
    closed = db.execute(
        update(ChatRow)
        .where(ChatRow.ended_at.is_(None), ChatRow.last_at < before)
        .values(
            ended_at=ChatRow.last_at,
            outcome=func.coalesce(ChatRow.outcome, Outcome.ABANDONED.value),
            state={},
        )
        .returning(ChatRow.id)
        .execution_options(synchronize_session=False)
    )
    return len(closed.all())


def fit(column: str, value: str) -> str:
    """The value as the column holds it: what is too long is kept as its digest, so that it stays its own."""
    return value if len(value) <= LONGEST[column] else hashlib.sha256(value.encode()).hexdigest()
