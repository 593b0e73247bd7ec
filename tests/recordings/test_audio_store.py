"""Sound in a folder and in another fsspec store, behind one face."""

from __future__ import annotations

from pathlib import Path

import pytest

from recordings.audio_store import AudioStore
from recordings.errors import SoundMissing

pytestmark = pytest.mark.unit


@pytest.fixture(params=["file", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> AudioStore:
    return AudioStore(f"{request.param}://{tmp_path / 'store'}")


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    path = tmp_path / "sound.wav"
    path.write_bytes(bytes(range(256)) * 4096)
    return path


def test_what_is_put_can_be_read_from_any_place(store: AudioStore, sound: Path) -> None:
    store.put("2026/11/a.wav", sound)
    assert store.size("2026/11/a.wav") == 1 << 20
    with store.open("2026/11/a.wav") as file:
        file.seek(1000)
        assert file.read(3) == sound.read_bytes()[1000:1003]
    store.put("2026/11/a.wav", sound)


def test_what_is_deleted_is_missing(store: AudioStore, sound: Path) -> None:
    store.put("a.wav", sound)
    store.delete("a.wav")
    store.delete("a.wav")
    for read in (store.open, store.size):
        with pytest.raises(SoundMissing, match=r"a\.wav"):
            read("a.wav")


@pytest.mark.parametrize("key", ["../a.wav", "/etc/passwd", "a/../../b", ""])
def test_no_key_leads_out_of_the_store(store: AudioStore, sound: Path, key: str) -> None:
    with pytest.raises(ValueError, match="not a key"):
        store.put(key, sound)
    with pytest.raises(ValueError, match="not a key"):
        store.open(key)


def test_failed_copy_leaves_nothing(tmp_path: Path) -> None:
    store = AudioStore(f"file://{tmp_path / 'store'}")
    with pytest.raises(FileNotFoundError):
        store.put("a.wav", tmp_path / "gone.wav")
    assert [path for path in (tmp_path / "store").rglob("*") if path.is_file()] == []
