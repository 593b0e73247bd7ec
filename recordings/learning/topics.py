"""Topics: what callers ask that no intent knows. The machine proposes them, a person accepts, renames or dismisses.

A call belongs to one topic of its language at most. Calls of a dismissed topic stay with it, so that it is not proposed
again; nobody sees it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from uuid import uuid4

from sqlalchemy import exists, func, select, text, update
from sqlalchemy.orm import Session

from recordings.database import insert_once
from recordings.redaction.redacted import hide
from recordings.results.finding import Evidence
from recordings.selection import shown_meaning_id
from recordings.tables import CallRow, MeaningRow, RecordingRow, TopicCallRow, TopicRow, TranscriptRow
from speech.settings import local_zone

LONGEST_NAME = 128
"""Letters the column holds."""
SEARCH_LOCK = 0x746F7069
"""Key of the advisory lock in PostgreSQL under which only one search writes."""


class TopicState(StrEnum):
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"


SHOWN = (TopicState.PROPOSED, TopicState.ACCEPTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Where a caller says what no intent knows."""

    recording_id: str
    at: datetime
    """When the call was."""
    evidence: Evidence
    """Private parts are put out of its quote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Centre:
    """What a topic is compared with."""

    topic_id: str
    state: TopicState
    vector: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A question with the topic it is of."""

    question: Question
    likeness: float
    """Cosine to the centre, -1..1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A new topic, not yet written down."""

    name: str
    centre: tuple[float, ...]
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicCall:
    """A call of a topic."""

    contact: str
    """Id by which the call's page is opened."""
    at: datetime
    evidence: Evidence
    likeness: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A topic in a period."""

    id: str
    language: str
    name: str
    state: TopicState
    created_at: datetime
    decided_by: str
    calls: int
    """In the period."""
    weeks: tuple[tuple[date, int], ...]
    """Monday of each week of the period with its calls, oldest first."""
    change: int
    """Calls of the last seven days of the period less those of the seven before."""
    examples: tuple[TopicCall, ...]
    """The most alike of the period."""


def unknown_questions(db: Session, language: str, *, since: datetime, limit: int) -> list[Question]:
    """What callers asked that no intent knew and that is in no topic yet, newest calls first."""
    began = func.coalesce(CallRow.started_at, RecordingRow.created_at)
    rows = db.execute(
        select(MeaningRow.recording_id, MeaningRow.body, began.label("at"))
        .join(RecordingRow, RecordingRow.id == MeaningRow.recording_id)
        .outerjoin(CallRow, CallRow.id == RecordingRow.call_id)
        .where(RecordingRow.language == language, began >= since, MeaningRow.reason == "")
        .where(~exists().where(TopicCallRow.recording_id == MeaningRow.recording_id))
        .where(MeaningRow.id == shown_meaning_id(MeaningRow.recording_id))
        .order_by(began.desc(), MeaningRow.recording_id)
        .limit(limit)
    )
    return [
        Question(
            recording_id=row.recording_id,
            at=row.at,
            evidence=Evidence(start=said["start"], end=said["end"], quote=hide(said["quote"], language)),
        )
        for row in rows
        if (said := row.body.get("reason_evidence")) and said["quote"]
    ]


def topic_languages(db: Session) -> list[str]:
    """Languages in which anything was understood."""
    return sorted(
        db.scalars(
            select(TranscriptRow.language).join(MeaningRow, MeaningRow.transcript_id == TranscriptRow.id).distinct()
        )
    )


def topic_centres(db: Session, language: str) -> list[Centre]:
    """Of all topics, dismissed ones too."""
    rows = db.scalars(select(TopicRow).where(TopicRow.language == language).order_by(TopicRow.created_at, TopicRow.id))
    return [Centre(topic_id=row.id, state=TopicState(row.state), vector=tuple(row.centre)) for row in rows]


def keep_found(
    db: Session, language: str, *, attached: Iterable[tuple[str, Member]], proposals: Iterable[Proposal]
) -> tuple[int, int, int]:
    """Write down what a search found: calls attached, topics proposed, calls in those.

    What another search has taken in the meantime is left out, and a proposal that has lost members to it is not made.
    """
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": SEARCH_LOCK})
    taken = set(db.scalars(select(TopicCallRow.recording_id).distinct()))
    joined = sum(_add(db, topic_id, member) for topic_id, member in attached if _free(member, taken))
    topics = calls = 0
    for proposal in proposals:
        if not all(_free(member, taken) for member in proposal.members):
            continue
        topic_id = str(uuid4())
        db.add(
            TopicRow(
                id=topic_id,
                language=language,
                name=proposal.name[:LONGEST_NAME],
                state=TopicState.PROPOSED,
                centre=list(proposal.centre),
                created_at=datetime.now(UTC),
            )
        )
        db.flush()
        topics += 1
        calls += sum(_add(db, topic_id, member) for member in proposal.members)
    return joined, topics, calls


def _free(member: Member, taken: set[str]) -> bool:
    return member.question.recording_id not in taken


def _add(db: Session, topic_id: str, member: Member) -> bool:
    question = member.question
    return insert_once(
        db,
        TopicCallRow,
        {
            "topic_id": topic_id,
            "recording_id": question.recording_id,
            "at": question.at,
            "start": question.evidence.start,
            "end": question.evidence.end,
            "quote": question.evidence.quote,
            "likeness": member.likeness,
        },
    )


def list_topics(db: Session, *, since: datetime, until: datetime, language: str = "", examples: int = 3) -> list[Topic]:
    """Proposed and accepted topics with calls in the period, the most frequent first."""
    wanted = select(TopicRow).where(TopicRow.state.in_(SHOWN))
    rows = db.scalars(wanted.where(TopicRow.language == language) if language else wanted).all()
    calls = _calls(db, [row.id for row in rows], since, until)
    found = [_topic(row, calls[row.id], since, until, examples) for row in rows if calls[row.id]]
    return sorted(found, key=lambda topic: (-topic.calls, topic.name))


def find_topic(db: Session, topic_id: str, *, since: datetime, until: datetime, examples: int = 500) -> Topic | None:
    """One topic, also without calls in the period; None when there is none."""
    row = db.get(TopicRow, topic_id)
    return _topic(row, _calls(db, [row.id], since, until)[row.id], since, until, examples) if row else None


def rename_topic(db: Session, topic_id: str, name: str) -> bool:
    """False when there is none."""
    return _changed(db, topic_id, name=name[:LONGEST_NAME])


def settle_topic(db: Session, topic_id: str, state: TopicState, *, by: str) -> bool:
    """Accept or dismiss it; False when there is none."""
    return _changed(db, topic_id, state=state, decided_by=by)


def _changed(db: Session, topic_id: str, **values: object) -> bool:
    found = db.execute(update(TopicRow).where(TopicRow.id == topic_id).values(**values).returning(TopicRow.id))
    return found.first() is not None


def _calls(db: Session, topics: Sequence[str], since: datetime, until: datetime) -> dict[str, list[TopicCall]]:
    """Calls of the topics in the period, the most alike first."""
    rows = db.execute(
        select(TopicCallRow, RecordingRow.call_id, RecordingRow.language)
        .join(RecordingRow, RecordingRow.id == TopicCallRow.recording_id)
        .where(TopicCallRow.topic_id.in_(topics), TopicCallRow.at >= since, TopicCallRow.at < until)
        .order_by(TopicCallRow.likeness.desc(), TopicCallRow.recording_id)
    )
    found: defaultdict[str, list[TopicCall]] = defaultdict(list)
    for row, call_id, language in rows:
        evidence = Evidence(start=row.start, end=row.end, quote=hide(row.quote, language))
        found[row.topic_id].append(
            TopicCall(contact=call_id or row.recording_id, at=row.at, evidence=evidence, likeness=row.likeness)
        )
    return found


def _topic(row: TopicRow, calls: Sequence[TopicCall], since: datetime, until: datetime, examples: int) -> Topic:
    weeks = Counter(_monday(call.at) for call in calls)
    first, last = _monday(since), _monday(until - timedelta(microseconds=1))
    every = [first + timedelta(weeks=n) for n in range((last - first).days // 7 + 1)]
    recent = sum(call.at >= until - timedelta(days=7) for call in calls)
    before = sum(until - timedelta(days=14) <= call.at < until - timedelta(days=7) for call in calls)

    return Topic(
        id=row.id,
        language=row.language,
        name=row.name,
        state=TopicState(row.state),
        created_at=row.created_at,
        decided_by=row.decided_by,
        calls=len(calls),
        weeks=tuple((monday, weeks[monday]) for monday in every),
        change=recent - before,
        examples=tuple(calls[:examples]),
    )


def _monday(moment: datetime) -> date:
    day = moment.astimezone(local_zone()).date()
    return day - timedelta(days=day.weekday())
