"""The calls of a period as columns of numbers: what every KPI is computed from, read by three queries.

A hundred thousand calls are read and counted in well under two seconds (``bench/kpi.py``), so nothing is stored
ahead and no figure can be out of date.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Float, Select, String, and_, case, cast, func, literal, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from recordings.call import Outcome
from recordings.tables import (
    AgentRow,
    CallRow,
    ChatRow,
    LegRow,
    MeaningRow,
    QueueVisitRow,
    RecordingRow,
    SurveyRow,
    TurnRow,
)
from speech.words import Speaker

Numbers = NDArray[np.float64]
Names = NDArray[np.object_]
Mask = NDArray[np.bool_]

CHUNK = 20_000
"""Rows taken from the database at once."""
AROUND = timedelta(days=1)
"""Queue visits and surveys of a call may lie so far after its start."""
NO_REASON = "unknown"
BY_INTENT = "intent:"
"""Before the last intent of the caller, where no queue visit says why they were handed over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """Calls that have ended, by start: one item of each column a call. Times are seconds of Unix time, NaN: none."""

    id: Names
    at: Numbers
    """Start."""
    outcome: Names
    """As ``Outcome``."""
    language: Names
    scenario: Names
    team: Names
    """Of the agent; empty for a call the robot held alone, or of whom no team is known."""
    agent: Names
    queue: Names
    """The last line they waited in; empty for none."""
    transfer: Names
    """Why the robot handed over: as ``QueueVisitRow.reason``, ``intent:…`` of the caller's last words, ``unknown``;
    empty for a call it did not hand over."""
    reason: Names
    """Intent the call was about, as the newest meaning has it; empty for none."""
    waited: Numbers
    """Seconds in waiting lines; NaN for a call that was in none."""
    answered: Mask
    """Somebody took it out of the line."""
    handling: Numbers
    """Seconds from an agent's joining to the end."""
    robot: Numbers
    """Seconds from the answer to the end of a call no person took part in."""
    asked: Mask
    """The caller was asked for a rating."""
    rating: Numbers
    """1..5."""
    known: Mask
    """Who called is known: the number was not withheld."""
    before: Numbers
    """Seconds since the same customer's contact before, on any channel; NaN where there is none in reach."""
    after: Numbers
    """Seconds to their next one."""

    def __len__(self) -> int:
        return len(self.id)

    def where(self, mask: Mask) -> Self:
        """Only these calls."""
        return replace(self, **{name: getattr(self, name)[mask] for name in self.__dataclass_fields__})


GROUPS = ("language", "scenario", "team", "queue", "reason")
"""Columns that calls can be told apart and filtered by, beside day and hour."""


def read_traffic(db: Session, since: datetime, until: datetime, *, repeat_days: float = 7.0) -> Traffic:
    """Calls that started in [since, until) and have ended; contacts of ``repeat_days`` around them count as repeats."""
    columns: list[list[Any]] = [[] for _ in range(18)]
    for chunk in db.execute(_calls(db, since, until)).partitions(CHUNK):
        for column, values in zip(columns, zip(*chunk, strict=True), strict=True):
            column.extend(values)
    (ids, at, ended, outcome, language, scenario, team, agent, customer, answered_at, joined, queue, waited, taken,
     transfer, rated, asked, reason) = columns  # fmt: skip
    start, end = _numbers(at), _numbers(ended)
    outcomes = _names(outcome)
    with_agent = ~np.isnan(_numbers(joined))
    who = _names(customer)
    before, after = _neighbours(db, ids, start, who, since, until, timedelta(days=repeat_days))
    begun = _numbers(answered_at)
    # legs count from the answer; a call that was never answered has none
    handling = np.where(with_agent, end - (begun + _numbers(joined)), np.nan)
    alone = ~with_agent & ~np.isin(outcomes, [Outcome.HANDED_OVER])
    return Traffic(
        id=_names(ids),
        at=start,
        outcome=outcomes,
        language=_names(language),
        scenario=_names(scenario),
        team=_names(team),
        agent=_names(agent),
        queue=_names(queue),
        transfer=_transfers(db, since, until, ids, outcomes, _names(transfer)),
        reason=_names(reason),
        waited=_numbers(waited),
        answered=_numbers(taken) > 0,
        handling=np.where(handling >= 0, handling, np.nan),
        robot=np.where(alone, end - begun, np.nan),
        asked=_numbers(asked) > 0,
        rating=_numbers(rated),
        known=who != "",
        before=before,
        after=after,
    )


