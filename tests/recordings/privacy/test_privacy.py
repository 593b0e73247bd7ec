"""One person's data: found, exported, erased for good, on SQLite and PostgreSQL."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, func, select, update
from sqlalchemy.exc import IntegrityError

from recordings.audio import intake
from recordings.audio_store import AudioStore
from recordings.calls import call_log, callbacks
from recordings.contacts.call import Call, Callback, Customer, Outcome
from recordings.contacts.chat import Chat, Message
from recordings.customers import cards, chats
from recordings.database import reading, transaction
from recordings.errors import CallGoesOn, NotAPhone, SoundErased, UnderHold
from recordings.privacy import audit, legal_holds, privacy
from recordings.privacy.person import find_person, inventory
from recordings.privacy.receipts import find_erasures, list_erasures
from recordings.privacy.settings import PrivacySettings
from recordings.privacy.subject import subject_from
from recordings.results import results
from recordings.tables import (
    AcousticsRow,
    AgentRow,
    AlertRow,
    CallRow,
    CoachingNoteRow,
    DeliveryRow,
    DrawRow,
    ErasedSoundRow,
    ErasureRow,
    EvaluationRow,
    FindingRow,
    IntentModelRow,
    MeaningRow,
    OutboxRow,
    QueueVisitRow,
    RecordingRow,
    RedactionRow,
    ReviewRow,
    SampleRow,
    ScorecardRow,
    ScoreRow,
    SentimentSampleRow,
    SurveyRow,
    Table,
    TopicCallRow,
    TopicRow,
    TranscriptRow,
)
from speech.recognition.words import Speaker
from tests.api.example import Example, write_call
from tests.recordings.privacy.installation import settings_in

pytestmark = pytest.mark.services

PHONE, NAME = "+79161234567", "Анна Смирнова"
OTHER = "+79030000001"
WORDS = ("безобразие", "вернуть деньги", "обиделась", "анна смирнова")
CALL, CHAT = "1795327401.7", "chat-anna"
NOW = datetime.now(UTC)


@pytest.fixture
def settings(tmp_path: Path) -> PrivacySettings:
    found = settings_in(tmp_path, searched=tmp_path)
    for folder in (found.notes_dir, found.prompts_dir, found.logs_dir):
        folder.mkdir()
    return found


@pytest.fixture
def anna(database: Engine, store: AudioStore, settings: PrivacySettings) -> Example:
    """A row in every table that may hold something of a person, and every kind of file."""
    example = write_call(database, store)
    with transaction(database) as db:
        _write_what_is_made_of_it(db, example.recording.id)
    (settings.notes_dir / f"{CALL}.jsonl").write_text('{"kind": "said"}')
    (settings.notes_dir / "9.9.jsonl").write_text('{"phone": "+7 916 123-45-67"}')
    (settings.logs_dir / "otklik.log").write_text("call from +79161234567\ncall from +79030000001\n")
    for name, minutes in (("named", 12), ("older", 600)):
        prompt = settings.prompts_dir / "ru" / f"{name}.wav"
        prompt.parent.mkdir(exist_ok=True)
        prompt.write_bytes(b"RIFF")
        rendered = (datetime.now(UTC) - timedelta(minutes=minutes)).timestamp()
        os.utime(prompt, (rendered, rendered))
    with store.open(example.recording.key) as file:
        muted = settings.logs_dir / "muted.wav"
        muted.write_bytes(file.read())
    for copy in ("peaks.json", "redaction.wav"):
        store.put(f"{example.recording.key}.{copy}", muted)
    muted.unlink()
    return example


def _write_what_is_made_of_it(db: Any, recording_id: str) -> None:
    chats_of_anna = Chat(
        id=CHAT,
        channel="telegram",
        address="visitor",
        language="ru",
        scenario="shop",
        scenario_version="0" * 12,
        started_at=NOW,
        last_at=NOW,
    )
    chats.open_chat(db, chats_of_anna)
    cards.meet_visitor(db, CHAT, phone=PHONE, language="ru", source="")
    chats.note_message(
        db, CHAT, Message(number=1, speaker=Speaker.CALLER, node="", text="я обиделась, Анна Смирнова", at=NOW)
    )
    callbacks.wait_in_chat(db, Callback(chat_id=CHAT, phone=PHONE, reason="обиделась", requested_at=NOW))
    call_log.request_callback(db, Callback(call_id=CALL, phone=PHONE, reason="обиделась", requested_at=NOW))
    transcript, analysis = (
        db.scalar(select(TranscriptRow.id).where(TranscriptRow.recording_id == recording_id)),
        db.scalar(select(FindingRow.analysis_id).where(FindingRow.recording_id == recording_id)),
    )
    finding = db.scalar(select(FindingRow.id).where(FindingRow.recording_id == recording_id))
    mine = {"recording_id": recording_id}
    said = {"quote": "вернуть деньги", "start": 1.0, "end": 2.0}
    vector: dict[str, Any] = {"language": "ru", "centre": [0.1], "created_at": NOW}
    db.add_all(
        [
            AcousticsRow(id="a", version="1", body={}, created_at=NOW, **mine),
            MeaningRow(
                id="m", transcript_id=transcript, version="1", body={"summary": [said]}, created_at=NOW, **mine
            ),
            TopicRow(id="hers", name="вернуть деньги", state="proposed", **vector),
            TopicRow(id="named", name="Возврат", state="accepted", **vector),
            SentimentSampleRow(
                id="s", language="ru", text="безобразие", sentiment="negative", created_at=NOW, created_by="o", **mine
            ),
            CoachingNoteRow(id="c", start=0, end=1, text="Анна Смирнова ждала", created_at=NOW, created_by="o", **mine),
            ReviewRow(id="r", rule_set="r1", label="x", finding_id=finding, drawn_at=NOW),
            AlertRow(id="al", rule="vip", contact_id=CALL, state="new", quote="безобразие", at=NOW, **mine),
            AlertRow(id="al2", rule="vip", contact_id=CHAT, state="new", quote="обиделась", at=NOW),
            ScorecardRow(version="card", name="main", state="running", text="", created_at=NOW),
            SampleRow(
                id="x", language="ru", text="обиделась", state="labelled", reason="x", contact=CALL, created_at=NOW
            ),
            SampleRow(
                id="y", language="ru", text="звоните 8 916 123 45 67", state="candidate", reason="x", created_at=NOW
            ),
            SampleRow(id="z", language="ru", text="где заказ", state="labelled", reason="scenario", created_at=NOW),
            IntentModelRow(
                version="v1",
                language="ru",
                state="running",
                figures={"differences": [{"text": "обиделась"}, {"text": "где заказ"}]},
                created_at=NOW,
            ),
            OutboxRow(
                key="k", request="tickets.create", state="waiting", body={"facts": {"caller.phone": PHONE}},
                contact="", created_at=NOW, due_at=NOW,
            ),
            QueueVisitRow(id="q", call_id=CALL, queue="main", joined_at=NOW),
            SurveyRow(id="su", call_id=CALL, asked_at=NOW, comment="безобразие"),
            AgentRow(endpoint="PJSIP/agent", name="Пётр"),
        ]
    )  # fmt: skip
    db.flush()
    db.add_all([TopicCallRow(topic_id=topic, at=NOW, likeness=1.0, **said, **mine) for topic in ("hers", "named")])
    db.add_all(
        [
            DeliveryRow(
                id="d", alert_id="al", channel="webhook", target="http://127.0.0.1/", body={"quote": "безобразие"},
                state="waiting", due_at=NOW, created_at=NOW,
            ),
            ScoreRow(id="sc", analysis_id=analysis, scorecard="card", answers={}, created_at=NOW, **mine),
            EvaluationRow(
                id="e", scorecard="card", evaluator="olga", state="draft", answers={}, comment="Анна Смирнова права",
                created_at=NOW, **mine,
            ),
            DrawRow(
                id="dr", method="random", seed=1, parameters={}, population=1, population_sha256="", created_at=NOW,
                drawn=[recording_id], scorecard="card", created_by="olga",
            ),
        ]
    )  # fmt: skip


def write_other(database: Engine, ringing: Callable[..., Call]) -> None:
    """Somebody else's call stays."""
    with transaction(database) as db:
        card = cards.save_customer(db, Customer(id="8", name="Борис", phone=OTHER, language="ru"))
        call_log.open_call(db, ringing(id="other", caller_number=OTHER, customer_id=card.id))
        call_log.close_call(db, "other", ended_at=NOW, outcome=Outcome.SETTLED)


