"""Settings are read once a process: what lies below the entry points takes arguments, or asks for the process's own."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[1]
FOLDERS = ("speech", "recordings", "ivr", "analytics", "api", "docker")
ENTRIES = (
    "__main__.py",
    "ivr/watchdog.py",
    "analytics/pipeline/dependencies.py",  # opens what a worker's process shares
    "analytics/worker/app.py",
    "analytics/worker/retention_task.py",  # reads again what another process has drawn
    "api/cli/",
    "api/demo_data/fill.py",  # body of `otklik demo-data`
    "api/installation/",  # body of `otklik up` and `otklik doctor`
    "api/operations/backups.py",  # reads settings that a backup has just brought
    "api/operations/logins.py",  # reads again what it has just drawn
    "api/operations/privacy.py",  # reads again what it has just drawn
    "docker/",
    "ivr/business/demo_shop_rest.py",
    "ivr/prepare.py",
    "ivr/simulation/console.py",  # body of `otklik talk`
    "ivr/simulation/holding.py",  # body of `otklik scenario-test`
    "recordings/migrations/env.py",
)
"""Where a process begins."""


@cache
def sources() -> tuple[tuple[str, ast.Module], ...]:
    paths = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
    return tuple((path.relative_to(ROOT).as_posix(), ast.parse(path.read_text("utf-8"))) for path in paths)


def settings_classes() -> set[str]:
    """Names of all classes of settings."""
    names = {"Settings"}
    for _ in range(3):  # of classes below classes
        for _, tree in sources():
            for node in ast.walk(tree):
                if isinstance(node, ast.ClassDef) and names & {getattr(base, "id", "") for base in node.bases}:
                    names.add(node.name)
    return names


def is_entry(path: str) -> bool:
    return any(path.startswith(entry) or path.endswith(f"/{entry}") for entry in ENTRIES)


def made_in(tree: ast.Module, names: set[str]) -> Iterator[int]:
    """Lines at which settings are made, other than by a function that does so once a process."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef) and "cache" in {getattr(mark, "id", "") for mark in node.decorator_list}:
            continue
        for call in ast.walk(node):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") in names:
                yield call.lineno


def test_nothing_below_the_entry_points_reads_settings() -> None:
    names = settings_classes()
    assert {"SpeechSettings", "RobotSettings", "StoreSettings", "WebSettings", "AlertSettings"} <= names
    found = [f"{path}:{line}" for path, tree in sources() if not is_entry(path) for line in made_in(tree, names)]
    assert not found, "take settings as an argument, or ask for the process's own (speech_settings() …)"


@pytest.mark.parametrize("entry", ENTRIES)
def test_the_list_names_no_file_that_is_gone(entry: str) -> None:
    assert any(path.startswith(entry) or path.endswith(f"/{entry}") for path, _ in sources())
