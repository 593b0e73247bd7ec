"""What Russian callers say, and the value it holds: every line of slots.ru.txt, and what must hold of any text."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from speech.meaning.slots import corrected, find_slot
from speech.meaning.written import written

pytestmark = pytest.mark.unit

FILE = Path(__file__).with_name("slots.ru.txt")
LINES = [
    tuple(part.strip() for part in line.split(" | "))
    for line in FILE.read_text("utf-8").splitlines()
    if line.strip() and not line.startswith("#")
]
NOW = datetime.fromisoformat(LINES[0][1])
CASES = LINES[1:]


def value(kind: str, text: str) -> object:
    if kind == "written":
        return written(text, "ru")
    if kind == "corrected":
        return corrected(text, "ru")
    return find_slot(text, kind, "ru", now=NOW).value


@pytest.mark.parametrize(("kind", "text", "wanted"), CASES, ids=[f"{kind}: {text}" for kind, text, _ in CASES])
def test_line(kind: str, text: str, wanted: str) -> None:
    assert value(kind, text) == json.loads(wanted)