def dump(database: Engine) -> str:
    """Every cell of every table."""
    with reading(database) as db:
        rows = {
            table.name: [[str(cell) for cell in row] for row in db.execute(select(table))]
            for table in Table.metadata.sorted_tables
        }
    return json.dumps(rows, ensure_ascii=False).lower()


def rows(database: Engine, table: type[Table]) -> int:
    with reading(database) as db:
        return db.scalar(select(func.count()).select_from(table)) or 0


def test_the_example_fills_every_table_that_may_hold_a_person(database: Engine, anna: Example) -> None:
    with reading(database) as db:
        known = set(inventory(db, find_person(db, subject_from(PHONE))))
    aside = {
        "users",
        "sessions",
        "tokens",
        "second_factors",
        "recovery_codes",
        "login_failures",
        "login_sources",
        "audit",
        "agents",
        "legal_holds",
        "erasures",
        "erased_sounds",
        "jobs",
        "sound_spools",
        "tries",  # digests, gone a day later
    }
    aside |= {"alert_rules", "rule_sets", "scorecards", "draws", "intent_models", "topics"}
    assert known == set(Table.metadata.tables) - aside


def test_after_an_erasure_neither_number_nor_name_nor_words_are_anywhere(
    database: Engine, store: AudioStore, anna: Example, settings: PrivacySettings, ringing: Callable[..., Call]
) -> None:
    write_other(database, ringing)
    before = dump(database)
    assert all(word in before for word in (*WORDS, "9161234567"))
    assert len(store.stored()) == 3
    traces = privacy.verify_erased(database, store, PHONE, settings)
    assert {trace.place for trace in traces} >= {"calls.caller_number", "customers.phone", "outbox.body", "logs_dir"}

    receipt = privacy.erase_person(database, store, "8 (916) 123-45-67", by="olga", settings=settings)

    assert (receipt.state, receipt.why, receipt.requested_by) == ("done", "request", "olga")
    assert receipt.counts["calls"] == receipt.counts["chats"] == receipt.counts["customers"] == 1
    assert (receipt.counts["files"], receipt.counts["notes"], receipt.counts["prompts"]) == (3, 2, 1)
    assert (receipt.counts["topics"], receipt.counts["samples"], receipt.counts["callbacks"]) == (1, 2, 2)
    after = dump(database)
    assert not [word for word in (*WORDS, "9161234567", "смирнова", "916 123") if word in after]
    assert OTHER in after
    assert "где заказ" in after
    assert store.stored() == []
    assert privacy.verify_erased(database, store, PHONE, settings) == ()
    assert (settings.logs_dir / "otklik.log").read_text() == "call from +7**********\ncall from +79030000001\n"
    assert [path.name for path in settings.prompts_dir.rglob("*.wav")] == ["older.wav"]
    assert not list(settings.notes_dir.iterdir())
    with reading(database) as db:
        assert find_erasures(db, subject_from(PHONE), settings)[0].id == receipt.id
        assert not find_erasures(db, subject_from(OTHER), settings)
        newest = audit.newest(db)
        assert newest is not None
        assert (newest.action, newest.subject) == ("person.erased", receipt.subject)
        assert audit.verify(db) is None


