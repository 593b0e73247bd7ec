"""What every list page has: the days of its address, the part that is shown, links that keep its filters."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from api.kit.assets import API
from api.kit.days import day_of, days_of, zone
from api.kit.links import contact_link, link
from api.kit.paging import Paging, offset_of

pytestmark = pytest.mark.unit

NOW = datetime(2026, 11, 30, 22, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ({}, "2026-11-25", "2026-12-01"),  # it is tomorrow already where the reader is
        ({"since": "2026-11-10", "until": "2026-11-20"}, "2026-11-10", "2026-11-20"),
        ({"since": "2026-11-20", "until": "2026-11-10"}, "2026-11-10", "2026-11-20"),
        ({"until": "2026-11-20"}, "2026-11-14", "2026-11-20"),
        ({"since": "2020-01-01", "until": "2026-11-20"}, "2026-10-22", "2026-11-20"),
        ({"since": "soon", "until": "2026-02-30"}, "2026-11-25", "2026-12-01"),
    ],
)
def test_days_of_an_address(asked: dict[str, str], first: str, last: str) -> None:
    here = zone("Europe/Moscow")
    if here.key == "UTC":
        pytest.skip("this machine has no time zones")
    days = days_of(asked, here, NOW, usual=7, longest=30)
    assert (str(days.first), str(days.last)) == (first, last)


def test_a_period_is_whole_days_of_the_reader() -> None:
    days = days_of({"since": "2026-11-02", "until": "2026-11-03"}, zone("Europe/Moscow"), NOW, usual=7)
    assert days.since == datetime(2026, 11, 2, tzinfo=days.zone)
    assert days.until == datetime(2026, 11, 4, tzinfo=days.zone)
    assert days.before == datetime(2026, 10, 31, tzinfo=days.zone)


@pytest.mark.parametrize(("text", "day"), [("2026-11-02", date(2026, 11, 2)), ("0001-01-01", None), (None, None)])
def test_a_day_of_an_address(text: str | None, day: date | None) -> None:
    assert day_of(text) == day


@pytest.mark.parametrize(
    ("text", "start"), [("50", 50), ("", 0), ("-1", 0), ("1e3", 0), ("9" * 9, 0), ("99999999", 99_999_999)]
)
def test_offset_of_an_address(text: str, start: int) -> None:
    assert offset_of({"offset": text}) == start


def test_parts_of_a_list() -> None:
    first, middle, last = (Paging(start=start, total=120) for start in (0, 50, 100))
    assert (first.newer, first.last, first.older) == (None, 50, 50)
    assert (middle.newer, middle.last, middle.older) == (0, 100, 100)
    assert (last.newer, last.last, last.older) == (50, 120, None)


def test_a_link_carries_filters_on() -> None:
    kept = {"q": "где заказ", "state": "", "since": date(2026, 11, 2)}
    assert link("/calls", {}) == "/calls"
    assert link("/calls", kept, offset=50) == (
        "/calls?q=%D0%B3%D0%B4%D0%B5+%D0%B7%D0%B0%D0%BA%D0%B0%D0%B7&since=2026-11-02&offset=50"
    )
    assert link("/calls", kept, q=None, hour=0, name="") == "/calls?since=2026-11-02&hour=0&name="


def test_links_to_calls_and_chats() -> None:
    assert contact_link("1795327401.7", second=12.34) == "/calls/1795327401.7?t=12.3"
    assert contact_link("a/b", "chat") == "/chats/a%2Fb"


def test_what_the_kit_gives_is_not_written_again() -> None:
    """A page that words a time, reads a day or makes a link its own way disagrees with the others one day."""
    shared = {"clock", "days", "links", "paging", "render", "wording"}
    given = {name for module in shared for name in functions(API / "kit" / f"{module}.py") if not name.startswith("_")}
    again = {
        (path.relative_to(API).as_posix(), name)
        for path in API.rglob("*.py")
        if path.parent.name != "kit"
        for name in functions(path)
        if name.lstrip("_") in given
    }
    assert len(given) >= 20
    assert not again, again


def functions(path: Path) -> Iterator[str]:
    """Names of the functions that stand at the top of a module."""
    return (node.name for node in ast.parse(path.read_text("utf-8")).body if isinstance(node, ast.FunctionDef))