def epoch(db: Session, column: InstrumentedAttribute[Any] | ColumnElement[Any]) -> ColumnElement[float]:
    """Seconds of Unix time of a moment, to the millisecond."""
    if db.get_bind().dialect.name == "postgresql":
        return cast(func.extract("epoch", column), Float)
    return func.round((func.julianday(column, type_=Float) - 2440587.5) * 86400.0, 3, type_=Float)


def customer_key() -> ColumnElement[str]:
    """Who called, as one word: the card, or else the number; empty where it was withheld."""
    return func.coalesce(CallRow.customer_id, CallRow.caller_number, type_=String)


def _calls(db: Session, since: datetime, until: datetime) -> Select[Any]:
    joined = (
        select(LegRow.call_id, func.min(LegRow.started).label("joined"))
        .where(LegRow.speaker == Speaker.AGENT)
        .group_by(LegRow.call_id)
        .subquery()
    )
    left = func.coalesce(QueueVisitRow.answered_at, QueueVisitRow.left_at)
    of_call = QueueVisitRow.call_id
    taken = case((QueueVisitRow.answered_at.is_not(None), 1), else_=0)
    last_first = (QueueVisitRow.joined_at.desc(), QueueVisitRow.id)
    visits = (
        select(
            QueueVisitRow.call_id,
            QueueVisitRow.queue,
            QueueVisitRow.reason,
            func.sum(epoch(db, left) - epoch(db, QueueVisitRow.joined_at)).over(partition_by=of_call).label("waited"),
            func.max(taken).over(partition_by=of_call).label("taken"),
            func.row_number().over(partition_by=of_call, order_by=last_first).label("n"),
        )
        .where(QueueVisitRow.joined_at >= since, QueueVisitRow.joined_at < until + AROUND)
        .subquery()
    )
    surveys = (
        select(SurveyRow.call_id, func.max(SurveyRow.rating).label("rating"), literal(1).label("asked"))
        .where(SurveyRow.call_id.is_not(None), SurveyRow.asked_at >= since, SurveyRow.asked_at < until + AROUND * 7)
        .group_by(SurveyRow.call_id)
        .subquery()
    )
    order = func.row_number().over(
        partition_by=MeaningRow.recording_id, order_by=(MeaningRow.created_at.desc(), MeaningRow.id)
    )
    newest = select(MeaningRow.recording_id, MeaningRow.reason, order.label("n")).subquery()
    columns: tuple[Any, ...] = (
        CallRow.id,
        epoch(db, CallRow.started_at),
        epoch(db, CallRow.ended_at),
        func.coalesce(CallRow.outcome, ""),
        CallRow.language,
        CallRow.scenario,
        func.coalesce(AgentRow.team, ""),
        CallRow.agent,
        customer_key(),
        epoch(db, CallRow.answered_at),
        joined.c.joined,
        func.coalesce(visits.c.queue, ""),
        visits.c.waited,
        visits.c.taken,
        func.coalesce(visits.c.reason, ""),
        surveys.c.rating,
        surveys.c.asked,
        func.coalesce(newest.c.reason, ""),
    )
    return (
        select(*columns)
        .select_from(CallRow)
        .outerjoin(AgentRow, AgentRow.endpoint == CallRow.agent)
        .outerjoin(joined, joined.c.call_id == CallRow.id)
        .outerjoin(visits, and_(visits.c.call_id == CallRow.id, visits.c.n == 1))
        .outerjoin(surveys, surveys.c.call_id == CallRow.id)
        .outerjoin(RecordingRow, RecordingRow.call_id == CallRow.id)
        .outerjoin(newest, and_(newest.c.recording_id == RecordingRow.id, newest.c.n == 1))
        .where(CallRow.started_at >= since, CallRow.started_at < until, CallRow.ended_at.is_not(None))
        .order_by(CallRow.started_at, CallRow.id)
    )


