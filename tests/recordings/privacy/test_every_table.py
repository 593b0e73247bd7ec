"""No table is forgotten: every text of every table is under a rule of retention, or is here with a reason.

A row is put into each table there is, with a mark in all its texts. Whoever adds a table or a text says here what
becomes of it, or this fails.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, Column, DateTime, Engine, Float, Integer, String, Table, Text, select

from recordings import tables
from recordings.audio_store import AudioStore
from recordings.database import connect, reading, transaction
from recordings.privacy import legal_holds
from recordings.privacy.retention import due, retain
from recordings.privacy.retention_policy import Keep, Policy
from recordings.tables import Utc
from tests.recordings.privacy.installation import settings_in

pytestmark = pytest.mark.unit

NOW = datetime.now(UTC)
OLD = NOW - timedelta(days=400)
MARK = "мечта"
CONTACT = "contact-1"
"""Id of the call, the chat, the recording and of all that is about them."""

WORDS = {
    "alerts.quote", "callbacks.reason", "calls.facts", "calls.summary", "chats.facts", "chats.state", "chats.summary",
    "coaching_notes.text", "deliveries.body", "evaluations.answers", "evaluations.appeal", "evaluations.comment",
    "evaluations.decision", "evaluations.settled_answers", "findings.quote", "meanings.body", "messages.text",
    "outbox.body", "recordings.filename", "redactions.body", "redactions.spans", "redactions.text", "samples.text",
    "surveys.comment", "topic_calls.quote", "transcripts.body", "transcripts.text", "turns.text", "turns.words",
}  # fmt: skip
"""What was said, written or quoted: ``words`` blanks it."""
FIGURES = {
    "acoustics.body": "loudness and pitch",
    "analyses.measures": "figures of the analysis",
    "calls.failure": "what broke, in our words",
    "calls.failures": "what broke, by code",
    "chats.failure": "what broke, in our words",
    "deliveries.log": "how the delivery went",
    "draws.drawn": "ids",
    "draws.parameters": "filters of a sample",
    "outbox.failure": "what the company's system answered",
    "outbox.reply": "numbers of bookings and tickets; goes with the wish, rule outbox",
    "recordings.failure": "what broke, in our words",
    "scores.answers": "marks of automatic items",
}
"""Long texts and JSON of contacts that quote nobody."""
STAY = {
    "agents": "names of employees",
    "alert_rules": "the company's own rules",
    "audit": "has its own rule, which leaves the newest line",
    "draws": "how a sample was drawn: ids and filters",
    "erased_sounds": "marks that keep what was erased from coming back",
    "erasures": "receipts; they tell nobody's name or number",
    "intent_models": "figures of models; phrases of erased people are taken out",
    "legal_holds": "why something must be kept",
    "login_failures": "digests of addresses, for a quarter of an hour",
    "second_factors": "of employees",
    "rule_sets": "the company's own rules",
    "scorecards": "the company's own scorecards",
    "sessions": "log-ins of employees, which end by themselves",
    "sound_spools": "ids of calls whose sound lies with an Asterisk",
    "tokens": "of employees' programs",
    "users": "employees",
}
"""Tables that no rule deletes from, and why."""
JSON_OF: dict[str, Any] = {
    "transcripts.body": {"language": "ru", "utterances": [MARK]},
    "outbox.body": {"language": "ru", "facts": {"ticket.problem": MARK}},
    "deliveries.body": {"alert": "x", "quote": MARK},
    "evaluations.answers": {"greeting": {"answer": "yes", "comment": MARK}},
    "evaluations.settled_answers": {"greeting": {"answer": "yes", "comment": MARK}},
    "intent_models.figures": {},
    "erasures.pending": [],
}
VALUES: dict[str, Any] = {
    "samples.state": "candidate", "samples.reason": "unclear", "topics.state": "proposed", "erasures.state": "done",
    "jobs.state": "done", "outbox.state": "sent", "alerts.state": "done", "calls.outcome": "settled",
    "chats.outcome": "settled", "recordings.state": "analysed",
    "recordings.filename": "Иван мечта (+7 999 000-00-05).wav",
    "erasures.why": "request", "callbacks.phone": "+79990000005", "calls.caller_number": "+79990000005",
    "customers.phone": "+79990000005", "legal_holds.released_at": OLD, "legal_holds.phone": "",
    "legal_holds.contact_id": "", "recordings.sound_deleted_at": None, "samples.times": 1, "queue_visits.agent": "",
    "customers.segment": "", "rule_sets.state": "running", "recordings.language": "ru", "calls.language": "ru",
    "customers.language": "ru", "chats.language": "ru",
}  # fmt: skip
ABOUT = ("contact", "contact_id", "id", "version", "key", "number", "token_hash", "sha256", "endpoint", "channel")
"""Columns that name a contact or the row itself: every row of this house is the only one of its table."""


def value_of(column: Column[Any]) -> Any:
    name = f"{column.table.name}.{column.name}"
    if name in VALUES:
        return VALUES[name]
    if name in JSON_OF:
        return JSON_OF[name]
    if column.foreign_keys:
        (key,) = column.foreign_keys
        return value_of(key.column)
    kind = column.type
    if isinstance(kind, (Utc, DateTime)):
        return OLD
    if isinstance(kind, Boolean):
        return True
    if isinstance(kind, (Integer, Float)):
        return 1
    if isinstance(kind, JSON):
        return {"said": MARK} if "list" not in str(column.default) else [{"said": MARK}]
    if column.primary_key or column.name in ABOUT:
        return CONTACT[: getattr(kind, "length", None) or 64]
    return MARK


def texts_of(table: Table) -> Iterator[Column[Any]]:
    return (column for column in table.columns if isinstance(column.type, (String, Text, JSON)))


def long_texts() -> set[str]:
    """Texts in which anything may stand: JSON and those without a bound."""
    return {
        f"{table.name}.{column.name}"
        for table in tables.Table.metadata.sorted_tables
        for column in texts_of(table)
        if isinstance(column.type, (Text, JSON))
    }


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Engine]:
    """One row in every table, all 400 days old."""
    engine = connect(f"sqlite:///{tmp_path / 'otklik.db'}")
    tables.Table.metadata.create_all(engine)
    with transaction(engine) as db:
        for table in tables.Table.metadata.sorted_tables:
            if table.name not in ("erased_sounds", "audit"):
                values = {column.name: value_of(column) for column in table.columns if column.name != "shown_name"}
                db.execute(table.insert().values(values))
    yield engine
    engine.dispose()


def marked(engine: Engine) -> set[str]:
    """Columns that still hold the mark."""
    found = set()
    with reading(engine) as db:
        for table in tables.Table.metadata.sorted_tables:
            for row in db.execute(select(table)).mappings():
                found |= {
                    f"{table.name}.{name}"
                    for name, value in row.items()
                    if MARK in json.dumps(value, ensure_ascii=False, default=str)
                }
    return found


def policy(*keeps: Keep) -> Policy:
    return Policy.model_validate({"rules": [{"keep": keep, "days": 30} for keep in keeps]})


def run(house: Engine, tmp_path: Path, *keeps: Keep) -> dict[str, int]:
    sounds = AudioStore(f"file://{tmp_path / 'sound'}")
    return retain(house, sounds, policy(*keeps), settings=settings_in(tmp_path))


def test_words_of_contacts_are_blanked_in_every_table(house: Engine, tmp_path: Path) -> None:
    """Failed before: call-backs' reasons, phrases, wishes, evaluations, notes, and everything of chats stayed."""
    before = marked(house)
    assert run(house, tmp_path, Keep.WORDS)["words"] >= 2
    left = marked(house)
    assert not left & WORDS, sorted(left & WORDS)
    assert before & WORDS == WORDS - {"chats.state"} | ({"chats.state"} & before)
    assert run(house, tmp_path, Keep.WORDS) == {}


