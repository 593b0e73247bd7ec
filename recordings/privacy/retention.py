"""Deletes what has outlived the policy: nightly, contact by contact, what a legal hold covers left alone.

Every run that deletes something leaves a receipt (``ErasureRow`` with ``why`` policy); whole calls leave the marks that
keep their sound from being imported again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Engine, Select, and_, delete, exists, false, func, not_, or_, select, update
from sqlalchemy.orm import Session

from recordings.audio_store import AudioStore
from recordings.database import reading, transaction
from recordings.privacy import audit
from recordings.privacy.erasure import add, delete_pending, delete_scope
from recordings.privacy.legal_holds import hold_on
from recordings.privacy.person import Scope
from recordings.privacy.retention_policy import Keep, Policy, Rule
from recordings.tables import (
    AlertRow,
    CallRow,
    ChatRow,
    CustomerRow,
    ErasureRow,
    FindingRow,
    MeaningRow,
    RecordingRow,
    RedactionRow,
    TopicCallRow,
    TranscriptRow,
    TurnRow,
)

POLICY = "policy"
"""Who asks for what runs by itself, in receipts and in the audit trail."""
KEPT_OF_MEANING = ("version", "sentiments", "reason", "reason_confidence", "outcome")
"""Fields of a call's meaning that are figures; all else quotes it."""


def due(db: Session, policy: Policy, *, now: datetime | None = None) -> dict[str, int]:
    """How many contacts of each kind have outlived the policy, and how many of these are held."""
    moment = now or datetime.now(UTC)
    counts: Counter[str] = Counter()
    for keep in (Keep.CALL, Keep.CHAT, Keep.WORDS, Keep.SOUND):
        for scope in _outlived(db, policy, keep, moment):
            counts["held" if hold_on(db, scope) else keep.value] += 1
    if before := _audit_before(policy, moment):
        counts[Keep.AUDIT] = audit.count_before(db, before)
    return {name: count for name, count in counts.items() if count}


def retain(engine: Engine, sounds: AudioStore, policy: Policy, *, now: datetime | None = None) -> dict[str, int]:
    """Delete what has outlived the policy; tells how much of each kind. Killed in the middle, the next run goes on."""
    moment = now or datetime.now(UTC)
    for receipt in _unfinished(engine):
        delete_pending(engine, sounds, receipt)
        _finish(engine, receipt)
    receipt = ""
    done: Counter[str] = Counter()
    for keep in (Keep.CALL, Keep.CHAT, Keep.WORDS, Keep.SOUND):
        with reading(engine) as db:
            scopes = list(_outlived(db, policy, keep, moment))
        for scope in scopes:
            receipt = receipt or _open(engine, moment)
            with transaction(engine) as db:
                if hold_on(db, scope):  # also one that was laid a moment ago
                    done["held"] += 1
                    continue
                _delete(db, db.get_one(ErasureRow, receipt), keep, scope, moment)
            delete_pending(engine, sounds, receipt)
            done[keep.value] += 1
    if before := _audit_before(policy, moment):
        with transaction(engine) as db:
            done[Keep.AUDIT] += audit.trim(db, before)
    if receipt:
        _finish(engine, receipt)
    return {name: count for name, count in done.items() if count}


def _delete(db: Session, receipt: ErasureRow, keep: Keep, scope: Scope, now: datetime) -> None:
    if keep in (Keep.CALL, Keep.CHAT):
        delete_scope(db, scope, receipt)
    elif keep is Keep.SOUND:
        keys = db.scalars(select(RecordingRow.key).where(RecordingRow.id.in_(scope.recordings))).all()
        gone = {"sound_deleted_at": now}
        db.execute(update(RecordingRow).where(RecordingRow.id.in_(scope.recordings)).values(**gone))
        db.execute(update(RedactionRow).where(RedactionRow.recording_id.in_(scope.recordings)).values(sound_key=""))
        receipt.pending = [*receipt.pending, *keys]
    else:
        _blank_words(db, scope)
    receipt.counts = add(receipt.counts, {keep.value: 1})


def _blank_words(db: Session, scope: Scope) -> None:
    """What was said goes, from every table; that it was said, for how long and in what mood stays."""
    recordings, calls = scope.recordings, scope.calls
    for row in db.scalars(select(TranscriptRow).where(TranscriptRow.recording_id.in_(recordings))):
        row.body, row.text = {**row.body, "utterances": []}, ""
    for meaning in db.scalars(select(MeaningRow).where(MeaningRow.recording_id.in_(recordings))):
        meaning.body = {name: meaning.body[name] for name in KEPT_OF_MEANING if name in meaning.body}
    db.flush()
    db.execute(delete(RedactionRow).where(RedactionRow.recording_id.in_(recordings)))
    quoted: tuple[Any, ...] = (FindingRow, TopicCallRow, AlertRow)
    for table in quoted:
        db.execute(update(table).where(table.recording_id.in_(recordings)).values(quote=""))
    db.execute(update(TurnRow).where(TurnRow.call_id.in_(calls)).values(text="", words=[]))
    db.execute(update(CallRow).where(CallRow.id.in_(calls)).values(summary="", facts={}))