def _neighbours(
    db: Session, ids: list[str], start: Numbers, who: Names, since: datetime, until: datetime, reach: timedelta
) -> tuple[Numbers, Numbers]:
    """Seconds to the same customer's contact before and after each call, over calls and chats within ``reach``."""
    counted = set(ids)
    calls = select(CallRow.id, customer_key(), epoch(db, CallRow.started_at)).where(
        CallRow.started_at >= since - reach, CallRow.started_at < until + reach
    )
    chats = select(ChatRow.id, ChatRow.customer_id, epoch(db, ChatRow.started_at)).where(
        ChatRow.started_at >= since - reach, ChatRow.started_at < until + reach, ChatRow.customer_id.is_not(None)
    )
    others: list[Any] = []
    chunks: Iterator[Sequence[Any]] = db.execute(union_all(calls, chats)).partitions(CHUNK)
    for chunk in chunks:
        others += [row for row in chunk if row[0] not in counted]
    people = np.concatenate([who, _names([row[1] for row in others])])
    at = np.concatenate([start, _numbers([row[2] for row in others])])
    numbers: dict[str, int] = {}
    codes = np.fromiter((numbers.setdefault(name, len(numbers)) for name in people), np.int64, len(people))
    by_time = np.lexsort((at, codes))
    gaps, same = np.diff(at[by_time]), np.diff(codes[by_time]) == 0
    gaps = np.where(same & (people[by_time][1:] != "") & (gaps <= reach.total_seconds()), gaps, np.nan)
    before, after = np.full(len(at), np.nan), np.full(len(at), np.nan)
    before[by_time[1:]] = gaps
    after[by_time[:-1]] = gaps
    return before[: len(ids)], after[: len(ids)]


def _transfers(db: Session, since: datetime, until: datetime, ids: list[str], outcomes: Names, reasons: Names) -> Names:
    """Why each handed-over call was: the queue visit says it, else the last thing the caller asked for."""
    handed = np.isin(outcomes, [Outcome.HANDED_OVER, Outcome.CALLBACK]) | (reasons != "")
    silent = handed & (reasons == "")
    if not silent.any():
        return np.where(handed, reasons, "")
    last = (
        select(TurnRow.call_id, func.max(TurnRow.number).label("number"))
        .join(CallRow, CallRow.id == TurnRow.call_id)
        .where(CallRow.started_at >= since, CallRow.started_at < until, TurnRow.speaker == Speaker.CALLER)
        .where(TurnRow.intent != "", CallRow.outcome.in_([Outcome.HANDED_OVER, Outcome.CALLBACK]))
        .group_by(TurnRow.call_id)
        .subquery()
    )
    found = select(TurnRow.call_id, TurnRow.intent).join(
        last, and_(last.c.call_id == TurnRow.call_id, last.c.number == TurnRow.number)
    )
    intents = {call: BY_INTENT + intent for call, intent in db.execute(found)}
    told = _names([intents.get(call, NO_REASON) if quiet else "" for call, quiet in zip(ids, silent, strict=True)])
    return np.where(silent, told, np.where(handed, reasons, ""))


def _numbers(values: list[Any]) -> Numbers:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _names(values: list[Any]) -> Names:
    found = np.empty(len(values), dtype=np.object_)
    found[:] = ["" if value is None else value for value in values]
    return found
