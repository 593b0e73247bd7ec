"""What everyone reads and hears of a call with private data in it, and what an original costs, on both databases."""

from __future__ import annotations

import io
import re
import wave
from datetime import UTC, datetime

import numpy as np
import pytest
from fastapi.testclient import TestClient
from numpy.typing import NDArray
from sqlalchemy import Engine, delete, update

from analytics.pipeline.redacting import redact_archive, redact_stored
from api.kit import auth
from api.kit.roles import Role
from recordings.audio_store import AudioStore
from recordings.calls import call_log, callbacks
from recordings.contacts.call import Callback, Turn
from recordings.database import reading, transaction
from recordings.privacy import audit
from recordings.redaction.redactions import private_sounds
from recordings.tables import FindingRow, MessageRow, RedactionRow, TranscriptRow
from speech.recognition.words import Speaker, Transcript, Utterance, Word
from tests.api.customers.test_customers import write_chat
from tests.api.example import Example, write_call

pytestmark = pytest.mark.services

CALL = "1795327401.7"
SAID = "мой телефон восемь девятьсот двадцать шесть пятьсот пятьдесят пять сорок сорок четыре"
SECRET = ("девятьсот двадцать шесть", "79161234567", "+7916")


@pytest.fixture
def example(database: Engine, store: AudioStore) -> Example:
    """A call in which the caller says a number, also in a finding's quote, live, in the summary and in a call-back."""
    example = write_call(database, store)
    words = SAID.split()
    timed = tuple(Word(text=word, start=1 + n * 0.5, end=1.5 + n * 0.5, confidence=0.9) for n, word in enumerate(words))
    end = timed[-1].end
    said = Utterance(speaker=Speaker.CALLER, start=1.0, end=end, text=SAID, words=timed)
    transcript = Transcript(language="ru", engine="other", duration=example.transcript.duration, utterances=(said,))
    with transaction(database) as db:
        db.execute(delete(RedactionRow))
        db.execute(update(TranscriptRow).values(body=transcript.to_json(), text=SAID))
        db.execute(
            update(FindingRow)
            .where(FindingRow.kind == "keyword")
            .values(kind="sentiment", quote=SAID, start=1.0, end=end, speaker="caller")  # no keyword is kept there
        )
        call_log.note_turn(
            db, CALL, Turn(number=90, speaker=Speaker.CALLER, node="x", start=1, end=9, text=SAID, confidence=0.9)
        )
        call_log.update_call(db, CALL, summary=f"Просит перезвонить, {SAID}.")
        call_log.request_callback(
            db, Callback(call_id=CALL, phone="+79161234567", reason=SAID, requested_at=datetime.now(UTC))
        )
    return example


def lines(database: Engine) -> list[tuple[str, str, str]]:
    """Who looked at which original; the first use of a token, too, leaves a line, which is not about originals."""
    with reading(database) as db:
        every = [(line.login, line.action, line.subject) for line in audit.each_line(db)]
    return [line for line in every if line[1].startswith("original.")]


def left(wav: bytes) -> NDArray[np.int16]:
    with wave.open(io.BytesIO(wav)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), np.int16).reshape(-1, 2)[:, 0]


@pytest.mark.parametrize("redacted", [False, True])
def test_private_words_are_nowhere_by_default(
    program: TestClient, database: Engine, example: Example, redacted: bool
) -> None:
    if redacted:
        assert redact_stored(database, example.recording.id)
    paths = [f"/api/calls/{CALL}{part}" for part in ("", "/transcript", "/findings")]
    paths += ["/api/calls", "/api/customers", "/api/customers/7", f"/calls/{CALL}", "/calls", "/customers/7"]
    for path in paths:
        text = program.get(path).text
        found = [secret for secret in SECRET if secret in text]
        if path.endswith("customers/7"):  # somebody has to ring the number of an open call-back
            found = [secret for secret in found if not secret.lstrip("+").startswith("79")]
        assert not found, (path, found)
    assert "[телефон]" in program.get(f"/api/calls/{CALL}/transcript").text
    assert lines(database) == []
    for path in paths[:3]:
        assert SECRET[0] in program.get(path, params={"original": "1"}).text
    assert lines(database) == [("olga", "original.read", CALL)]  # one look


def test_the_list_of_callbacks_has_the_number(program: TestClient, example: Example) -> None:
    assert "+79161234567" in program.get("/callbacks").text


