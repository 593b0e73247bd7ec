"""A month of calls that never were, so that every page and figure can be tried: begun, gone on with, taken out.

What was begun stands in the audit trail with its parameters: the command goes on with it after a break, and takes out
exactly what it made.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy import Engine, func, select

from api.demo_data.examine import examine_all, prepare, unexamined
from api.demo_data.month import PREFIX, plan
from api.demo_data.quality import evaluate_some
from api.demo_data.sound import choose, sound_all
from api.demo_data.write import remove, sound_keys, write_agents, write_calls
from api.installation.installation import open_database
from recordings.audio_store import AudioStore
from recordings.database import reading, transaction
from recordings.errors import SoundMissing
from recordings.privacy import audit
from recordings.settings import StoreSettings
from recordings.tables import AuditRow, CallRow, RecordingRow
from speech.errors import SpeechError

BEGUN, REMOVED = "demo.begun", "demo.removed"
SUBJECT = "demo-data"
BATCH = 100
"""Calls written in one transaction."""

console = Console(stderr=True, highlight=False, soft_wrap=True)


def fill(*, calls: int, language: str, sound: int, seed: int, again: bool, by: str) -> int:
    """Make the month, or go on making it; the exit code. ``by`` is how the audit trail names who wants it."""
    settings = StoreSettings()
    engine = open_database()
    store = AudioStore(settings.audio_url)
    try:
        begun = _begun(engine)
        if begun and again:
            _remove(engine, store, by)
            begun = None
        if begun and _complete(engine, begun):
            console.print(
                f"The demo data of {begun['until'][:10]} is there already ({begun['calls']} calls): "
                "--again makes it anew, --remove takes it out."
            )
            return 1
        if not begun:
            now = datetime.now(UTC)
            begun = {"calls": calls, "language": language, "sound": sound, "seed": seed, "until": now.isoformat()}
            with transaction(engine) as db:
                audit.note(db, by, BEGUN, SUBJECT, begun)
        return _make(engine, store, begun)
    finally:
        engine.dispose()


def remove_all(*, by: str) -> int:
    """Take out what was made, and nothing else; the exit code."""
    settings = StoreSettings()
    engine = open_database()
    try:
        gone = _remove(engine, AudioStore(settings.audio_url), by)
    finally:
        engine.dispose()
    console.print(", ".join(f"{count} {name}" for name, count in gone.items()) or "There was no demo data.")
    return 0


def _make(engine: Engine, store: AudioStore, begun: Mapping[str, Any]) -> int:
    languages = ("ru", "en") if begun["language"] == "both" else (begun["language"],)
    until = datetime.fromisoformat(begun["until"])
    month = plan(calls=begun["calls"], languages=languages, seed=begun["seed"], until=until)
    spoken = choose(month, begun["sound"])
    sounding = frozenset(call.id for call in spoken)
    columns = TextColumn("{task.description:<24}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    code = 0
    with Progress(*columns, console=console) as progress:
        writing = progress.add_task("calls", total=len(month))
        with transaction(engine) as db:
            write_agents(db, languages)
        for start in range(0, len(month), BATCH):
            some = month[start : start + BATCH]
            with transaction(engine) as db:
                write_calls(db, some, sounding=sounding)
            progress.advance(writing, len(some))
        prepare(engine, languages)
        with reading(engine) as db:
            left = len(unexamined(db))
        looking = progress.add_task("meaning, rules, scores", total=left)
        examine_all(engine, languages, advance=lambda done: progress.advance(looking, done))
        with transaction(engine) as db:
            evaluate_some(db, seed=begun["seed"])
        if spoken:
            speaking = progress.add_task("sound", total=len(spoken))
            try:
                sound_all(engine, store, spoken, advance=lambda: progress.advance(speaking))
            except (SpeechError, OSError) as problem:
                console.print(f"[red]no sound: {problem}[/]\nThe rest is there; run the command again for the sound.")
                code = 1
    if spoken and not code:
        console.print("The workers turn the sound into words (otklik up).")
    return code


def _begun(engine: Engine) -> dict[str, Any] | None:
    """Parameters of the demo data that stands, whole or not; None when there is none."""
    last = select(AuditRow).where(AuditRow.action.in_([BEGUN, REMOVED])).order_by(AuditRow.number.desc()).limit(1)
    with reading(engine) as db:
        row = db.scalar(last)
        return dict(row.detail) if row is not None and row.action == BEGUN else None


def _complete(engine: Engine, begun: Mapping[str, Any]) -> bool:
    mine = CallRow.id.startswith(PREFIX)
    with reading(engine) as db:
        written = db.scalar(select(func.count()).select_from(CallRow).where(mine)) or 0
        if written < begun["calls"] or unexamined(db):
            return False
        spoken = select(func.count()).select_from(RecordingRow).where(RecordingRow.call_id.startswith(PREFIX))
        return (db.scalar(spoken) or 0) >= written


def _remove(engine: Engine, store: AudioStore, by: str) -> dict[str, int]:
    with reading(engine) as db:
        keys = sound_keys(db)
    with transaction(engine) as db:
        gone = remove(db)
        if gone:
            audit.note(db, by, REMOVED, SUBJECT, gone)
    for key in keys:
        try:
            store.delete(key)
        except (SoundMissing, OSError) as problem:
            console.print(f"[yellow]{problem}[/]")
    return gone
