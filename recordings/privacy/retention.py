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

from sqlalchemy import ColumnElement, Engine, Select, and_, exists, false, func, not_, or_, select, update
from sqlalchemy.orm import Session

from recordings.audio_store import AudioStore
from recordings.database import reading, transaction
from recordings.privacy import audit
from recordings.privacy.erasure import add, delete_pending, delete_scope
from recordings.privacy.legal_holds import hold_on
from recordings.privacy.person import Scope
from recordings.privacy.retention_policy import Keep, Policy, Rule
from recordings.privacy.retention_rows import AGED, delete_files, delete_rows, old_files, outlived
from recordings.privacy.settings import PrivacySettings, privacy_settings
from recordings.redaction.wordless import OF_CALL, OF_CHAT, OF_RECORDING, forget_words, has_words
from recordings.tables import (
    CallRow,
    ChatRow,
    CustomerRow,
    ErasureRow,
    RecordingRow,
    RedactionRow,
    TranscriptRow,
)

POLICY = "policy"
"""Who asks for what runs by itself, in receipts and in the audit trail."""
IN_ORDER = (Keep.CALL, Keep.CHAT, Keep.WORDS, Keep.SOUND)
"""Of what goes as a whole no words are blanked first."""
ROWS_AT_ONCE = 200
"""Rows beside contacts that one transaction deletes."""


def due(
    db: Session, policy: Policy, *, now: datetime | None = None, settings: PrivacySettings | None = None
) -> dict[str, int]:
    """How many contacts and other things of each kind have outlived the policy, and how many of these are held."""
    moment = now or datetime.now(UTC)
    counts: Counter[str] = Counter()
    for keep in IN_ORDER:
        for scope in _outlived(db, policy, keep, moment):
            counts["held" if hold_on(db, scope) else keep.value] += 1
    for keep in AGED:
        if before := _before(policy, keep, moment):
            found, held = outlived(db, keep, before)
            counts[keep.value] += len(found)
            counts["held"] += held
    if before := _before(policy, Keep.FILE, moment):
        counts[Keep.FILE.value] += sum(1 for _ in old_files(settings or privacy_settings(), before))
    if before := _before(policy, Keep.AUDIT, moment):
        counts[Keep.AUDIT] = audit.count_before(db, before)
    return {name: count for name, count in counts.items() if count}


def retain(
    engine: Engine,
    sounds: AudioStore,
    policy: Policy,
    *,
    now: datetime | None = None,
    settings: PrivacySettings | None = None,
) -> dict[str, int]:
    """Delete what has outlived the policy; tells how much of each kind. Killed in the middle, the next run goes on."""
    moment = now or datetime.now(UTC)
    for receipt in _unfinished(engine):
        delete_pending(engine, sounds, receipt)
        _finish(engine, receipt)
    receipt = ""
    done: Counter[str] = Counter()
    for keep in IN_ORDER:
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
    for keep in AGED:
        if before := _before(policy, keep, moment):
            with reading(engine) as db:
                rows, held = outlived(db, keep, before)
            done["held"] += held
            for first in range(0, len(rows), ROWS_AT_ONCE):
                receipt = receipt or _open(engine, moment)
                with transaction(engine) as db:
                    gone = delete_rows(db, rows[first : first + ROWS_AT_ONCE], before)
                    row = db.get_one(ErasureRow, receipt)
                    row.counts = add(row.counts, gone)
                done[keep.value] += gone.total()
    if before := _before(policy, Keep.FILE, moment):
        done[Keep.FILE.value] += delete_files(settings or privacy_settings(), before)
    if before := _before(policy, Keep.AUDIT, moment):
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
        forget_words(db, calls=scope.calls, chats=scope.chats, recordings=scope.recordings)
    receipt.counts = add(receipt.counts, {keep.value: 1})


def _outlived(db: Session, policy: Policy, keep: Keep, now: datetime) -> Iterator[Scope]:
    """Each contact that has outlived the first rule that fits it."""
    rules = policy.of(keep)
    if not rules:
        return
    if keep in (Keep.CHAT, Keep.WORDS):
        chats = _of_customer(select(ChatRow.id), ChatRow)
        fits = _fits(rules, ChatRow.last_at, ChatRow.outcome, now)
        if keep is Keep.WORDS:
            fits &= has_words(OF_CHAT, ChatRow.id)
        for id_ in db.scalars(chats.where(ChatRow.ended_at.is_not(None), fits).order_by(ChatRow.id)).all():
            yield Scope(chats=(id_,))
    if keep is Keep.CHAT:
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
    said = or_(transcribed.correlate(RecordingRow), has_words(OF_RECORDING, RecordingRow.id))
    return or_(said, has_words(OF_CALL, CallRow.id)) if with_turns else said


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


def _before(policy: Policy, keep: Keep, now: datetime) -> datetime | None:
    """Moment before which what is told apart by its age alone has outlived the policy; None for never."""
    days = next((rule.days for rule in policy.of(keep)), None)
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
