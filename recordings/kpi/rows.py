"""The calls of a period as columns of numbers: what every KPI is computed from, read by a few queries.

A hundred thousand calls are read and counted while one waits (``bench/kpi.py``), so nothing is stored ahead and no
figure can be out of date.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    ColumnElement,
    Executable,
    Float,
    Select,
    String,
    and_,
    cast,
    func,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from recordings.contacts.call import Outcome
from recordings.selection import shown_meaning_id
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
from speech.recognition.words import Speaker

Numbers = NDArray[np.float64]
Names = NDArray[np.object_]
Mask = NDArray[np.bool_]

OUTCOMES = tuple(outcome.value for outcome in Outcome)
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
    outcome: NDArray[np.int64]
    """Place in ``OUTCOMES``, which is quicker to compare; -1 for none of them."""
    language: Names
    scenario: Names
    team: Names
    """Team of the agent; empty for a call the robot held alone, or of whom no team is known."""
    agent: Names
    queue: Names
    """The last line they waited in; empty for none."""
    transfer: Names
    """Why the robot handed over: as ``QueueVisitRow.reason``, ``intent:…`` of the caller's last words, ``unknown``;
    empty for a call it did not hand over."""
    reason: Names
    """Intent the call was about, as the shown meaning has it; empty for none."""
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

    def where(self, mask: Mask | NDArray[np.int64]) -> Self:
        """Only these calls: of a mask, or by number in this order."""
        return replace(self, **{name: getattr(self, name)[mask] for name in self.__dataclass_fields__})


GROUPS = ("language", "scenario", "team", "queue", "reason")
"""Columns that calls can be told apart and filtered by, beside day and hour."""


def join(parts: Sequence[Traffic]) -> Traffic:
    """The calls of all of them, one after the other; of at least one."""
    columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in Traffic.__dataclass_fields__}
    return Traffic(**columns)


def read_traffic(db: Session, since: datetime, until: datetime, *, repeat_days: float | None = 7.0) -> Traffic:
    """Calls that started in [since, until) and have ended.

    Contacts of ``repeat_days`` around them are looked through for the same customer's; None: nobody asks for repeats.
    """
    columns: list[list[Any]] = [[] for _ in range(12)]
    for chunk in db.connection().execute(_calls(db, since, until)).partitions(CHUNK):
        for column, values in zip(columns, zip(*chunk, strict=True), strict=True):
            column.extend(values)
    ids, at, ended, begun, outcome, language, scenario, team, agent, customer, joined, reason = columns
    places = {name: place for place, name in enumerate(ids)}
    start, end, answer, who = _seconds(at), _seconds(ended), _seconds(begun), _names(customer)
    codes = {name: code for code, name in enumerate(OUTCOMES)}
    outcomes = np.fromiter((codes.get(name, -1) for name in outcome), np.int64, len(outcome))
    before, after = np.full(len(ids), np.nan), np.full(len(ids), np.nan)
    if repeat_days is not None:
        before, after = _neighbours(db, start, who, since, until, timedelta(days=repeat_days))
    with_agent = ~np.isnan(_numbers(joined))
    handling = end - (answer + _numbers(joined))  # legs count from the answer
    alone = ~with_agent & ~with_outcome(outcomes, Outcome.HANDED_OVER)
    queue, waited, answered, transfer = _visits(db, since, until, places)
    asked, rating = _ratings(db, since, until, places)
    return Traffic(
        id=_names(ids),
        at=start,
        outcome=outcomes,
        language=_names(language),
        scenario=_names(scenario),
        team=_names(team),
        agent=_names(agent),
        queue=queue,
        transfer=_transfers(db, since, until, ids, outcomes, transfer),
        reason=_names(reason),
        waited=waited,
        answered=answered,
        handling=np.where(handling >= 0, handling, np.nan),
        robot=np.where(alone, end - answer, np.nan),
        asked=asked,
        rating=rating,
        known=np.asarray(who != "", dtype=np.bool_),
        before=before,
        after=after,
    )


def with_outcome(codes: NDArray[np.int64], *outcomes: Outcome) -> Mask:
    """Which of the calls ended so; ``codes`` as ``Traffic.outcome``."""
    mask = np.zeros(len(codes), dtype=np.bool_)
    for outcome in outcomes:
        mask |= codes == OUTCOMES.index(outcome)
    return mask


def moment(db: Session, column: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    """A time as it is read quickest, for ``_seconds``: seconds of Unix time, of SQLite the text it stores."""
    if db.get_bind().dialect.name == "postgresql":
        return cast(func.extract("epoch", column), Float)
    return type_coerce(column, String)


def customer_key() -> ColumnElement[str]:
    """Who called, as one word: the card, or else the number; empty where it was withheld."""
    return func.coalesce(CallRow.customer_id, CallRow.caller_number, type_=String)


def _calls(db: Session, since: datetime, until: datetime) -> Select[Any]:
    joined = (
        select(func.min(LegRow.started))
        .where(LegRow.call_id == CallRow.id, LegRow.speaker == Speaker.AGENT)
        .correlate(CallRow)
        .scalar_subquery()
    )
    columns: tuple[Any, ...] = (
        CallRow.id,
        moment(db, CallRow.started_at),
        moment(db, CallRow.ended_at),
        moment(db, CallRow.answered_at),
        CallRow.outcome,
        CallRow.language,
        CallRow.scenario,
        func.coalesce(AgentRow.team, ""),
        CallRow.agent,
        customer_key(),
        joined,
        func.coalesce(MeaningRow.reason, ""),
    )
    return (
        select(*columns)
        .select_from(CallRow)
        .outerjoin(AgentRow, AgentRow.endpoint == CallRow.agent)
        .outerjoin(RecordingRow, RecordingRow.call_id == CallRow.id)
        .outerjoin(MeaningRow, MeaningRow.id == shown_meaning_id(RecordingRow.id))
        .where(CallRow.started_at >= since, CallRow.started_at < until, CallRow.ended_at.is_not(None))
        .order_by(CallRow.started_at, CallRow.id)
    )


def _visits(
    db: Session, since: datetime, until: datetime, places: dict[str, int]
) -> tuple[Names, Numbers, Mask, Names]:
    """Of each call: the last line it was in, seconds in all of them, whether it was answered, why it went there."""
    queue, reason, waited = [""] * len(places), [""] * len(places), [0.0] * len(places)
    visited, answered = [False] * len(places), [False] * len(places)
    rows = _rows(
        db,
        select(
            QueueVisitRow.call_id,
            QueueVisitRow.queue,
            QueueVisitRow.reason,
            moment(db, QueueVisitRow.joined_at),
            moment(db, QueueVisitRow.answered_at),
            moment(db, QueueVisitRow.left_at),
        )
        .where(QueueVisitRow.joined_at >= since, QueueVisitRow.joined_at < until + AROUND)
        .order_by(QueueVisitRow.joined_at, QueueVisitRow.id),
    )
    taken = _seconds([row[4] for row in rows])
    left = np.where(np.isnan(taken), _seconds([row[5] for row in rows]), taken)
    seconds = (left - _seconds([row[3] for row in rows])).tolist()
    for (call, name, why, _, answer, _), waiting in zip(rows, seconds, strict=True):
        if (place := places.get(call)) is not None:
            queue[place], reason[place], visited[place] = name, why, True
            waited[place] += waiting
            answered[place] = answered[place] or answer is not None
    return (
        _names(queue),
        np.where(visited, waited, np.nan),
        np.array(answered, dtype=np.bool_),
        _names(reason),
    )


def _ratings(db: Session, since: datetime, until: datetime, places: dict[str, int]) -> tuple[Mask, Numbers]:
    """Who was asked, and the rating; of several the last."""
    asked, rating = [False] * len(places), [None] * len(places)
    near = SurveyRow.asked_at >= since, SurveyRow.asked_at < until + AROUND * 7
    for call, given in _rows(db, select(SurveyRow.call_id, SurveyRow.rating).where(*near).order_by(SurveyRow.asked_at)):
        if (place := places.get(call)) is not None:
            asked[place] = True
            rating[place] = rating[place] if given is None else given
    return np.array(asked, dtype=np.bool_), _numbers(rating)


def _neighbours(
    db: Session, start: Numbers, who: Names, since: datetime, until: datetime, reach: timedelta
) -> tuple[Numbers, Numbers]:
    """Seconds to the same customer's contact before and after each call, over calls and chats within ``reach``."""
    near = (CallRow.started_at >= since - reach, CallRow.started_at < until + reach)
    not_counted = or_(CallRow.started_at < since, CallRow.started_at >= until, CallRow.ended_at.is_(None))
    calls = select(customer_key(), moment(db, CallRow.started_at)).where(*near, not_counted)
    chats = select(ChatRow.customer_id, moment(db, ChatRow.started_at)).where(
        ChatRow.started_at >= since - reach, ChatRow.started_at < until + reach, ChatRow.customer_id.is_not(None)
    )
    others = _rows(db, union_all(calls, chats))
    people = np.concatenate([who, _names([row[0] for row in others])])
    at = np.concatenate([start, _seconds([row[1] for row in others])])
    numbers: dict[str, int] = {}
    codes = np.fromiter((numbers.setdefault(name, len(numbers)) for name in people), np.int64, len(people))
    by_time = np.lexsort((at, codes))
    gaps, same = np.diff(at[by_time]), np.diff(codes[by_time]) == 0
    gaps = np.where(same & (people[by_time][1:] != "") & (gaps <= reach.total_seconds()), gaps, np.nan)
    before, after = np.full(len(at), np.nan), np.full(len(at), np.nan)
    before[by_time[1:]] = gaps
    after[by_time[:-1]] = gaps
    return before[: len(start)], after[: len(start)]


