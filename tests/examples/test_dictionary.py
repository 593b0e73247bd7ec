"""The example of a dictionary finds in each line what the line says it should."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app

pytestmark = pytest.mark.unit

EXAMPLE = Path(__file__).parents[2] / "examples/dictionary"
LINES = [json.loads(line) for line in (EXAMPLE / "lines.jsonl").read_text(encoding="utf-8").splitlines()]


def test_every_line_has_its_categories() -> None:
    asked = b"".join(json.dumps(line).encode() + b"\n" for line in LINES)
    command = ("keywords", "--language", "en", "--dictionary", str(EXAMPLE / "delivery.yaml"), "--likeness")
    done = CliRunner().invoke(app, command, input=asked)
    assert done.exit_code == 0, done.output
    found = [{hit["category"] for hit in json.loads(line)["hits"]} for line in done.stdout.splitlines()]
    assert found == [set(line["want"]) for line in LINES]
