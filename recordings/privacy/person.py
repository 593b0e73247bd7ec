"""All that is kept of one person: which rows of which tables.

One list of parts serves the page that shows what there is, the export and the erasure, so that none of them can forget
a table that another one knows. Who a row is of stands in it since it was written: whole numbers are compared, by index.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, cast, inspect, or_, select
from sqlalchemy.orm import Session

from recordings.privacy.spellings import Spellings
from recordings.privacy.subject import Kind, Subject
from recordings.tables import (
    AcousticsRow,
    AlertRow,
    AnalysisRow,
    CallbackRow,
    CallRow,
    ChatRow,
    CoachingNoteRow,
    CustomerRow,
    DeliveryRow,
    EvaluationRow,
    FindingRow,
    LegRow,
    MeaningRow,
    MessageRow,
    OutboxRow,
    QueueVisitRow,
    RecordingRow,
    RedactionRow,
    ReviewRow,
    SampleRow,
    ScoreRow,
    SentimentSampleRow,
    SurveyRow,
    Table,
    TopicCallRow,
    TranscriptRow,
    TurnRow,
)

LIVE = timedelta(hours=12)
"""A call that began longer ago and has no end lost its robot: nobody talks any more."""
AT_ONCE = 500
"""Contacts that one query asks for."""

Part = tuple[str, type[Table], ColumnElement[bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Ids of what belongs together: of one person, or of one contact."""

    subjects: tuple[Subject, ...] = ()
    """Every address of the person; empty where it is about a contact."""
    customers: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    chats: tuple[str, ...] = ()
    recordings: tuple[str, ...] = ()
    callbacks: tuple[str, ...] = ()
    """Asked for in somebody else's contact, to a number of this person."""
    outbox: tuple[str, ...] = ()
    """Keys of wishes that name this person and are of no contact of theirs."""
    samples: tuple[str, ...] = ()
    """Phrases that name this person, whoever said them."""

    @property
    def contacts(self) -> tuple[str, ...]:
        """As alerts, samples and holds name them."""
        return (*self.calls, *self.chats, *self.recordings)

    def one_by_one(self) -> Iterator[Scope]:
        """Each contact by itself, what is of no contact of theirs and the card last."""
        yield from (Scope(calls=(id_,)) for id_ in self.calls)
        yield from (Scope(chats=(id_,)) for id_ in self.chats)
        yield from (Scope(recordings=(id_,)) for id_ in self.recordings)
        yield Scope(customers=self.customers, callbacks=self.callbacks, outbox=self.outbox, samples=self.samples)


def find_person(db: Session, subject: Subject) -> Scope:
    """What belongs to a person: their card, the calls and chats of the card, those from an address of theirs, files
    named by their number, and what names the number elsewhere.

    A card names all addresses of a person but for the messenger's: whoever types somebody's number there joins their
    card by that, so an address in a messenger opens a card only where the card has neither number nor e-mail.
    """
    cards = db.scalars(select(CustomerRow).where(_card_of(subject))).all()
    subjects = {subject}
    subjects |= {Subject(kind=Kind.PHONE, value=card.phone) for card in cards if card.phone}
    subjects |= {Subject(kind=Kind.EMAIL, value=card.email) for card in cards if card.email}
    customers = tuple(card.id for card in cards)
    phones = [one.value for one in subjects if one.kind is Kind.PHONE]
    senders = [one.value for one in subjects if one.kind is not Kind.MESSENGER]

    ours = or_(CallRow.customer_id.in_(customers), CallRow.number.in_(phones))
    calls = tuple(db.scalars(select(CallRow.id).where(ours).order_by(CallRow.started_at, CallRow.id)))
    waits = select(CallbackRow.chat_id).where(CallbackRow.number.in_(phones), CallbackRow.chat_id.is_not(None))
    written = or_(
        ChatRow.customer_id.in_(customers),
        ChatRow.sender.in_(senders),
        and_(ChatRow.customer_id.is_(None), ChatRow.id.in_(waits)),
        *_from_channel(subject),
    )
    chats = tuple(db.scalars(select(ChatRow.id).where(written).order_by(ChatRow.started_at, ChatRow.id)))
    named = or_(RecordingRow.number.in_(phones), RecordingRow.second_number.in_(phones))
    recordings = [*db.scalars(select(RecordingRow.id).where(RecordingRow.call_id.is_(None), named))]
    for some in _some(calls):
        recordings += db.scalars(select(RecordingRow.id).where(RecordingRow.call_id.in_(some)))
    contacts = {*calls, *chats, *recordings}
    spelled = [Spellings(one) for one in subjects]
    return Scope(
        subjects=tuple(sorted(subjects, key=lambda one: (one != subject, one.kind, one.value))),
        customers=customers,
        calls=calls,
        chats=chats,
        recordings=tuple(recordings),
        callbacks=tuple(db.scalars(select(CallbackRow.id).where(CallbackRow.number.in_(phones)))),
        outbox=tuple(
            key
            for key, contact, body in db.execute(select(OutboxRow.key, OutboxRow.contact, cast(OutboxRow.body, Text)))
            if contact not in contacts and any(one.stands_in(body) for one in spelled)
        ),
        samples=tuple(
            id_
            for id_, text in db.execute(select(SampleRow.id, SampleRow.text))
            if any(one.stands_in(text) for one in spelled)
        ),
    )


