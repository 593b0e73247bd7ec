"""`otklik sentiment` as other people's scripts use it."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner, Result

from api.cli import app

pytestmark = pytest.mark.models


def run(*command: str, stdin: bytes = b"") -> Result:
    return CliRunner().invoke(app, ("sentiment", *command), input=stdin)


def lines(*texts: object) -> bytes:
    return b"".join(json.dumps({"text": text, "id": 7}, ensure_ascii=False).encode() + b"\n" for text in texts)


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("ru", ("это просто ужас", "где мой заказ", "огромное спасибо, всё отлично", "", "👍")),
        ("en", ("this is terrible", "where is my order", "thank you so much, excellent", "", "👍")),
    ],
)
def test_each_line_is_answered_in_order(language: str, texts: tuple[str, ...]) -> None:
    done = run("--language", language, stdin=lines(*texts))
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["sentiment"] for row in rows] == ["negative", "neutral", "positive", "neutral", "neutral"]
    assert all(set(row) == {"sentiment", "score"} and -1 <= row["score"] <= 1 for row in rows)
    assert rows[0]["score"] < -0.3
    assert rows[2]["score"] > 0.3
    assert (done.exit_code, done.stderr) == (0, "")


def test_a_bad_line_stops_the_stream_with_its_number() -> None:
    done = run("-l", "ru", stdin=lines("где заказ") + b"{\n" + lines("где заказ"))
    assert (done.exit_code, len(done.stdout.splitlines())) == (1, 1)
    assert done.stderr.startswith("line 2: not JSON")
    assert run("-l", "ru", stdin=lines(5)).exit_code == 1


def test_a_language_it_does_not_know_is_said() -> None:
    for language in ("ko", "xx", ""):
        done = run("--language", language, stdin=lines("где заказ"))
        assert (done.exit_code, done.stdout) == (2, "")
        assert "--language wants one of en, ru" in done.stderr
    assert run("train", "--language", "ko").exit_code == 2
