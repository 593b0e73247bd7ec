"""Whatever people change leaves an audit line: each use case writes it itself, and nobody writes beside them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import api

pytestmark = pytest.mark.unit

ROOT = Path(api.__file__).parent
COPIES = {
    "logins.py: _admit": "counts a try; what comes of it is noted",
    "sound.py: _made": "keeps the redacted copy that everybody hears",
}
"""Use cases that change nothing others rely on."""
BESIDE = {
    "calls/sentiment_correction.py": "a correction carries who made it",
    "chat/messages.py": "what visitors write",
    "cli/learn.py: list_candidates": "gathers what was said; nothing is decided",
    "demo_data": "made-up data of a demonstration",
    "installation/up.py": "the first user, before anybody can log in",
    "kit/deps.py: signed_in": "when a session was used last",
    "login/account_pages.py: _factor": "a second factor that is shown, and asks for nothing until a code confirms it",
    "login/pages.py": "log-ins write their lines themselves",
    "quality/evaluation_pages.py": "an evaluation carries who made it and when; appeals and settlements are use cases",
    "quality/pages.py": "a note carries who wrote it",
    "quality/sampling_pages.py": "a sample carries who drew it, its seed and its filters",
    "rules/pages.py": "a verdict carries who gave it; putting rules in force is a use case",
}
"""Where else in api something is written, and why without a line."""
ELSEWHERE = ("access", "operations")
"""Folders whose functions are held to writing a line."""


def writers(folder: Path) -> Iterator[tuple[str, str, bool]]:
    """File, function that opens a transaction, and whether it notes something."""
    for path in sorted(folder.rglob("*.py")):
        for function in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            calls = [call.func for call in ast.walk(function) if isinstance(call, ast.Call)]
            names = {call.id if isinstance(call, ast.Name) else getattr(call, "attr", "") for call in calls}
            if "transaction" in names:
                notes = not names.isdisjoint({"note", "note_once", "_note", "_note_failed", "_enter"})
                yield path.relative_to(ROOT).as_posix(), function.name, notes


def test_each_use_case_notes_what_it_changes() -> None:
    found = list(writers(ROOT / "operations"))
    assert len(found) > 25
    silent = {f"{Path(file).name}: {function}" for file, function, notes in found if not notes}
    assert silent == set(COPIES)


def test_nobody_writes_beside_the_use_cases() -> None:
    """Failed before: labelling a phrase at the command line and marking an alert left no line."""
    for file, function, notes in writers(ROOT):
        if file.startswith(ELSEWHERE) or notes:
            continue
        known = any(f"{file}: {function}" == place or file.startswith(place) for place in BESIDE)
        assert known, f"{file}: {function} writes without an audit line: make it a use case in api/operations"