def _card_of(subject: Subject) -> ColumnElement[bool]:
    match subject.kind:
        case Kind.PHONE:
            return CustomerRow.phone == subject.value
        case Kind.EMAIL:
            return CustomerRow.email == subject.value
    nameless = CustomerRow.phone.is_(None), CustomerRow.email.is_(None)
    return and_(*nameless, CustomerRow.id.in_(select(ChatRow.customer_id).where(*_from_channel(subject))))


def _from_channel(subject: Subject) -> list[ColumnElement[bool]]:
    if subject.kind is not Kind.MESSENGER:
        return []
    channel, address = subject.channel
    return [and_(ChatRow.channel == channel, ChatRow.address == address)]


def _some(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[first : first + AT_ONCE] for first in range(0, len(ids), AT_ONCE))


def parts_of(scope: Scope) -> Sequence[Part]:
    """Name, table and condition of each part, those that point at others before what they point at."""
    recordings, calls, chats = scope.recordings, scope.calls, scope.chats
    said = tuple((row, row.recording_id.in_(recordings)) for row in OF_RECORDING)
    of_contact = SampleRow.contact.in_(scope.contacts)
    alerts = or_(AlertRow.recording_id.in_(recordings), AlertRow.contact_id.in_(scope.contacts))
    findings = select(FindingRow.id).where(FindingRow.recording_id.in_(recordings))
    return (
        ("deliveries", DeliveryRow, DeliveryRow.alert_id.in_(select(AlertRow.id).where(alerts))),
        ("alerts", AlertRow, alerts),
        ("reviews", ReviewRow, ReviewRow.finding_id.in_(findings)),
        *((row.__tablename__, row, condition) for row, condition in said),
        ("samples", SampleRow, or_(of_contact, SampleRow.id.in_(scope.samples))),
        ("recordings", RecordingRow, RecordingRow.id.in_(recordings)),
        ("surveys", SurveyRow, or_(SurveyRow.call_id.in_(calls), SurveyRow.chat_id.in_(chats))),
        ("queue_visits", QueueVisitRow, QueueVisitRow.call_id.in_(calls)),
        (
            "callbacks",
            CallbackRow,
            or_(CallbackRow.call_id.in_(calls), CallbackRow.chat_id.in_(chats), CallbackRow.id.in_(scope.callbacks)),
        ),
        ("outbox", OutboxRow, or_(OutboxRow.contact.in_(scope.contacts), OutboxRow.key.in_(scope.outbox))),
        ("legs", LegRow, LegRow.call_id.in_(calls)),
        ("turns", TurnRow, TurnRow.call_id.in_(calls)),
        ("messages", MessageRow, MessageRow.chat_id.in_(chats)),
        ("calls", CallRow, CallRow.id.in_(calls)),
        ("chats", ChatRow, ChatRow.id.in_(chats)),
        ("customers", CustomerRow, CustomerRow.id.in_(scope.customers)),
    )


def inventory(db: Session, scope: Scope) -> dict[str, int]:
    """How many rows there are of each part; parts without any are left out."""
    found: dict[str, set[Any]] = defaultdict(set)
    for some in _pieces(scope):
        for name, table, condition in parts_of(some):
            found[name].update(db.execute(select(*inspect(table).primary_key).where(condition)))
    return {name: len(keys) for name, keys in found.items() if keys}


def rows_of(db: Session, scope: Scope, *, only: Collection[type[Table]] = ()) -> dict[str, list[Any]]:
    """Every row of each part, or of the parts in these tables; parts without any are left out."""
    found: dict[str, dict[Any, Any]] = defaultdict(dict)
    for some in _pieces(scope):
        for name, table, condition in parts_of(some):
            if only and table not in only:
                continue
            found[name].update((inspect(row).identity, row) for row in db.scalars(select(table).where(condition)))
    return {name: list(rows.values()) for name, rows in found.items() if rows}


def _pieces(scope: Scope) -> Iterator[Scope]:
    """The scope in pieces that one query can name; a row may belong to several."""
    named: dict[str, list[Sequence[str]]] = {
        field.name: list(_some(getattr(scope, field.name))) for field in fields(scope) if field.name != "subjects"
    }
    for at in range(max(map(len, named.values()))):
        some: dict[str, Any] = {name: tuple(pieces[at]) for name, pieces in named.items() if at < len(pieces)}
        yield Scope(**some)


def talks_now(db: Session, scope: Scope) -> bool:
    """Whether a call of theirs goes on."""
    goes_on = CallRow.ended_at.is_(None), CallRow.started_at > datetime.now(UTC) - LIVE
    return not set(scope.calls).isdisjoint(db.scalars(select(CallRow.id).where(*goes_on)))


OF_RECORDING: tuple[Any, ...] = (
    ScoreRow,
    FindingRow,
    AnalysisRow,
    MeaningRow,
    RedactionRow,
    TopicCallRow,
    SentimentSampleRow,
    EvaluationRow,
    CoachingNoteRow,
    AcousticsRow,
    TranscriptRow,
)
"""Tables of what is made of a recording that name it, in the order in which it can be deleted."""
