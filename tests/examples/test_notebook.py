"""The notebook's cells run, one after the other, over a small archive."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from recordings.database import connect
from tests.recordings.archive import keep_call

pytestmark = pytest.mark.services

NOTEBOOK = Path(__file__).parents[2] / "examples/notebook/figures.ipynb"


def test_its_cells_run(
    sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(sqlite_template, tmp_path / "otklik.db")
    engine = connect(f"sqlite:///{tmp_path / 'otklik.db'}")
    for number in range(3):
        keep_call(engine, f"call-{number}", labels=["refund"], outcome="settled" if number else "handed_over")
    engine.dispose()
    monkeypatch.setenv("OTKLIK_HOME", str(tmp_path))
    book = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    names: dict[str, Any] = {}
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            assert (cell["outputs"], cell["execution_count"]) == ([], None)  # nobody's figures are committed
            exec(compile("".join(cell["source"]), cell["id"], "exec"), names)  # noqa: S102  # our own file
    printed = capsys.readouterr().out
    assert "settled          2  66.7%" in printed
    assert "refund" in printed
    assert "09     3" in printed
