"""What can be said about Asterisk without one, and which scenario takes a call."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ivr.settings import RobotSettings
from ivr.telephony.ari import is_safe
from ivr.telephony.recorder import spooled_sound
from speech.audio.audio import Sound, write_wav

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("version", "safe"),
    [("22.10.1", True), ("22.9.0", False), ("23.0.0", True), ("20.19.1", False), ("GIT-master", False)],
)
def test_versions(version: str, safe: bool) -> None:
    assert is_safe(version) == safe


def test_a_spooled_file_is_read_whatever_its_header_says(tmp_path: Path) -> None:
    samples = np.arange(800, dtype=np.int16)[np.newaxis]
    write_wav(tmp_path / "call.wav", Sound(samples=samples, rate=8000))
    wav = bytearray((tmp_path / "call.wav").read_bytes())
    whole = spooled_sound(bytes(wav))
    at = wav.index(b"data") + 4
    wav[at : at + 4] = bytes(4)  # as an Asterisk that died leaves it
    torn = spooled_sound(bytes(wav[:-1]))
    assert np.array_equal(whole.samples, samples)
    assert np.array_equal(torn.samples, samples[:, :-1])
    assert spooled_sound(b"").samples.shape == (1, 0)


def test_unknown_extensions_get_the_scenario_of_the_default_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTKLIK_HOME", str(tmp_path))
    for wanted in ("1000", "2000"):
        assert next(iter(RobotSettings(default_extension=wanted).load_scenarios())) == wanted
    assert next(iter(RobotSettings().load_scenarios())) == "1000"
