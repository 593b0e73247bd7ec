"""Whose data a scope holds: everybody a deletion would hit, by card, caller's number, address and file name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from recordings.privacy.person import AT_ONCE, Scope
from recordings.privacy.subject import Kind, Subject, sender
from recordings.tables import CallbackRow, CallRow, ChatRow, CustomerRow, OutboxRow, RecordingRow, SampleRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Contacts:
    """Every contact that a scope reaches, and the rows beside them that it names."""

    calls: frozenset[str]
    chats: frozenset[str]
    recordings: frozenset[str]
    customers: frozenset[str]
    callbacks: frozenset[str]

    @property
    def ids(self) -> frozenset[str]:
        """As holds name them."""
        return self.calls | self.chats | self.recordings


def contacts_of(db: Session, scope: Scope) -> Contacts:
    """The contacts themselves, the call of a recording and the recording of a call, and those that what is deleted
    beside them belongs to."""
    calls, chats, recordings = {*scope.calls}, {*scope.chats}, {*scope.recordings}
    for call, chat in _asked(db, (CallbackRow.call_id, CallbackRow.chat_id), CallbackRow.id, scope.callbacks):
        calls.update(filter(None, [call]))
        chats.update(filter(None, [chat]))
    beside = {contact for (contact,) in _asked(db, (OutboxRow.contact,), OutboxRow.key, scope.outbox)}
    beside |= {contact for (contact,) in _asked(db, (SampleRow.contact,), SampleRow.id, scope.samples)}
    for table, found in ((CallRow, calls), (ChatRow, chats), (RecordingRow, recordings)):
        found.update(id_ for (id_,) in _asked(db, (table.id,), table.id, beside))
    for table, found in ((CallRow, calls), (ChatRow, chats)):  # a card goes with all that is filed under it
        found.update(id_ for (id_,) in _asked(db, (table.id,), table.customer_id, scope.customers))
    calls.update(call for (call,) in _asked(db, (RecordingRow.call_id,), RecordingRow.id, recordings) if call)
    recordings.update(id_ for (id_,) in _asked(db, (RecordingRow.id,), RecordingRow.call_id, calls))
    return Contacts(
        calls=frozenset(calls),
        chats=frozenset(chats),
        recordings=frozenset(recordings),
        customers=frozenset(scope.customers),
        callbacks=frozenset(scope.callbacks),
    )


def subjects_of(db: Session, contacts: Contacts) -> frozenset[Subject]:
    """Every address of everybody whose contacts these are."""
    found: set[Subject] = set()
    cards = {*contacts.customers}

    def phone(number: str | None) -> None:
        if number:
            found.add(Subject(kind=Kind.PHONE, value=number))

    for card, number in _asked(db, (CallRow.customer_id, CallRow.number), CallRow.id, contacts.calls):
        cards.add(card)
        phone(number)
    written = (ChatRow.customer_id, ChatRow.channel, ChatRow.address, ChatRow.language)
    for card, channel, address, language in _asked(db, written, ChatRow.id, contacts.chats):
        cards.add(card)
        found.add(sender(channel, address, language))
    numbers = (RecordingRow.number, RecordingRow.second_number)
    for both in _asked(db, numbers, RecordingRow.id, contacts.recordings):
        for number in both:
            phone(number)
    for column, ids in (
        (CallbackRow.id, contacts.callbacks),
        (CallbackRow.call_id, contacts.calls),
        (CallbackRow.chat_id, contacts.chats),
    ):
        for (number,) in _asked(db, (CallbackRow.number,), column, ids):
            phone(number)
    named = (CustomerRow.id, CustomerRow.phone, CustomerRow.email)
    for _, number, email in _asked(db, named, CustomerRow.id, {card for card in cards if card}):
        phone(number)
        if email:
            found.add(Subject(kind=Kind.EMAIL, value=email))
    return frozenset(found)


def everybody(db: Session) -> Iterator[Subject]:
    """Every address that stands in the tables, each once: who could be meant by a digest."""
    seen: set[Subject] = set()
    sources: tuple[tuple[Any, Callable[..., Subject | None]], ...] = (
        (select(CustomerRow.phone).where(CustomerRow.phone.is_not(None)), _phone),
        (select(CustomerRow.email).where(CustomerRow.email.is_not(None)), _email),
        (select(CallRow.number).distinct(), _phone),
        (select(CallbackRow.number).distinct(), _phone),
        (select(RecordingRow.number).distinct(), _phone),
        (select(RecordingRow.second_number).distinct(), _phone),
        (select(ChatRow.channel, ChatRow.address, ChatRow.language).distinct(), sender),
    )
    for wanted, rule in sources:
        for row in db.execute(wanted):
            one = rule(*row)
            if one is not None and one not in seen:
                seen.add(one)
                yield one


def _phone(number: str) -> Subject | None:
    return Subject(kind=Kind.PHONE, value=number) if number else None


def _email(email: str) -> Subject | None:
    return Subject(kind=Kind.EMAIL, value=email) if email else None


def _asked(db: Session, wanted: Sequence[Any], column: Any, ids: Iterable[str]) -> Iterator[Any]:
    """Rows of these ids, some at a time."""
    known = sorted(filter(None, ids))
    for first in range(0, len(known), AT_ONCE):
        yield from db.execute(select(*wanted).where(column.in_(known[first : first + AT_ONCE])))
