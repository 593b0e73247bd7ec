"""`otklik slots` and `otklik numbers` as other people's scripts use them: through pipes."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from tests.services import ROOT

pytestmark = pytest.mark.unit

OTKLIK = (sys.executable, "-c", "from api.cli import app; app()")
SLOTS = ("slots", "--now", "2026-11-24T10:00")
ASCII = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}


def run(*command: str, stdin: bytes = b"") -> Result:
    return CliRunner().invoke(app, command, input=stdin)


def lines(*texts: str) -> bytes:
    return b"".join(json.dumps({"text": text}, ensure_ascii=False).encode() + b"\n" for text in texts)


def test_each_line_is_answered_in_order() -> None:
    done = run(*SLOTS, "--language", "en", "--expect", "date", stdin=lines("next tuesday", "no idea", "tomorrow"))
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["value"] for row in rows] == ["2026-12-01", None, "2026-11-25"]
    assert all(set(row) == {"value", "confidence"} for row in rows)
    assert rows[1]["confidence"] == 0
    assert (done.exit_code, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("options", "text", "value"),
    [
        (("--expect", "phone", "--region", "GB"), "oh two oh seven nine four six oh nine five eight", "+442079460958"),
        (("--expect", "phone", "--region", "gb"), "020 7946 0958", "+442079460958"),
        (("--expect", "date", "--region", "GB"), "05/12/2026", "2026-12-05"),
        (("--expect", "money"), "twenty", {"amount": 20, "currency": "USD"}),
        (("--expect", "yes_no"), "absolutely not", False),
        (("--expect", "time", "--now", "2026-11-24T10:00:00+03:00"), "in two hours", "12:00"),
        (("--expect", "date", "--now", "2027-01-01T00:00Z"), "today", "2027-01-01"),
    ],
)
def test_options(options: tuple[str, ...], text: str, value: object) -> None:
    done = run(*SLOTS, "--language", "en", *options, stdin=lines(text))
    assert json.loads(done.stdout)["value"] == value


def test_text_stays_readable_in_any_locale() -> None:
    done = subprocess.run(
        (*OTKLIK, "numbers", "--language", "en"),
        input=lines("кафе «Ёлка» table twenty five"),
        capture_output=True,
        cwd=ROOT,
        env=ASCII,
        check=True,
    )
    assert done.stdout.decode() == '{"text": "кафе «Ёлка» table 25"}\n'


def test_half_of_a_surrogate_pair_does_not_break_the_stream() -> None:
    done = run("numbers", "--language", "en", stdin=rb'{"text": "\ud83d twenty"}' + b"\n" + lines("six"))
    assert [json.loads(line)["text"] for line in done.stdout.splitlines()] == ["\ud83d 20", "6"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"twenty\n", "line 2: not JSON"),
        (b"[1]\n", "line 2: want a JSON object, got [1]"),
        (b'{"said": "x"}\n', "line 2: 'text' is missing"),
        (b'{"text": 5}\n', "line 2: 'text' must be a string, got 5"),
        (b'{"text": null}\n', "line 2: 'text' must be a string, got None"),
        (b"\n", "line 2: empty; want a JSON object"),
        (b"\xff\xfe\n", "line 2: not UTF-8"),
        (b"[" * 100_000 + b"\n", "line 2: nested too deeply"),
    ],
)
@pytest.mark.parametrize("command", [(*SLOTS, "--language", "en", "--expect", "number"), ("numbers", "-l", "en")])
def test_a_bad_line_ends_the_stream_after_the_answers_before_it(
    command: tuple[str, ...], line: bytes, message: str
) -> None:
    done = run(*command, stdin=lines("twenty") + line + lines("thirty"))
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr.startswith(message)
    assert "Traceback" not in done.stderr
    assert done.exit_code == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--language", "en", "--expect", "colour"), "--expect wants one of number, ordinal"),
        (("--language", "xx", "--expect", "date"), "--language wants one of ru, en, got 'xx'"),
        (("--language", "en", "--expect", "date", "--now", "soon"), "--now wants a moment in ISO 8601"),
        (("--language", "en", "--expect", "date", "--region", "Mars"), "--region wants two letters"),
    ],
)
def test_wrong_usage_is_said(options: tuple[str, ...], message: str) -> None:
    done = run(*SLOTS, *options, stdin=lines("today"))
    assert message in done.stderr
    assert (done.exit_code, done.stdout) == (2, "")


def test_nothing_in_nothing_out() -> None:
    done = run("numbers", "--language", "ru")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "")


def test_an_answer_comes_before_the_next_line_is_asked() -> None:
    with subprocess.Popen(
        (*OTKLIK, "numbers", "--language", "en"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    ) as talk:
        assert talk.stdin
        assert talk.stdout
        for text, written in (("twenty five", "25"), ("six", "6")):
            talk.stdin.write(lines(text))
            talk.stdin.flush()
            assert json.loads(talk.stdout.readline()) == {"text": written}
        talk.stdin.close()
        assert talk.wait(timeout=30) == 0


def test_a_reader_that_leaves_is_no_error() -> None:
    with subprocess.Popen(
        (*OTKLIK, "numbers", "--language", "en"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    ) as talk:
        assert talk.stdin
        assert talk.stdout
        assert talk.stderr
        talk.stdout.close()
        talk.stdin.write(lines("six"))
        talk.stdin.close()
        assert talk.stderr.read() == b""
        assert talk.wait(timeout=30) == 0
