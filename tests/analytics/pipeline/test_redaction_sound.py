"""Redaction of real speech: recognised with the engine that is there, put out, and not heard again."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from api.cli import app
from speech.audio.audio import Sound, read_sound, resample, write_wav
from speech.settings import SpeechSettings
from speech.synthesis.voices import open_voice

pytestmark = pytest.mark.models

TEXT = "Меня зовут Анна. Мой телефон восемь девятьсот шестнадцать сто двадцать три сорок пять шестьдесят семь. Спасибо."


def test_a_spoken_phone_and_name_are_put_out_of_stereo_of_any_rate(tmp_path: Path) -> None:
    russian = open_voice("ru", SpeechSettings())
    voice = resample(russian.speak(TEXT), 44_100)
    russian.close()
    steps = np.random.default_rng(3).integers(-40, 40, voice.samples.shape[1])
    call = Sound(samples=np.stack([voice.samples[0], steps.astype(np.int16)]), rate=voice.rate)
    file, out = tmp_path / "call.wav", tmp_path / "out.wav"
    write_wav(file, call)
    done = CliRunner().invoke(app, ["redact-audio", str(file), "--out", str(out), "-l", "ru", "--silence"])
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert {span["kind"] for span in told["spans"]} == {"person", "phone"}
    assert "[телефон]" in told["text"]
    muted = read_sound(out)
    assert (muted.rate, muted.channels) == (44_100, 2)
    assert np.array_equal(muted.samples[1], call.samples[1])
    for span in told["spans"]:
        assert span["channel"] == 0
        assert not muted.samples[0, round(span["start"] * 44_100) + 1 : round(span["end"] * 44_100) - 1].any()
    seconds = sum(span["end"] - span["start"] for span in told["spans"])
    assert 3.0 < seconds < voice.duration - 1.0
