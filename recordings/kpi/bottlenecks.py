"""Where in the robot's scenarios and in waiting lines people give up, have to repeat themselves or ask for a person.

Counted from the live turns of ended calls, from the messages of ended chats and from ``queue_visits``. A visit is one
contact in one node, however often it came back there. ``TROUBLES`` says what is counted of a visit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, case, distinct, func, literal, null, select, union_all
from sqlalchemy.orm import Session

from recordings.contacts.call import Outcome
from recordings.learning.samples import PERSON, UNCLEAR
from recordings.redaction.redacted import hide
from recordings.tables import CallRow, ChatRow, MessageRow, QueueVisitRow, TurnRow
from speech.recognition.words import Speaker

TROUBLES = ("left", "again", "person", "unclear", "failed")
"""Troubles of a visit: the caller gave the contact up here; the robot spoke twice in a row, as when it asks again;
the caller asked for a person; the robot made nothing of what was said; something of ours broke here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Contacts that began at ``since`` or later and before ``until``."""

    since: datetime
    until: datetime
    language: str = ""
    """Empty: of all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """One node of a scenario."""

    scenario: str
    node: str
    visits: int
    troubles: dict[str, int]
    """Visits with each of ``TROUBLES``."""

    def share(self, trouble: str) -> float:
        """0..1 of the visits."""
        return self.troubles[trouble] / self.visits


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingLineFigures:
    """One waiting line."""

    queue: str
    visits: int
    left: int
    """Ended without an answer."""
    patience: float | None
    """Median seconds after which those left; None where nobody did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedContact:
    """A contact that a figure counts."""

    contact: str
    kind: str
    """call | chat"""
    at: datetime
    second: float | None
    """Start of the turn, from the answer; None in a chat and in a waiting line."""
    text: str
    """Words said there, private parts put out; of a waiting line, the seconds waited."""


def spots(db: Session, period: Period) -> list[Spot]:
    """Nodes of all scenarios, those where most visits are given up first."""
    steps = _steps(period)
    counts = [func.count(distinct(case((steps.c[trouble] == 1, steps.c.contact)))) for trouble in TROUBLES]
    visits = func.count(distinct(steps.c.contact))
    rows = db.execute(
        select(steps.c.scenario, steps.c.node, visits, *counts).group_by(steps.c.scenario, steps.c.node)
    ).all()
    found = [
        Spot(scenario=row[0], node=row[1], visits=row[2], troubles=dict(zip(TROUBLES, row[3:], strict=True)))
        for row in rows
    ]
    return sorted(
        found, key=lambda spot: (-spot.troubles["left"], -sum(spot.troubles.values()), spot.scenario, spot.node)
    )


def proofs(
    db: Session, period: Period, *, scenario: str, node: str, trouble: str, limit: int = 200
) -> list[CountedContact]:
    """Contacts behind a figure of a node, newest first, each at the turn that shows it.

    Raises:
        ValueError: no such trouble.
    """
    if trouble not in TROUBLES:
        raise ValueError(f"want one of {', '.join(TROUBLES)}, got {trouble!r}")
    steps = _steps(period)
    rows = db.execute(
        select(steps)
        .where(steps.c.scenario == scenario, steps.c.node == node, steps.c[trouble] == 1)
        .order_by(steps.c.at.desc(), steps.c.contact, steps.c.number)
        .limit(2 * limit)
    )
    found: dict[str, CountedContact] = {}
    for row in rows:
        said = hide(row.text, row.language)
        proof = CountedContact(contact=row.contact, kind=row.kind, at=row.at, second=row.second, text=said)
        found.setdefault(row.contact, proof)
    return list(found.values())[:limit]


def lines(db: Session, period: Period) -> list[WaitingLineFigures]:
    """Waiting lines, those that most left first."""
    rows = db.execute(_line_visits(period)).all()
    queues: dict[str, list[Any]] = {}
    for row in rows:
        queues.setdefault(row.queue, []).append(row)
    found = [_line(queue, visits) for queue, visits in queues.items()]
    return sorted(found, key=lambda line: (-line.left, line.queue))


def line_proofs(db: Session, period: Period, queue: str, *, limit: int = 200) -> list[CountedContact]:
    """Calls that left a waiting line unanswered, newest first."""
    gave_up = and_(QueueVisitRow.answered_at.is_(None), QueueVisitRow.left_at.is_not(None))
    wanted = _line_visits(period).where(QueueVisitRow.queue == queue, gave_up)
    rows = db.execute(wanted.order_by(QueueVisitRow.joined_at.desc(), QueueVisitRow.id).limit(limit))
    return [
        CountedContact(
            contact=row.call_id,
            kind="call",
            at=row.joined_at,
            second=None,
            text=f"{(row.left_at - row.joined_at).total_seconds():.0f}",
        )
        for row in rows
    ]


def _line(queue: str, visits: Sequence[Any]) -> WaitingLineFigures:
    waits = [(row.left_at - row.joined_at).total_seconds() for row in visits if row.left_at and row.answered_at is None]
    return WaitingLineFigures(
        queue=queue, visits=len(visits), left=len(waits), patience=median(waits) if waits else None
    )


def _line_visits(period: Period) -> Any:
    began = (QueueVisitRow.joined_at >= period.since, QueueVisitRow.joined_at < period.until)
    wanted = select(
        QueueVisitRow.queue,
        QueueVisitRow.call_id,
        QueueVisitRow.joined_at,
        QueueVisitRow.answered_at,
        QueueVisitRow.left_at,
    ).where(*began)
    if period.language:
        wanted = wanted.join(CallRow, CallRow.id == QueueVisitRow.call_id).where(CallRow.language == period.language)
    return wanted


def _steps(period: Period) -> Subquery:
    """Turns and messages of ended contacts in the period, each with a 1 for what it shows."""
    call = (
        select(
            TurnRow.call_id.label("contact"),
            literal("call").label("kind"),
            CallRow.scenario,
            CallRow.language,
            CallRow.started_at.label("at"),
            TurnRow.number,
            TurnRow.node,
            TurnRow.start.label("second"),
            TurnRow.text,
            *_shown(TurnRow.call_id, TurnRow.number, TurnRow.node, TurnRow.speaker, TurnRow.intent, CallRow.outcome),
        )
        .join(CallRow, CallRow.id == TurnRow.call_id)
        .where(CallRow.ended_at.is_not(None), TurnRow.node != "")
        .where(CallRow.started_at >= period.since, CallRow.started_at < period.until)
    )
    chat = (
        select(
            MessageRow.chat_id.label("contact"),
            literal("chat").label("kind"),
            ChatRow.scenario,
            ChatRow.language,
            ChatRow.started_at.label("at"),
            MessageRow.number,
            MessageRow.node,
            null().label("second"),
            MessageRow.text,
            *_shown(
                MessageRow.chat_id,
                MessageRow.number,
                MessageRow.node,
                MessageRow.speaker,
                MessageRow.intent,
                ChatRow.outcome,
            ),
        )
        .join(ChatRow, ChatRow.id == MessageRow.chat_id)
        .where(ChatRow.ended_at.is_not(None), MessageRow.node != "")
        .where(ChatRow.started_at >= period.since, ChatRow.started_at < period.until)
    )
    if period.language:
        call = call.where(CallRow.language == period.language)
        chat = chat.where(ChatRow.language == period.language)
    return union_all(call, chat).subquery()


def _shown(
    contact: Any, number: Any, node: Any, speaker: Any, intent: Any, outcome: Any
) -> tuple[ColumnElement[int], ...]:
    """A column a trouble, in the order of ``TROUBLES``."""
    last = func.row_number().over(partition_by=contact, order_by=number.desc()) == 1
    before = func.lag(node).over(partition_by=contact, order_by=number)
    holds = {
        "left": and_(last, outcome == Outcome.ABANDONED),
        "again": and_(speaker == Speaker.ROBOT, before == node),
        "person": and_(speaker == Speaker.CALLER, intent == PERSON),
        "unclear": and_(speaker == Speaker.CALLER, intent == UNCLEAR),
        "failed": and_(last, outcome == Outcome.FAILED),
    }
    return tuple(case((holds[trouble], 1), else_=0).label(trouble) for trouble in TROUBLES)
