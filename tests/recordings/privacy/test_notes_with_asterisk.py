"""Notes of the dialplan hold the caller's number, and no robot may live that takes them."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine

from recordings.audio_store import AudioStore
from recordings.database import reading
from recordings.privacy import privacy
from recordings.privacy.erasure import is_erased
from tests.recordings.privacy.installation import settings_in

pytestmark = pytest.mark.services

ANNA, OTHER = "+79161234567", "89030000001"
ENDED = "1795327401|1795327405|1795327460|1000|{}|ru|NOANSWER||||"
GOES_ON = "1795327401|1795327405||1000|{}|ru|||||"
DAY = 24 * 3600


def note(home: Path, call_id: str, text: str, *, age: float = 0) -> Path:
    spool = home / "asterisk-run" / "spool" / "recording"
    spool.mkdir(parents=True, exist_ok=True)
    path = spool / f"note-{call_id}.sln"
    path.write_text(text + "\n")
    os.utime(path, (time.time() - age,) * 2)
    return path


def test_an_erasure_deletes_the_notes_that_name_them(database: Engine, store: AudioStore, tmp_path: Path) -> None:
    """They were told as a trace for ever, and a robot made a row of them again."""
    home = tmp_path / "home"
    settings = settings_in(tmp_path, searched=home)
    theirs = [note(home, "1.1", ENDED.format("89161234567")), note(home, "1.2", GOES_ON.format("89161234567"), age=DAY)]
    sound = [path.with_name(f"call-1.1-{side}.wav") for path in theirs[:1] for side in ("in", "out")]
    for path in sound:
        path.write_bytes(b"RIFF")
    others = note(home, "1.3", ENDED.format(OTHER))
    found = privacy.verify_erased(database, store, ANNA, settings)
    assert [(trace.place, trace.count, trace.said) for trace in found] == [("asterisk", 2, False)]

    receipt = privacy.erase_person(database, store, ANNA, by="olga", settings=settings)

    assert (receipt.state, receipt.counts["notes"]) == ("done", 2)
    assert not any(path.exists() for path in (*theirs, *sound))
    assert others.exists()
    with reading(database) as db:
        assert [is_erased(db, "", f"1.{call}") for call in (1, 2, 3)] == [True, True, False]
    assert privacy.verify_erased(database, store, ANNA, settings) == ()


def test_a_note_of_a_call_that_goes_on_is_still_to_come(database: Engine, store: AudioStore, tmp_path: Path) -> None:
    """Asterisk writes it once more when they hang up."""
    home = tmp_path / "home"
    settings = settings_in(tmp_path, searched=home)
    path = note(home, "1.1", GOES_ON.format("89161234567"))
    receipt = privacy.erase_person(database, store, ANNA, by="olga", settings=settings)
    assert (receipt.state, [place["place"] for place in receipt.left]) == ("working", ["asterisk"])
    path.write_text(ENDED.format("89161234567"))
    receipt = privacy.erase_person(database, store, ANNA, by="olga", settings=settings)
    assert (receipt.state, path.exists()) == ("done", False)
