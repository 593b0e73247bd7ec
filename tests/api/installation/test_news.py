"""What is told of parts that end, out of lines that supervisord really writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.installation.news import Tail, Watched

pytestmark = pytest.mark.unit

AT = "2026-11-30 20:38:05,123"


def told(lines: list[str], watched: Watched | None = None) -> list[str]:
    watched = watched or Watched()
    news = [watched.tell(f"{AT} {line}") for line in lines]
    return [f"{one.part}: {one.text}" for one in news if one]


def test_a_part_that_ran_is_back_at_once() -> None:
    assert told(
        [
            "INFO spawned: 'robot' with pid 7",
            "INFO success: robot entered RUNNING state, process has stayed up for > than 30 seconds (startsecs)",
            "WARN exited: robot (terminated by SIGKILL; not expected)",
            "INFO spawned: 'robot' with pid 8",
        ]
    ) == [
        "robot: ended (terminated by SIGKILL); it is started again at once, the others go on",
        "robot: started again",
    ]


def test_a_part_that_cannot_start_waits_longer_each_time_and_is_despaired_of_once() -> None:
    watched = Watched()
    line = f"{AT} WARN exited: web (exit status 1; not expected)"
    news = [one for one in (watched.tell(line) for _ in range(5)) if one]
    assert [one.text.split("again in ")[1].split(" s")[0] for one in news] == ["1", "2", "3", "4", "5"]
    assert [one.desperate for one in news] == [False, False, True, False, False]
    assert watched.failing() == {"web"}
    assert told(["INFO success: web entered RUNNING state, process"], watched) == ["web: runs again"]
    assert not watched.failing()


def test_ends_that_were_asked_for_and_those_that_take_too_long() -> None:
    assert told(
        [
            "INFO stopped: web (exit status 0)",
            "WARN killing 'robot' (77) with SIGKILL",
            "INFO spawnerr: can't find command 'redis-server'",
            "INFO waiting for robot to die",
            "CRIT Server 'unix_http_server' running without any HTTP authentication checking",
        ]
    ) == [
        "web: stopped, as it was told to",
        "robot: does not end by itself: killed",
        ": a part cannot be started: can't find command 'redis-server'",
    ]


def test_a_log_that_is_put_aside_is_followed(tmp_path: Path) -> None:
    path = tmp_path / "otklik.log"
    tail = Tail(path=path)
    assert not list(tail.lines())
    path.write_text("old\n")
    tail.to_end()
    with path.open("a") as file:
        file.write("one\ntw")
    assert list(tail.lines()) == ["one"]
    with path.open("a") as file:
        file.write("o\n")
    assert list(tail.lines()) == ["two"]
    path.rename(tmp_path / "otklik.log.1")
    path.write_text("three\n")
    assert list(tail.lines()) == ["three"]