def _outlived(db: Session, policy: Policy, keep: Keep, now: datetime) -> Iterator[Scope]:
    """Each contact that has outlived the first rule that fits it."""
    rules = policy.of(keep)
    if not rules:
        return
    if keep is Keep.CHAT:
        chats = _of_customer(select(ChatRow.id), ChatRow)
        fits = _fits(rules, ChatRow.last_at, ChatRow.outcome, now)
        for id_ in db.scalars(chats.where(ChatRow.ended_at.is_not(None), fits).order_by(ChatRow.id)).all():
            yield Scope(chats=(id_,))
        return
    of_call = RecordingRow.call_id == CallRow.id
    calls = _of_customer(select(CallRow.id, RecordingRow.id), CallRow).outerjoin(RecordingRow, of_call)
    calls = calls.where(CallRow.ended_at.is_not(None), _fits(rules, CallRow.started_at, CallRow.outcome, now))
    imports = select(RecordingRow.id).where(
        RecordingRow.call_id.is_(None),
        _fits([rule for rule in rules if not rule.segment and not rule.outcome], RecordingRow.created_at, None, now),
    )
    if keep is not Keep.CALL:
        calls = calls.where(_has(keep, with_turns=True))
        imports = imports.where(_has(keep, with_turns=False))
    for call, recording in db.execute(calls.order_by(CallRow.id)).all():
        yield Scope(calls=(call,), recordings=(recording,) if recording else ())
    for recording in db.scalars(imports.order_by(RecordingRow.id)).all():
        yield Scope(recordings=(recording,))


def _of_customer(query: Select[*tuple[Any, ...]], table: type[CallRow] | type[ChatRow]) -> Select[*tuple[Any, ...]]:
    return query.select_from(table).outerjoin(CustomerRow, CustomerRow.id == table.customer_id)


def _has(keep: Keep, *, with_turns: bool) -> ColumnElement[bool]:
    """Whether there is still something to delete."""
    if keep is Keep.SOUND:
        return RecordingRow.id.is_not(None) & RecordingRow.sound_deleted_at.is_(None)
    transcribed = exists().where(TranscriptRow.recording_id == RecordingRow.id, TranscriptRow.text != "")
    said = transcribed.correlate(RecordingRow)
    if not with_turns:
        return said
    return or_(said, exists().where(TurnRow.call_id == CallRow.id, TurnRow.text != "").correlate(CallRow))


def _fits(rules: Sequence[Rule], at: Any, outcome: Any, now: datetime) -> ColumnElement[bool]:
    """Whether the first rule that speaks of a contact says that its time is over."""
    over: list[ColumnElement[bool]] = []
    spoken: list[ColumnElement[bool]] = []
    for rule in rules:
        speaks: list[ColumnElement[bool]] = [not_(or_(*spoken))] if spoken else []
        own: list[ColumnElement[bool]] = []
        if rule.segment:
            own.append(func.coalesce(CustomerRow.segment, "") == rule.segment)
        if rule.outcome:
            own.append(func.coalesce(outcome, "") == rule.outcome)
        if rule.days is not None:
            over.append(and_(*speaks, *own, at < now - timedelta(days=rule.days)))
        if not own:  # it speaks of all: no later rule is asked
            break
        spoken.append(and_(*own))
    return or_(*over) if over else false()


def _audit_before(policy: Policy, now: datetime) -> datetime | None:
    days = next((rule.days for rule in policy.of(Keep.AUDIT)), None)
    return now - timedelta(days=days) if days is not None else None


def _open(engine: Engine, now: datetime) -> str:
    row = ErasureRow(
        id=str(uuid4()),
        subject="",
        why=POLICY,
        state="working",
        counts={},
        requested_at=now,
        requested_by=POLICY,
        ended_at=None,
        pending=[],
        due_at=now,
    )
    with transaction(engine) as db:
        db.add(row)
    return row.id


def _unfinished(engine: Engine) -> list[str]:
    with reading(engine) as db:
        mine = ErasureRow.why == POLICY, ErasureRow.state == "working"
        return list(db.scalars(select(ErasureRow.id).where(*mine)))


def _finish(engine: Engine, receipt: str) -> None:
    with transaction(engine) as db:
        row = db.get_one(ErasureRow, receipt)
        row.state, row.ended_at = "done", datetime.now(UTC)
        if row.counts:
            audit.note(db, POLICY, "retention.applied", receipt, {"counts": row.counts})
