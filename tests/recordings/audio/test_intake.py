"""Any file into the store: known by its bytes, decoded first, registered once."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine, func, select

from recordings.audio.intake import register
from recordings.audio_store import AudioStore
from recordings.calls.call_log import open_call, refuse_recording
from recordings.contacts.call import Call, RecordingState
from recordings.database import reading, transaction
from recordings.errors import ConsentRefused
from recordings.tables import RecordingRow
from speech.audio.audio import Sound, read_sound
from speech.errors import AudioFormatError
from tests.sounds import encoded

pytestmark = pytest.mark.services

Tone = Callable[..., Path]


def rows(database: Engine) -> int:
    with reading(database) as db:
        return db.scalar(select(func.count()).select_from(RecordingRow)) or 0


def stored(store: AudioStore, tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "recordings").rglob("*") if path.is_file()]


def test_bytes_are_kept_as_they_came(database: Engine, store: AudioStore, tone: Tone, tmp_path: Path) -> None:
    path = tone(channels=2)
    recording, created = register(database, store, path, filename="Звонок №1.WAV", language="ru")
    assert created
    assert (recording.channels, recording.rate, recording.duration) == (2, 8000, 1.0)
    assert recording.state is RecordingState.REGISTERED
    assert recording.filename == "Звонок №1.WAV"
    assert recording.key.endswith(f"/{recording.sha256}.wav")
    with store.open(recording.key) as file:
        assert file.read() == path.read_bytes()
    assert store.size(recording.key) == recording.size == path.stat().st_size
    assert path.exists()
    assert len(stored(store, tmp_path)) == 1


@pytest.mark.parametrize(
    ("ending", "codec", "rate", "channels"),
    [
        (".wav", "pcm_s16le", 44100, 1),
        (".mp3", "libmp3lame", 44100, 2),
        (".ogg", "libopus", 48000, 1),
        (".m4a", "aac", 16000, 2),
        (".flac", "flac", 8000, 1),
    ],
)
def test_usual_kinds_of_files_are_taken(
    database: Engine, store: AudioStore, tmp_path: Path, ending: str, codec: str, rate: int, channels: int
) -> None:
    path = encoded(tmp_path / f"call{ending}", codec=codec, rate=rate, channels=channels, seconds=2.0)
    recording, created = register(database, store, path, filename=path.name, language="en")
    assert created
    assert (recording.rate, recording.channels) == (rate, channels)
    assert recording.duration == pytest.approx(2.0, abs=0.15)
    with store.open(recording.key) as file:
        assert read_sound(file).channels == channels


@pytest.mark.parametrize(
    "content", [b"", b"RIFF\x24\x00\x00\x00WAVE", b"%PDF-1.7 not a sound at all", "просто текст".encode()]
)
def test_what_is_not_sound_is_refused_and_leaves_nothing(
    database: Engine, store: AudioStore, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "call.wav"
    path.write_bytes(content)
    with pytest.raises(AudioFormatError):
        register(database, store, path, filename=path.name, language="ru")
    assert rows(database) == 0
    assert stored(store, tmp_path) == []


def test_what_can_be_heard_of_a_truncated_file_is_taken(
    database: Engine, store: AudioStore, tone: Tone, tmp_path: Path
) -> None:
    whole = tone(seconds=4.0).read_bytes()
    path = tmp_path / "cut.wav"
    path.write_bytes(whole[: len(whole) // 2])
    recording, _ = register(database, store, path, filename=path.name, language="ru")
    assert recording.duration == pytest.approx(2.0, abs=0.1)


def test_same_file_twice_is_one_recording(database: Engine, store: AudioStore, tone: Tone, tmp_path: Path) -> None:
    first, _ = register(database, store, tone(), filename="a.wav", language="ru")
    again, created = register(database, store, tone(), filename="b.wav", language="ru")
    assert not created
    assert again == first
    assert rows(database) == len(stored(store, tmp_path)) == 1


def test_same_file_from_many_threads_is_one_recording(
    database: Engine, store: AudioStore, tone: Tone, tmp_path: Path
) -> None:
    path = tone()
    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(lambda _: register(database, store, path, filename="a.wav", language="ru"), range(12)))
    assert sum(created for _, created in results) == 1
    assert len({recording.id for recording, _ in results}) == 1
    assert rows(database) == len(stored(store, tmp_path)) == 1


def test_imported_file_is_tied_to_its_call_later(
    database: Engine, store: AudioStore, tone: Tone, ringing: Callable[..., Call]
) -> None:
    call = ringing()
    with transaction(database) as db:
        open_call(db, call)
    imported, _ = register(database, store, tone(), filename="a.wav", language="ru")
    of_call, created = register(database, store, tone(), filename="a.wav", language="ru", call_id=call.id)
    assert not created
    assert (of_call.id, of_call.call_id) == (imported.id, call.id)


def test_call_keeps_its_first_recording(
    database: Engine, store: AudioStore, tone: Tone, ringing: Callable[..., Call], tmp_path: Path
) -> None:
    call = ringing()
    with transaction(database) as db:
        open_call(db, call)
    first, _ = register(database, store, tone(440), filename="a.wav", language="ru", call_id=call.id)
    second, created = register(database, store, tone(880), filename="b.wav", language="ru", call_id=call.id)
    assert not created
    assert second == first
    assert len(stored(store, tmp_path)) == 1


def test_refused_call_is_never_registered(
    database: Engine, store: AudioStore, tone: Tone, ringing: Callable[..., Call], tmp_path: Path
) -> None:
    call = ringing()
    with transaction(database) as db:
        open_call(db, call)
        refuse_recording(db, call.id)
    with pytest.raises(ConsentRefused, match=call.id):
        register(database, store, tone(), filename="a.wav", language="ru", call_id=call.id)
    assert rows(database) == 0
    assert stored(store, tmp_path) == []


def test_caller_who_refuses_while_the_sound_is_being_stored_leaves_none(
    database: Engine, tone: Tone, ringing: Callable[..., Call], tmp_path: Path
) -> None:
    call = ringing()
    with transaction(database) as db:
        open_call(db, call)

    class Slow(AudioStore):
        def put(self, key: str, path: Path) -> None:
            super().put(key, path)
            with transaction(database) as db:
                refuse_recording(db, call.id)

    slow = Slow(f"file://{tmp_path / 'recordings'}")
    with pytest.raises(ConsentRefused, match=call.id):
        register(database, slow, tone(), filename="a.wav", language="ru", call_id=call.id)
    assert rows(database) == 0
    assert stored(slow, tmp_path) == []


def test_file_name_in_another_alphabet(database: Engine, store: AudioStore, tone: Tone) -> None:
    """As it comes out of archives made under Windows: bytes that are no UTF-8."""
    recording, _ = register(database, store, tone(), filename=os.fsdecode(b"\xc7\xe2.wav"), language="ru")
    assert recording.filename == "??.wav"


def test_full_disk_registers_nothing(database: Engine, tone: Tone, tmp_path: Path) -> None:
    folder = tmp_path / "full"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", folder], capture_output=True)
    if mounted.returncode:
        pytest.skip("mounting a small disk needs root")
    try:
        with pytest.raises(OSError, match="No space left"):
            register(database, AudioStore(f"file://{folder}"), tone(), filename="a.wav", language="ru")
        assert rows(database) == 0
        assert [path for path in folder.rglob("*") if path.is_file()] == []
    finally:
        subprocess.run(["umount", folder], check=True)


def test_same_sound_in_other_bytes_is_another_recording(database: Engine, store: AudioStore, tmp_path: Path) -> None:
    wave = Sound(samples=np.zeros((1, 8000), np.int16), rate=8000)
    kinds = [encoded(tmp_path / f"a{e}", codec=c, rate=8000, channels=1, seconds=wave.duration)
             for e, c in ((".flac", "flac"), (".wav", "pcm_s16le"))]  # fmt: skip
    made = {register(database, store, path, filename=path.name, language="ru")[0].id for path in kinds}
    assert len(made) == 2
