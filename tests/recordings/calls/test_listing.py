"""The list of calls and the page of one, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from recordings.audio import failed, progress
from recordings.audio.intake import register
from recordings.audio_store import AudioStore
from recordings.calls.call_log import close_call, note_turn, open_call
from recordings.calls.detail import contact_detail, find_recording
from recordings.calls.listing import Kind, Order, Wanted, keyword_labels, list_contacts
from recordings.contacts.call import Call, Customer, Outcome, Recording, RecordingState, Turn
from recordings.customers.cards import save_customer
from recordings.database import reading, transaction
from recordings.results import results
from recordings.results.finding import Evidence, Finding, FindingKind, Measures
from speech.recognition.words import Speaker, Transcript, Utterance

pytestmark = pytest.mark.services

NINE = datetime(2025, 11, 22, 9, tzinfo=UTC)


def heard(text: str, *, engine: str = "vosk", speaker: Speaker = Speaker.CALLER) -> Transcript:
    said = Utterance(speaker=speaker, start=0.1, end=0.9, text=text)
    return Transcript(language="ru", engine=engine, duration=1.0, utterances=(said,))


def keyword(label: str) -> Finding:
    evidence = Evidence(start=0.1, end=0.4, quote="верните деньги")
    return Finding(kind=FindingKind.KEYWORD, label=label, speaker=Speaker.CALLER, evidence=evidence)


def examined(
    database: Engine, recording: Recording, transcript: Transcript, *labels: str, rule_set: str = "r1"
) -> None:
    with transaction(database) as db:
        results.insert_transcript_once(db, recording.id, transcript)
        newest = results.best_transcript(db, recording.id)
        assert newest is not None
        results.insert_analysis_once(
            db,
            recording_id=recording.id,
            transcript_id=newest[0],
            rule_set=rule_set,
            measures=Measures(duration=1.0, sentiment={"caller": -0.5}, sentiment_by_quarter={"caller": (None, -0.5)}),
            findings=[keyword(label) for label in labels],
        )


@pytest.fixture
def shop(database: Engine, store: AudioStore, tone: Callable[..., Path], ringing: Callable[..., Call]) -> Engine:
    """Anna's settled call with sound, an abandoned one without, one that goes on, and an imported file."""
    with transaction(database) as db:
        anna = save_customer(db, Customer(id="c1", name="Анна", phone="+79160000001", language="ru"))
        open_call(db, ringing(id="settled", caller_number=anna.phone, customer_id=anna.id, started_at=NINE))
        close_call(db, "settled", ended_at=NINE + timedelta(seconds=90), outcome=Outcome.SETTLED)
        open_call(db, ringing(id="lost", caller_number="+44", language="en", started_at=NINE + timedelta(hours=1)))
        close_call(db, "lost", ended_at=NINE + timedelta(hours=1, seconds=7), outcome=Outcome.ABANDONED)
        open_call(db, ringing(id="now", started_at=NINE + timedelta(hours=2)))
        live = Turn(number=1, speaker=Speaker.CALLER, node="ask", start=0, end=1, text="Где мой ЗАКАЗ 100%")
        note_turn(db, "now", live)
    of_call, _ = register(database, store, tone(440), filename="settled.wav", language="ru", call_id="settled")
    imported, _ = register(database, store, tone(880, seconds=3), filename="Архив.wav", language="ru")
    examined(database, of_call, heard("верните деньги за Ёлку"), "возврат денег", "жалоба")
    examined(database, imported, heard("спасибо", speaker=Speaker.UNKNOWN))
    return database


def ids(database: Engine, wanted: Wanted) -> set[str]:
    with reading(database) as db:
        return {found.filename or found.id for found in list_contacts(db, wanted).contacts}


def test_calls_and_imports_share_one_list_newest_first(shop: Engine) -> None:
    with reading(shop) as db:
        page = list_contacts(db)
    imported, now, lost, settled = page.contacts
    assert page.total == 4
    assert (imported.kind, imported.filename, imported.duration, imported.outcome) == (
        Kind.IMPORT,
        "Архив.wav",
        3,
        None,
    )
    assert (now.id, now.duration, now.outcome, now.state) == ("now", None, None, None)
    assert (lost.id, lost.duration, lost.outcome, lost.recording_id) == ("lost", 7, Outcome.ABANDONED, None)
    assert (settled.id, settled.customer_name, settled.duration) == ("settled", "Анна", 1)
    assert (settled.state, settled.sentiment) == (RecordingState.REGISTERED, -0.5)
    assert settled.labels == ("возврат денег", "жалоба")
    assert settled.started_at == NINE


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(text="анна"), {"settled.wav"}),
        (Wanted(text="+44"), {"lost"}),
        (Wanted(text="АРХИВ"), {"Архив.wav"}),
        (Wanted(text="мой заказ", original=True), {"now"}),
        (Wanted(text="100%", original=True), {"now"}),
        (Wanted(text="0_", original=True), set()),
        (Wanted(text="СПАСИБО", original=True), {"Архив.wav"}),
        (Wanted(kind=Kind.IMPORT), {"Архив.wav"}),
        (Wanted(kind=Kind.CALL), {"settled.wav", "lost", "now"}),
        (Wanted(outcome=Outcome.ABANDONED), {"lost"}),
        (Wanted(language="en"), {"lost"}),
        (Wanted(label="жалоба"), {"settled.wav"}),
        (Wanted(state=RecordingState.REGISTERED), {"settled.wav", "Архив.wav"}),
        (Wanted(until=NINE + timedelta(minutes=1)), {"settled.wav"}),
        (Wanted(since=NINE + timedelta(hours=1), until=NINE + timedelta(hours=2)), {"lost"}),
        (Wanted(text="анна", outcome=Outcome.ABANDONED), set()),
    ],
)
def test_filters(shop: Engine, wanted: Wanted, found: set[str]) -> None:
    assert ids(shop, wanted) == found


