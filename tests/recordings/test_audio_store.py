"""Sound in a folder and in another fsspec store, behind one face."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from recordings.audio_store import AudioStore
from recordings.errors import SoundMissing, StoreUnavailable

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


def test_sound_is_read_by_its_owner_and_group_alone(sound: Path, tmp_path: Path) -> None:
    """The folder may lie outside of home, where everybody may look."""
    sound.chmod(0o644)
    AudioStore(f"file://{tmp_path / 'store'}").put("2026/11/a.wav", sound)
    made = [tmp_path / "store" / part for part in ("", "2026", "2026/11", "2026/11/a.wav")]
    assert [path.stat().st_mode & 0o007 for path in made[1:]] == [0, 0, 0]
    assert made[-1].stat().st_mode & 0o777 == 0o640


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


class EndpointConnectionError(Exception):
    """No OSError, as those of botocore are none."""


class FaultyStore(MemoryFileSystem):  # type: ignore[misc]
    """Fails in its own way, or hangs, as long as a test wants; what hung is never done, however late it wakes."""

    protocol = "faulty"
    cachable = False
    fails: str = ""
    over = threading.Event()

    def _fault(self) -> None:
        match FaultyStore.fails:
            case "hangs":
                FaultyStore.over.wait(30)
                raise EndpointConnectionError("Read timeout on endpoint URL")
            case "raises":
                raise EndpointConnectionError('Could not connect to the endpoint URL: "https://s3.example/"')
            case "refuses":
                raise PermissionError("Access Denied")

    def put_file(self, *given: Any, **named: Any) -> Any:
        self._fault()
        return super().put_file(*given, **named)

    def rm_file(self, *given: Any, **named: Any) -> Any:
        self._fault()
        return super().rm_file(*given, **named)

    def info(self, *given: Any, **named: Any) -> Any:
        self._fault()
        return super().info(*given, **named)

    def find(self, *given: Any, **named: Any) -> Any:
        self._fault()
        return super().find(*given, **named)

    def _open(self, *given: Any, **named: Any) -> Any:
        self._fault()
        file = super()._open(*given, **named)
        read = file.read

        def read_or_fail(size: int = -1) -> bytes:
            self._fault()
            return bytes(read(size))

        file.read = read_or_fail
        return file


@pytest.fixture
def faulty(sound: Path) -> Iterator[AudioStore]:
    fsspec.register_implementation("faulty", FaultyStore, clobber=True)
    store = AudioStore("faulty:///store", answer_seconds=0.1, put_seconds=0.1)
    FaultyStore.fails = ""
    FaultyStore.over.clear()
    store.put("a.wav", sound)
    yield store
    FaultyStore.over.set()
    FaultyStore.fails = ""


@pytest.mark.parametrize("fault", ["raises", "hangs", "refuses"])
def test_whatever_a_store_does_is_one_error(faulty: AudioStore, sound: Path, fault: str) -> None:
    with faulty.open("a.wav") as file:
        assert file.read(100) == sound.read_bytes()[:100]
        FaultyStore.fails = fault
        for ask in (
            lambda: file.read(2 << 20),
            lambda: faulty.put("b.wav", sound),
            lambda: faulty.open("a.wav"),
            lambda: faulty.size("a.wav"),
            lambda: faulty.delete("a.wav"),
            lambda: faulty.stored(),
        ):
            with pytest.raises(StoreUnavailable) as told:
                ask()
            assert isinstance(told.value, OSError)
    FaultyStore.fails = ""
    FaultyStore.over.set()
    assert faulty.size("a.wav") == 1 << 20


def test_a_store_that_hangs_keeps_a_bounded_number_of_threads(faulty: AudioStore, sound: Path) -> None:
    FaultyStore.fails = "hangs"
    before = threading.active_count()
    for _ in range(40):
        with pytest.raises(StoreUnavailable):
            faulty.put("b.wav", sound)
    assert threading.active_count() <= before + 20


def test_sound_of_an_earlier_otklik_is_closed_to_others(tmp_path: Path, sound: Path) -> None:
    """It was kept 0644 in folders of 0755. In steps, once, and nothing is opened wider."""
    root = tmp_path / "store"
    store = AudioStore(f"file://{root}")
    for month in ("01", "02"):
        (root / "2025" / month).mkdir(parents=True)
        for number in range(2):
            (root / "2025" / month / f"{number}.wav").write_bytes(b"RIFF")
    private = root / "2025" / "01" / "0.wav"
    private.chmod(0o600)
    for folder in (root, *root.rglob("*")):
        if folder != private:
            folder.chmod(0o755 if folder.is_dir() else 0o644)
    outside = tmp_path / "outside.wav"
    outside.write_bytes(b"RIFF")
    outside.chmod(0o644)
    (root / "2025" / "link.wav").symlink_to(outside)

    def modes() -> set[int]:
        return {path.stat().st_mode & 0o777 for path in (root, *root.rglob("*")) if not path.is_symlink()}

    store.close_to_others(most=2)
    assert root.stat().st_mode & 0o007  # not all is seen to
    store.close_to_others()
    assert modes() == {0o750, 0o640, 0o600}
    assert outside.stat().st_mode & 0o777 == 0o644
    late = root / "2025" / "late.wav"
    late.write_bytes(b"RIFF")
    late.chmod(0o644)
    assert store.close_to_others() == 0  # nobody else comes so far, and it is not looked at again
    assert AudioStore("memory://store").close_to_others() == 0
