"""`otklik redact` and `otklik redact-audio` as other people's scripts use them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from speech.audio.audio import Sound, write_wav

pytestmark = pytest.mark.unit


def run(*command: str, stdin: bytes = b"") -> Result:
    return CliRunner().invoke(app, command, input=stdin)


def lines(*texts: str) -> bytes:
    return b"".join(json.dumps({"text": text}, ensure_ascii=False).encode() + b"\n" for text in texts)


def test_each_line_is_answered_with_its_text_and_spans_of_the_input() -> None:
    texts = ("😀 меня зовут анна", "заказ четыре один два восемь", "почта ivan@mail.ru, IP 10.0.0.1")
    done = run("redact", "--language", "ru", stdin=lines(*texts))
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["text"] for row in rows] == ["😀 меня зовут [имя]", texts[1], "почта [почта], IP [ip-адрес]"]
    assert [row["spans"] for row in rows[:2]] == [[{"start": 13, "end": 17, "kind": "person"}], []]
    assert [texts[2][span["start"] : span["end"]] for span in rows[2]["spans"]] == ["ivan@mail.ru", "10.0.0.1"]
    assert (done.exit_code, done.stderr) == (0, "")


def test_english() -> None:
    done = run("redact", "-l", "en", stdin=lines("i live at 221b baker street"))
    assert json.loads(done.stdout)["text"] == "i live at [address]"


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (b"nothing\n", "line 2: not JSON"),
        (b'{"words": 1}\n', "line 2: 'text' is missing"),
        (b'{"text": 7}\n', "line 2: 'text' must be a string"),
        (b"[]\n", "line 2: want a JSON object"),
    ],
)
def test_a_bad_line_ends_the_stream_with_its_number(bad: bytes, why: str) -> None:
    done = run("redact", "--language", "ru", stdin=lines("привет") + bad + lines("анна"))
    assert done.exit_code == 1
    assert len(done.stdout.splitlines()) == 1
    assert why in done.stderr


def test_an_unknown_language_is_told() -> None:
    done = run("redact", "--language", "xx", stdin=lines("привет"))
    assert (done.exit_code, done.stdout) == (2, "")
    assert "ru, en" in done.stderr


def test_the_sound_to_redact_is_never_overwritten(tmp_path: Path) -> None:
    file, link = tmp_path / "call.wav", tmp_path / "same.wav"
    write_wav(file, Sound(samples=np.zeros((1, 8_000), dtype=np.int16), rate=8_000))
    link.symlink_to(file)
    before = file.read_bytes()
    for out in (file, link, tmp_path / "." / "call.wav"):
        done = run("redact-audio", str(file), "--out", str(out))
        assert done.exit_code == 2
        assert "is the file to redact" in done.stderr
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("out", "why"), [("", "is a folder"), ("none/x.wav", "no such folder"), ("x.mp3", "written as WAV")]
)
def test_a_place_that_cannot_be_written_is_told(tmp_path: Path, out: str, why: str) -> None:
    file = tmp_path / "call.wav"
    write_wav(file, Sound(samples=np.zeros((1, 8_000), dtype=np.int16), rate=8_000))
    done = run("redact-audio", str(file), "--out", str(tmp_path / out))
    assert done.exit_code == 2
    assert why in done.stderr
    assert sorted(tmp_path.iterdir()) == [file]


def test_a_language_without_an_engine_is_told(tmp_path: Path) -> None:
    file = tmp_path / "call.wav"
    write_wav(file, Sound(samples=np.zeros((1, 8_000), dtype=np.int16), rate=8_000))
    done = run("redact-audio", str(file), "--out", str(tmp_path / "out.wav"), "--language", "ru", "--engine", "none")
    assert done.exit_code == 1
    assert str(file) in done.stderr
    assert not (tmp_path / "out.wav").exists()