def test_the_same_sound_does_not_come_back(
    database: Engine, store: AudioStore, anna: Example, settings: PrivacySettings, tmp_path: Path
) -> None:
    path = tmp_path / "again.wav"
    with store.open(anna.recording.key) as file:
        path.write_bytes(file.read())
    privacy.erase_person(database, store, PHONE, by="olga", settings=settings)
    with pytest.raises(SoundErased):
        intake.register(database, store, path, filename="again.wav", language="ru")
    path.write_bytes(path.read_bytes() + b"\0\0\0\0")  # other bytes of the same call, still on their way
    with pytest.raises(SoundErased):
        intake.register(database, store, path, filename="again.wav", language="ru", call_id=CALL)
    assert store.stored() == []
    assert rows(database, RecordingRow) == 0


def test_a_legal_hold_refuses(database: Engine, store: AudioStore, anna: Example, settings: PrivacySettings) -> None:
    with transaction(database) as db:
        on_call = legal_holds.add_hold(db, contact_id=CALL, reason="суд", by="olga")
        on_person = legal_holds.add_hold(db, phone=PHONE, reason="Анна Смирнова судится", by="olga")
    before = dump(database)
    for hold in (on_call, on_person):
        with pytest.raises(UnderHold):
            privacy.erase_person(database, store, PHONE, by="olga", settings=settings)
        with transaction(database) as db:
            assert legal_holds.release_hold(db, hold.id, by="olga")
            assert not legal_holds.release_hold(db, hold.id, by="olga")
    assert all(word in dump(database) for word in WORDS)
    assert before.count("безобразие") == dump(database).count("безобразие")
    with reading(database) as db:
        assert [erasure.state for erasure in list_erasures(db)] == ["held", "held"]
    assert privacy.erase_person(database, store, PHONE, by="olga", settings=settings).state == "done"
    assert not [word for word in (*WORDS, "9161234567") if word in dump(database)]


