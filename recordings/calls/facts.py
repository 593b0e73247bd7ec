"""What rules may ask about the call of a recording, loaded for many recordings at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy import select
from sqlalchemy.orm import Session

from recordings.tables import AgentRow, CallRow, CustomerRow, LegRow, QueueVisitRow, RecordingRow
from speech.recognition.words import Speaker

AT_ONCE = 500
"""Recordings a query; SQLite takes some thousand parameters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFacts:
    """Of one recording's call; of an import all but the language is empty."""

    contact_id: str = ""
    """Id of the call; of an import the recording's own."""
    started_at: datetime | None = None
    """Start of the call; of an import the moment it was brought in."""
    language: str = ""
    scenario: str = ""
    outcome: str = ""
    """As ``recordings.contacts.call.Outcome``; empty where the call is not over or there is none."""
    agent: str = ""
    """Endpoint of the person who took it."""
    team: str = ""
    segment: str = ""
    """The customer's, as ``vip``."""
    agent_from: float | None = 0.0
    """Seconds of the recording from which the right channel is a person's; None: the robot's throughout."""
    robot_until: float | None = None
    """Seconds until which the robot held the call; None where it had no part in it."""
    queue: str = ""
    wait_seconds: float | None = None
    """In the line until somebody answered or the caller gave up; None where they did not wait."""
    imported: bool = True


IMPORTED = CallFacts()
"""A file nobody knows anything about: an agent may speak from the start."""


def call_facts(db: Session, recording_ids: Iterable[str]) -> Mapping[str, CallFacts]:
    """Facts by id of the recording, a few queries for every ``AT_ONCE`` of them; unknown ids are left out."""
    facts: dict[str, CallFacts] = {}
    left = iter(recording_ids)
    while some := tuple(islice(left, AT_ONCE)):
        facts.update(_some(db, some))
    return facts


def _some(db: Session, ids: Sequence[str]) -> Iterator[tuple[str, CallFacts]]:
    rows = db.execute(
        select(RecordingRow, CallRow, AgentRow.team, CustomerRow.segment)
        .outerjoin(CallRow, CallRow.id == RecordingRow.call_id)
        .outerjoin(AgentRow, AgentRow.endpoint == CallRow.agent)
        .outerjoin(CustomerRow, CustomerRow.id == CallRow.customer_id)
        .where(RecordingRow.id.in_(ids))
    ).all()
    calls = [call.id for _, call, _, _ in rows if call]
    joined = _agents_joined(db, calls)
    visits = _first_visits(db, calls)
    for recording, call, team, segment in rows:
        if call is None:
            yield (
                recording.id,
                CallFacts(contact_id=recording.id, started_at=recording.created_at, language=recording.language),
            )
            continue
        visit = visits.get(call.id)
        person_from = joined.get(call.id)
        yield (
            recording.id,
            CallFacts(
                contact_id=call.id,
                started_at=call.started_at,
                language=recording.language,
                scenario=call.scenario,
                outcome=call.outcome or "",
                agent=call.agent,
                team=team or "",
                segment=segment or "",
                agent_from=person_from,
                robot_until=recording.duration if person_from is None else min(person_from, recording.duration),
                queue=visit.queue if visit else "",
                wait_seconds=_waited(visit) if visit else None,
                imported=False,
            ),
        )


def _agents_joined(db: Session, calls: Sequence[str]) -> Mapping[str, float]:
    """Call → seconds from the answer at which the first person came."""
    legs = select(LegRow.call_id, LegRow.started).where(LegRow.call_id.in_(calls), LegRow.speaker == Speaker.AGENT)
    # the first one comes last and stays
    return {row.call_id: row.started for row in db.execute(legs.order_by(LegRow.started.desc()))}


def _first_visits(db: Session, calls: Sequence[str]) -> Mapping[str, QueueVisitRow]:
    visits = select(QueueVisitRow).where(QueueVisitRow.call_id.in_(calls)).order_by(QueueVisitRow.joined_at.desc())
    return {visit.call_id: visit for visit in db.scalars(visits)}


def _waited(visit: QueueVisitRow) -> float | None:
    until = visit.answered_at or visit.left_at
    return (until - visit.joined_at).total_seconds() if until else None
