"""Scenarios that are replaced while the robot runs."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from ivr.errors import ScenarioError, StoreError
from ivr.scenario.registry import ScenarioRegistry
from tests.ivr.conftest import until

pytestmark = pytest.mark.unit

DESK = Path(__file__).parents[1] / "written" / "desk.yaml"
SHIPPED = Path(__file__).parents[3] / "ivr" / "scenarios"


def no_model(*_: object) -> None:
    return None


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(DESK, tmp_path / "desk.yaml")
    return tmp_path


@pytest.fixture
def registry(folder: Path) -> ScenarioRegistry:
    return ScenarioRegistry([folder], learn=no_model)


Rewrite = Callable[[str, str], None]


@pytest.fixture
def rewrite(folder: Path) -> Rewrite:
    """Change the scenario's file, so that it shows whatever the clock's steps are."""
    path = folder / "desk.yaml"
    times = iter(range(1, 100))

    def change(old: str, new: str) -> None:
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))
        stat = path.stat()
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns + next(times)))

    return change


def test_new_calls_get_the_new_version_and_live_ones_keep_theirs(registry: ScenarioRegistry, rewrite: Rewrite) -> None:
    live = registry.loaded("4000")
    rewrite("say: Hello.", "say: Good day.")
    registry.look()
    assert live.scenario.nodes["greet"].say == ("Hello.",)
    assert registry.loaded("4000").scenario.nodes["greet"].say == ("Good day.",)
    assert registry.loaded("4000").scenario.version != live.scenario.version


def test_what_is_saved_while_a_refusal_is_told_is_not_missed(registry: ScenarioRegistry, rewrite: Rewrite) -> None:
    class Mends(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            assert "is refused" in record.getMessage()
            rewrite("next: nowhere", "next: more")

    told = logging.getLogger("ivr.scenario.registry")
    handler = Mends(logging.ERROR)
    told.addHandler(handler)
    try:
        rewrite("go: {next: topic}", "go: {next: nowhere}")
        registry.look()
    finally:
        told.removeHandler(handler)
    registry.look()
    assert registry.loaded("4000").scenario.nodes["greet"].go == {"next": "more"}


@pytest.mark.parametrize("what", ["2026-02-30", "2026-11-22 25:00:00", "0x_", "[" * 40_000, "&a [*a]", "\0"])
async def test_no_text_that_is_saved_ends_the_watch(
    registry: ScenarioRegistry,
    rewrite: Rewrite,
    what: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An impossible date went through the watch and the group of all calls, and ended the robot."""
    monkeypatch.setattr("ivr.scenario.registry.LOOK_SECONDS", 0.05)
    running = registry.loaded("4000")
    watch = asyncio.create_task(registry.watch())
    rewrite("say: Hello.", f"say: {what}")
    await until(lambda: "a changed scenario is refused" in caplog.text, seconds=10, what="the refusal")
    assert re.search(r"desk\.yaml:\d+: ", caplog.text)
    assert registry.loaded("4000").scenario is running.scenario
    rewrite(f"say: {what}", "say: Good day.")
    await until(lambda: registry.loaded("4000").scenario is not running.scenario, seconds=10, what="the mended one")
    assert not watch.done()
    watch.cancel()
    with pytest.raises(asyncio.CancelledError):
        await watch


def test_a_faulty_version_is_refused_once_with_its_line(
    registry: ScenarioRegistry, rewrite: Rewrite, caplog: pytest.LogCaptureFixture
) -> None:
    running = registry.loaded("4000")
    rewrite("go: {next: topic}", "go: {next: nowhere}")
    with caplog.at_level(logging.ERROR):
        registry.look()
        registry.look()
    assert registry.loaded("4000") is running
    assert [record.message.count("desk.yaml:40: there is no node 'nowhere'") for record in caplog.records] == [1]
    assert running.scenario.version in caplog.text
    rewrite("go: {next: nowhere}", "go: {next: more}")
    registry.look()
    assert registry.loaded("4000").scenario.nodes["greet"].go == {"next": "more"}


@pytest.mark.parametrize("body", ["", "name: [", "\x00"])
def test_rubbish_is_refused(registry: ScenarioRegistry, folder: Path, body: str) -> None:
    running = registry.loaded("4000")
    (folder / "desk.yaml").write_text(body)
    (folder / "other.yaml").write_text(body)
    registry.look()
    assert registry.loaded("4000") is running


def test_a_deleted_file_leaves_the_running_version(registry: ScenarioRegistry, folder: Path) -> None:
    (folder / "desk.yaml").unlink()
    registry.look()
    assert registry.loaded("4000").scenario.name == "desk"


def test_a_new_scenario_is_held_unless_its_language_or_extension_stands_against_it(
    registry: ScenarioRegistry, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "a.yaml").write_text(DESK.read_text().replace('"4000"', '"4001"'))
    (folder / "b.yaml").write_text(DESK.read_text())
    (folder / "c.yaml").write_text(DESK.read_text().replace('"4000"', '"4002"').replace("language: en", "language: ru"))
    registry.look()
    assert set(registry.all_loaded) == {"4000", "4001"}
    assert "extension 4000 has a scenario already" in caplog.text
    assert "takes a new start" in caplog.text


def test_a_change_in_an_included_file_counts(tmp_path: Path) -> None:
    folder = tmp_path / "scenarios"
    shutil.copytree(SHIPPED, folder, ignore=shutil.ignore_patterns("*.ru.yaml"))
    registry = ScenarioRegistry([folder], learn=no_model)
    before = registry.loaded("2000").scenario.version
    job = folder / "jobs" / "faq.en.yaml"
    job.write_text(job.read_text() + "\n# one more line\n")
    registry.look()
    assert registry.loaded("2000").scenario.version != before


def test_unknown_extensions_get_the_first_one(folder: Path) -> None:
    (folder / "a.yaml").write_text(DESK.read_text().replace('"4000"', '"4001"'))
    assert ScenarioRegistry([folder], first="4000", learn=no_model).loaded("7").scenario.extension == "4000"
    assert ScenarioRegistry([folder], learn=no_model).loaded("7").scenario.extension == "4001"


def test_there_must_be_one(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="no scenario"):
        ScenarioRegistry([tmp_path])
    shutil.copy(DESK, tmp_path / "a.yaml")
    shutil.copy(DESK, tmp_path / "b.yaml")
    with pytest.raises(ScenarioError, match="extension 4000"):
        ScenarioRegistry([tmp_path])


def test_a_robot_without_a_model_still_understands_by_rules(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    def broken(*_: object) -> None:
        raise OSError("no space left")

    registry = ScenarioRegistry([folder], learn=broken)
    registry.learn_all()
    assert registry.loaded("4000").understanding.intents is None
    assert "understood by rules alone" in caplog.text


def test_what_people_taught_cannot_be_read_now(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    def away(_: str) -> Mapping[str, str | None]:
        raise StoreError("the database is away")

    registry = ScenarioRegistry([folder], labelled=away, learn=no_model)
    registry.learn_all()
    assert registry.loaded("4000").scenario.name == "desk"
    assert "the database is away" in caplog.text


def test_the_main_number_speaks_the_callers_language_and_others_their_own() -> None:
    shipped = ScenarioRegistry([SHIPPED], first="1000", learn=no_model)
    main, english = shipped.loaded("1000"), shipped.loaded("2000")
    assert shipped.in_language(main, "en") is english
    assert shipped.in_language(main, "ru") is main
    assert shipped.in_language(main, "fi") is main
    assert shipped.in_language(english, "ru") is english
