"""What alerts look at beside recordings: calls that go on, and ratings that have just been given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from recordings.calls.facts import CallFacts
from recordings.contacts.call import Turn
from recordings.rows import turn_of
from recordings.tables import AgentRow, CallRow, CustomerRow, LegRow, SurveyRow, TurnRow
from speech.recognition.words import Speaker

LONGEST_CALL = timedelta(hours=6)
"""A call that began earlier and has no end was lost, it does not go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveCall:
    """A call and what is known of it now."""

    facts: CallFacts
    turns: tuple[Turn, ...] = ()
    """As far as they are told."""
    lasts: float = 0.0
    """Seconds since the answer."""
    with_person: bool = False
    """Somebody has taken it: the robot hears no more."""
    phone: str = ""
    rating: int | None = None


def live_calls(db: Session, now: datetime) -> list[LiveCall]:
    """Answered calls that have not ended, of callers who may be listened to."""
    going = (CallRow.ended_at.is_(None), CallRow.answered_at.is_not(None), CallRow.consent.is_(True))
    rows = _calls(db, *going, CallRow.started_at > now - LONGEST_CALL)
    ids = [call.id for call, _ in rows]
    turns: dict[str, list[Turn]] = {}
    for row in db.scalars(select(TurnRow).where(TurnRow.call_id.in_(ids)).order_by(TurnRow.number)):
        turns.setdefault(row.call_id, []).append(turn_of(row))
    agents = select(LegRow.call_id).where(LegRow.call_id.in_(ids), LegRow.speaker == Speaker.AGENT)
    taken = set(db.scalars(agents))
    return [
        LiveCall(
            facts=facts,
            turns=tuple(turns.get(call.id, ())),
            lasts=(now - call.answered_at).total_seconds() if call.answered_at else 0.0,
            with_person=call.id in taken,
            phone=call.caller_number,
        )
        for call, facts in rows
    ]


def rated_calls(db: Session, *, since: datetime) -> list[LiveCall]:
    """Calls whose caller has given a rating since then."""
    given = (SurveyRow.answered_at >= since, SurveyRow.rating.is_not(None), SurveyRow.call_id.is_not(None))
    ratings = {row.call_id: row.rating for row in db.scalars(select(SurveyRow).where(*given))}
    rows = _calls(db, CallRow.id.in_([call for call in ratings if call]))
    return [LiveCall(facts=facts, phone=call.caller_number, rating=ratings[call.id]) for call, facts in rows]


def phone_of(db: Session, call_id: str) -> str:
    """Number of a call's caller; empty where it is withheld or there is no such call."""
    return db.scalar(select(CallRow.caller_number).where(CallRow.id == call_id)) or ""


def _calls(db: Session, *wanted: object) -> Sequence[tuple[CallRow, CallFacts]]:
    found = (
        select(CallRow, CustomerRow.segment, AgentRow.team)
        .outerjoin(CustomerRow, CustomerRow.id == CallRow.customer_id)
        .outerjoin(AgentRow, AgentRow.endpoint == CallRow.agent)
        .where(*wanted)  # type: ignore[arg-type]
    )
    return [
        (
            call,
            CallFacts(
                contact_id=call.id,
                started_at=call.started_at,
                language=call.language,
                scenario=call.scenario,
                outcome=call.outcome or "",
                agent=call.agent,
                team=team or "",
                segment=segment or "",
                imported=False,
            ),
        )
        for call, segment, team in db.execute(found)
    ]
