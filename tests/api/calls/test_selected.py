"""What counts of a call, on its page, in its JSON and in the list: under a draft, and after a better transcript."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from tests.recordings.selected import CALLS, LABEL, REASON, SENTIMENT, WORDS, WRONG, WRONG_WORDS, fill

pytestmark = pytest.mark.services


@pytest.mark.parametrize("call", CALLS)
def test_pages_and_json_show_what_counts(program: TestClient, database: Engine, call: str) -> None:
    fill(database)
    detail = program.get(f"/api/calls/{call}").json()
    transcript = program.get(f"/api/calls/{call}/transcript").json()
    findings = program.get(f"/api/calls/{call}/findings").json()
    contact = detail["contact"]
    assert (contact["labels"], contact["sentiment"], detail["meaning"]["reason"]) == ([LABEL], SENTIMENT, REASON)
    assert [said["text"] for said in transcript["utterances"]] == [WORDS]
    assert [finding["label"] for finding in findings] == [LABEL]
    listed = {label: program.get("/api/calls", params={"label": label}).json()["total"] for label in (LABEL, WRONG)}
    assert listed == {LABEL: 2, WRONG: 0}
    program.headers["Accept"] = "text/html"
    page, rows = program.get(f"/calls/{call}"), program.get("/calls")
    assert (page.status_code, rows.status_code) == (200, 200)
    assert WORDS in page.text.lower()
    for shown in (page.text, rows.text):
        assert LABEL in shown
        assert f">{WRONG}<" not in shown
        assert WRONG_WORDS not in shown.lower()
