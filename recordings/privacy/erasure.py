"""Deletes what belongs together, in one transaction, so that it stays deleted and the receipt says how much it was."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, delete, exists, or_, select
from sqlalchemy.orm import Session

from recordings.audio_store import AudioStore
from recordings.database import insert_once, transaction
from recordings.privacy.person import AT_ONCE, Scope, parts_of
from recordings.tables import (
    CallRow,
    ErasedSoundRow,
    ErasureRow,
    IntentModelRow,
    RecordingRow,
    SampleRow,
    TopicCallRow,
    TopicRow,
)


def call_tombstone(call_id: str) -> str:
    """What stands among the erased sounds for any sound of this call."""
    return hashlib.sha256(f"call {call_id}".encode()).hexdigest()


def chat_tombstone(chat_id: str) -> str:
    """What stands there for a chat, should a copy of the database bring it back."""
    return hashlib.sha256(f"chat {chat_id}".encode()).hexdigest()


def is_erased(db: Session, sha256: str, call_id: str | None) -> bool:
    """Whether a sound must not come back."""
    marks = [sha256, call_tombstone(call_id)] if call_id else [sha256]
    return db.scalar(select(ErasedSoundRow.sha256).where(ErasedSoundRow.sha256.in_(marks)).limit(1)) is not None


def erased_calls(db: Session, calls: Iterable[str], *, subject: str = "") -> set[str]:
    """Those of the calls that were erased, for whatever reason or as those of the person with this digest."""
    theirs = [ErasedSoundRow.erasure_id.in_(select(ErasureRow.id).where(ErasureRow.subject == subject))]
    marks = {call_tombstone(call): call for call in calls}
    known = sorted(marks)
    found: set[str] = set()
    for first in range(0, len(known), AT_ONCE):
        some = known[first : first + AT_ONCE]
        found.update(
            db.scalars(
                select(ErasedSoundRow.sha256).where(ErasedSoundRow.sha256.in_(some), *(theirs if subject else []))
            )
        )
    return {marks[mark] for mark in found}


def mark_erased(db: Session, marks: Iterable[str], erasure_id: str) -> None:
    """Leave the marks that keep what was deleted from coming back."""
    now = datetime.now(UTC)
    for mark in marks:
        insert_once(db, ErasedSoundRow, {"sha256": mark, "erasure_id": erasure_id, "erased_at": now})


def delete_scope(db: Session, scope: Scope, erasure: ErasureRow) -> None:
    """Delete every row of a scope and write into the receipt how many there were and which files are to follow.

    Whoever writes about one of its calls or recordings at the same time waits for the end of this transaction and then
    finds nothing to point at: an insert fails on its foreign key, a sound on its mark among the erased ones.
    """
    db.scalars(select(CallRow.id).where(CallRow.id.in_(scope.calls)).with_for_update()).all()
    of_scope = or_(RecordingRow.id.in_(scope.recordings), RecordingRow.call_id.in_(scope.calls))
    recordings = db.scalars(select(RecordingRow).where(of_scope).with_for_update()).all()
    sounds = [row.sha256 for row in recordings]
    mark_erased(db, [*sounds, *map(call_tombstone, scope.calls), *map(chat_tombstone, scope.chats)], erasure.id)
    whole = replace(scope, recordings=tuple(row.id for row in recordings))
    keys = [row.key for row in recordings]
    topics = set(db.scalars(select(TopicCallRow.topic_id).where(TopicCallRow.recording_id.in_(whole.recordings))))
    counts = Counter(erasure.counts)
    for name, table, condition in parts_of(whole):
        if table is SampleRow:
            _forget_phrases(db, db.scalars(select(SampleRow.text).where(condition)))
        gone = db.connection().execute(delete(table).where(condition)).rowcount
        counts[name] += gone
    counts["topics"] += _delete_empty_topics(db, topics)
    erasure.counts = {name: count for name, count in counts.items() if count}
    erasure.pending = [*erasure.pending, *keys]
    db.flush()


def delete_pending(engine: Engine, sounds: AudioStore, erasure_id: str) -> None:
    """Delete the files whose rows are gone. Killed in the middle, it is done again: a file that is gone is gone."""
    with transaction(engine) as db:
        pending = list(db.get_one(ErasureRow, erasure_id).pending)
    if not pending:
        return
    gone = sum(sounds.delete_with_copies(key) for key in pending)
    with transaction(engine) as db:
        row = db.get_one(ErasureRow, erasure_id)
        row.pending = [key for key in row.pending if key not in pending]
        row.counts = add(row.counts, {"files": gone})


def add(counts: Mapping[str, Any], more: Mapping[str, int]) -> dict[str, int]:
    """Both together; what is nought is left out."""
    together = Counter(counts) + Counter(more)
    return {name: count for name, count in together.items() if count}


def _delete_empty_topics(db: Session, topics: Iterable[str]) -> int:
    """A proposed topic is named by its callers' own words: without callers it goes. An accepted one a person named."""
    nobody = ~exists().where(TopicCallRow.topic_id == TopicRow.id)
    proposed = TopicRow.id.in_(topics), TopicRow.state == "proposed", nobody
    return db.connection().execute(delete(TopicRow).where(*proposed)).rowcount


def _forget_phrases(db: Session, texts: Iterable[str]) -> None:
    """Comparisons of models show phrases on which they differ: those of the person are taken out."""
    gone = set(texts)
    if not gone:
        return
    for model in db.scalars(select(IntentModelRow)):
        differences = model.figures.get("differences", ())
        kept = [row for row in differences if row.get("text") not in gone]
        if len(kept) != len(differences):
            model.figures = {**model.figures, "differences": kept}