def test_order_and_pages(shop: Engine) -> None:
    with reading(shop) as db:
        longest = list_contacts(db, order=Order.LONGEST, limit=1)
        oldest = list_contacts(db, order=Order.OLDEST, offset=1, limit=2)
    assert [found.filename for found in longest.contacts] == ["Архив.wav"]
    assert [found.id for found in oldest.contacts] == ["lost", "now"]
    assert longest.total == oldest.total == 4


def test_page_of_a_call_shows_the_best_transcript_and_analysis(shop: Engine) -> None:
    with reading(shop) as db:
        recording = find_recording(db, "settled")
    assert recording is not None
    better = heard("верните деньги за ёлку", engine="whisper")
    examined(shop, recording, better, "жалоба", rule_set="r1")
    examined(shop, recording, better, "отмена", rule_set="r2")
    with reading(shop) as db:
        detail = contact_detail(db, "settled")
        assert keyword_labels(db) == ["отмена"]
    assert detail is not None
    assert detail.transcript == better
    assert detail.engines == ("whisper", "vosk")
    assert detail.findings == (keyword("отмена"),)
    assert detail.contact.labels == ("отмена",)
    assert detail.measures is not None
    assert detail.measures.sentiment_by_quarter == {"caller": (None, -0.5)}
    assert detail.recording == recording
    # who filters by a keyword sees calls that show it
    assert ids(shop, Wanted(label="отмена")) == {"settled.wav"}
    assert ids(shop, Wanted(label="жалоба")) == set()


def test_same_result_twice_is_kept_once(shop: Engine) -> None:
    with reading(shop) as db:
        recording = find_recording(db, "settled")
    assert recording is not None
    examined(shop, recording, heard("другое"), "отмена")
    with reading(shop) as db:
        detail = contact_detail(db, "settled")
    assert detail is not None
    assert detail.contact.labels == ("возврат денег", "жалоба")
    assert detail.engines == ("vosk",)


def test_import_has_its_page_under_the_id_of_its_recording(shop: Engine) -> None:
    with reading(shop) as db:
        (listed,) = list_contacts(db, Wanted(kind=Kind.IMPORT)).contacts
        detail = contact_detail(db, listed.id)
        assert contact_detail(db, "nothing") is None
    assert detail is not None
    assert detail.contact == listed
    assert (detail.call, detail.turns, detail.contact.kind) == (None, (), Kind.IMPORT)
    assert detail.recording is not None
    assert detail.recording.id == listed.id


def test_parked_recording_shows_its_reason_and_can_be_tried_again(shop: Engine) -> None:
    with reading(shop) as db:
        recording = find_recording(db, "settled")
    assert recording is not None
    assert progress.take(shop, recording.id, worker="w", lease=60)
    assert progress.park(shop, recording.id, worker="w", code="audio_format", reason="not sound")
    with reading(shop) as db:
        detail = contact_detail(db, "settled")
    assert detail is not None
    assert (detail.contact.state, detail.contact.failure) == (RecordingState.PARKED, "not sound")
    with transaction(shop) as db:
        assert failed.retry(db, recording.id)
        assert not failed.retry(db, recording.id)
    assert [due.id for due in progress.take_due(shop, imported=False, limit=10, wait=60)] == [recording.id]


def test_only_one_worker_holds_a_recording(shop: Engine) -> None:
    with reading(shop) as db:
        recording = find_recording(db, "settled")
    assert recording is not None
    held = progress.take(shop, recording.id, worker="one", lease=60)
    assert held is not None
    assert held.attempts == 1
    assert progress.take(shop, recording.id, worker="two", lease=60) is None
    assert progress.renew(shop, recording.id, worker="one", lease=0)
    again = progress.take(shop, recording.id, worker="two", lease=60)
    assert again is not None
    assert again.attempts == 2
    assert not progress.renew(shop, recording.id, worker="one", lease=60)
    assert not progress.advance(shop, recording.id, RecordingState.TRANSCRIBED, worker="one", wait=60)
    assert progress.advance(shop, recording.id, RecordingState.TRANSCRIBED, worker="two", wait=60)
    assert progress.take_due(shop, imported=False, limit=10, wait=60) == []