def test_search_looks_at_what_one_may_see(program: TestClient, database: Engine, example: Example) -> None:
    def found(**wanted: str) -> int:
        total: int = program.get("/api/calls", params=wanted).json()["total"]
        return total

    assert redact_archive(database) == 1
    assert redact_archive(database) == 0
    assert found(q="мой телефон") == 1
    assert found(q="пятьсот пятьдесят") == 0
    assert found(q="пятьсот пятьдесят", original="true") == 1
    ((login, action, subject),) = lines(database)
    assert (login, action) == ("olga", "original.searched")
    assert re.fullmatch(r"[0-9a-f]{64}", subject)


def test_the_sound_is_muted_where_it_is_private(
    program: TestClient, database: Engine, store: AudioStore, example: Example
) -> None:
    path = f"/api/calls/{CALL}/audio"
    muted = program.get(path)  # made on the first request, together with the redaction
    assert (muted.status_code, muted.headers["content-type"]) == (200, "audio/wav")
    original = program.get(path, params={"original": "true"})
    assert original.headers["cache-control"] == "no-store"
    with reading(database) as db:
        private = private_sounds(db, example.recording.id)
    assert private is not None
    assert private.sound_key in store.stored()
    (channel, start, end) = private.spans[0]
    hidden = slice(int(start * 8000), int(end * 8000))
    assert channel == 0
    assert not np.array_equal(left(muted.content)[hidden], left(original.content)[hidden])
    assert np.array_equal(left(muted.content)[: int(0.5 * 8000)], left(original.content)[: int(0.5 * 8000)])
    assert lines(database) == [("olga", "original.heard", CALL)]
    assert program.get(path).content == muted.content
    part = program.get(path, headers={"Range": "bytes=1000-2000"})
    assert (part.status_code, part.content) == (206, muted.content[1000:2001])
    assert program.get(path, headers={"If-None-Match": muted.headers["etag"]}).status_code == 304
    again = program.get(path, params={"original": "1"}, headers={"If-None-Match": original.headers["etag"]})
    assert again.status_code == 200  # each listening has to ask


def test_sound_without_a_transcript_is_withheld(program: TestClient, database: Engine, example: Example) -> None:
    with transaction(database) as db:
        db.execute(delete(TranscriptRow))
    refused = program.get(f"/api/calls/{CALL}/audio")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_redacted")
    page = program.get(f"/calls/{CALL}").text
    assert "Запись ещё обезличивается" in page
    assert "<audio" not in page
    assert program.get(f"/api/calls/{CALL}/audio", params={"original": "1"}).status_code == 200
    assert "<audio" in program.get(f"/calls/{CALL}?original=1").text


def test_an_original_needs_its_permission(visitor: TestClient, database: Engine, example: Example) -> None:
    with transaction(database) as db:
        auth.create_user(db, "ann", "correct horse", "ru", role=Role.ANALYST)
        token = auth.create_token(db, "ann", "tests")
    visitor.headers.update({"Authorization": f"Bearer {token}", "Accept": "application/json"})
    for path in (f"/api/calls/{CALL}", f"/api/calls/{CALL}/transcript", f"/api/calls/{CALL}/audio", "/api/customers/7"):
        refused = visitor.get(path, params={"original": "1"})
        assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed"), path
        assert visitor.get(path).status_code == 200, path
    assert visitor.get("/api/calls", params={"q": "пятьсот", "original": "1"}).status_code == 403
    assert visitor.get("/calls", params={"q": "пятьсот", "original": "1"}).status_code == 403
    assert "original=1" not in visitor.get(f"/calls/{CALL}").text
    assert lines(database) == []


def test_chats_are_redacted_as_they_are_shown(program: TestClient, database: Engine) -> None:
    write_chat(database)
    with transaction(database) as db:
        callbacks.wait_in_chat(
            db, Callback(chat_id="chat-1", phone="+79161234567", reason=SAID, requested_at=datetime.now(UTC))
        )
        db.execute(update(MessageRow).where(MessageRow.number == 1).values(text=SAID))
    for path in ("/api/chats/chat-1", "/chats/chat-1", "/callbacks"):
        assert SECRET[0] not in program.get(path).text
    for path in ("/api/chats/chat-1", "/chats/chat-1"):
        assert SECRET[0] in program.get(path, params={"original": "1"}).text
    assert lines(database) == [("olga", "original.read", "chat-1")]
