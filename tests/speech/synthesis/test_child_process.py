"""A child program that answers, hangs, dies, or is not there; the shell plays it."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from speech.errors import EngineError
from speech.synthesis.child_process import ChildProcess, sound_file

pytestmark = pytest.mark.services

SCRIPT = """
while read line; do
    [ "$line" = die ] && exit 1
    [ "$line" = hang ] || echo "$line"
    echo end
done
"""
ECHO = ["sh", "-c", SCRIPT]


def test_answers_come_back_line_by_line() -> None:
    worker = ChildProcess(ECHO)
    assert worker.ask("one", until="end") == ["one"]
    assert worker.ask("two", until="end") == ["two"]
    worker.close()


def test_opening_is_sent_at_each_start() -> None:
    worker = ChildProcess(ECHO, opening="hello")
    assert worker.ask("one\ntwo", until="two") == ["hello", "end", "one", "end"]
    worker.close()
    assert worker.ask("three", until="three") == ["hello", "end"]
    worker.close()


def test_dead_and_silent_programs_are_errors_and_the_next_request_starts_anew() -> None:
    worker = ChildProcess(ECHO)
    with pytest.raises(EngineError, match="sh: it ended; last it said: nothing"):
        worker.ask("die", until="end")
    assert worker.ask("one", until="end") == ["one"]
    with pytest.raises(EngineError, match="no answer in time; last it said: end"):
        worker.ask("hang", until="never", timeout=0.2)
    assert worker.ask("two", until="end") == ["two"]
    worker.close()
    assert not [child for child in psutil.Process().children() if child.name() == "sh"]


def test_program_that_is_not_installed() -> None:
    with pytest.raises(EngineError, match="no-such-program: cannot be started"):
        ChildProcess(["no-such-program"]).ask("x", until="y")


def test_program_that_dies_before_it_takes_its_opening() -> None:
    """Larger than a pipe, so that it cannot be written before the program is gone."""
    with pytest.raises(EngineError, match="Broken pipe"):
        ChildProcess(["sh", "-c", "exit 1"], opening="x" * 1_000_000).ask("one", until="end")


def test_no_place_for_a_sound_is_an_engine_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with sound_file() as file:
        file.write_bytes(b"RIFF")
    assert not file.parent.exists()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    with pytest.raises(EngineError, match="no place for a voice's sound"), sound_file():
        pass
