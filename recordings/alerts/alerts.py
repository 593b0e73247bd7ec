"""Alerts that were raised, the versions of their rules, and their way to mailboxes and programs.

A sender *takes* a delivery (``recordings.leases``) and settles it or puts it off. One that dies leaves it to the next:
the receiver may get it twice, under one id.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Engine, func, not_, or_, select, update
from sqlalchemy.orm import Session

from recordings import leases
from recordings.calls.call_log import request_callback
from recordings.contacts.call import Callback
from recordings.database import alone, insert_once, transaction
from recordings.redaction.wordless import refused
from recordings.results.finding import Evidence
from recordings.tables import AlertRow, AlertRulesRow, CallRow, CustomerRow, DeliveryRow, RecordingRow

BACK_OFF = leases.BackOff(first=15, longest=3600, keep_trying=3 * 24 * 3600)
"""A receiver that is away for a day, or for a long week-end, gets everything when it comes back."""
MAIL = "mail"
RECEIVER_END = re.compile(r"[/?#]")
LOG_LINES = 20
"""Newest tries that are kept."""
SWITCH_LOCK = 0x616C7274
"""Key of the advisory lock in PostgreSQL under which one version takes over from another."""


class AlertState(StrEnum):
    NEW = "new"
    SEEN = "seen"
    """Somebody takes care of it."""
    DONE = "done"


class DeliveryState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    GIVEN_UP = "given_up"


_LEASED = leases.Leased(
    table=DeliveryRow,
    key=DeliveryRow.id,
    holder=DeliveryRow.attempts,
    unsettled=DeliveryRow.state == DeliveryState.WAITING,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A rule that fired for a contact; once, however often it holds."""

    id: str = field(default_factory=lambda: str(uuid4()))
    rule: str
    contact_id: str
    """Call, or recording without a call."""
    recording_id: str | None = None
    state: AlertState = AlertState.NEW
    evidence: Evidence | None = None
    """Seconds that prove it; None where it is about no sound."""
    at: datetime
    seen_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """Whose contact an alert is about."""

    name: str = ""
    phone: str = ""
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One alert on its way to one receiver."""

    id: str
    alert_id: str
    channel: str
    """mail | webhook"""
    target: str
    body: Mapping[str, Any]
    state: DeliveryState
    attempts: int
    due_at: datetime
    log: Sequence[Mapping[str, str]]
    """``at`` and ``what`` of the newest tries."""
    created_at: datetime


def raise_once(
    db: Session,
    alert: Alert,
    *,
    deliveries: Sequence[tuple[str, str]] = (),
    body: Mapping[str, Any],
    callback: Callback | None = None,
) -> bool:
    """Keep an alert with its deliveries and its call-back, all or nothing; False when it was raised before.

    Args:
        db: An open transaction.
        alert: Its rule and contact make it one.
        deliveries: Channel and target of each.
        body: What they tell.
        callback: Somebody shall ring the caller.
    """
    evidence = alert.evidence
    if evidence and refused(db, alert.contact_id):  # a moment ago
        evidence, body = replace(evidence, quote=""), {**body, "quote": ""}
    row = {
        "id": alert.id,
        "rule": alert.rule,
        "contact_id": alert.contact_id,
        "recording_id": alert.recording_id,
        "state": alert.state,
        "start": evidence.start if evidence else None,
        "end": evidence.end if evidence else None,
        "quote": evidence.quote if evidence else "",
        "at": alert.at,
    }
    if not insert_once(db, AlertRow, row):
        return False
    for channel, target in deliveries:
        delivery = {"id": str(uuid4()), "alert_id": alert.id, "channel": channel, "target": target, "body": dict(body)}
        db.add(DeliveryRow(**delivery, state=DeliveryState.WAITING, due_at=alert.at, created_at=alert.at))
    if callback:
        request_callback(db, callback)
    return True


def is_raised(db: Session, rule: str, contact_id: str) -> bool:
    found = select(AlertRow.id).where(AlertRow.rule == rule, AlertRow.contact_id == contact_id)
    return db.scalar(found) is not None


def list_alerts(db: Session, *, state: str = "", rule: str = "", offset: int = 0, limit: int = 50) -> list[Alert]:
    """The newest first."""
    return [alert_of(row) for row in db.scalars(_chosen(state, rule).offset(offset).limit(limit))]


def count_alerts(db: Session, *, state: str = "", rule: str = "") -> int:
    return db.scalar(select(func.count()).select_from(_chosen(state, rule).order_by(None).subquery())) or 0


def mark_alert(db: Session, alert_id: str, state: AlertState, *, by: str) -> bool:
    """Say how far a person has come with it; False when there is no such alert."""
    row = db.get(AlertRow, alert_id)
    if row is None:
        return False
    row.state, row.seen_by = state, by
    return True


def about(db: Session, contact_ids: Sequence[str]) -> dict[str, About]:
    """Contact → whose it is."""
    calls = (
        select(CallRow.id, func.coalesce(CustomerRow.name, ""), CallRow.caller_number, CallRow.language)
        .outerjoin(CustomerRow, CustomerRow.id == CallRow.customer_id)
        .where(CallRow.id.in_(contact_ids))
    )
    imports = select(RecordingRow.id, RecordingRow.language).where(RecordingRow.id.in_(contact_ids))
    found = {id_: About(language=language) for id_, language in db.execute(imports)}
    known = db.execute(calls)
    return found | {id_: About(name=name, phone=phone, language=language) for id_, name, phone, language in known}


def deliveries_of(db: Session, alert_ids: Sequence[str]) -> dict[str, list[Delivery]]:
    """Alert → its deliveries, by time."""
    found: dict[str, list[Delivery]] = {}
    rows = select(DeliveryRow).where(DeliveryRow.alert_id.in_(alert_ids)).order_by(DeliveryRow.created_at)
    for row in db.scalars(rows):
        found.setdefault(row.alert_id, []).append(_delivery_of(row))
    return found


def receiver_of(channel: str, target: str) -> str:
    """Who is waited for when a delivery is sent: the mail server, or the host of a webhook: ``https://host:port``."""
    if channel == MAIL:
        return MAIL
    scheme, _, rest = target.partition("://")
    return f"{scheme}://{RECEIVER_END.split(rest, maxsplit=1)[0]}"


