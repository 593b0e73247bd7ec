"""`otklik intents` as other people's scripts use it: through files and pipes, with the real encoders."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli import app

pytestmark = pytest.mark.models

SAMPLES = {
    "order": ("где мой заказ", "когда привезут посылку", "статус доставки"),
    "booking": ("запишите меня на стрижку", "хочу записаться к мастеру", "есть время на завтра"),
}


def run(*command: str, stdin: bytes = b"") -> Result:
    return CliRunner().invoke(app, ("intents", *command), input=stdin)


def lines(*rows: object) -> bytes:
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    path = tmp_path / "samples.jsonl"
    rows = [{"text": text, "intent": intent} for intent, texts in SAMPLES.items() for text in texts]
    path.write_bytes(lines(*rows, {"text": "продайте слона", "intent": None}))
    return path


@pytest.fixture
def model(samples: Path, tmp_path: Path) -> Path:
    assert run("train", str(samples), "--out", str(tmp_path / "model")).exit_code == 0
    return tmp_path / "model"


def test_train_prints_what_was_learned(samples: Path, tmp_path: Path) -> None:
    done = run("train", str(samples), "--out", str(tmp_path / "model"))
    summary = json.loads(done.stdout)
    assert (summary["intents"], summary["samples"], summary["outside"]) == (2, 6, 1)
    assert 0 <= summary["accuracy"] <= 1
    piped = run("train", "-", "--out", str(tmp_path / "other"), stdin=samples.read_bytes())
    assert json.loads(piped.stdout) == summary


def test_each_line_is_answered_in_order(model: Path) -> None:
    said = ("где посылка", "запишите на завтра", "купите слона", "", "заказ где мой")
    done = run("predict", str(model), stdin=lines(*({"text": text, "id": 7} for text in said)))
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["intent"] for row in rows] == ["order", "booking", None, None, "order"]
    assert all(set(row) == {"intent", "confidence"} and 0 <= row["confidence"] <= 1 for row in rows)
    assert (done.exit_code, done.stderr) == (0, "")


def test_an_answer_comes_before_the_next_question(model: Path) -> None:
    command = (sys.executable, "-c", "from api.cli import app; app()", "intents", "predict", str(model))
    quiet = {**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii"}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=quiet) as process:
        assert process.stdin
        assert process.stdout
        for text, intent in (("где мой заказ", "order"), ("хочу записаться", "booking")):
            process.stdin.write(lines({"text": text}))
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["intent"] == intent
        process.stdin.close()
        assert process.wait() == 0


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (b"{\n", "line 2: not JSON"),
        (b"[1]\n", "line 2: want a JSON object"),
        (b"\n", "line 2: empty"),
        (b"\xff\n", "line 2: not UTF-8"),
        (lines({"text": 5, "intent": "a"}), "line 2: 'text' must be a string"),
        (lines({"text": " ", "intent": "a"}), "line 2: 'text' is empty"),
        (lines({"text": "b"}), "line 2: 'intent' is missing"),
        (lines({"text": "b", "intent": ""}), "line 2: 'intent' is empty"),
        (lines({"text": "b", "intent": "a"}), "at least two intents"),
    ],
)
def test_bad_samples_are_said_with_their_line(row: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "samples.jsonl"
    path.write_bytes(lines({"text": "one", "intent": "a"}) + row)
    done = run("train", str(path), "--out", str(tmp_path / "model"))
    assert (done.exit_code, done.stdout) == (1, "")
    assert message in done.stderr
    assert not (tmp_path / "model").exists()


def test_files_that_are_not_there_or_not_models_are_said(samples: Path, tmp_path: Path) -> None:
    for command, message in (
        (("train", str(tmp_path / "none"), "--out", str(tmp_path / "model")), "No such file"),
        (("train", str(samples), "--out", str(tmp_path / "none" / "model")), "cannot be written"),
        (("predict", str(tmp_path / "none")), "no such file"),
        (("predict", str(samples)), "no model of intents"),
    ):
        done = run(*command)
        assert (done.exit_code, done.stdout) == (1, "")
        assert message in done.stderr


def test_a_bad_line_ends_the_answers(model: Path) -> None:
    done = run("predict", str(model), stdin=lines({"text": "где мой заказ"}, {"txt": "?"}, {"text": "да"}))
    assert done.exit_code == 1
    assert len(done.stdout.splitlines()) == 1
    assert "line 2: 'text' is missing" in done.stderr
