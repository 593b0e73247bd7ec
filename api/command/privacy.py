"""One person's data, legal holds, retention, the audit trail: `otklik privacy …`, `otklik audit …`."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from sqlalchemy import Engine

from api.command.users import account
from api.installation.installation import draw_secrets, open_database
from recordings.audio_store import AudioStore
from recordings.database import reading, transaction
from recordings.errors import RecordingsError
from recordings.privacy import audit, legal_holds, privacy
from recordings.privacy.person import phone_of
from recordings.privacy.retention import due, retain
from recordings.privacy.retention_policy import read_policy
from recordings.privacy.settings import PrivacySettings
from recordings.settings import StoreSettings


def export(phone: str, out: Path) -> int:
    """Everything of a person into a ZIP."""
    try:
        counts = privacy.export_person(*_archive(), phone, out, by=account(), settings=_settings())
    except (RecordingsError, ValueError, OSError) as problem:
        return _fault(problem)
    _print(counts)
    print(f"written to {out}; nothing in it is hidden", file=sys.stderr)
    return 0


def erase(phone: str, *, sure: bool) -> int:
    """Erase a person for good; without ``sure`` the number has to be typed once more."""
    try:
        if not sure and phone_of(input("type the number once more to erase everything of it: ")) != phone_of(phone):
            print("the numbers differ; nothing was erased", file=sys.stderr)
            return 1
        receipt = privacy.erase_person(*_archive(), phone, by=account(), settings=_settings())
    except (RecordingsError, ValueError, EOFError) as problem:
        return _fault(problem)
    print(json.dumps(asdict(receipt), ensure_ascii=False, default=str))
    if receipt.state != "done":
        print("not everything is gone: otklik privacy verify says where", file=sys.stderr)
        return 1
    return 0


def verify(phone: str) -> int:
    """Say where a number still is."""
    try:
        traces = privacy.verify_erased(*_archive(), phone, _settings())
    except (RecordingsError, ValueError) as problem:
        return _fault(problem)
    for trace in traces:
        print(json.dumps(asdict(trace)))
    print("traces are left" if traces else "the number is nowhere", file=sys.stderr)
    return 1 if any(not trace.said for trace in traces) else 0


def hold(*, phone: str, contact: str, reason: str) -> int:
    """Lay a legal hold, or list all of them when nothing is said."""
    engine = open_database()
    if not (phone or contact or reason):
        with reading(engine) as db:
            for known in legal_holds.list_holds(db):
                print(json.dumps(asdict(known), ensure_ascii=False, default=str))
        return 0
    try:
        with transaction(engine) as db:
            number = phone_of(phone) if phone else ""
            laid = legal_holds.add_hold(db, phone=number, contact_id=contact, reason=reason, by=account())
            audit.note(db, account(), "hold.added", contact or laid.id, {"hold": laid.id})
    except (RecordingsError, ValueError) as problem:
        return _fault(problem)
    print(laid.id)
    return 0


def release(hold_id: str) -> int:
    """Let what a hold covers be deleted again."""
    with transaction(open_database()) as db:
        released = legal_holds.release_hold(db, hold_id, by=account())
        if released:
            audit.note(db, account(), "hold.released", hold_id)
    print("released" if released else f"no standing hold has the id {hold_id}", file=sys.stderr)
    return 0 if released else 1


def apply_policy(*, dry_run: bool) -> int:
    """Delete what has outlived the policy now, or say how much that would be."""
    try:
        policy = read_policy(_settings().retention_file)
    except RecordingsError as problem:
        return _fault(problem)
    engine, sounds = _archive()
    if dry_run:
        with reading(engine) as db:
            _print(due(db, policy))
        return 0
    _print(retain(engine, sounds, policy))
    return 0


def verify_audit() -> int:
    """Whether every line follows from the ones before."""
    with reading(open_database()) as db:
        broken, newest = audit.verify(db), audit.newest(db)
    if broken is not None:
        print(f"broken from line {broken} on", file=sys.stderr)
        return 1
    if newest:
        print(json.dumps({"lines": newest.number, "digest": newest.digest}))
    print("the chain is whole; keep the digest elsewhere to notice a chain that was written anew", file=sys.stderr)
    return 0


def print_audit(*, wanted: str, limit: int) -> int:
    """Newest lines first."""
    with reading(open_database()) as db:
        for line in audit.list_lines(db, wanted=wanted, limit=limit).lines:
            print(json.dumps(asdict(line), ensure_ascii=False, default=str))
    return 0


def _archive() -> tuple[Engine, AudioStore]:
    return open_database(), AudioStore(StoreSettings().audio_url)


def _settings() -> PrivacySettings:
    draw_secrets()
    return PrivacySettings()


def _print(counts: Mapping[str, int]) -> None:
    print(json.dumps(dict(counts)))


def _fault(problem: Exception) -> int:
    print(problem or "nothing was typed", file=sys.stderr)
    return 1
