"""Calls, their sound and peaks for programs, on SQLite and PostgreSQL."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, select, update

from api.kit.problems import MEDIA_TYPE
from recordings.audio_store import AudioStore
from recordings.database import reading, transaction
from recordings.tables import AuditRow, RecordingRow, RedactionRow
from tests.api.example import write_call
from tests.api.live_call import CALL, open_call

pytestmark = pytest.mark.services


def test_the_list_filters_and_pages(program: TestClient, database: Engine, store: AudioStore) -> None:
    write_call(database, store)
    write_call(database, store, language="en", call_id="2.1", started=datetime.now(UTC) - timedelta(days=3))
    everything = program.get("/api/calls").json()
    assert (everything["total"], [c["id"] for c in everything["calls"]]) == (2, ["1795327401.7", "2.1"])
    assert everything["calls"][0]["labels"] == ["возврат денег", "где заказ", "извинение"]

    def found(**wanted: str) -> list[str]:
        return [call["id"] for call in program.get("/api/calls", params=wanted).json()["calls"]]

    assert found(language="en") == ["2.1"]
    assert found(q="БЕЗОБРАЗИЕ") == ["1795327401.7"]
    assert found(label="refund") == ["2.1"]
    assert found(outcome="settled") == []
    assert found(sort="started", limit="1") == ["2.1"]
    assert found(since=(datetime.now(UTC) - timedelta(days=1)).isoformat(), outcome="") == ["1795327401.7"]


def test_wrong_filters_are_told_field_by_field(program: TestClient) -> None:
    refused = program.get("/api/calls", params={"outcome": "lost", "limit": "0", "colour": "red"})
    assert (refused.status_code, refused.headers["content-type"]) == (422, MEDIA_TYPE)
    body = refused.json()
    assert body["type"] == "urn:otklik:problem:request_invalid"
    assert {error["where"][-1] for error in body["errors"]} == {"outcome", "limit", "colour"}


def test_one_call_for_programs(program: TestClient, database: Engine, store: AudioStore) -> None:
    example = write_call(database, store)
    call = program.get(CALL).json()
    assert call["contact"]["outcome"] == "handed_over"
    assert call["turns"][0]["node"] == "greeting"
    assert {leg["speaker"] for leg in call["legs"]} == {"caller", "agent"}
    assert call["sentiment_by_quarter"]["caller"][1] is None
    transcript = program.get(f"{CALL}/transcript", params={"original": "true"}).json()
    for said in transcript["utterances"]:
        said.pop("display")
    assert transcript == json.loads(json.dumps(example.transcript.to_json()))
    kinds = [finding["kind"] for finding in program.get(f"{CALL}/findings").json()]
    assert set(kinds) == {"keyword", "sentiment", "silence", "overlap", "loudness"}
    assert program.get(f"/api/calls/{example.recording.id}/audio").status_code == 200


@pytest.mark.parametrize("part", ["", "/transcript", "/findings", "/audio", "/peaks"])
def test_what_is_not_there_is_a_problem(program: TestClient, part: str) -> None:
    missing = program.get(f"/api/calls/9.9{part}")
    assert (missing.status_code, missing.json()["code"]) == (404, "call_unknown")
    assert missing.json()["instance"] == f"/api/calls/9.9{part}"


def test_a_call_without_sound_says_so(program: TestClient, database: Engine) -> None:
    open_call(database, "3.1")
    assert program.get("/api/calls/3.1/audio").json()["code"] == "recording_missing"
    assert program.get("/api/calls/3.1/transcript").json()["code"] == "transcript_missing"
    assert program.get("/api/calls/3.1/findings").json() == []


def test_sound_comes_whole_and_in_parts(program: TestClient, database: Engine, store: AudioStore) -> None:
    example = write_call(database, store)
    with store.open(example.recording.key) as file:
        sound = file.read()
    whole = program.get(f"{CALL}/audio")
    assert (whole.status_code, whole.content, whole.headers["content-type"]) == (200, sound, "audio/wav")
    assert whole.headers["accept-ranges"] == "bytes"
    part = program.get(f"{CALL}/audio", headers={"Range": "bytes=1000-70000"})
    assert (part.status_code, part.content) == (206, sound[1000:70001])
    assert part.headers["content-range"] == f"bytes 1000-70000/{len(sound)}"
    assert part.headers["content-length"] == "69001"
    outside = program.get(f"{CALL}/audio", headers={"Range": f"bytes={len(sound)}-"})
    assert (outside.status_code, outside.headers["content-range"]) == (416, f"bytes */{len(sound)}")
    etag = whole.headers["etag"]
    assert program.get(f"{CALL}/audio", headers={"If-None-Match": etag}).status_code == 304
    stale = program.get(f"{CALL}/audio", headers={"Range": "bytes=0-9", "If-Range": '"other"'})
    assert stale.status_code == 200
    head = program.head(f"{CALL}/audio")
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(sound)))
    saved = program.get(f"{CALL}/audio", params={"download": "true"})
    assert saved.headers["content-disposition"].startswith("attachment;")


def test_peaks_are_computed_once_and_kept(program: TestClient, database: Engine, store: AudioStore) -> None:
    example = write_call(database, store)
    first = program.get(f"{CALL}/peaks")
    body = first.json()
    assert body["duration"] == pytest.approx(example.recording.duration)
    assert [len(channel) for channel in body["peaks"]] == [1600, 1600]
    assert 0.1 < max(body["peaks"][0]) < max(body["peaks"][1]) <= 1
    store.delete(example.recording.key)
    assert program.get(f"{CALL}/peaks").content == first.content
    lost = program.get(f"{CALL}/audio")
    assert (lost.status_code, lost.json()["code"]) == (404, "sound_missing")


def test_a_recording_written_without_sound_has_none(program: TestClient, database: Engine, store: AudioStore) -> None:
    """As demo data has it: each way to its sound says so, and nobody has heard the original."""
    write_call(database, store)
    with transaction(database) as db:
        db.execute(update(RecordingRow).values(key=""))
        db.execute(update(RedactionRow).values(sound_key=""))
    asked = [
        program.get(f"{CALL}/audio"),
        program.get(f"{CALL}/audio", params={"original": "true"}),
        program.get(f"{CALL}/peaks"),
        program.get("/quality/sound", params={"call": CALL.rpartition("/")[2]}),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in asked] == [(404, "sound_missing")] * 4
    exported = program.post("/privacy/export", data={"phone": "+79161234567"})
    assert exported.status_code == 200
    with reading(database) as db:
        assert "original.heard" not in set(db.scalars(select(AuditRow.action)))
