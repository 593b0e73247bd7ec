"""Topics of what callers ask: looked for, renamed, accepted as one, dismissed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from recordings.database import transaction
from recordings.jobs import GOING_ON, Job, list_jobs, start_job
from recordings.learning import samples, topics
from recordings.learning.topics import Topic, TopicState
from recordings.privacy import audit

MOST_TAUGHT = 200
"""Phrases of an accepted topic that become samples."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A job that looks for topics."""

    job: Job
    new: bool
    """False: somebody looks already."""


def order_search(engine: Engine, *, by: str, language: str = "", days: int | None = None) -> Search:
    """Order a search for topics, unless somebody looks already. Announce the job, or do it yourself."""
    with transaction(engine) as db:
        busy = next((job for job in list_jobs(db, 10, kind="topics") if job.state in GOING_ON), None)
        if busy:
            return Search(job=busy, new=False)
        wanted: dict[str, object] = {} if days is None else {"language": language, "days": days}
        job = start_job(db, "topics", wanted, by=by)
        audit.note(db, by, "topics.searched", job.id)
    return Search(job=job, new=True)


def rename(engine: Engine, topic_id: str, name: str, *, by: str) -> bool:
    """Give it a name people understand; False when there is no such topic."""
    with transaction(engine) as db:
        known = topics.rename_topic(db, topic_id, name)
        if known:
            audit.note(db, by, "topic.renamed", topic_id)
    return known


def accept(engine: Engine, topic_id: str, *, intent: str, by: str) -> bool:
    """It is one: its phrases go to those that people label, or are labelled at once with a known intent.

    Returns:
        False when there is no such topic.

    Raises:
        ValueError: no scenario of its language knows the intent.
    """
    with transaction(engine) as db:
        topic = _whole(db, topic_id)
        if topic is None:
            return False
        if intent and intent not in samples.intents(db, topic.language):
            raise ValueError(f"No intent is called {intent!r}.")
        topics.settle_topic(db, topic_id, TopicState.ACCEPTED, by=by)
        said = [(call.contact, call.evidence.quote) for call in topic.examples]
        samples.add_topic(db, topic.language, said, name=topic.name, intent=intent or None, by=by)
        audit.note(db, by, "topic.accepted", topic_id, {"intent": intent})
    return True


def dismiss(engine: Engine, topic_id: str, *, by: str) -> bool:
    """It is none: neither it nor what is like it is shown again. False when there is no such topic."""
    with transaction(engine) as db:
        known = topics.settle_topic(db, topic_id, TopicState.DISMISSED, by=by)
        if known:
            audit.note(db, by, "topic.dismissed", topic_id)
    return known


def _whole(db: Session, topic_id: str) -> Topic | None:
    """A topic with the phrases of all its time."""
    since, until = datetime(2000, 1, 1, tzinfo=UTC), datetime.now(UTC) + timedelta(days=1)
    return topics.find_topic(db, topic_id, since=since, until=until, examples=MOST_TAUGHT)