def _transfers(
    db: Session, since: datetime, until: datetime, ids: list[str], outcomes: NDArray[np.int64], reasons: Names
) -> Names:
    """Why each handed-over call was: the queue visit says it, else the last thing the caller asked for."""
    handed = with_outcome(outcomes, Outcome.HANDED_OVER, Outcome.CALLBACK) | (reasons != "")
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
    intents = {call: BY_INTENT + intent for call, intent in db.connection().execute(found)}
    told = _names([intents.get(call, NO_REASON) if quiet else "" for call, quiet in zip(ids, silent, strict=True)])
    return np.where(silent, told, np.where(handed, reasons, ""))


def _rows(db: Session, wanted: Executable) -> list[Any]:
    """All rows, without the cost of mapped objects."""
    return list(db.connection().execute(wanted).all())


def _seconds(values: list[Any]) -> Numbers:
    """Seconds of Unix time of what ``moment`` read; NaN for None."""
    if not any(isinstance(value, str) for value in values):
        return _numbers(values)
    moments = np.array(values, dtype="datetime64[us]")
    return np.where(np.isnat(moments), np.nan, moments.astype(np.int64) / 1e6)


def _numbers(values: list[Any]) -> Numbers:
    return np.array(values, dtype=np.float64)  # None becomes NaN


def _names(values: list[Any]) -> Names:
    found = np.empty(len(values), dtype=np.object_)
    found[:] = values
    return found