def test_every_long_text_is_words_or_has_a_reason() -> None:
    whole = {f"{table}." for table in STAY} | {"jobs.", "legal_holds.", "topics.", "outbox.", "erasures."}
    known = WORDS | set(FIGURES)
    unknown = {text for text in long_texts() - known if not any(text.startswith(table) for table in whole)}
    assert not unknown, f"say in WORDS or FIGURES what becomes of {sorted(unknown)}"
    assert known - {"samples.text", "recordings.filename"} <= long_texts() | {"turns.words", "redactions.spans"}


def test_every_table_is_under_a_rule_or_has_a_reason(house: Engine, tmp_path: Path) -> None:
    """Failed before: customers, call-backs, the outbox, learning, alerts and jobs were under no rule."""
    (tmp_path / "logs_dir").mkdir()
    (tmp_path / "logs_dir" / "robot.log").write_text(MARK)
    os.utime(tmp_path / "logs_dir" / "robot.log", (OLD.timestamp(), OLD.timestamp()))
    for _ in range(2):  # a card is left alone when its contacts are gone
        run(house, tmp_path, *[keep for keep in Keep if keep is not Keep.AUDIT])
    left = {column.partition(".")[0] for column in marked(house)}
    assert left <= set(STAY), f"no rule deletes from {sorted(left - set(STAY))}: give it one, or a reason in STAY"
    assert set(STAY) <= {table.name for table in tables.Table.metadata.sorted_tables}
    assert not list((tmp_path / "logs_dir").iterdir())


def test_what_a_hold_reaches_stays_in_every_table(house: Engine, tmp_path: Path) -> None:
    with transaction(house) as db:
        legal_holds.add_hold(db, contact_id=CONTACT, reason="court", by="olga")
    kept = {column for column in marked(house) if not column.startswith(("jobs.", "topics."))}
    with reading(house) as db:
        assert due(db, policy(*Keep))["held"] >= 5
    run(house, tmp_path, *[keep for keep in Keep if keep not in (Keep.AUDIT, Keep.FILE)])
    assert kept - marked(house) <= {"topic_calls.quote"}
