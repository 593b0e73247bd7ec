"""Models that were trained here: learned once, kept whole, found under the names that earlier versions gave them."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from speech.errors import ModelFileError
from speech.models.kept import digest, forget_oldest, kept_model, list_kept, whole_file

pytestmark = pytest.mark.unit


def save(model: str, path: Path) -> None:
    with whole_file(path) as file:
        for start in range(0, len(model), 1000):
            file.write(model[start : start + 1000].encode())


def load(path: Path) -> str:
    text = path.read_text("utf-8")
    if not text.startswith("model"):
        raise ModelFileError(f"{path}: damaged")
    return text


def learner(learned: list[str]) -> Callable[[], str]:
    def learn() -> str:
        learned.append("model")
        return "model"

    return learn


def test_names_are_those_of_earlier_versions() -> None:
    """Taken from f92ac24: an upgraded installation learns nothing anew."""
    assert digest(2, [("где заказ", "order")], ["погода"]) == "6b3b5765692581d1"
    assert digest("0.0.1", "один", "два") == "e57a26346d93093c"


def test_a_model_is_learned_once_and_read_from_then_on(tmp_path: Path) -> None:
    learned: list[str] = []
    path = tmp_path / "below" / "a.intents"
    for _ in range(3):
        assert kept_model(path, load=load, learn=learner(learned), save=save) == "model"
    assert learned == ["model"]
    assert [file.name for file in path.parent.iterdir()] == ["a.intents"]


def test_threads_that_want_the_same_model_wait_for_the_first_one(tmp_path: Path) -> None:
    learned: list[str] = []
    start = threading.Barrier(4)

    def ask(_: int) -> str:
        start.wait(10)
        return kept_model(tmp_path / "a.intents", load=load, learn=learner(learned), save=save)

    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(ask, range(4))) == {"model"}
    assert learned == ["model"]


def test_a_damaged_file_is_learned_anew_and_the_log_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "a.intents"
    path.write_text("cut sho")
    with caplog.at_level(logging.WARNING):
        assert kept_model(path, load=load, learn=lambda: "model", save=save) == "model"
    assert "a.intents: damaged; it is learned anew" in caplog.text
    assert load(path) == "model"


def test_a_folder_that_cannot_be_written_costs_only_time(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    with caplog.at_level(logging.WARNING):
        path = tmp_path / "file" / "a.intents"
        assert kept_model(path, load=load, learn=lambda: "model", save=save) == "model"
    assert "cannot be kept" in caplog.text


def test_what_breaks_off_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.intents"
    save("model one", path)
    with pytest.raises(UnicodeEncodeError):
        save("model two" * 10_000 + "\ud800", path)
    assert load(path) == "model one"
    assert list(tmp_path.iterdir()) == [path]


def test_those_nobody_asked_for_longest_are_forgotten(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.intents" for number in range(6)]
    for number, path in enumerate(paths):
        save("model", path)
        os.utime(path, (1000 + number, 1000))
    (tmp_path / "other.txt").write_text("stays")
    forget_oldest(tmp_path, ".intents", needed=[paths[0]], most=3)
    assert {path.name for path in tmp_path.iterdir()} == {"0.intents", "4.intents", "5.intents", "other.txt"}
    forget_oldest(tmp_path, ".intents", most=3)
    assert len(list(tmp_path.glob("*.intents"))) == 3


def test_reading_a_model_is_asking_for_it_and_leaves_its_date(tmp_path: Path) -> None:
    path = tmp_path / "intents" / "a.intents"
    path.parent.mkdir()
    save("model", path)
    os.utime(path, (1000, 1000))
    (before,) = list_kept(tmp_path)
    kept_model(path, load=load, learn=lambda: "model", save=save)
    (after,) = list_kept(tmp_path)
    assert before.used_at == datetime.fromtimestamp(1000, UTC) < after.used_at
    assert path.stat().st_mtime == 1000
    assert (after.kind, after.size, after.path) == ("intents", 5, path)


def test_the_list_knows_every_kind(tmp_path: Path) -> None:
    for name in ("intents/b.intents", "intents/calls-a.intents", "knowledge/c.npy", "sentiment/ru-d.sentiment"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        save("model", path)
    (tmp_path / "sentiment" / "ru.running.json").write_text("{}")
    assert [(model.kind, model.path.name) for model in list_kept(tmp_path)] == [
        ("intents", "b.intents"),
        ("intents", "calls-a.intents"),
        ("knowledge", "c.npy"),
        ("sentiment", "ru-d.sentiment"),
    ]
    assert list_kept(tmp_path / "none") == []