def take_due(
    engine: Engine, *, limit: int, lease: float, now: datetime, but_to: Collection[str] = ()
) -> list[Delivery]:
    """At most ``limit`` deliveries that are due, oldest first; for ``lease`` seconds they are the taker's alone.

    ``but_to``: receivers, as ``receiver_of`` names them, that are to be left alone.
    """
    others = [_is_other(receiver) for receiver in but_to]
    with transaction(engine) as db:
        taken = leases.take_due(db, _LEASED, limit=limit, seconds=lease, now=now, where=others)
        return sorted(map(_delivery_of, taken), key=lambda one: one.created_at)


def settle(engine: Engine, delivery: Delivery, state: DeliveryState, *, what: str, now: datetime) -> None:
    """It arrived, or never will."""
    _change(engine, delivery, what, now, state=state, settled_at=now)


def put_off(engine: Engine, delivery: Delivery, *, what: str, now: datetime) -> DeliveryState:
    """It did not arrive: due again, each time later; after ``BACK_OFF.keep_trying`` it is given up."""
    if BACK_OFF.is_over(age=(now - delivery.created_at).total_seconds()):
        settle(engine, delivery, DeliveryState.GIVEN_UP, what=f"given up: {what}", now=now)
        return DeliveryState.GIVEN_UP
    _change(engine, delivery, what, now, due_at=leases.after(BACK_OFF.wait(delivery.attempts), now))
    return DeliveryState.WAITING


def release(engine: Engine, deliveries: Sequence[Delivery], *, due_at: datetime) -> None:
    """Give back what was taken and not tried."""
    with transaction(engine) as db:
        for one in deliveries:
            leases.settle(db, _LEASED, one.id, holder=one.attempts, due_at=due_at, attempts=one.attempts - 1)


def send_again(db: Session, delivery_id: str, now: datetime) -> bool:
    """A person wants one that was given up tried again; False when it was not given up."""
    row = db.get(DeliveryRow, delivery_id)
    if row is None or row.state != DeliveryState.GIVEN_UP:
        return False
    row.state, row.due_at, row.created_at, row.settled_at = DeliveryState.WAITING, now, now, None
    return True


def save_alert_rules(db: Session, version: str, body: str, *, by: str) -> None:
    """Put a version in force; an old one, too, whose text it is."""
    alone(db, SWITCH_LOCK)
    now = datetime.now(UTC)
    row = {"version": version, "text": body, "state": "retired", "created_at": now, "created_by": by}
    insert_once(db, AlertRulesRow, row)
    db.execute(update(AlertRulesRow).values(state="retired"))
    db.execute(update(AlertRulesRow).where(AlertRulesRow.version == version).values(state="running"))


def running_alert_rules(db: Session) -> tuple[str, str] | None:
    """Version and text in force; None before the first start."""
    row = db.scalar(select(AlertRulesRow).where(AlertRulesRow.state == "running"))
    return (row.version, row.text) if row else None


def alert_of(row: AlertRow) -> Alert:
    proven = row.start is not None and row.end is not None
    return Alert(
        id=row.id,
        rule=row.rule,
        contact_id=row.contact_id,
        recording_id=row.recording_id,
        state=AlertState(row.state),
        evidence=Evidence(start=row.start or 0.0, end=row.end or 0.0, quote=row.quote) if proven else None,
        at=row.at,
        seen_by=row.seen_by,
    )


def _is_other(receiver: str) -> ColumnElement[bool]:
    if receiver == MAIL:
        return DeliveryRow.channel != MAIL
    below = (DeliveryRow.target.startswith(f"{receiver}{end}", autoescape=True) for end in "/?#")
    return not_(or_(DeliveryRow.target == receiver, *below))


def _chosen(state: str, rule: str) -> Any:
    chosen = select(AlertRow).order_by(AlertRow.at.desc(), AlertRow.id)
    if state:
        chosen = chosen.where(AlertRow.state == state)
    return chosen.where(AlertRow.rule == rule) if rule else chosen


def _change(engine: Engine, delivery: Delivery, what: str, now: datetime, **values: Any) -> None:
    """Change the row while it is still the taker's, and note the try."""
    log = [*delivery.log, {"at": now.isoformat(timespec="seconds"), "what": what[:500]}][-LOG_LINES:]
    with transaction(engine) as db:
        leases.settle(db, _LEASED, delivery.id, holder=delivery.attempts, log=log, **values)


def _delivery_of(row: DeliveryRow) -> Delivery:
    return Delivery(
        id=row.id,
        alert_id=row.alert_id,
        channel=row.channel,
        target=row.target,
        body=row.body,
        state=DeliveryState(row.state),
        attempts=row.attempts,
        due_at=row.due_at,
        log=row.log,
        created_at=row.created_at,
    )