def test_nothing_is_erased_under_somebody_who_talks(
    database: Engine, store: AudioStore, anna: Example, settings: PrivacySettings, ringing: Callable[..., Call]
) -> None:
    with transaction(database) as db:
        call_log.open_call(db, ringing(id="live", started_at=NOW, caller_number="89161234567"))
    with pytest.raises(CallGoesOn):
        privacy.erase_person(database, store, PHONE, by="olga", settings=settings)
    assert rows(database, CallRow) == 2
    with transaction(database) as db:
        call_log.close_call(db, "live", ended_at=NOW, outcome=Outcome.SETTLED)
    receipt = privacy.erase_person(database, store, PHONE, by="olga", settings=settings)
    assert (receipt.state, receipt.counts["calls"]) == ("done", 2)
    assert rows(database, ErasureRow) == 1


def test_an_erasure_that_was_killed_goes_on(
    database: Engine, store: AudioStore, anna: Example, settings: PrivacySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(_self: AudioStore, key: str) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(AudioStore, "delete_with_copies", killed)
        with pytest.raises(KeyboardInterrupt):
            privacy.erase_person(database, store, PHONE, by="olga", settings=settings)
    assert len(store.stored()) == 3
    with reading(database) as db:
        assert list_erasures(db)[0].state == "working"
    receipt = privacy.erase_person(database, store, PHONE, by="olga", settings=settings)
    assert (receipt.state, receipt.counts["calls"], receipt.counts["files"]) == ("done", 1, 3)
    assert store.stored() == []
    assert rows(database, ErasureRow) == 1


def test_what_a_worker_brings_afterwards_is_refused(
    database: Engine, store: AudioStore, anna: Example, settings: PrivacySettings
) -> None:
    privacy.erase_person(database, store, PHONE, by="olga", settings=settings)
    with pytest.raises(IntegrityError), transaction(database) as db:
        results.insert_transcript_once(db, anna.recording.id, anna.transcript)
    assert rows(database, TranscriptRow) == 0


def test_the_export_holds_it_all(
    database: Engine, store: AudioStore, anna: Example, settings: PrivacySettings, tmp_path: Path
) -> None:
    target = tmp_path / "anna.zip"
    counts = privacy.export_person(database, store, PHONE, target, by="olga", settings=settings)
    with zipfile.ZipFile(target) as archive:
        body = json.loads(archive.read("person.json"))
        (sound,) = [name for name in archive.namelist() if name.startswith("sound/")]
        with store.open(anna.recording.key) as file:
            assert archive.read(sound) == file.read()
    assert {name: len(part) for name, part in body.items() if name != "phone"} | {"files": 1} == counts
    assert body["customers"][0]["name"] == NAME
    assert body["messages"][0]["text"] == "я обиделась, Анна Смирнова"
    with reading(database) as db:
        newest = audit.newest(db)
        assert newest is not None
        assert newest.action == "person.exported"
        assert PHONE not in json.dumps(asdict(newest), default=str)


def test_a_number_is_found_however_it_is_written(
    database: Engine, store: AudioStore, settings: PrivacySettings, ringing: Callable[..., Call]
) -> None:
    spellings = (
        "+7 916 123-45-67",
        "8(916)1234567",
        "девять один шесть один два три четыре пять шесть семь",
        "девятьсот шестнадцать сто двадцать три сорок пять шестьдесят семь",
        "nine one six one two three four five six seven",
    )
    write_other(database, ringing)
    for spelling in spellings:
        with transaction(database) as db:
            db.execute(update(CallRow).values(summary=f"перезвонить на {spelling}"))
        (trace,) = privacy.verify_erased(database, store, PHONE, settings)
        assert (trace.place, trace.count, trace.said) == ("calls.summary", 1, False)
    with pytest.raises(NotAPhone):
        privacy.verify_erased(database, store, "12", settings)


def test_nobody_is_erased_without_the_secret(database: Engine, store: AudioStore, anna: Example) -> None:
    with pytest.raises(ValueError, match="OTKLIK_ERASURE_SECRET"):
        privacy.erase_person(database, store, PHONE, by="olga", settings=PrivacySettings(erasure_secret=SecretStr("")))
    assert rows(database, CallRow) == 1
    assert rows(database, ErasedSoundRow) == 0
    assert rows(database, RedactionRow) == 1
