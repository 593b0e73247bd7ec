"""The audit trail: a chain that shows what was changed behind its back, on SQLite and PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, delete, update

from recordings.database import reading, transaction
from recordings.privacy import audit
from recordings.tables import AuditRow

pytestmark = pytest.mark.services


def write(database: Engine, *actions: str) -> None:
    for action in actions:
        with transaction(database) as db:
            audit.note(db, "olga", action, "1795327401.7", {"why": "жалоба"})


def broken(database: Engine) -> int | None:
    with reading(database) as db:
        return audit.verify(db)


def test_lines_follow_from_each_other(database: Engine) -> None:
    assert broken(database) is None
    write(database, "original.read", "original.heard", "person.exported")
    assert broken(database) is None
    with reading(database) as db:
        page = audit.list_lines(db, wanted="original")
        assert [line.action for line in page.lines] == ["original.heard", "original.read"]
        assert audit.list_lines(db, wanted="OLGA").total == 3
        assert audit.list_lines(db, wanted="1795327401.7", limit=1).total == 3
        newest = audit.newest(db)
    assert newest is not None
    assert (newest.number, newest.detail) == (3, {"why": "жалоба"})


@pytest.mark.parametrize(
    "change",
    [
        update(AuditRow).where(AuditRow.number == 2).values(login="nobody"),
        update(AuditRow).where(AuditRow.number == 2).values(detail={"why": "другое"}),
        update(AuditRow).where(AuditRow.number == 2).values(at=datetime(2020, 1, 1, tzinfo=UTC)),
        update(AuditRow).where(AuditRow.number == 2).values(digest="0" * 64),
        delete(AuditRow).where(AuditRow.number == 2),
    ],
)
def test_what_was_changed_shows(database: Engine, change: object) -> None:
    write(database, "a", "b", "c", "d")
    with transaction(database) as db:
        db.execute(change)  # type: ignore[call-overload]
    assert broken(database) == 2


def test_many_write_at_once_and_no_line_is_lost(database: Engine) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: write(database, f"a.{number}"), range(40)))
    assert broken(database) is None
    with reading(database) as db:
        assert {line.action for line in audit.each_line(db)} == {f"a.{number}" for number in range(40)}


def test_one_listening_is_one_line(database: Engine) -> None:
    for subject in ("1.7", "1.7", "2.7", "1.7"):
        with transaction(database) as db:
            audit.note_once(db, "olga", "original.heard", subject)
    with transaction(database) as db:
        audit.note_once(db, "kate", "original.heard", "1.7")
        audit.note_once(db, "olga", "original.heard", "1.7", within=timedelta(0))
    with reading(database) as db:
        heard = [(line.login, line.subject) for line in audit.each_line(db)]
    assert heard == [("olga", "1.7"), ("olga", "2.7"), ("kate", "1.7"), ("olga", "1.7")]


def test_old_lines_may_go_and_the_rest_still_holds(database: Engine) -> None:
    write(database, "a", "b", "c")
    moment = datetime.now(UTC)
    write(database, "d")
    with transaction(database) as db:
        assert audit.count_before(db, moment) == 3
        assert audit.trim(db, moment) == 3
    assert broken(database) is None
    with reading(database) as db:
        assert [line.action for line in audit.each_line(db)] == ["d", audit.TRIMMED]
    with transaction(database) as db:
        db.execute(delete(AuditRow).where(AuditRow.number == 4))
    assert broken(database) == 4
