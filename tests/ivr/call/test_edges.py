"""What can be said about Asterisk without one, and which scenario takes a call."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import av
import numpy as np
import pytest

from ivr.settings import RobotSettings
from ivr.telephony.ari import is_safe
from ivr.telephony.recorder import entitle, join
from speech.audio.audio import Sound, measure_sound, read_sound, write_wav
from speech.errors import AudioFormatError

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("version", "safe"),
    [("22.10.1", True), ("22.9.0", False), ("23.0.0", True), ("20.19.1", False), ("GIT-master", False)],
)
def test_versions(version: str, safe: bool) -> None:
    assert is_safe(version) == safe


def test_a_spooled_file_is_read_whatever_its_header_says(tmp_path: Path) -> None:
    samples = np.arange(1600, dtype=np.int16)[np.newaxis]
    write_wav(tmp_path / "whole", Sound(samples=samples, rate=8000))
    wav = bytearray((tmp_path / "whole").read_bytes())
    at = wav.index(b"data") + 4
    wav[at : at + 4] = bytes(4)  # as an Asterisk that died leaves it
    (tmp_path / "torn").write_bytes(wav[:-1])
    (tmp_path / "none").touch()
    assert join(tmp_path / "whole", tmp_path / "torn", tmp_path / "call.wav") == 0.2
    both = read_sound(tmp_path / "call.wav")
    assert np.array_equal(both.samples[0], samples[0])
    assert np.array_equal(both.samples[1], [*samples[0, :-1], 0])
    assert join(tmp_path / "none", tmp_path / "torn", tmp_path / "one side.wav") == pytest.approx(1599 / 8000)
    assert not read_sound(tmp_path / "one side.wav").samples[0].any()
    assert join(tmp_path / "none", tmp_path / "none", tmp_path / "nothing.wav") == 0


def test_two_silent_calls_are_two_files_that_say_whose_they_are(tmp_path: Path) -> None:
    """Failed before: the same bytes were one recording, and the second call had none."""
    files = []
    for call_id in ("otklik-1763800000.7", "otklik-1763800000.12"):
        write_wav(tmp_path / "in", Sound(samples=np.zeros((1, 1601), np.int16), rate=8000))
        join(tmp_path / "in", tmp_path / "in", tmp_path / "call.wav")
        entitle(tmp_path / "call.wav", call_id)
        assert measure_sound(tmp_path / "call.wav").duration == 1601 / 8000
        with av.open(str(tmp_path / "call.wav")) as container:
            assert container.metadata["title"] == call_id
        files.append((tmp_path / "call.wav").read_bytes())
    assert files[0] != files[1]


def test_hours_of_sound_are_joined_and_measured_in_little_memory(tmp_path: Path) -> None:
    for side, seconds in (("in", 2 * 3600), ("out", 3600)):
        with (tmp_path / side).open("wb") as file:
            file.write(b"RIFF\0\0\0\0WAVEfmt " + bytes(20) + b"data\0\0\0\0")
            file.truncate(44 + 16000 * seconds)  # of silence, which takes no room on the disk
    tracemalloc.start()
    try:
        assert join(tmp_path / "in", tmp_path / "out", tmp_path / "call.wav") == 7200
        found = measure_sound(tmp_path / "call.wav")
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (found.duration, found.rate, found.channels) == (7200, 8000, 2)
    assert most < 40e6  # the sound itself has 230 MB
    with pytest.raises(AudioFormatError, match="longer than 1 hours"):
        measure_sound(tmp_path / "call.wav", longest=3600)


def test_unknown_extensions_get_the_scenario_of_the_default_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTKLIK_HOME", str(tmp_path))
    for wanted in ("1000", "2000"):
        assert next(iter(RobotSettings(default_extension=wanted).load_scenarios())) == wanted
    assert next(iter(RobotSettings().load_scenarios())) == "1000"
