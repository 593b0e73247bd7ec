"""What an upgrade forgets, because no Otklik of today would have kept it; on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, MetaData, Table, insert, select, update

from recordings.database import connect, migrate
from tests.upgrade.old_installation import Old, put_up

pytestmark = [pytest.mark.services, pytest.mark.timeout(300)]

SECRET = "у меня диабет"


@pytest.fixture(params=["sqlite", "postgresql"])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Old:
    """The stored installation before the upgrade."""
    if request.param == "sqlite":
        return put_up(tmp_path, f"sqlite:///{tmp_path / 'home' / 'otklik.db'}")
    return put_up(tmp_path, str(request.getfixturevalue("postgres_url")))


@pytest.fixture
def engine(old: Old) -> Iterator[Engine]:
    engine = connect(old.url)
    yield engine
    engine.dispose()


def tables(engine: Engine) -> dict[str, Table]:
    schema = MetaData()
    schema.reflect(engine)
    return dict(schema.tables)


def by_id(engine: Engine, table: Table) -> dict[str, dict[str, Any]]:
    with engine.connect() as connection:
        return {row["id"]: dict(row) for row in connection.execute(select(table)).mappings()}


def test_a_conversation_that_refused_recording_loses_its_words(old: Old, engine: Engine) -> None:
    """Failed before: they stayed in its state until the next message, or for a day."""
    refused, there = old.known["chats"]["unrecorded"]["chat"], tables(engine)
    other = next(row["id"] for row in old.rows["chats"] if row["consent"] and row["state"])
    words = {"facts": {"order.number": SECRET}, "summary": SECRET}
    with engine.begin() as connection:
        for chat in (refused, other):
            connection.execute(update(there["chats"]).where(there["chats"].c.id == chat).values(words))
        callback = {"chat_id": refused, "phone": "+79990000102", "reason": SECRET}
        waits = {**old.rows["callbacks"][0], "id": "of who refused", "call_id": None, **callback}
        connection.execute(insert(there["callbacks"]), [waits, {**waits, "id": "of another", "chat_id": other}])
    assert by_id(engine, there["chats"])[refused]["state"]
    migrate(old.url)
    chats, callbacks = by_id(engine, there["chats"]), by_id(engine, there["callbacks"])
    assert [chats[refused][name] for name in ("state", "facts", "summary")] == [{}, {}, ""]
    assert chats[other]["state"]
    assert {name: chats[other][name] for name in words} == words
    assert (callbacks["of who refused"]["reason"], callbacks["of who refused"]["phone"]) == ("", "+79990000102")
    assert callbacks["of another"]["reason"] == SECRET


def test_keywords_in_hidden_words_are_forgotten(old: Old, engine: Engine) -> None:
    """Failed before: what a phrase had asked for stood on the call's page and in the list until the rules ran anew."""
    there = tables(engine)
    redaction = next(row for row in old.rows["redactions"] if row["spans"])
    span = redaction["spans"][0]
    speaker = redaction["body"]["utterances"][span["utterance"]]["speaker"]
    analysis = next(row for row in old.rows["analyses"] if row["transcript_id"] == redaction["transcript_id"])
    example = next(row for row in old.rows["findings"] if row["kind"] == "keyword")
    inside = {"start": span["start"] + 0.2, "end": span["end"] - 0.2, "quote": SECRET, "speaker": speaker}
    asked = {**example, "analysis_id": analysis["id"], "recording_id": analysis["recording_id"], **inside}
    other = {"caller": "agent", "agent": "caller"}[speaker]
    kept = [
        {**asked, "id": "the other one's", "speaker": other},
        {**asked, "id": "no keyword", "kind": "sentiment"},
        {**asked, "id": "beside it", "start": span["end"] - 0.05, "end": span["end"] + 1},
    ]
    with engine.begin() as connection:
        connection.execute(insert(there["findings"]), [{**asked, "id": "hidden"}, *kept])
    migrate(old.url)
    found = set(by_id(engine, there["findings"]))
    assert found == {row["id"] for row in [*old.rows["findings"], *kept]}
